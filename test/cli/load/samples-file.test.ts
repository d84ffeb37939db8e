/** `framewright load --samples FILE`. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { main } from '../../../src/cli/main.js'
import { textReport } from '../../../src/load/text-report.js'
import { echo, serve } from '../../load/known-servers.js'
import { madeReport } from '../../load/made-report.js'
import { FakeTerminal } from '../fake-terminal.js'

const folder = mkdtempSync(join(tmpdir(), 'samples-'))
t.teardown(() => rmSync(folder, { recursive: true }))

async function run(url: string, file: string) {
  const terminal = new FakeTerminal()
  const args = ['--quiet', '--rate', '500', '--duration', '100ms', '--warm-up', '0', '--connections', '2']
  const code = await main(['load', url, ...args, '--samples', file], terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

t.test('the form is what the name says', async t => {
  const server = await serve(t, echo)
  const read = {
    'run.csv': (octets: Buffer) => octets.toString().split('\n').slice(1),
    'run.ndjson': (octets: Buffer) =>
      octets
        .toString()
        .split('\n')
        .map(line => line && JSON.parse(line)),
    'run.jsonl': (octets: Buffer) =>
      octets
        .toString()
        .split('\n')
        .map(line => line && JSON.parse(line)),
    'run.csv.gz': (octets: Buffer) => gunzipSync(octets).toString().split('\n').slice(1),
  }
  for (const [name, lines] of Object.entries(read)) {
    const { code, stdout } = await run(server.url, join(folder, name))
    t.equal(code, 0, name)
    const [, written] = /\nsingle times\n {2}(\d+) written\n/.exec(stdout) ?? []
    const found = lines(readFileSync(join(folder, name)))
    t.equal(found.pop(), '', 'the last line is whole')
    t.equal(found.length, Number(written), name)
    t.ok(found.length >= 150, 'round trips from when they were due and from when they left, and how late they were')
  }
})

t.test('what cannot be written', async t => {
  const server = await serve(t, echo)
  const none = join(folder, 'none', 'run.csv')
  t.match(await run(server.url, none), { code: 2, stderr: `--samples: cannot write ${none}: no such file` })
  t.match(await run(server.url, 'run.txt'), { code: 2, stderr: '--samples run.txt: the name says the form: run.csv,' })
  for (const name of ['full.csv', 'full.csv.gz']) {
    const full = join(folder, name)
    symlinkSync('/dev/full', full)
    const { code, stdout, stderr } = await run(server.url, full)
    t.equal(code, 1)
    t.match(stderr, `--samples: cannot write ${full}: ENOSPC`)
    t.match(stdout, 'round trip, from when it was due', 'what was measured is told')
    t.match(stdout, / not written: ENOSPC: no space left on device, write\n/)
  }
})

t.test('what the file was too slow for is said', async t => {
  const report = { ...madeReport({ seconds: [[1]] }), samples: { written: 1000, dropped: 2000 } }
  const text = textReport(report, (style, text) => `<${style}>${text}`)
  t.match(text, '<bold>single times\n  1,000 written\n<red>  2,000 not written: the file was slower than the load\n')
})
