/** What a load is written to, where that fails: what is told, what is written all the same, and the exit code. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseArguments } from '../../../src/cli/arguments.js'
import { load } from '../../../src/cli/load/load.js'
import { writeOutputs } from '../../../src/cli/load/outputs.js'
import { main } from '../../../src/cli/main.js'
import { freePort } from '../../load/export/receivers.js'
import { echo, serve } from '../../load/known-servers.js'
import { madeReport, steady } from '../../load/made-report.js'
import { FakeTerminal } from '../fake-terminal.js'

const brief = ['--duration', '200ms', '--warm-up', '0', '--connections', '4', '--size', '20', '--quiet']

/** It can be opened, and takes nothing. */
const full = ['--json', '/dev/full']
const unwritten = '--json: cannot write /dev/full: no space left on device'

t.test('exit codes where a file cannot be written: what came of the run goes before', async t => {
  const server = await serve(t, echo)
  const nobody = `ws://127.0.0.1:${await freePort()}`
  const rows: [what: string, args: string[], code: number][] = [
    ['all well', [server.url, '--rate', '100'], 1],
    ['a condition', [server.url, '--rate', '100', '--fail-if', 'received > 0'], 1],
    ['generator-bound', [server.url, '--rate', '5000000/s', '--drain', '0', '--strict'], 3],
    ['nobody listens', [nobody], 4],
  ]
  for (const [what, args, code] of rows) {
    const terminal = new FakeTerminal()
    t.equal(await main(['load', ...args, ...brief, ...full], terminal), code, what)
    t.equal(terminal.stderr.text, `framewright: ${unwritten}\n`)
    t.match(terminal.stdout.text, /^messages$/m)
  }
})

t.test('Ctrl-C goes before all of them', async t => {
  const terminal = new FakeTerminal()
  const server = await serve(t, (connection, data, number) => {
    connection.send(data)
    if (number === 20) terminal.interrupt()
  })
  const args = [server.url, '--duration', '1h', '--warm-up', '0', '--connections', '4', '--quiet', '--strict', ...full]
  t.equal(await main(['load', ...args], terminal), 130)
  t.equal(terminal.stderr.text, `framewright: ${unwritten}\n`)
})

t.test('neither the summary nor a file can be written: both are told', async t => {
  const terminal = new FakeTerminal()
  terminal.stdout.refuse('ENOSPC')
  const server = await serve(t, echo)
  t.equal(await main(['load', server.url, '--rate', '100', ...brief, ...full], terminal), 5)
  t.equal(terminal.stderr.text, `framewright: cannot write to stdout: no space left on device; ${unwritten}\n`)
})

t.test('what one file cannot be made of does not keep the others from being written', async t => {
  const folder = t.testdir()
  const paths = Object.fromEntries(['json', 'html', 'junit', 'hgrm'].map(name => [name, join(folder, name)]))
  const args = Object.entries(paths).flatMap(([name, path]) => [`--${name}`, path])
  const report = {
    ...madeReport({ seconds: steady(5, 10, 1, 1) }),
    get badPeers(): never {
      throw new RangeError('Invalid string length')
    },
  }
  const written = writeOutputs(report, parseArguments(args, load.options), new FakeTerminal())
  const because = 'Invalid string length'
  await t.rejects(written, {
    message: `--json: cannot write ${paths['json']}: ${because}; --html: cannot write ${paths['html']}: ${because}`,
    exitCode: 1,
  })
  t.notOk(existsSync(paths['html']!))
  t.match(readFileSync(paths['junit']!, 'utf8'), /<\/testsuites>\s*$/)
  t.match(readFileSync(paths['hgrm']!, 'utf8'), /\n#\[Buckets [^\n]*\n$/)
})

t.test('JSON is printed piece by piece, as long as somebody reads', async t => {
  const report = madeReport({ seconds: steady(5, 10, 1, 1) })
  const given = parseArguments(['--json', '-'], load.options)
  const terminal = new FakeTerminal()
  await writeOutputs(report, given, terminal)
  t.equal(terminal.stdout.text, `${JSON.stringify(report)}\n`)
  const left = new FakeTerminal()
  left.stdout.on('error', () => {})
  left.stdout.refuse('EPIPE')
  await writeOutputs(report, given, left)
  t.equal(left.stdout.text, `{"format":${JSON.stringify(report.format)}`)
})
