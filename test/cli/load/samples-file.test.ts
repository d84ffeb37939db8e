/** `framewright load --samples FILE`. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { parseArguments } from '../../../src/cli/arguments.js'
import { samplesFile, samplesOption } from '../../../src/cli/load/samples-file.js'
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
  const terminal = new FakeTerminal()
  t.equal(await main(['load', server.url, '--samples', 'run.txt'], terminal), 2)
  t.match(terminal.stderr.text, /^framewright: --samples run\.txt: /, 'no connection is said to be opened')
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

// Named pipes are not everywhere.
const named = { skip: process.platform === 'win32' && 'no mkfifo' }

/** A pipe that somebody has opened, and does not read. */
function unread(t: Test, name: string): string {
  const pipe = join(folder, name)
  execFileSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  t.teardown(() => closeSync(reader))
  return pipe
}

t.test('a pipe that nobody reads any more: Ctrl-C ends the waiting, and what was measured is told', named, async t => {
  const server = await serve(t, echo)
  const pipe = unread(t, 'pipe.csv')
  const json = join(folder, 'pipe.json')
  const terminal = new FakeTerminal()
  const args = ['--rate', '5000', '--duration', '300ms', '--warm-up', '0', '--samples', pipe, '--json', json]
  const running = main(['load', server.url, ...args], terminal)
  await terminal.stderr.until(/waiting for .* to take the last times; Ctrl-C ends that/)
  terminal.interrupt()
  t.equal(await running, 130)
  t.match(terminal.stderr.text, `--samples: cannot write ${pipe}: it was not waited for`)
  t.match(terminal.stdout.text, / not written: it was not waited for\n/)
  const { interrupted, counts, samples } = JSON.parse(readFileSync(json, 'utf8'))
  t.match([interrupted, counts.sent + counts.missed, samples.dropped > 0], [false, 1500, true])
})

t.test('what is compressed into such a pipe is given up with it, and keeps no process', named, async t => {
  const { to } = samplesFile(parseArguments(['--samples', unread(t, 'pipe.csv.gz')], samplesOption))!
  to.write(randomBytes(1024 * 1024))
  to.destroy()
  await once(to, 'close')
})

t.test('a pipe has all of it', named, async t => {
  const server = await serve(t, echo)
  const pipe = join(folder, 'read.csv')
  execFileSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
  t.teardown(() => closeSync(reader))
  const { code, stdout } = await run(server.url, pipe)
  t.equal(code, 0)
  const octets = Buffer.alloc(65_536)
  const lines = octets.toString('utf8', 0, readSync(reader, octets)).split('\n')
  t.equal(lines.pop(), '')
  t.match(stdout, `\nsingle times\n  ${lines.length - 1} written\n`)
})

t.test('what the file was too slow for is said', async t => {
  const report = { ...madeReport({ seconds: [[1]] }), samples: { written: 1000, dropped: 2000 } }
  const text = textReport(report, (style, text) => `<${style}>${text}`)
  t.match(text, '<bold>single times\n  1,000 written\n<red>  2,000 not written: the file was slower than the load\n')
})
