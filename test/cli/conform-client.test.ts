/** `framewright conform client` and `framewright testee`, each against the other. */
import { connect as connectTcp, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { createServer as createWebSocketServer } from '../../src/api/server.js'
import { selfSignedCertificate } from '../../src/cli/self-signed-certificate.js'
import { ask } from '../conformance/asking.js'
import { listening, run } from './conform-runs.js'
import { FakeTerminal } from './fake-terminal.js'
import { socketPath } from './socket-path.js'

/** [over TLS, options of the judge, options of the testee] */
const ours: [tls: boolean, judging: string[], testee: string[]][] = [
  [false, ['--profile', 'strict'], []],
  [false, ['--profile', 'deflate', '--not', '7692/5/*-of-*'], ['--deflate']],
  [true, ['--tls-self-signed', '--not', '*of-6553*', '--not', '6455/5.5.1'], ['--tls-insecure', '--deflate']],
]

for (const [tls, judging, testee] of ours) {
  t.test(`our client passes: ${[...judging, ...testee].join(' ')}`, async t => {
    const terminal = new FakeTerminal()
    const judged = run(['conform', 'client', '--port', '0', ...judging], terminal)
    const [, url] = await terminal.stderr.until(/listening on (wss?:\/\/127.0.0.1:\d+): \d+ cases wait/)
    const tty = new FakeTerminal({ isTTY: tls })
    const { code, stdout, stderr } = await run(['testee', `${url}/`, '--agent', 'my name', ...testee], tty)
    t.equal(code, 0)
    t.match(stdout, /^\d+ cases\n$/)
    t.match(stderr, tls ? /1\/\d+[\s\S]*\r␛\[K$/ : /^$/)
    const report = await judged
    t.equal(report.code, 0)
    t.match(report.stdout, /\nPASS \d+: client my name in/)
  })
}

t.test('at a unix socket', async t => {
  const terminal = new FakeTerminal()
  const path = await socketPath(t)
  const judged = run(
    ['conform', 'client', '--socket', path, '--case', '6455/5.5.2', '--not', '*@*', '--verbose'],
    terminal,
  )
  await terminal.stderr.until(
    /listening on \/.*socket: \d+ cases wait for a client; it begins with ws:\/\/localhost\/get/,
  )
  t.match(await run(['testee', 'ws://localhost', '--socket', path]), { code: 0 })
  t.match(await judged, { code: 0, stdout: `framewright conform client --socket '${path}' --case '6455/5.5.2/` })
})

t.test('the line that runs a case again repeats the certificate and the subprotocols', async t => {
  const { cert, key } = await selfSignedCertificate()
  const dir = t.testdir({ cert, key })
  const files = ['--tls-cert', join(dir, 'cert'), '--tls-key', join(dir, 'key'), '--tls-min', '1.3']
  const one = ['--case', '6455/5.5.2/ping-without-payload', '--not', '*@*', '--verbose']
  const terminal = new FakeTerminal()
  const judged = run(['conform', 'client', '--port', '0', ...files, '--subprotocol', 'chat', ...one], terminal)
  const [, url] = await terminal.stderr.until(/listening on (wss:\/\/127.0.0.1:\d+)/)
  t.match(await run(['testee', url!, '--tls-insecure']), { code: 0 })
  const again = `--subprotocol 'chat' --tls-cert '${join(dir, 'cert')}' --tls-key '${join(dir, 'key')}' --tls-min '1.3' --seed 1`
  t.match(await judged, { code: 0, stdout: ` --case '6455/5.5.2/ping-without-payload' ${again} --verbose` })
})

t.test('a client that leaves in the middle', async t => {
  for (const agents of [0, 1]) {
    const terminal = new FakeTerminal()
    const judging = run(
      ['conform', 'client', '--port', '0', '--host', '::1', '--case', '6455/5.1', '--not', '*@*'],
      terminal,
    )
    const [, port] = await terminal.stderr.until(/listening on ws:\/\/\[::1\]:(\d+)/)
    if (agents > 0) {
      const socket = connectTcp({ port: Number(port), host: '::1' })
      socket.write('GET /runCase?case=1&agent=me HTTP/1.1\r\n\r\n')
      await new Promise(resolve =>
        socket
          .on('error', () => {})
          .on('close', resolve)
          .resume(),
      )
    }
    terminal.interrupt()
    const { code, stdout, stderr } = await judging
    t.equal(code, 130)
    if (agents === 0) {
      t.equal(stdout, '')
      t.match(stderr, /interrupted: nothing was judged\n$/)
      continue
    }
    t.match(stdout, /: client me in/)
    t.match(stdout, /the client did not ask for this case, nor for \d+ others/)
    t.match(
      stdout,
      new RegExp(
        `again: {5}framewright conform client --port ${port} --case '6455/5.1/[a-z-]+' --host '::1' --seed 1 --verbose`,
      ),
    )
  }
})

t.test('a client that does not come, and one that does not come back', async t => {
  const args = ['conform', 'client', '--port', '0', '--case', '6455/5.1', '--not', '*@*', '--name', 'ours']
  t.match(await run([...args, '--wait', '1ms']), { code: 2, stdout: '', stderr: /no client came: nothing was judged/ })
  const terminal = new FakeTerminal()
  const judging = run([...args, '--wait', '500ms'], terminal)
  const [, port] = await terminal.stderr.until(/listening on ws:\/\/127.0.0.1:(\d+)/)
  const socket = connectTcp({ port: Number(port), host: '127.0.0.1' })
  socket.on('error', () => {}).resume()
  socket.write('GET /runCase?case=1&agent=me HTTP/1.1\r\n\r\n')
  t.match(await judging, {
    code: 1,
    stdout: /: client ours in/,
    stderr: /the client has not come back; 1 of \d+ cases were run/,
  })
})

t.test('who comes with what is no request is told of, three times', async t => {
  const terminal = new FakeTerminal()
  const args = ['conform', 'client', '--port', '0', '--case', '6455/5.1', '--not', '*@*']
  const judging = run(args, terminal)
  const [, port] = await terminal.stderr.until(/listening on ws:\/\/127.0.0.1:(\d+)/)
  for (let times = 0; times < 4; times++) await ask(Number(port), 'HELO\r\n\r\n')
  terminal.interrupt()
  const { stderr } = await judging
  const told = stderr
    .split('\n')
    .filter(line => line.startsWith('somebody came, and was let go: its request is not HTTP'))
  t.equal(told.length, 3)
  t.match(told[0], /: "HELO\\r\\n\\r\\n"$/)
})

t.test('a testee of something that is no fuzzing server', async t => {
  const refusing = createServer(socket => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'))
  const port = await listening(t, refusing)
  t.match(await run(['testee', `ws://127.0.0.1:${port}`]), { code: 3, stderr: /404/ })
  const closing = createWebSocketServer({}, { connection: connection => connection.close(1000) })
  await closing.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => closing.close())
  t.match(await run(['testee', closing.url!]), { code: 3, stderr: /not send a number of cases: is it a fuzzing/ })
  const silent = createWebSocketServer()
  await silent.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => silent.close())
  t.match(await run(['testee', silent.url!, '--timeout', '1ms']), { code: 3, stderr: /not send a number of cases/ })
})

t.test('a testee whose handshakes are refused goes on', async t => {
  const paths: string[] = []
  const server = createWebSocketServer(
    {},
    {
      accept(request) {
        paths.push(request.path)
        return request.path.startsWith('/runCase') ? { status: 403 } : {}
      },
      connection(connection) {
        if (connection.request.path === '/getCaseCount') connection.send('2')
        connection.close(1000)
      },
    },
  )
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  t.match(await run(['testee', server.url!]), { code: 0, stdout: '2 cases\n' })
  t.same(paths, [
    '/getCaseCount',
    '/runCase?case=1&agent=framewright',
    '/runCase?case=2&agent=framewright',
    '/updateReports?agent=framewright',
  ])
})
