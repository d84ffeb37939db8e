/** `framewright conform server`: selections, outputs, baselines, exit codes; our server passes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import t from 'tap'
import { createServer as createWebSocketServer } from '../../src/api/server.js'
import { createEchoServer } from '../../src/cli/echo-server.js'
import { selfSignedCertificate } from '../../src/cli/self-signed-certificate.js'
import { text } from '../../src/conformance/frame-parts.js'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { parseReport } from '../../src/conformance/report/conformance-report.js'
import { accepting, scriptedServer } from '../conformance/scripted-server.js'
import { CommandProcess } from './command-process.js'
import { echoServer, listening, naiveServer, run } from './conform-runs.js'
import { FakeTerminal } from './fake-terminal.js'
import { socketPath } from './socket-path.js'

t.test('our server passes core and every segmentation of it, over TCP', async t => {
  const { code, stdout } = await run([
    'conform',
    'server',
    await echoServer(t),
    '--profile',
    'strict',
    '--not',
    '*/every-code-in-no-range',
  ])
  t.equal(code, 0)
  t.match(stdout, /\nPASS \d+: server ws:\/\/127.0.0.1:\d+\/ in \d+\.\d s\n$/)
})

t.test('our server passes the cases of compression', async t => {
  const args = ['--profile', 'deflate', '--not', '7692/5/*-of-*']
  const { code, stdout } = await run(['conform', 'server', await echoServer(t), ...args])
  t.equal(code, 0)
  t.match(stdout, /\nPASS \d+: server ws:/)
})

t.test('our server passes core over TLS', async t => {
  const url = await echoServer(t, await selfSignedCertificate())
  t.match(await run(['conform', 'server', url]), { code: 2, stderr: /self-signed certificate/ })
  const terminal = new FakeTerminal({ isTTY: true })
  const { code, stdout, stderr } = await run(
    ['conform', 'server', url.replace('127.0.0.1', 'localhost'), '--tls-insecure'],
    terminal,
  )
  t.equal(code, 0)
  t.match(stdout, /\n␛\[32mPASS \d+␛\[39m: server wss/)
  t.match(stderr, /\d+\/\d+ {2}␛\[32mPASS \d+␛\[39m {2}␛\[2m6455\//, 'progress')
  t.match(stderr, /\r␛\[K$/, 'which is taken away')
})

t.test('at a unix socket, with TLS of one version; at an IPv6 address', async t => {
  const args = ['--case', '6455/5.5.2/ping-without-payload', '--not', '*@*', '--verbose']
  const server = createEchoServer({ tls: { ...(await selfSignedCertificate()), minVersion: 'TLSv1.3' } })
  const path = await socketPath(t)
  await server.listen({ path })
  t.teardown(() => server.close())
  const secure = ['conform', 'server', 'wss://localhost/', '--socket', path, '--tls-insecure', ...args]
  const { code, stdout } = await run([...secure, '--tls-min', '1.3'])
  t.equal(code, 0)
  t.match(
    stdout,
    ` wss://localhost/ --case '6455/5.5.2/ping-without-payload' --socket '${path}' --tls-insecure --tls-min '1.3' --seed 1`,
  )
  t.match(await run([...secure, '--tls-max', '1.2']), { code: 2, stderr: /cannot reach wss:.* alert protocol version/ })
  t.match(await run(['conform', 'server', 'ws://localhost', '--socket', `${path}x`]), {
    code: 2,
    stderr: /no such file/,
  })
  const six = createEchoServer({})
  await six.listen({ port: 0, host: '::1' })
  t.teardown(() => six.close())
  t.match(await run(['conform', 'server', six.url!, ...args]), { code: 0, stdout: /PASS 1: server ws:\/\/\[::1\]:/ })
})

t.test('files: JSON, JUnit, Autobahn; TAP', async t => {
  const url = await naiveServer(t, 'answers Pongs')
  const dir = t.testdir()
  const files = ['--json', join(dir, 'new/a.json'), '--junit', join(dir, 'a.xml'), '--autobahn', dir]
  const args = [
    'conform',
    'server',
    url,
    '--case',
    '6455/5.5.3',
    '--case',
    '6455/5.5/close-of-126-octets',
    '--seed',
    '9',
    ...files,
  ]
  const { code, stdout } = await run([...args, '-H', "X: it's", '--timeout-scale', '2', '--not', '*@*'])
  t.equal(code, 0, 'a SHOULD missed is no failure')
  t.match(stdout, /^WARN {2}6455\/5.5.3\/unsolicited-pong\n/)
  const report = parseReport(readFileSync(join(dir, 'new/a.json'), 'utf8'))!
  t.match(report, { seed: 9, tested: { role: 'server', name: `${url}/` }, counts: { WARN: 3 } })
  const [first] = report.cases.filter(({ verdict }) => verdict === 'WARN')
  t.equal(
    first?.reproduce,
    `framewright conform server ${url}/ --case '6455/5.5.3/unsolicited-pong' --header 'X: it'\\''s' --seed 9 --timeout-scale 2 --verbose`,
  )
  t.match(readFileSync(join(dir, 'a.xml'), 'utf8'), /<testcase name="6455\/5.5\/close-of-126-octets"/)
  t.match(JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')), {
    [`${url}/`]: { '2.7': { behavior: 'NON-STRICT' } },
  })
  t.ok(parseReport(readFileSync(join(dir, 'report.json'), 'utf8')))
  const strictly = [...args.slice(0, 5), '--not', '*@*', '--fail-on']
  t.equal((await run([...strictly, 'warn'])).code, 1, 'unless it is to be one')
  t.match(await run([...strictly, 'info']), { code: 2, stderr: /--fail-on/ })
  t.match((await run([...args.slice(0, 5), '--tap'])).stdout, /^TAP version 13\n/)
  t.ok(parseReport((await run([...args.slice(0, 5), '--json', '-'])).stdout))
  t.match(await run([...args.slice(0, 5), '--json', '/dev/null/x']), {
    code: 2,
    stderr: /--json: cannot write \/dev\/null\/x: /,
  })
  t.match(
    (await run([...args.slice(0, 4), '6455/5.5/close-of-126-octets', '--verbose'])).stdout,
    /^PASS {2}6455\/5.5\/close/,
  )
  const unlimited = [...args.slice(0, 5), '--timeout-scale', 'off']
  t.match((await run(unlimited)).stdout, /again: .* --seed 1 --timeout-scale off --verbose/)
  // Where there is one, it can be opened, and takes nothing.
  t.match(await run([...unlimited, '--json', '/dev/full']), { code: 1, stderr: /--json: cannot write \/dev\/full: / })
  const full = ['--update-baseline', '/dev/full', '--json', '/dev/full', '--junit', join(dir, 'written.xml')]
  t.match(await run([...unlimited, ...full]), {
    code: 1,
    stderr: /--update-baseline: cannot write \/dev\/full: [^;]*; --json: cannot write \/dev\/full: /,
  })
  t.match(readFileSync(join(dir, 'written.xml'), 'utf8'), /<testsuite/, 'the others are written')
})

t.test('a limit that is declared is held to, to the octet', async t => {
  const server = createEchoServer({
    allowedOrigins: 'any',
    limits: { maxMessageSize: 65_536 },
    perMessageDeflate: true,
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  const one = ['--case', '*-declared-limit', '--verbose']
  const args = ['conform', 'server', server.url!, ...one]
  t.match(await run(args), { code: 2, stderr: /--case \*-declared-limit names no case/ })
  const { code, stdout } = await run([...args, '--max-message', '64KiB'])
  t.equal(code, 0)
  t.match(stdout, /\nPASS 5: server ws:/)
  t.match(stdout, /again: .* --seed 1 --max-message 64KiB --verbose\n/)
  t.match(await run([...args, '--max-message', '64KiB', '--profile', 'limits']), { code: 0, stdout: /\nPASS 5: / })
  const smaller = await run([...args, '--max-message', '65537'])
  t.match(smaller, { code: 1, stdout: /FAIL {2}6455\/10.4\/message-of-the-declared-limit\n/ }, 'it takes less')
  const unlimited = await run(['conform', 'server', await naiveServer(t), ...one, '--max-message', '64KiB'])
  t.match(unlimited, { code: 1, stdout: /\nPASS 1, FAIL 4: / })
  t.match(await run([...args, '--max-message', '1GiB']), { code: 2, stderr: /more than 256MiB is not tried/ })
})

t.test('what cannot be written is told before the run', async t => {
  const dir = t.testdir({ file: '' })
  const args = ['conform', 'server', 'ws://127.0.0.1:1', '--case', '6455/5.5.3']
  for (const path of [dir, join(dir, 'file/x'), '/proc/x/y']) {
    t.match(await run([...args, '--junit', path]), { code: 2, stderr: /--junit: cannot write/ }, path)
  }
  t.match(await run([...args, '--json', '-', '--tap']), { code: 2, stderr: /--json - and --tap: only one/ })
  t.match(await run([...args, '--json', join(dir, 'file')]), { code: 2, stderr: /cannot reach/ }, 'one that is there')
})

t.test('what is no echo server is told so, and not judged', async t => {
  const answers: [answer: (request: string, socket: Socket) => void, told: RegExp][] = [
    [
      (_, socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'),
      /it answered the Opening Handshake with 404 Not Found: is this the right path\?/,
    ],
    [(_, socket) => socket.end(), /it takes connections, but it ended TCP instead of a response/],
    [
      (request, socket) => {
        if (request.startsWith('GET')) socket.write(accepting(request))
      },
      /it does not echo: the server under test has to send back every message/,
    ],
    [
      (request, socket) => {
        if (!request.startsWith('GET')) return
        socket.write(Buffer.concat([Buffer.from(accepting(request)), buildRawFrame(text('welcome'))]))
      },
      /it sent the message text "welcome" where an echo was awaited/,
    ],
  ]
  for (const [answer, told] of answers) {
    const url = await scriptedServer(t, answer)
    t.match(await run(['conform', 'server', url, '--timeout-scale', '0.1']), { code: 2, stdout: '', stderr: told })
  }
})

t.test('a server that wants a subprotocol is judged with one', async t => {
  const server = createWebSocketServer(
    { protocols: ['chat'], allowedOrigins: 'any', perMessageDeflate: true },
    {
      accept: ({ protocols }) => (protocols.includes('chat') ? {} : { status: 400 }),
      message: (connection, data) => void connection.send(data),
    },
  )
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  const args = ['conform', 'server', server.url!, '--case', '6455/4*', '--case', '6455/5.6', '--case', '7692/7.1']
  t.match(await run(args), { code: 2, stderr: /answered the Opening Handshake with 400 .* \(--subprotocol\)\?\n$/ })
  const { code, stdout } = await run([...args, '--not', '*@*', '-s', 'soap', '-s', 'chat', '--verbose'])
  t.equal(code, 0)
  t.match(stdout, /\nPASS \d+: server ws:/)
  t.match(stdout, /PASS {2}6455\/4\.2\.2\/no-subprotocol\n/, 'which says nothing of a refusal')
  t.match(stdout, / --subprotocol 'soap' --subprotocol 'chat' --seed 1 --verbose\n/)
  t.match(await run([...args, '--subprotocol', 'a b']), { code: 2, stderr: /--subprotocol "a b" is not one name/ })
})

t.test('TLS where there is none, and none where there is: in a line', async t => {
  const plain = (await echoServer(t)).replace('ws:', 'wss:')
  const none = `framewright: cannot reach ${plain}/: it does not speak TLS: ws:// instead of wss://?\n`
  t.same(await run(['conform', 'server', plain]), { code: 2, stdout: '', stderr: none })
  const secure = (await echoServer(t, await selfSignedCertificate())).replace('wss:', 'ws:')
  const ended = 'it takes connections, but it ended TCP instead of a response to the Opening Handshake'
  const some = `framewright: ${secure}/: ${ended}; wss:// instead of ws://?\n`
  t.same(await run(['conform', 'server', secure]), { code: 2, stdout: '', stderr: some })
  const alerting = await scriptedServer(t, (_, socket) => socket.end(Buffer.of(0x15, 3, 1, 0, 2, 2, 22)))
  const alert = `framewright: ${alerting}/: it speaks TLS: wss:// instead of ws://?\n`
  t.same(await run(['conform', 'server', alerting]), { code: 2, stdout: '', stderr: alert })
  const ending = createTlsServer(await selfSignedCertificate(), socket => socket.end())
  const url = `wss://127.0.0.1:${await listening(t, ending)}`
  t.match(await run(['conform', 'server', url, '-k']), { code: 2, stderr: new RegExp(`: ${ended}\n$`) })
})

t.test('what is merely broken is judged', async t => {
  const broken: ((request: string, socket: Socket) => void)[] = [
    (_, socket) => socket.end('SSH-2.0-x\r\n'),
    (request, socket) => socket.end(accepting(request.replace(/Key: ./, 'Key: !'))),
    (request, socket) => {
      if (request.startsWith('GET')) socket.write(accepting(request))
      else socket.end(buildRawFrame(text('x'.repeat(14))))
    },
    (request, socket) => {
      if (request.startsWith('GET')) socket.write(accepting(request))
      else socket.end(Buffer.from('8105', 'hex'))
    },
  ]
  for (const answer of broken) {
    const url = await scriptedServer(t, answer)
    t.match(await run(['conform', 'server', url, '--case', '6455/5.6/binary-zeros', '--not', '*@*']), { code: 1 })
  }
})

t.test('a server that goes away', async t => {
  let connections = 0
  const server = createServer(socket => {
    if (++connections === 2) server.close()
    socket
      .on('error', () => {})
      .on('data', chunk => {
        if (connections > 1) socket.destroy()
        else if (chunk.toString().startsWith('GET')) socket.write(accepting(chunk.toString()))
        else socket.end(buildRawFrame(text('are you there?')))
      })
  })
  const url = `ws://127.0.0.1:${await listening(t, server)}`
  const { code, stdout } = await run(['conform', 'server', url, '--case', '6455/5.6', '--jobs', '1'])
  t.equal(code, 1)
  t.match(stdout, /not run: the server cannot be reached any more; the last cases that reached it: 6455\/5.6\//)
  t.match(stdout, /\nERROR \d+ more: not run/)
})

t.test('baselines: known failures, new ones, and mended ones', async t => {
  const url = await naiveServer(t, 'takes every status code')
  const file = join(t.testdir(), 'baseline.json')
  const args = [
    'conform',
    'server',
    url,
    '--case',
    '6455/7.4.1/close-with-1005',
    '--case',
    '6455/7.4.1/close-with-1006',
    '--not',
    '*@*',
  ]
  t.match(await run(args), { code: 1, stderr: '' })
  t.equal((await run([...args, '--update-baseline', file])).code, 0)
  t.same(Object.keys(JSON.parse(readFileSync(file, 'utf8')).expected), [
    '6455/7.4.1/close-with-1005',
    '6455/7.4.1/close-with-1006',
  ])
  t.match(await run([...args, '--baseline', file]), { code: 0, stderr: '' })
  const { stdout } = await run([...args, '--baseline', file, '--tap'])
  t.match(stdout, /\n {4}not ok 1 - 6455\/7.4.1\/close-with-1005 # TODO expected to fail: /)
  t.match(stdout, /\nok 1 - RFC 6455 §7.4.1\n/)
  const mended = [...args.slice(0, 2), await naiveServer(t), ...args.slice(3), '--baseline', file]
  t.match(await run(mended), {
    code: 1,
    stderr: /expected to fail, and passes now; --update-baseline [^\n]*\n {2}6455\/7.4.1\/close-with-1005\n/,
  })
  const rotten = JSON.parse(readFileSync(file, 'utf8'))
  rotten.expected['6455/7.4.1/gone'] = 'FAIL'
  writeFileSync(file, JSON.stringify(rotten))
  t.match(await run([...args, '--baseline', file]), {
    code: 1,
    stderr: /^expected to fail, and no case; take them out of [^\n]*\n {2}6455\/7.4.1\/gone\n$/,
  })
  t.equal((await run([...args, '--update-baseline', file])).code, 0)
  t.notMatch(readFileSync(file, 'utf8'), /gone/)
  const more = [...args, '--case', '6455/7.4.1/close-with-1015', '--baseline', file]
  t.match(await run(more), { code: 1, stderr: /not expected to fail:\n {2}6455\/7.4.1\/close-with-1015\n$/ })
})

t.test('Ctrl-C ends a run, and what there is is reported', async t => {
  const terminal = new FakeTerminal()
  const running = run(
    [
      'conform',
      'server',
      await naiveServer(t, 'answers no Ping'),
      '--case',
      '6455/5.5.2',
      '--jobs',
      '1',
      '--timeout-scale',
      '0.1',
    ],
    terminal,
  )
  while (terminal.interruptible === 0) await new Promise(setImmediate)
  terminal.interrupt()
  const { code, stdout, stderr } = await running
  t.equal(code, 130)
  t.match(stdout, /: server ws/)
  t.match(stderr, /^interrupted: what has begun is finished first; Ctrl-C again ends at once\n/)
  t.equal(terminal.interruptible, 0)
})

t.test('as a process', async t => {
  const conform = new CommandProcess(t, ['conform', 'server', await echoServer(t), '--case', '7.3.2'])
  t.same(await conform.ended, { code: 0, signal: null })
  t.match(conform.stdout, /PASS 4: server/)
})
