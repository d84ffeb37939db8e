// TLS of a server: RFC 6455 §4.2.2 item 1 and §10.6; its handshakes are counted, timed and cut like those of WebSocket.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { createServer, type Server } from '../../src/api/server.js'
import { UsageError } from '../../src/errors.js'
import { turns, until } from '../transport/event-loop.js'
import { RawClient } from '../transport/raw-client.js'
import { ca, localhostTls, serve } from './serving.js'

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
  const { open } = await serve(t, { tls: localhostTls, handshakeTimeout: 'off' })
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

for (const where of ['a port', 'a unix socket']) {
  for (const [what, octets] of [
    ['nothing', ''],
    ['a part of a ClientHello', Buffer.from('1603010200010001fc', 'hex')],
  ] as const) {
    t.test(`R-02 who ends during the TLS handshake has left, on ${where}, behind ${what}`, async t => {
      const folder = mkdtempSync(join(tmpdir(), 'framewright-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      const path = join(folder, 'socket')
      const server = createServer({ tls: localhostTls, maxPendingHandshakes: 1, handshakeTimeout: 'off' })
      const errors: Error[] = []
      server.on('tlserror', error => errors.push(error))
      await server.listen(where === 'a port' ? { host: '127.0.0.1', port: 0 } : { path })
      const address = server.address()
      const to = typeof address === 'string' ? { path } : { host: '127.0.0.1', port: (address as AddressInfo).port }
      for (let i = 1; i <= 3; i++) {
        const socket = connectTcp({ ...to, allowHalfOpen: true })
        socket.on('error', () => {}).resume()
        await once(socket, 'connect')
        socket.end(octets)
        await until(() => errors.length === i && socket.closed)
      }
      const client = new RawClient(connectTls({ ...to, ca, servername: 'localhost' }))
      await client.open()
      client.destroy()
      await server.close()
    })
  }
}

t.test('closing cuts TLS handshakes', async t => {
  const { server, port } = await serve(t, { tls: localhostTls })
  const socket = connectTcp({ port })
  socket.on('error', () => {}).resume()
  await once(socket, 'connect')
  await turns()
  await server.close()
  await until(() => socket.closed)
})

/** A way to the server that is reset as soon as the client's second flight, which ends the handshake, has passed. */
async function resetting(t: Test, port: number): Promise<number> {
  const proxy = createTcpServer(client => {
    let flights = 0
    const onward = connectTcp({ port, host: '127.0.0.1' })
    for (const socket of [client, onward]) socket.on('error', () => {})
    onward.pipe(client)
    client.on('data', flight => {
      onward.write(flight)
      if (++flights === 2) onward.resetAndDestroy()
    })
    onward.on('close', () => client.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  return (proxy.address() as AddressInfo).port
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  t.test(`H-25 R-02 a socket that was reset as its TLS handshake ended: nobody is there (${version})`, async t => {
    const { port, server, wheel, open } = await serve(t, { tls: localhostTls, maxPendingHandshakes: 1 })
    server.on('refused', () => t.fail('it has no address any more: nothing of it can be told'))
    const way = await resetting(t, port)
    for (let i = 0; i < 3; i++) {
      const socket = connectTls({ port: way, ca, servername: 'localhost', minVersion: version, maxVersion: version })
      socket.on('error', () => {}).resume()
      await until(() => socket.closed)
      await turns()
    }
    t.equal(wheel.size, 0)
    await open()
  })
}

t.test('R-12 sockets of one address and port to two addresses of ours are two handshakes', async t => {
  const server = createServer({ tls: localhostTls, maxPendingHandshakes: 2 })
  server.on('tlserror', () => {})
  await server.listen({ host: '0.0.0.0', port: 0 })
  const { port } = server.address() as AddressInfo
  const idle: Socket[] = []
  const dial = async (host: string, localPort?: number) => {
    const socket = connectTcp({ host, port, localAddress: '127.0.0.1', localPort })
    idle.push(socket)
    socket.on('error', () => {}).resume()
    await once(socket, 'connect')
    await turns(5)
    return socket
  }
  const { localPort } = await dial('127.0.0.1')
  await dial('127.0.0.2', localPort)
  const third = await dial('127.0.0.1')
  await until(() => third.closed)
  t.same(
    idle.map(({ closed }) => closed),
    [false, false, true],
  )
  idle[0]!.destroy()
  await turns()
  await dial('127.0.0.1')
  t.same([idle[1]!.closed, idle[3]!.closed], [false, false], 'the end of the one is not the end of the other')
  const closed = server.close()
  await until(() => idle.every(socket => socket.closed))
  await closed
})

/** Options that Node's TLS does not take. */
const unusable: [what: string, tls: object, message: RegExp][] = [
  ['a key that is none', { key: 'no key', cert: localhostTls.cert }, /not usable as TLS options: /],
  ['a certificate that is none', { key: localhostTls.key, cert: 'no certificate' }, /not usable as TLS options: /],
  ['a key of the wrong type', { key: 7, cert: localhostTls.cert }, /options\.key/],
  ['a version that is none', { ...localhostTls, minVersion: 'TLSv9' }, /TLSv9/],
  ['ciphers that are none', { ...localhostTls, ciphers: 'none' }, /not usable as TLS options: /],
  ['an SNI callback that is none', { ...localhostTls, SNICallback: 'none' }, /SNICallback/],
  ['nothing', {}, /key and cert/],
  ['a key alone', { key: localhostTls.key }, /key and cert/],
  ['a certificate alone', { cert: localhostTls.cert, key: undefined }, /key and cert/],
]
for (const [what, tls, message] of unusable) {
  t.test(`10.6-1 TLS with ${what}: a UsageError when the server is made`, async t => {
    t.throws(() => createServer({ tls }), { constructor: UsageError, code: 'WS_TLS_OPTIONS', message })
  })
}

t.test('10.6-1 what is undefined in the options of TLS is the default', async t => {
  const tls = { ...localhostTls, handshakeTimeout: undefined, minVersion: undefined, ALPNProtocols: undefined }
  const { server, port } = await serve(t, { tls: tls as object, handshakeTimeout: 30 })
  const failed = once(server, 'tlserror')
  const idle = connectTcp({ port })
  idle.on('error', () => {})
  t.match(await failed, [{ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }])
  const secure = connectTls({ port, ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] })
  await once(secure, 'secureConnect')
  t.equal(secure.alpnProtocol, 'http/1.1')
  secure.destroy()
})

t.test('ALPNCallback chooses instead of our list', async t => {
  const asked: unknown[] = []
  const ALPNCallback = (offer: { servername: string; protocols: string[] }) => {
    asked.push(offer)
    return 'x'
  }
  const { port } = await serve(t, { tls: { ...localhostTls, ALPNCallback } as object })
  const secure = connectTls({ port, ca, servername: 'localhost', ALPNProtocols: ['y', 'x'] })
  await once(secure, 'secureConnect')
  t.equal(secure.alpnProtocol, 'x')
  t.same(asked, [{ servername: 'localhost', protocols: ['y', 'x'] }])
  secure.destroy()
})
