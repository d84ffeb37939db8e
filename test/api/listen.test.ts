// Listening and going away: ports, unix sockets, descriptors, TLS; RFC 6455 §7.4.1 (1001) and §10.6 (TLS).
import { spawn } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  Socket,
  Server as TcpServer,
} from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createServer, Server } from '../../src/api/server.js'
import { UsageError } from '../../src/errors.js'
import { withCoverage } from '../coverage/child-environment.js'
import { deferred, turn, turns, until } from '../transport/event-loop.js'
import { openingRequest, RawClient } from '../transport/raw-client.js'
import { localhostTls, serve } from './serving.js'

t.test('a server that does not listen', async t => {
  const server = createServer()
  t.equal(server.address(), null)
  t.equal(server.url, undefined)
  t.notOk(server.listening)
  t.same(server.supportedVersions, [13])
  await server.close()
  await t.rejects(server.listen(), { constructor: UsageError, code: 'WS_SERVER_CLOSED' })
})

const hosts: [host: string, url: RegExp][] = [
  ['127.0.0.1', /^ws:\/\/127\.0\.0\.1:\d+$/],
  ['0.0.0.0', /^ws:\/\/localhost:\d+$/],
  ['localhost', /^ws:\/\/(127\.0\.0\.1|\[::1\]):\d+$/],
]
for (const [host, url] of hosts) {
  t.test(`listen on ${host}: address and URL`, async t => {
    const server = createServer()
    let listened = 0
    server.on('listening', () => listened++)
    await server.listen({ host, port: 0 })
    t.equal(listened, 1)
    t.ok(server.listening)
    t.match(server.url, url)
    const { port } = server.address() as AddressInfo
    t.ok(port > 0)
    await t.rejects(server.listen({ port: 0 }), { constructor: UsageError, code: 'WS_LISTENING' })
    const closed = once(server, 'close')
    await server.close()
    await closed
    t.notOk(server.listening)
  })
}

t.test('an IPv6 address stands in brackets; every address is localhost', async t => {
  const server = createServer()
  await server.listen()
  const { address } = server.address() as AddressInfo
  t.ok(address === '::' || address === '0.0.0.0')
  t.match(server.url, /^ws:\/\/localhost:\d+$/)
  await server.close()
  const loopback = createServer()
  try {
    await loopback.listen({ host: '::1', port: 0 })
    t.match(loopback.url, /^ws:\/\/\[::1\]:\d+$/)
  } catch (error) {
    t.match((error as NodeJS.ErrnoException).code, /EADDRNOTAVAIL|EAFNOSUPPORT/, 'a machine without IPv6')
  }
  await loopback.close()
})

t.test('a port that is taken: Node tells, and another can be tried', async t => {
  const { port } = await serve(t)
  const server = createServer()
  await t.rejects(server.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' })
  t.equal(server.address(), null)
  await server.listen({ host: '127.0.0.1', port: 0 })
  await server.close()
})

const unusable: [what: string, where: object][] = [
  ['a port above 65535', { port: 70_000 }],
  ['a negative port', { port: -1 }],
  ['a port that is no number', { port: 'http' }],
  ['neither port nor path', {}],
  ['a path that is none', { path: 7 }],
  ['a descriptor that cannot be', { fd: -1 }],
  ['a backlog that is none', { port: 0, host: 7 }],
]
for (const [what, where] of unusable) {
  t.test(`listen with ${what}: a UsageError, and another place can be tried`, async t => {
    const server = createServer()
    await t.rejects(server.listen(where), { constructor: UsageError, code: 'WS_LISTEN_OPTIONS' })
    t.equal(server.address(), null)
    await server.listen({ host: '127.0.0.1', port: 0 })
    await server.close()
  })
}

t.test('a unix socket', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'framewright-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const server = createServer({}, { message: (connection, data) => connection.send(data) })
  await server.listen({ path })
  t.equal(server.address(), path)
  t.equal(server.url, undefined)
  const client = new RawClient(connectTcp({ path, allowHalfOpen: true }))
  await client.open()
  client.text('x')
  t.equal(await client.line(), 'text "x"')
  const [connection] = server.connections
  t.same([connection!.remoteAddress, connection!.remotePort], [undefined, undefined])
  const closed = server.close()
  t.equal(await client.line(), 'close 1001 ""')
  client.close(1001)
  client.stream.end()
  await closed
})

t.test('a descriptor that listens already: a child inherits it, as from systemd', async t => {
  const tcp = createTcpServer()
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  const { fd } = (tcp as unknown as { _handle: { fd: number } })._handle
  const program = `import { createServer } from '${new URL('../../src/index.js', import.meta.url)}'
    const server = createServer()
    server.on('connection', connection => connection.close(1000, server.url))
    await server.listen({ fd: 3 })
    console.log('listening')`
  const child = spawn('/usr/bin/env', [...withCoverage, '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit', fd],
  })
  t.teardown(() => child.kill())
  await once(child.stdout!, 'data')
  tcp.close()
  const client = await RawClient.connect({ port })
  await client.open()
  t.equal(await client.line(), `close 1000 "ws://127.0.0.1:${port}"`)
  client.destroy()
})

t.test('closed while the host is looked up: it never listens', async t => {
  const server = createServer()
  const listening = server.listen({ host: 'localhost', port: 0 })
  const closed = server.close()
  await t.rejects(listening, { constructor: UsageError, code: 'WS_SERVER_CLOSED' })
  await closed
  await lookup('localhost')
  await turns(50)
  t.notOk(server.listening)
  t.equal(server.address(), null)
})

t.test('closed while it tries to listen', async t => {
  const server = createServer()
  const listening = server.listen({ host: '127.0.0.1', port: 0 })
  const closed = server.close()
  await t.rejects(listening, { code: 'WS_SERVER_CLOSED' })
  await closed
})

t.test('closing: 503 to handshakes, 1001 to connections, resolved when all are gone', async t => {
  const decision = deferred<object>()
  const refused: unknown[] = []
  let signal: AbortSignal | undefined
  const { server, dial, open } = await serve(
    t,
    {},
    {
      accept: request => {
        if (request.path === '/') return undefined
        signal = request.signal
        return decision.promise
      },
    },
  )
  server.on('refused', error => refused.push(error))
  const { client, connection } = await open()
  const [reading, deciding] = [await dial(), await dial()]
  reading.write('GET / HT')
  deciding.write(openingRequest('/later'))
  await until(() => signal !== undefined)
  let closed = false
  const closing = server.close().then(() => (closed = true))
  t.equal(server.close(), server.close(), 'closing twice is closing once')
  t.match((await reading.end()).toString(), /^HTTP\/1.1 503 /)
  t.match((await deciding.end()).toString(), /^HTTP\/1.1 503 /)
  t.ok(signal!.aborted)
  t.match(refused, [{ code: 'WS_SERVER_CLOSING' }, { code: 'WS_SERVER_CLOSING' }])
  for (const { stream } of [reading, deciding]) stream.end()
  t.equal(await client.line(), 'close 1001 ""')
  decision.resolve({})
  await turns()
  t.notOk(closed)
  client.close(1001)
  await client.end()
  client.stream.end()
  await closing
  t.match(await connection.closed, { clean: true, sent: { code: 1001 } })
  t.equal(server.connections.size, 0)
})

t.test('closing: what does not answer is cut after closeTimeout', async t => {
  const { server, open, timers } = await serve(t, { deadlines: { closeTimeout: 2000 } })
  const { client, connection } = await open()
  client.stream.on('error', () => {})
  const closing = server.close()
  await client.line()
  timers.advance(2100)
  await closing
  t.match(await connection.closed, { clean: false, code: 1006, error: { code: 'WS_CLOSE_TIMEOUT' } })
})

t.test('a closing server takes nothing new', async t => {
  const { server, open } = await serve(t)
  const { client } = await open()
  const closing = server.close()
  const tcp = createTcpServer(socket => server.handleConnection(socket))
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const late = await RawClient.connect({ port: (tcp.address() as AddressInfo).port })
  late.write(openingRequest())
  t.match((await late.end()).toString(), /^HTTP\/1.1 503 /)
  late.stream.end()
  tcp.close()
  t.equal(await client.line(), 'close 1001 ""')
  client.close(1001)
  client.stream.end()
  await closing
})

t.test('R-13 accepting fails: an error event, or a warning where nobody listens', async t => {
  const { server, open } = await serve(t)
  const warned = once(process, 'warning')
  server.onListenError(new Error('EMFILE'))
  t.match(await warned, [{ message: 'EMFILE' }])
  const errors: Error[] = []
  server.on('error', error => errors.push(error))
  server.onListenError(new Error('ENFILE'))
  t.match(errors, [{ message: 'ENFILE' }])
  await open()
})

/** Node's own server on this port. */
function listenerAt(port: number): TcpServer {
  const handles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles()
  return handles.find(handle => {
    const address = handle instanceof TcpServer ? handle.address() : null
    return typeof address === 'object' && address?.port === port
  }) as TcpServer
}

t.test('R-12 a socket that was reset before TLS could begin has no address, and is no handshake', async t => {
  const { server, open, port } = await serve(t, { tls: localhostTls, maxPendingHandshakes: 1 })
  server.on('tlserror', () => t.fail('it had none'))
  for (let i = 0; i < 3; i++) {
    const socket = new Socket()
    listenerAt(port).emit('connection', socket)
    await until(() => socket.closed)
  }
  await open()
})

t.test('R-13 an error of the listening socket reaches the server', async t => {
  const { server, open, port } = await serve(t)
  const errors: Error[] = []
  server.on('error', error => errors.push(error))
  const listener = listenerAt(port)
  listener.emit('error', new Error('accept EMFILE'))
  t.match(errors, [{ message: 'accept EMFILE' }])
  await open()
})

t.test('L-02 one timer for all connections, and none of their own', async t => {
  const server = new Server({}, {})
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.address() as AddressInfo
  const active = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const sockets = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length
  const before = active()
  const socketsBefore = sockets()
  const started: number[] = []
  const { setTimeout: original } = globalThis
  globalThis.setTimeout = ((...args: Parameters<typeof original>) => {
    started.push(args[1] ?? 0)
    return original(...args)
  }) as typeof original
  const clients: RawClient[] = []
  for (let i = 0; i < 50; i++) {
    const client = await RawClient.connect({ port })
    await client.open()
    clients.push(client)
  }
  globalThis.setTimeout = original
  t.equal(active(), before)
  t.ok(started.length < 10, `${started.length} timers started for 50 connections`)
  t.equal(sockets() - socketsBefore, 100)
  for (const client of clients) client.destroy()
  await server.close()
  await turn()
  await until(() => sockets() <= socketsBefore)
})

t.test('a signal is refused: it would end the listening, and leave the connections', async t => {
  const server = createServer()
  const where = { port: 0, signal: new AbortController().signal } as { port: number }
  await t.rejects(server.listen(where), { constructor: UsageError, code: 'WS_LISTEN_OPTIONS', message: /close\(\)/ })
  await server.listen({ port: 0, signal: undefined } as { port: number })
  await server.close()
})
