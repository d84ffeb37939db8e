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
import { connect as connectTls, TLSSocket } from 'node:tls'
import t from 'tap'
import { createServer, Server } from '../../src/api/server.js'
import { UsageError } from '../../src/errors.js'
import { deferred, turn, turns, until } from '../transport/event-loop.js'
import { openingRequest, RawClient } from '../transport/raw-client.js'
import { ca, localhostTls, serve } from './serving.js'

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

t.test('TLS over a unix socket', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'framewright-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const server = createServer({ tls: localhostTls })
  await server.listen({ path })
  const client = new RawClient(connectTls({ path, ca, servername: 'localhost' }))
  await client.open()
  client.destroy()
  await server.close()
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
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
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

t.test('4.2.2-2 10.6-1 TLS: wss, and all that follows runs through it; http/1.1 by ALPN', async t => {
  const { server, open, port } = await serve(
    t,
    { tls: localhostTls },
    { message: (connection, data) => connection.send(data) },
  )
  t.equal(server.url, `wss://127.0.0.1:${port}`)
  const { client, connection } = await open('/', { Host: 'localhost', Origin: 'https://localhost' })
  t.ok(connection.secure)
  t.equal(connection.request.url, 'wss://localhost/')
  t.ok(connection.stream instanceof TLSSocket)
  client.text('over TLS')
  t.equal(await client.line(), 'text "over TLS"')
  client.close(1000)
  t.equal(await client.line(), 'close 1000 ""')
  await client.end()
  client.stream.end()
  t.match(await connection.closed, { clean: true })

  const errors: Error[] = []
  server.on('tlserror', error => errors.push(error))
  const clients = [connectTls({ port, ca, servername: 'localhost', ALPNProtocols: ['h2'] }), connectTcp({ port })]
  clients[1]!.write('GET / HTTP/1.1\r\n\r\n')
  for (const [i, socket] of clients.entries()) {
    socket.on('error', () => {})
    await until(() => errors.length === i + 1)
    await until(() => socket.closed)
  }
  t.equal(server.connections.size, 0)
})

t.test('T-09 10.6-1 TLS 1.1 is refused unless it is asked for, whatever else the server takes', async t => {
  // Otherwise OpenSSL itself refuses what is so old.
  const ciphers = 'DEFAULT:@SECLEVEL=0'
  const old = { ca, servername: 'localhost', minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers } as const
  const strict = await serve(t, { tls: { ...localhostTls, ciphers } })
  const refused = once(strict.server, 'tlserror')
  const socket = connectTls({ ...old, port: strict.port }).on('error', () => {})
  const agreed = once(socket, 'secureConnect').catch(() => refused)
  t.match(await Promise.race([refused, agreed]), [{ code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' }])
  socket.destroy()
  await until(() => socket.closed)
  const lax = await serve(t, { tls: { ...localhostTls, ciphers, minVersion: 'TLSv1.1' } })
  const accepted = connectTls({ ...old, port: lax.port })
  await once(accepted, 'secureConnect')
  t.equal(accepted.getProtocol(), 'TLSv1.1')
  accepted.destroy()
})

t.test('H-25 a TLS handshake that hangs is cut at the handshake timeout', async t => {
  const { server, port } = await serve(t, { tls: localhostTls, handshakeTimeout: 30 })
  const failed = once(server, 'tlserror')
  const socket = connectTcp({ port })
  socket.on('error', () => {})
  socket.write(Buffer.from('1603010200', 'hex'))
  await failed
  await until(() => socket.closed)
})

t.test('H-25 the handshake timeout counts from the accept, TLS included', async t => {
  const { dial, timers, server, wheel } = await serve(t, { tls: localhostTls, handshakeTimeout: 5000 })
  const tcp = await heldTls(server)
  timers.advance(3000)
  const client = tcp()
  await until(() => wheel.size === 1)
  const refused = once(server, 'refused')
  timers.advance(2100)
  t.match(await refused, [{ status: 408 }])
  client.destroy()
  await dial()
})

/** A TCP connection to the server that waits with TLS until it is called. */
async function heldTls(server: Server): Promise<() => RawClient> {
  const socket = connectTcp({ port: (server.address() as AddressInfo).port })
  await once(socket, 'connect')
  await turns()
  return () => new RawClient(connectTls({ socket, ca, servername: 'localhost' }))
}

t.test('TLS without any handshake timeout', async t => {
  const { open } = await serve(t, { tls: localhostTls, handshakeTimeout: 'off' as unknown as number })
  await open()
})

t.test('R-12 TLS handshakes count as pending handshakes', async t => {
  const { server, port } = await serve(t, { tls: localhostTls, maxPendingHandshakes: 2 })
  const sockets: Socket[] = []
  for (let i = 0; i < 3; i++) {
    const socket = connectTcp({ port })
    sockets.push(socket)
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.resume()
    await turns(5)
  }
  await until(() => sockets[2]!.closed)
  t.notOk(sockets[0]!.closed || sockets[1]!.closed)
  sockets[0]!.destroy()
  sockets[1]!.destroy()
  server.on('tlserror', () => {})
})

t.test('R-12 TLS handshakes on a unix socket count as pending too, and closing cuts them; nothing else', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'framewright-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'socket')
  const server = createServer({ tls: localhostTls, maxPendingHandshakes: 2 })
  server.on('tlserror', () => {})
  await server.listen({ path })
  const open = async () => {
    const client = new RawClient(connectTls({ path, ca, servername: 'localhost' }))
    await client.open()
    return client
  }
  const clients = [await open(), await open(), await open()]
  t.equal(server.connections.size, 3, 'those whose handshake is over do not count')
  const idle: Socket[] = []
  for (let i = 0; i < 3; i++) {
    const socket = connectTcp({ path })
    idle.push(socket)
    socket.on('error', () => {}).resume()
    await once(socket, 'connect')
    await turns(5)
  }
  await until(() => idle[2]!.closed)
  t.notOk(idle[0]!.closed || idle[1]!.closed)
  const closed = server.close()
  await until(() => idle[0]!.closed && idle[1]!.closed)
  for (const client of clients) {
    t.equal(await client.line(), 'close 1001 ""')
    client.destroy()
  }
  await closed
})

t.test('closing cuts TLS handshakes', async t => {
  const { server, port } = await serve(t, { tls: localhostTls })
  const socket = connectTcp({ port })
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  await turns()
  await server.close()
  await until(() => socket.closed)
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

t.test('H-25 a socket that was reset as its TLS handshake ended has no name any more', async t => {
  const { port, wheel } = await serve(t, { tls: localhostTls })
  const socket = new Socket()
  listenerAt(port).emit('secureConnection', socket)
  t.equal(wheel.size, 1)
  socket.destroy()
  await until(() => wheel.size === 0)
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
