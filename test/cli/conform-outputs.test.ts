/** `framewright conform`: what it writes for other tools, what it tells of patterns, baselines and debuggers. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { close as closeDebugger, open as openDebugger } from 'node:inspector'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildRawFrame, readRawFrames } from '../../src/conformance/raw-frame.js'
import { get, key, upgrade } from '../conformance/asking.js'
import { type Packet, readPcapng, streamOf } from '../conformance/pcapng.js'
import { accepting, scriptedServer } from '../conformance/scripted-server.js'
import { naiveServer, run } from './conform-runs.js'
import { FakeTerminal } from './fake-terminal.js'

t.test('SARIF, a badge, and a capture file', async t => {
  const dir = t.testdir()
  const files = ['sarif', 'badge', 'pcap'].flatMap(name => [`--${name}`, join(dir, name)])
  const cases = ['6455/5.5.2', '6455/7.4.1/close-with-1005'].flatMap(name => ['--case', name])
  const args = ['conform', 'server', await naiveServer(t, 'takes every status code'), ...cases, '--not', '*@*']
  t.equal((await run([...args, ...files])).code, 1)
  const [log] = JSON.parse(readFileSync(join(dir, 'sarif'), 'utf8')).runs
  t.match(log.results[0], { ruleId: '6455/7.4.1/close-with-1005', level: 'error' })
  t.match(JSON.parse(readFileSync(join(dir, 'badge'), 'utf8')), { schemaVersion: 1, color: 'red' })
  const { packets } = readPcapng(readFileSync(join(dir, 'pcap')))
  const runs = [...new Set(packets.filter(({ flags }) => flags === 'SYN').map(({ from }) => from))]
  t.equal(runs.length, log.tool.driver.rules.length)
  for (const client of runs) wireOf(t, packets, client)
})

/** What went over the wire in a run is a head and frames both ways, without gaps, and nothing twice. */
function wireOf(t: Test, packets: readonly Packet[], client: string): void {
  const server = '192.0.2.2:80'
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    const octets = streamOf(packets, from, to)
    const end = octets.indexOf('\r\n\r\n') + 4
    t.match(octets.toString('latin1', 0, end), from === client ? /^GET \/ HTTP\/1.1\r\n/ : /^HTTP\/1.1 101 /)
    const frames = packets.filter(packet => packet.from === from && packet.to === to && packet.length > 0).length - 1
    t.equal(readRawFrames(octets.subarray(end)).frames.length, frames, `${client}: ${from}`)
  }
}

t.test('a frame behind the response in the same segment is noted once, and a body as what it is', async t => {
  const answers = [
    (request: string) => Buffer.concat([Buffer.from(accepting(request)), buildRawFrame({ opcode: 9, payload: 'x' })]),
    () => Buffer.from('HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nbody'),
  ]
  const transcripts: string[][] = []
  for (const answer of answers) {
    let connections = 0
    const url = await scriptedServer(t, (request, socket) => {
      if (!request.startsWith('GET')) socket.end(buildRawFrame({ opcode: 1, payload: 'are you there?' }))
      else if (++connections === 1) socket.write(accepting(request))
      else socket.end(answer(request))
    })
    const { stdout } = await run([
      'conform',
      'server',
      url,
      '--case',
      '6455/5.6/binary-zeros',
      '--not',
      '*@*',
      '--json',
      '-',
    ])
    const [one] = JSON.parse(stdout).cases as [{ transcript: { from: string; text: string; offset: number }[] }]
    const came = one.transcript.filter(({ from }) => from === 'peer')
    transcripts.push(came.slice(0, 2).map(({ text, offset }) => `${text} at ${offset > 0 ? 'more' : offset}`))
  }
  t.match(transcripts, [
    ['HTTP/1.1 101 Switching Protocols at 0', /^ping "x" at more$/i],
    ['HTTP/1.1 403 Forbidden at 0', 'octets behind the head at more'],
  ])
})

t.test('GitHub: asked for, or by itself where its runner is', async t => {
  const summary = join(t.testdir({ summary: 'before\n' }), 'summary')
  const url = await naiveServer(t, 'takes every status code')
  const args = ['conform', 'server', url, '--case', '6455/7.4.1/close-with-1005', '--not', '*@*']
  const annotation = /\n::error title=FAIL 6455\/7.4.1\/close-with-1005::.*%0Aagain: framewright conform server /
  const runner = (env = {}) => new FakeTerminal({ env: { GITHUB_ACTIONS: 'true', ...env } })
  t.notMatch((await run(args)).stdout, annotation)
  t.match((await run([...args, '--github'])).stdout, annotation)
  t.match(await run(args, runner({ GITHUB_STEP_SUMMARY: summary })), { code: 1, stdout: annotation, stderr: '' })
  t.match(
    readFileSync(summary, 'utf8'),
    /^before\n### WebSocket conformance\n[\s\S]*\n\| FAIL \| `6455\/7.4.1\/close-with/,
  )
  t.notMatch((await run([...args, '--tap'], runner())).stdout, /::error/)
  JSON.parse((await run([...args, '--json', '-'], runner())).stdout)
  const told = { code: 1, stderr: /^GITHUB_STEP_SUMMARY: cannot write \/dev\/null\/x: / }
  t.match(await run(args, runner({ GITHUB_STEP_SUMMARY: '/dev/null/x' })), told)
  t.match(await run([...args, '--tap', '--github']), { code: 2, stderr: /--tap and --github: only one of them/ })
})

t.test('one file may be standard output, in the place of the report', async t => {
  const args = ['conform', 'server', await naiveServer(t), '--case', '6455/5.5.2', '--not', '*@*']
  const rows: [name: string, whole: (octets: Buffer) => boolean][] = [
    ['json', octets => JSON.parse(octets.toString()).counts.PASS > 0],
    ['junit', octets => /^<\?xml[^\0]*<\/testsuites>\s*$/.test(octets.toString())],
    ['sarif', octets => JSON.parse(octets.toString()).version === '2.1.0'],
    ['badge', octets => JSON.parse(octets.toString()).schemaVersion === 1],
    ['pcap', octets => readPcapng(octets).packets.length > 0],
  ]
  for (const [name, whole] of rows) {
    const terminal = new FakeTerminal({ env: { GITHUB_ACTIONS: 'true' } })
    t.match(await run([...args, `--${name}`, '-'], terminal), { code: 0, stderr: '' }, name)
    t.ok(whole(terminal.stdout.octets), name)
  }
  const twice = { code: 2, stdout: '', stderr: /--junit - and --sarif - and --tap: only one of them/ }
  t.match(await run([...args, '--tap', '--sarif', '-', '--junit', '-']), twice)
  for (const name of ['--html', '--autobahn', '--update-baseline']) {
    const stderr = `framewright: ${name} -: this cannot be standard output; ./- is a path of that name\n`
    t.same(await run([...args, name, '-']), { code: 2, stdout: '', stderr })
  }
})

t.test('files are written, too, where nothing can be printed', async t => {
  const dir = t.testdir()
  const [json, baseline] = ['run.json', 'known.json'].map(name => join(dir, name)) as [string, string]
  const args = ['conform', 'server', await naiveServer(t), '--case', '6455/5.5.2', '--not', '*@*']
  for (const more of [[], ['--tap'], ['--badge', '-']]) {
    for (const path of [json, baseline]) rmSync(path, { force: true })
    const terminal = new FakeTerminal()
    terminal.stdout.refuse('ENOSPC')
    const { code, stderr } = await run([...args, '--json', json, '--update-baseline', baseline, ...more], terminal)
    t.equal(code, 5)
    t.equal(stderr, 'framewright: cannot write to stdout: no space left on device\n')
    t.ok(JSON.parse(readFileSync(json, 'utf8')).counts.PASS > 0)
    t.same(JSON.parse(readFileSync(baseline, 'utf8')).expected, {})
  }
})

t.test('what an endpoint sent moves no cursor where TAP is printed', async t => {
  const server = await scriptedServer(t, (request, socket) => {
    if (!request.startsWith('GET')) socket.end(buildRawFrame({ opcode: 1, payload: 'are you there?' }))
    else socket.write(accepting(request).replace('Connection: Upgrade', 'Connection: \x9b2J'), 'latin1')
  })
  const cases = ['--case', '6455/4.2.2/connection', '--not', '*@*']
  const file = join(t.testdir(), 'baseline.json')
  const { stdout } = await run(['conform', 'server', server, ...cases, '--tap', '--update-baseline', file])
  t.match(stdout, /# TODO expected to fail: it sent Connection: \\+x9b2J\n/)
  t.notMatch(stdout, '\x9b')
})

t.test('an expected failure that is skipped is told', async t => {
  const file = join(t.testdir(), 'baseline.json')
  const server = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) socket.write(accepting(request))
    else socket.end(buildRawFrame({ opcode: 1, payload: 'are you there?' }))
  })
  const id = '7692/7.2.3/one-block'
  const args = ['conform', 'server', server, '--case', id, '--not', '*@*']
  t.equal((await run([...args, '--update-baseline', file])).code, 0)
  const baseline = JSON.parse(readFileSync(file, 'utf8'))
  t.same(baseline.expected, {}, 'the server does not compress')
  writeFileSync(file, JSON.stringify({ ...baseline, expected: { [id]: 'FAIL' } }))
  t.same(await run([...args, '--baseline', file]).then(({ code, stderr }) => ({ code, stderr })), {
    code: 0,
    stderr: `expected to fail, and was not judged (SKIP):\n  ${id}\n`,
  })
})

t.test('while Node is debugged nothing times out, unless told otherwise', async t => {
  openDebugger(0, '127.0.0.1')
  t.teardown(closeDebugger)
  const args = ['conform', 'server', await naiveServer(t), '--case', '6455/5.5.2/ping-octet-by-octet', '--not', '*@*']
  t.match(await run(args), {
    code: 0,
    stderr: 'Node is being debugged: nothing times out, as with --timeout-scale off\n',
  })
  t.match(await run([...args, '--timeout-scale', '1']), { code: 0, stderr: '' })
})

t.test('a client: header fields and a subprotocol in our responses, and one case at a time', async t => {
  const terminal = new FakeTerminal()
  const judging = run(
    [...'conform client --port 0 --case 6455/5.6/binary-zeros --jobs 1 -s chat -H'.split(' '), "Set-Cookie: it's=1"],
    terminal,
  )
  const [, port] = await terminal.stderr.until(/listening on ws:\/\/127.0.0.1:(\d+)/)
  const events: string[] = []
  const [first, second] = ['first', 'second'].map(name => {
    const socket = connectTcp({ port: Number(port), host: '127.0.0.1' })
    const over = new Promise(resolve => socket.on('close', resolve))
    const opened = new Promise<string>(resolve =>
      socket.once('data', chunk => {
        events.push(`${name} opens`)
        resolve(chunk.toString('latin1'))
      }),
    )
    const asked = 'Sec-WebSocket-Protocol: superchat, chat\r\n'
    socket.on('error', () => {}).write(get(`/runCase?case=1&agent=${name}`, upgrade + key + asked))
    return { socket, opened, over }
  }) as [Client, Client]
  interface Client {
    readonly socket: ReturnType<typeof connectTcp>
    readonly opened: Promise<string>
    readonly over: Promise<unknown>
  }
  const one = await Promise.race([first, second].map(client => client.opened.then(() => client)))
  t.match(await one.opened, /^HTTP\/1.1 101 [\s\S]*\r\nSet-Cookie: it's=1\r\nSec-WebSocket-Protocol: chat\r\n\r\n/)
  events.push('it leaves')
  one.socket.destroy()
  const other = one === first ? second : first
  await other.opened
  t.same(events.slice(1), ['it leaves', `${one === first ? 'second' : 'first'} opens`])
  other.socket.destroy()
  await other.over
  terminal.interrupt()
  const { stdout } = await judging
  t.match(
    stdout,
    /again: .* --case '6455\/5.6\/binary-zeros' --header 'Set-Cookie: it'\\''s=1' --subprotocol 'chat' --seed 1 --verbose/,
  )
})
