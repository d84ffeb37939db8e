import { spawnSync } from 'node:child_process'
import t from 'tap'
import { inlineMore } from '../../../src/cli/load/inlining.js'

t.test('V8 knows the flag: else it would say so on stderr, before each load', async t => {
  const flags: string[] = []
  inlineMore(flag => flags.push(flag))
  t.equal(flags.length, 1)
  const run = (flag: string) =>
    spawnSync(process.execPath, ['-e', `v8.setFlagsFromString('${flag}')`], { encoding: 'utf8' })
  t.match(run(flags[0]!), { status: 0, stderr: '' })
  t.match(run(flags[0]!.replace('max', 'most')), { stderr: /unrecognized flag/ }, 'and of others it does say so')
})
