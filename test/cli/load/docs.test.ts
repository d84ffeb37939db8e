/** docs/load-testing.md has every option, workload, time and count that there is, and no option that there is not. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadCompare } from '../../../src/cli/load/compare.js'
import { loadFind } from '../../../src/cli/load/find.js'
import { load } from '../../../src/cli/load/load.js'
import { loadMerge } from '../../../src/cli/load/merge.js'

const text = readFileSync(new URL('../../../../docs/load-testing.md', import.meta.url), 'utf8')
/** Options as they are written in code: `--rate`, `--rate 5000/s`, `framewright load … --json -`. */
const named = new Set([...text.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, name]) => name!))
const commands = [load, loadFind, loadCompare, loadMerge]

for (const { name, options } of commands) {
  t.test(`framewright ${name}: every option is explained`, async t => {
    t.same(
      Object.keys(options).filter(option => !named.has(option)),
      [],
    )
  })
}

/** Of other programs, in the examples. */
const others = [
  'results',
  'svg',
  'rounds',
  'seconds',
  'rates',
  'kinds',
  'web',
  'prefix',
  'server',
  'max-inlined-bytecode-size-cumulative',
]

t.test('there is no option that does not exist', async t => {
  const known = new Set([...commands.flatMap(({ options }) => Object.keys(options)), ...others])
  t.same(
    [...named].filter(name => !known.has(name)),
    [],
  )
})
