/** What the help of `framewright load` shows is taken as it is written there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parseArguments } from '../../../src/cli/arguments.js'
import { loadCompare } from '../../../src/cli/load/compare.js'
import { loadFind } from '../../../src/cli/load/find.js'
import { load } from '../../../src/cli/load/load.js'
import { parseLoad } from '../../../src/cli/load/load-arguments.js'
import { scenarioLines } from '../../../src/cli/load/load-help.js'
import { loadMerge } from '../../../src/cli/load/merge.js'
import { isScenarioFile, scenarioFile } from '../../../src/cli/load/scenario-file.js'
import { loadSettings } from '../../../src/load/load-options.js'
import { scenarioSettings } from '../../../src/load/scenario/parse-scenario.js'

const folder = mkdtempSync(join(tmpdir(), 'examples-'))
t.teardown(() => rmSync(folder, { recursive: true }))

/** The chat.yaml of the examples is that of the guide. */
const guide = readFileSync(new URL('../../../../docs/load-testing.md', import.meta.url), 'utf8')
const [, chat] = /```yaml\n(url: [\s\S]*?)```/.exec(guide)!
const chatFile = join(folder, 'chat.yaml')
writeFileSync(chatFile, chat!)

const commands = [loadFind, loadCompare, loadMerge, load]
const lines = commands.flatMap(({ parts = [] }) => parts.flatMap(([, lines]) => lines))
const examples = lines.map(line => line.trim()).filter(line => /^framewright load .*[/.]/.test(line))

t.equal(examples.length, 22)
for (const example of examples) {
  const skip = example.includes(' --server-pid ') && process.platform !== 'linux' && 'of Linux'
  t.test(example, { skip }, async t => {
    const { name, options } = commands.find(({ name }) => example.startsWith(`framewright ${name} `))!
    // As a shell takes it apart.
    const words = example
      .slice(`framewright ${name} `.length)
      .match(/(?:'[^']*'|[^'\s])+/g)!
      .map(word => word.replaceAll("'", '').replace(/^4711$/, String(process.pid)))
    const given = parseArguments(words, options)
    if (name === 'load compare' || name === 'load merge') return
    const [first, url, extra] = given.positionals.map(word => (word === 'URL' ? 'ws://127.0.0.1:9001' : word))
    t.equal(extra, undefined)
    const asked = await parseLoad(given)
    if (isScenarioFile(first!)) t.ok(await scenarioFile(chatFile, url, given, asked))
    else t.ok(loadSettings(first!, { ...asked, failIf: [...(asked.failIf ?? []), ...given.all('slo')] }))
  })
}

t.test('the scenario', async t => {
  const text = scenarioLines.filter(line => line.startsWith('  ')).join('\n')
  const { classes } = scenarioSettings({ text, name: 'help.yaml' }, {})
  t.same(
    classes.map(({ name }) => name),
    ['writers', 'uploads', 'watchers'],
  )
})
