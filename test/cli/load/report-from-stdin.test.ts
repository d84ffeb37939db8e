/** `framewright load merge -` and `compare -`: a report from stdin. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli/main.js'
import { madeReport } from '../../load/made-report.js'
import { FakeTerminal } from '../fake-terminal.js'

const folder = mkdtempSync(join(tmpdir(), 'stdin-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test('a report that is read from stdin', async t => {
  const report = JSON.stringify(madeReport({ seconds: [[1, 2]] }))
  const path = join(folder, 'run.json')
  writeFileSync(path, report)
  for (const args of [
    ['merge', '-'],
    ['compare', '-', path],
    ['compare', path, '-'],
  ]) {
    const terminal = new FakeTerminal()
    terminal.stdin.end(report)
    t.equal(await main(['load', ...args], terminal), 0)
    t.match(terminal.stdout.text, /round trip|rtt\.p50/)
  }
})

t.test('there is one stdin', async t => {
  for (const command of ['merge', 'compare']) {
    const terminal = new FakeTerminal()
    terminal.stdin.end(JSON.stringify(madeReport({ seconds: [[1, 2]] })))
    t.equal(await main(['load', command, '-', '-'], terminal), 2)
    t.equal(terminal.stderr.text, `framewright: ${command}: only one of the files can be -, for there is one stdin\n`)
  }
})

t.test('where that cannot be read', async t => {
  const terminal = new FakeTerminal()
  terminal.stdin.destroy(Object.assign(new Error('as told'), { code: 'EISDIR' }))
  t.equal(await main(['load', 'merge', '-'], terminal), 2)
  t.equal(terminal.stderr.text, 'framewright: merge: cannot read stdin: it is a directory\n')
})
