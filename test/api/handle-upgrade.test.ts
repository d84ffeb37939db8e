// Servers that share a port with node:http and node:https, as Express and Fastify do it; and streams from anywhere.
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { Duplex, duplexPair, PassThrough } from 'node:stream'
import t from 'tap'
import { createServer } from '../../src/api/server.js'
import { UsageError } from '../../src/errors.js'
import { turns, until } from '../transport/event-loop.js'
import { clientFrame, openingRequest, RawClient } from '../transport/raw-client.js'
import { ca, localhostTls, type Serving, serve, type Teardown } from './serving.js'

/** Lets an HTTP server serve until the test is over; the port. */
async function listening(t: Teardown, http: HttpServer): Promise<number> {
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.teardown(() => new Promise(resolve => http.close(resolve)))
  return (http.address() as AddressInfo).port
}

function echo(t: Teardown, options = {}): Promise<Serving<undefined>> {
  return serve(t, options, { message: (connection, data) => connection.send(data) })
}

async function dial(t: Teardown, port: number, secure = false): Promise<RawClient> {
  const client = await RawClient.connect({ port }, secure ? ca : undefined)
  t.teardown(() => client.destroy())
  return client
}

const page: RequestListener = (_request, response) => response.end('a page')

for (const secure of [false, true]) {
  t.test(`handleUpgrade on node:${secure ? 'https' : 'http'}: pages and WebSocket connections on one port`, async t => {
    const { server } = await echo(t)
    const http = secure ? createHttpsServer(localhostTls, page) : createHttpServer(page)
    http.on('upgrade', (request, socket, head) => t.ok(server.handleUpgrade(request, socket, head)))
    const port = await listening(t, http)
    const client = await dial(t, port, secure)
    client.write(openingRequest('/chat?a=b'), clientFrame({ opcode: 1, payload: 'early' }))
    await client.head()
    t.equal(await client.line(), 'text "early"')
    client.text('late')
    t.equal(await client.line(), 'text "late"')
    const [connection] = server.connections
    t.equal(connection!.secure, secure)
    t.equal(connection!.request.url, `${secure ? 'wss' : 'ws'}://localhost/chat?a=b`)
    t.equal(connection!.remoteAddress, '127.0.0.1')

    const browser = await dial(t, port, secure)
    browser.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    await browser.until(() => browser.unread.includes('a page'))
  })
}

t.test('the way of Express: the framework is a function that the HTTP server calls', async t => {
  const { server } = await echo(t, { path: '/ws' })
  const app = (_request: unknown, response: { end(text: string): void }) => response.end('from the framework')
  const http = createHttpServer(app).on('upgrade', (request, socket, head) => {
    if (!server.handleUpgrade(request, socket, head)) socket.destroy()
  })
  const port = await listening(t, http)
  const client = await dial(t, port)
  await client.open('/ws')
  client.text('x')
  t.equal(await client.line(), 'text "x"')
  const stranger = await dial(t, port)
  stranger.write(openingRequest('/other'))
  await stranger.end()
})

t.test('the way of Fastify: the framework makes the HTTP server, and closes it', async t => {
  const { server } = await echo(t)
  class Framework {
    readonly server = createHttpServer(page)
    async close(): Promise<void> {
      await server.close()
      await new Promise(resolve => this.server.close(resolve))
    }
  }
  const app = new Framework()
  app.server.on('upgrade', (request, socket, head) => void server.handleUpgrade(request, socket, head))
  app.server.listen(0, '127.0.0.1')
  await once(app.server, 'listening')
  const client = await dial(t, (app.server.address() as AddressInfo).port)
  await client.open()
  const closed = app.close()
  t.equal(await client.line(), 'close 1001 ""')
  client.close(1001)
  await client.end()
  client.stream.end()
  await closed
})

t.test('several servers on one port, by path; what is left goes to nobody', async t => {
  const [chat, news] = [
    await echo(t, { path: '/chat' }),
    await echo(t, { path: (path: string) => path.startsWith('/n') }),
  ]
  const http = createHttpServer(page).on('upgrade', (request, socket, head) => {
    const taken = [chat, news].some(({ server }) => server.handleUpgrade(request, socket, head))
    if (!taken) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  })
  const port = await listening(t, http)
  const [first, second, third] = [await dial(t, port), await dial(t, port), await dial(t, port)]
  await first.open('/chat?room=1')
  // RFC 9112 §3.2.2: the absolute form names the same resource.
  await second.open('http://localhost/news')
  third.write(openingRequest('/chatter'))
  t.match((await third.end()).toString(), /^HTTP\/1.1 404 /)
  t.equal(chat.server.connections.size, 1)
  t.equal(news.server.connections.size, 1)
})

t.test('a function for the path that throws: 500, as on a port of our own', async t => {
  const fault = new Error('a fault of the application')
  const path = () => {
    throw fault
  }
  const { server } = await echo(t, { path })
  const refused: unknown[] = []
  server.on('refused', error => refused.push(error))
  const taken: boolean[] = []
  const http = createHttpServer(page).on('upgrade', (request, socket, head) => {
    taken.push(server.handleUpgrade(request, socket, head))
  })
  const client = await dial(t, await listening(t, http))
  client.write(openingRequest('/'))
  t.match((await client.end()).toString(), /^HTTP\/1.1 500 /)
  client.stream.end()
  t.same(taken, [true])
  t.same(refused, [fault])
})

t.test('the absolute form without a path is the root', async t => {
  const { server } = await echo(t, { path: '/' })
  const port = await listening(
    t,
    createHttpServer().on('upgrade', (request, socket, head) => t.ok(server.handleUpgrade(request, socket, head))),
  )
  await (await dial(t, port)).open('http://localhost')
})

t.test('a request that Node lets through and we do not', async t => {
  const { server } = await echo(t)
  const http = createHttpServer().on('upgrade', (...upgrade) => void server.handleUpgrade(...upgrade))
  const client = await dial(t, await listening(t, http))
  client.write(openingRequest('/', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }))
  t.match((await client.end()).toString(), /^HTTP\/1.1 400 .+Sec-WebSocket-Key must be/s)
})

t.test('an idle timeout of the HTTP server does not end a WebSocket connection', async t => {
  const { server } = await echo(t)
  const http = createHttpServer().on('upgrade', (...upgrade) => void server.handleUpgrade(...upgrade))
  const timeouts: (number | undefined)[] = []
  http.timeout = 60_000
  const client = await dial(t, await listening(t, http))
  await client.open()
  timeouts.push(([...server.connections][0]!.stream as Socket).timeout)
  t.same(timeouts, [0])
})

t.test('8.1 10.2 over https, an origin must be https: TLS ends here', async t => {
  const { server } = await echo(t)
  const http = createHttpsServer(localhostTls).on('upgrade', (...upgrade) => void server.handleUpgrade(...upgrade))
  const port = await listening(t, http)
  const fields = { Host: `localhost:${port}` }
  const refused = await dial(t, port, true)
  refused.write(openingRequest('/', { ...fields, Origin: `http://localhost:${port}` }))
  t.match((await refused.end()).toString(), /^HTTP\/1.1 403 /)
  await (await dial(t, port, true)).open('/', { ...fields, Origin: `https://localhost:${port}` })
})

t.test('a socket that has gone before it is handed over', async t => {
  const { server, wheel } = await echo(t)
  const refused: unknown[] = []
  server.on('refused', error => refused.push(error))
  server.on('connection', () => t.fail('nobody is there'))
  const http = createHttpServer()
  const port = await listening(t, http)
  const client = await dial(t, port)
  client.stream.on('error', () => {})
  client.write(openingRequest())
  const [request, socket, head] = await once(http, 'upgrade')
  client.reset()
  socket.on('error', () => {}).resume()
  await new Promise(resolve => socket.on('close', resolve))
  t.ok(server.handleUpgrade(request, socket, head))
  await until(() => refused.length > 0)
  await turns()
  t.equal(wheel.size, 0)
  t.match(refused, [{ code: /^WS_(PEER_ENDED|SOCKET_ERROR)$/ }])
})

t.test('a stream that has gone, and is about to say so', async t => {
  const { server, wheel } = await echo(t)
  const refused: unknown[] = []
  server.on('refused', error => refused.push(error))
  const [, far] = duplexPair()
  far.destroy()
  t.ok(far.closed)
  server.handleConnection(far)
  await turns()
  t.match(refused, [{ code: 'WS_PEER_ENDED' }])
  t.equal(refused.length, 1)
  t.equal(wheel.size, 0)
})

t.test('a socket whose peer has ended before it is handed over', async t => {
  const { server } = await echo(t)
  const http = createHttpServer()
  const port = await listening(t, http)
  const client = await dial(t, port)
  client.write(openingRequest())
  const [request, socket, head] = await once(http, 'upgrade')
  client.stream.end()
  socket.resume()
  await once(socket, 'end')
  server.handleUpgrade(request, socket, head)
  await client.end()
  await until(() => server.connections.size === 0)
})

t.test('a server that listens nowhere; too many handshakes at a time', async t => {
  const server = createServer({ maxPendingHandshakes: 1 })
  const [near, far] = duplexPair()
  const [, other] = duplexPair()
  server.handleConnection(far)
  server.handleConnection(other)
  t.notOk(far.destroyed)
  t.ok(other.destroyed)
  other.emit('error', new Error('nobody minds'))
  const client = new RawClient(near)
  await client.open()
  near.end()
  await client.end()
  await server.close()
})

t.test('what is no stream of octets', async t => {
  const { server } = await echo(t)
  const encoded = new PassThrough()
  encoded.setEncoding('utf8')
  for (const stream of [
    new PassThrough({ objectMode: true }),
    new Duplex({ readableObjectMode: true }),
    encoded,
    {} as Duplex,
  ]) {
    t.throws(() => server.handleConnection(stream), { constructor: UsageError, code: 'WS_INVALID_STREAM' })
    t.throws(() => server.handleUpgrade({} as never, stream, Buffer.alloc(0)), { code: 'WS_INVALID_STREAM' })
  }
})

t.test('handleConnection: a pair of streams', async t => {
  const { server } = await echo(t)
  const [near, far] = duplexPair()
  const client = new RawClient(near)
  server.handleConnection(far)
  await client.open()
  client.text('through memory')
  t.equal(await client.line(), 'text "through memory"')
  const [connection] = server.connections
  t.same(
    [connection!.remoteAddress, connection!.remotePort, connection!.localAddress, connection!.localPort],
    [undefined, undefined, undefined, undefined],
  )
  client.close()
  t.equal(await client.line(), 'close')
  await client.end()
  near.end()
  await connection!.closed
})

t.test('handleConnection: an accepted socket that is paused, and not half-open', async t => {
  const { server } = await echo(t)
  const delays: unknown[] = []
  const tcp = createTcpServer({ pauseOnConnect: true }, socket => {
    const { setNoDelay } = socket
    socket.setNoDelay = function (this: Socket, noDelay) {
      delays.push(noDelay)
      return Reflect.apply(setNoDelay, this, [noDelay])
    }
    server.handleConnection(socket)
    t.ok(socket.allowHalfOpen, 'it is for us to answer the end')
  })
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  t.teardown(() => new Promise(resolve => tcp.close(resolve)))
  const client = await dial(t, (tcp.address() as AddressInfo).port)
  await client.open()
  client.text('x')
  t.equal(await client.line(), 'text "x"')
  t.same(delays, [true])
  const [connection] = server.connections
  client.close(1000)
  client.stream.end()
  t.equal(await client.line(), 'close 1000 ""')
  t.match(await connection!.closed, { clean: true, code: 1000 })
})
