/** `framewright load`: what it prints, writes and exits with, against servers of which it is known what they do. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli/main.js'
import type { LoadReport } from '../../../src/load/report.js'
import { echo, serve, stallingUntil } from '../../load/known-servers.js'
import { FakeTerminal } from '../fake-terminal.js'

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function run(args: readonly string[], terminal = new FakeTerminal()): Promise<Ran> {
  const code = await main(['load', ...args], terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

/** Short: a fifth of a second, all of which counts. */
const brief = ['--duration', '200ms', '--warm-up', '0', '--connections', '4', '--size', '20']

t.test('the summary has the figures of the report, which has those of the server', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'load-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const server = await serve(t, echo)
  const file = join(folder, 'run.json')
  const { code, stdout, stderr } = await run([server.url, ...brief, '--rate', '1000/s', '--text', '--json', file])
  t.equal(code, 0)
  t.equal(stderr, `opening 4 connections to ${server.url}/; then 200 ms\n`)
  const report = JSON.parse(readFileSync(file, 'utf8')) as LoadReport
  t.equal(report.counts.received, server.seen.length)
  t.match(
    stdout,
    /^ws:\S+\necho, open model, evenly spaced; 4 connections, 1 thread, 20 octets of text each\nmeasured for 200 ms\n/,
  )
  for (const [name, pattern] of Object.entries({
    planned: /\n {2}planned +200 +1,000\/s\n/,
    sent: /\n {2}sent +200 +1,000\/s\n/,
    received: /\n {2}received +200 +[\d,.]+\/s\n/,
    missed: /\n {2}missed +0\n/,
    connections: /\n {2}4 opened, 0 failed, 0 dropped\n {2}closed with 1000 \(4\)\n/,
    rtt: /\n {2}round trip, from when it was due .* 200\n/,
    lateness: /\n {2}how late messages left .* 200\n/,
    generator: /\ngenerator\n {2}CPU \d+\.\d\d s\n {2}thread 1: busy for \d+ % of the time/,
  })) {
    t.match(stdout, pattern, name)
  }
  t.notMatch(stdout, /fail if|errors/)
})

t.test('threads that no connection is left for, and that there are fewer', async t => {
  const server = await serve(t, echo)
  const { code, stderr, stdout } = await run([server.url, ...brief, '--threads', '256'])
  t.equal(code, 0)
  t.match(stderr, /^4 threads instead of 256: no more can share 4 connections\nopening 4 connections /)
  t.match(stdout, /; 4 connections, 4 threads, /)
})

t.test('a mixture whose connections cannot be divided as it was asked for', async t => {
  const server = await serve(t, echo)
  const mix = ['--workload', 'mixed', '--mix', '95 echo 20', '--mix', '5 upload 20']
  const { code, stderr } = await run([server.url, ...brief, ...mix])
  t.equal(code, 0)
  t.match(stderr, /^4 connections cannot be shared out 95 to 5: echo has 3, upload has 1\nopening 4 connections /)
})

t.test('a time to begin that is over', async t => {
  const server = await serve(t, echo)
  const at = new Date(Date.now() - 60_000).toISOString()
  const { code, stderr, stdout } = await run([server.url, ...brief, '--start-at', at])
  t.equal(code, 0)
  t.match(stderr, /^--start-at was 6\d(\.\d)? s ago: it begins as soon as its connections are open\nopening 4 /)
  t.match(stdout, /\nmeasured for 200 ms, began [\d.]+ s after it was to\n/)
  const soon = await run([server.url, ...brief, '--start-at', new Date(Date.now() + 1500).toISOString()])
  t.match(soon.stderr, /^opening 4 /)
})

t.test('the closed model, Poisson arrivals, several shares', async t => {
  const server = await serve(t, echo)
  const rows: [string[], RegExp][] = [
    [
      ['--pipeline', '4', '--burst'],
      /^echo, closed model, 4 under way on each connection, in bursts; 4 connections, /m,
    ],
    [['--threads', '2'], /^echo, closed model, 1 under way on each connection; 4 connections, 2 threads, /m],
    [['--rate', '100', '--arrival', 'poisson', '--seed', '7'], /^echo, open model, Poisson arrivals; /m],
    [['--shard', '2/2', '--start-at', '2026-01-31T12:00:00Z'], /each, share 2 of 2$/m],
    [['--size', '0'], /, 0 octets of binary each$/m],
  ]
  for (const [args, pattern] of rows) {
    const { code, stdout } = await run([server.url, '--quiet', ...brief.slice(0, 6), ...args])
    t.equal(code, 0, args.join(' '))
    t.match(stdout, pattern)
  }
})

t.test('exit codes', async t => {
  const server = await serve(t, echo)
  const closed = createTcpServer()
  await new Promise<void>(resolve => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as { port: number }
  await new Promise(resolve => closed.close(resolve))
  const rows: [string, string[], number, RegExp][] = [
    ['a condition that is not met', [server.url, '--fail-if', 'lost > 0'], 0, /\n {2}ok {6}lost > 0 {2}it was 0\n$/],
    ['one that is', [server.url, '--fail-if', 'received > 0'], 1, /\n {2}FAILED {2}received > 0 {2}it was [\d,]+\n$/],
    [
      'never measured: the first Ping is a second away',
      [server.url, '--fail-if', 'ping.p99 > 1s'],
      1,
      /\n {2}FAILED {2}ping\.p99 > 1s {2}it was never measured\n$/,
    ],
    [
      'nobody listens',
      [`ws://127.0.0.1:${port}`],
      4,
      /0 opened, 4 failed, [\s\S]*\nerrors\n +4 {2}tcp ECONNREFUSED {2}\S/,
    ],
  ]
  for (const [name, args, code, pattern] of rows) {
    const ran = await run([...args, '--quiet', ...brief])
    t.equal(ran.code, code, name)
    t.match(ran.stdout, pattern)
    t.equal(ran.stderr, '')
  }
})

t.test('generator-bound: said in red, and with --strict an exit code', async t => {
  const server = await serve(t, echo)
  // More than one thread can send; a plan that cannot be kept.
  const args = [server.url, ...brief, '--quiet', '--rate', '5000000/s', '--drain', '0']
  const terminal = new FakeTerminal({ isTTY: true })
  const { code, stdout } = await run([...args, '--strict'], terminal)
  t.equal(code, 3)
  t.match(stdout, /\n {2}␛\[31mgenerator-bound: do not trust these figures␛\[39m\n {2}- \d/)
  t.equal((await run(args)).code, 0)
})

t.test('--json -: the report on stdout, the summary on stderr', async t => {
  const server = await serve(t, echo)
  const { stdout, stderr } = await run([server.url, ...brief, '--quiet', '--json', '-'])
  t.equal((JSON.parse(stdout) as LoadReport).format, 'framewright-load')
  t.match(stderr, /^messages$/m)
})

t.test('the others on stdout likewise, and one of them only', async t => {
  const server = await serve(t, echo)
  const rows: [string, RegExp][] = [
    ['--junit', /^<\?xml[^\0]*<\/testsuites>\s*$/],
    ['--html', /^<!doctype html>[^\0]*<\/html>\s*$/],
    ['--hgrm', /^#\[rtt, in milliseconds: [^\n]*\n +Value +Percentile[^\0]*\n#\[Buckets [^\n]*\n$/],
  ]
  for (const [option, whole] of rows) {
    const { code, stdout, stderr } = await run([server.url, ...brief, '--quiet', option, '-'])
    t.equal(code, 0)
    t.match(stdout, whole, option)
    t.match(stderr, /^messages$/m)
  }
  const stderr = 'framewright: --json - and --junit -: only one of them can go to stdout\n'
  t.same(await run([server.url, '--json', '-', '--junit', '-']), { code: 2, stdout: '', stderr })
})

t.test('a file that cannot be written is told before the run, or behind the summary', async t => {
  const server = await serve(t, echo)
  const before = await run([server.url, ...brief, '--json', '/nowhere/run.json'])
  t.same(before, { code: 2, stdout: '', stderr: 'framewright: --json: cannot write to /nowhere: no such file\n' })
  const directory = await run([server.url, ...brief, '--json', tmpdir()])
  const message = `framewright: --json: cannot write ${tmpdir()}: it is a directory\n`
  t.same(directory, { code: 2, stdout: '', stderr: message })
  t.equal(server.seen.length, 0)
})

t.test('two that are written to one file are refused before the run, however its path is spelt', async t => {
  const server = await serve(t, echo)
  const folder = mkdtempSync(join(tmpdir(), 'load-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'run.csv')
  writeFileSync(file, 'of the last run')
  const rows: [string, string, string, string][] = [
    ['--json', file, '--html', file],
    ['--html', relative('.', file), '--junit', `${folder}/./x/../run.csv`],
    ['--hgrm', file, '--samples', relative('.', file)],
  ]
  for (const [one, path, other, same] of rows) {
    const stderr = `framewright: ${one} ${path} and ${other} ${same}: each needs a file of its own\n`
    t.same(await run([server.url, ...brief, other, same, one, path]), { code: 2, stdout: '', stderr })
  }
  t.equal(readFileSync(file, 'utf8'), 'of the last run')
  t.equal(server.seen.length, 0)
})

t.test('of several files one cannot be written any more: the others are', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'load-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [json, html, junit] = ['out.json', 'out.html', 'out.xml'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(junit, 'of the last run')
  // Both are directories by the time that the run is over.
  const server = await serve(t, (connection, data, number) => {
    if (number === 0) for (const path of [json, html]) mkdirSync(path)
    connection.send(data)
  })
  const outputs = ['--json', json, '--html', html, '--junit', junit]
  const { code, stdout, stderr } = await run([server.url, ...brief, '--quiet', ...outputs])
  t.equal(code, 1)
  t.match(stdout, /^messages$/m)
  const told = [`--json: cannot write ${json}: it is a directory`, `--html: cannot write ${html}: it is a directory`]
  t.equal(stderr, `framewright: ${told.join('; ')}\n`)
  t.match(readFileSync(junit, 'utf8'), /<testsuites>/)
})

t.test('Ctrl-C ends the run and tells what was measured; connections are closed with 1001', async t => {
  const terminal = new FakeTerminal()
  const server = await serve(t, (connection, data, number) => {
    connection.send(data)
    if (number === 20) terminal.interrupt()
  })
  const args = [server.url, '--duration', '1h', '--warm-up', '0', '--connections', '4', '--quiet']
  const { code, stdout } = await run(args, terminal)
  t.equal(code, 130)
  t.match(stdout, /^measured for .*, ended before its time$/m)
  t.same(await server.ended(4), [1001, 1001, 1001, 1001])
  t.equal(terminal.interruptible, 0)
})

t.test('a second Ctrl-C cuts the connections', async t => {
  const terminal = new FakeTerminal()
  // The first Ctrl-C alone would wait for an answer to its Close frame.
  const twice = () => [terminal.interrupt(), terminal.interrupt()]
  const server = await serve(t, stallingUntil(twice))
  const args = [server.url, '--duration', '1h', '--warm-up', '0', '--connections', '4', '--quiet', '--drain', '1h']
  const { code, stdout } = await run(args, terminal)
  t.equal(code, 130)
  t.match(stdout, /ended before its time/)
})

t.test('while it runs, a line for each second; --quiet: nothing', async t => {
  const server = await serve(t, echo)
  const args = [server.url, '--duration', '1200ms', '--warm-up', '0', '--connections', '1', '--rate', '50']
  const { stderr } = await run(args)
  t.match(stderr, /^opening 1 connection to \S+; then 1\.2 s\n1 s {2}sent \S+\/s {2}received \S+\/s {2}rtt p50 .*\n$/)
  t.equal((await run([...args.slice(0, 1), ...brief, '--quiet'])).stderr, '')
})

t.test('what this machine has not enough of is told before the run', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'shell-'))
  const { PATH } = process.env
  t.teardown(() => {
    process.env['PATH'] = PATH
    rmSync(folder, { recursive: true })
  })
  writeFileSync(join(folder, 'sh'), '#!/bin/sh\necho 20\n', { mode: 0o755 })
  process.env['PATH'] = folder
  const { stderr } = await run(['ws://127.0.0.1:1', ...brief, '--quiet'])
  t.equal(stderr, 'not enough: 4 connections need 68 descriptors, and there are 20: ulimit -n 68\n')
  t.same(await run(['ws://127.0.0.1:1', '--connections', '20', '--quiet']), {
    code: 2,
    stdout: '',
    stderr: 'framewright: not enough: 20 connections need 84 descriptors, and there are 20: ulimit -n 84\n',
  })
  const find = ['find', 'ws://127.0.0.1:1', '--slo', 'lost <= 0', '--duration', '1ms', '--quiet']
  t.match(await run([...find, '--connections', '4', '--source-addresses', '192.0.2.7']), {
    code: 4,
    stderr:
      'not enough: 4 connections need 68 descriptors, and there are 20: ulimit -n 68\n' +
      'not enough: 192.0.2.7 is no address of this machine: ip addr add 192.0.2.7/32 dev lo\n',
  })
  t.same(await run([...find, '--connections', '20']), {
    code: 2,
    stdout: '',
    stderr: 'framewright: not enough: 20 connections need 84 descriptors, and there are 20: ulimit -n 84\n',
  })
  t.match(
    (await run(['ws://127.0.0.1:1', '--connections', '99999999', '--slow-readers', '1%'])).stderr,
    /to 10000000$/m,
  )
})

t.test('metrics of the server that cannot be had are told of while it runs, and in the summary', async t => {
  const server = await serve(t, echo)
  const args = [server.url, ...brief, '--quiet', '--server-metrics', 'http://127.0.0.1:1/metrics']
  const { code, stdout, stderr } = await run(args)
  t.equal(code, 0)
  t.equal(stderr, "the server's metrics at http://127.0.0.1:1/metrics cannot be had: bad port\n")
  t.match(stdout, /^server\n {2}its metrics could not be had (\d) of \1 times$/m)
})
