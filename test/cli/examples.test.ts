/** The examples of each --help: what people copy has to be taken as it stands. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parseArguments } from '../../src/cli/arguments.js'
import type { Command } from '../../src/cli/command.js'
import { conform } from '../../src/cli/conform/conform.js'
import { connect } from '../../src/cli/connect.js'
import { echo } from '../../src/cli/echo.js'
import { load } from '../../src/cli/load/load.js'
import { main } from '../../src/cli/main.js'
import { testee } from '../../src/cli/testee.js'
import { FakeTerminal } from './fake-terminal.js'

/** With those below them. */
const commands: readonly Command[] = [echo, connect, testee, load, ...load.commands!, ...conform.commands]

/** What a shell makes of it behind `framewright`, up to a pipe, another file or a comment. */
function wordsOf(example: string): readonly string[] {
  const line = example.slice(example.indexOf('framewright ') + 'framewright '.length)
  const words = [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word)
  const end = words.findIndex(word => /^[<>|#]/.test(word))
  return words.slice(0, end === -1 ? words.length : end).map(word => word.replaceAll("'", ''))
}

/** Of a command, behind its name. */
function examplesOf({ name, parts }: Command): (readonly [example: string, args: readonly string[]])[] {
  const lines = parts.find(([heading]) => heading === 'Examples')?.[1] ?? []
  const own = lines.filter(line => line.includes(`framewright ${name}`))
  return own.map(line => [line, wordsOf(line).slice(name.split(' ').length)])
}

for (const command of commands) {
  t.test(`framewright ${command.name}: there are examples, and their options are`, async t => {
    t.not(examplesOf(command).length, 0)
    for (const [example, args] of examplesOf(command)) {
      t.doesNotThrow(() => parseArguments(args, command.options), example)
    }
  })
}

t.test('framewright load: the examples are taken', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const scenario = join(folder, 'chat.yaml')
  writeFileSync(
    scenario,
    'url: ws://a\nphases: [{ duration: 1s, rate: 1 }]\nclasses: { one: { connections: 2, steps: [{ send: hi }] } }\n',
  )
  for (const [example, args] of examplesOf(load)) {
    const terminal = new FakeTerminal()
    const own = args.map(word => word.replace(/^chat\.yaml$/, scenario).replace(/^4711$/, String(process.pid)))
    // Looked at behind all that is said of the load, and before anything is done.
    const ended = ['--hgrm-of', 'rtt']
    await main(['load', ...own, ...ended], terminal)
    t.equal(terminal.stderr.text, 'framewright: --hgrm-of needs a --hgrm\n', example)
  }
})
