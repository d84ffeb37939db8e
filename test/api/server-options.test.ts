// Options that cannot be are refused when the server is made, not at the first request.
import { PassThrough } from 'node:stream'
import t from 'tap'
import { createServer } from '../../src/api/server.js'
import { serve } from './serving.js'

// biome-ignore lint/suspicious/noExplicitAny: values that the types forbid are the point
type Anything = any

const wrong: [options: Anything, code: string][] = [
  [{ path: 'chat' }, 'WS_INVALID_OPTION'],
  [{ path: '' }, 'WS_INVALID_OPTION'],
  [{ path: /chat/ }, 'WS_INVALID_OPTION'],
  [{ protocols: 'chat' }, 'WS_PROTOCOL'],
  [{ protocols: ['a b'] }, 'WS_PROTOCOL'],
  [{ protocols: ['a', ''] }, 'WS_PROTOCOL'],
  [{ protocols: [1] }, 'WS_PROTOCOL'],
  [{ protocols: {} }, 'WS_PROTOCOL'],
  [{ text: 'octets' }, 'WS_INVALID_OPTION'],
  [{ serverName: 'a\r\nb: c' }, 'WS_HEADER'],
  [{ serverName: 1 }, 'WS_HEADER'],
  [{ allowedOrigins: '*' }, 'WS_POLICY'],
  [{ allowedOrigins: ['example.com'] }, 'WS_POLICY'],
  [{ expectedHosts: ['http://example.com'] }, 'WS_POLICY'],
  [{ handshakeTimeout: 0 }, 'WS_INVALID_PERIOD'],
  [{ handshakeTimeout: '10s' }, 'WS_INVALID_PERIOD'],
  [{ maxConnections: -1 }, 'WS_INVALID_LIMIT'],
  [{ maxPendingHandshakes: 1.5 }, 'WS_INVALID_LIMIT'],
  [{ limits: { maxMessageSize: 0 } }, 'WS_INVALID_LIMIT'],
  [{ limits: { sendOverflow: 'panic' } }, 'WS_INVALID_LIMIT'],
  [{ deadlines: { pingInterval: -1 } }, 'WS_INVALID_PERIOD'],
  [null, 'WS_INVALID_OPTION'],
  [5, 'WS_INVALID_OPTION'],
  ['x', 'WS_INVALID_OPTION'],
  [true, 'WS_INVALID_OPTION'],
  [{ alowedOrigins: [] }, 'WS_INVALID_OPTION'],
  [{ tls: null }, 'WS_INVALID_OPTION'],
  [{ tls: 5 }, 'WS_INVALID_OPTION'],
  [{ tls: true }, 'WS_INVALID_OPTION'],
  [{ limits: null }, 'WS_INVALID_OPTION'],
  [{ limits: 5 }, 'WS_INVALID_OPTION'],
  [{ limits: 'x' }, 'WS_INVALID_OPTION'],
  [{ limits: [] }, 'WS_INVALID_OPTION'],
  [{ limits: { maxMesageSize: 5 } }, 'WS_INVALID_OPTION'],
  [{ limits: { pingInterval: 5 } }, 'WS_INVALID_OPTION'],
  [{ deadlines: null }, 'WS_INVALID_OPTION'],
  [{ deadlines: 5 }, 'WS_INVALID_OPTION'],
  [{ deadlines: 'x' }, 'WS_INVALID_OPTION'],
  [{ deadlines: { maxMessageSize: 5 } }, 'WS_INVALID_OPTION'],
  [{ allowedOrigins: null }, 'WS_POLICY'],
  [{ allowedOrigins: 5 }, 'WS_POLICY'],
  [{ allowedOrigins: true }, 'WS_POLICY'],
  [{ allowedOrigins: {} }, 'WS_POLICY'],
  [{ allowedOrigins: [5] }, 'WS_POLICY'],
  [{ requireOrigin: 5 }, 'WS_POLICY'],
  [{ expectedHosts: null }, 'WS_POLICY'],
  [{ expectedHosts: 5 }, 'WS_POLICY'],
  [{ expectedHosts: 'x' }, 'WS_POLICY'],
  [{ expectedHosts: [5] }, 'WS_POLICY'],
]

for (const [options, code] of wrong) {
  t.test(`${JSON.stringify(options)}: ${code}`, async t => {
    t.throws(() => createServer(options), { name: 'UsageError', code })
  })
}

const wrongHandlers: Anything[] = [null, 5, 'x', [], { message: 5 }, { accept: null }, { mesage() {} }]
for (const handlers of wrongHandlers) {
  t.test(`handlers ${JSON.stringify(handlers)}: WS_INVALID_OPTION`, async t => {
    t.throws(() => createServer({}, handlers), { name: 'UsageError', code: 'WS_INVALID_OPTION' })
  })
}

t.test('handlers that are an instance of a class stay what they are, and are checked too', async t => {
  class Handlers {
    readonly seen: string[] = []
    message: Anything = (_: unknown, data: string) => this.seen.push(data)
    close() {
      this.seen.push('close')
    }
  }
  const handlers = new Handlers()
  const { open } = await serve(t, {}, handlers)
  const { client, connection } = await open()
  client.text('hello')
  client.destroy()
  await connection.closed
  t.same(handlers.seen, ['hello', 'close'])
  handlers.message = 5
  t.throws(() => createServer({}, handlers), { name: 'UsageError', code: 'WS_INVALID_OPTION' })
})

t.test('handlers without a prototype are handlers', async t => {
  t.ok(createServer({}, Object.assign(Object.create(null), { message() {} })))
})

t.test('where to listen is an object', async t => {
  for (const where of [null, 5, 'abc'] as Anything[]) {
    await t.rejects(createServer().listen(where), { name: 'UsageError', code: 'WS_INVALID_OPTION' })
  }
})

t.test('what a server is given to shake hands on is checked before anything is done', async t => {
  const server = createServer()
  const request = { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: [] } as Anything
  const upgrades: [request: Anything, stream: Anything, head: Anything, code: string][] = [
    [request, null, Buffer.alloc(0), 'WS_INVALID_STREAM'],
    [null, new PassThrough(), Buffer.alloc(0), 'WS_INVALID_UPGRADE'],
    [{}, new PassThrough(), Buffer.alloc(0), 'WS_INVALID_UPGRADE'],
    [{ rawHeaders: [] }, new PassThrough(), Buffer.alloc(0), 'WS_INVALID_UPGRADE'],
    [request, new PassThrough(), null, 'WS_INVALID_UPGRADE'],
    [request, new PassThrough(), 'x', 'WS_INVALID_UPGRADE'],
    [request, null, Buffer.alloc(0), 'WS_INVALID_STREAM'],
    [request, { readableEncoding: null, write() {} }, Buffer.alloc(0), 'WS_INVALID_STREAM'],
  ]
  for (const [request, stream, head, code] of upgrades) {
    t.throws(() => server.handleUpgrade(request, stream, head), { name: 'UsageError', code })
  }
  for (const stream of [null, undefined, 5, 'x', {}] as Anything[]) {
    t.throws(() => server.handleConnection(stream), { name: 'UsageError', code: 'WS_INVALID_STREAM' })
  }
  await server.close()
})

t.test('a stream carries one connection: it is not taken twice', async t => {
  const server = createServer()
  const stream = new PassThrough()
  server.handleConnection(stream)
  t.throws(() => server.handleConnection(stream), { name: 'UsageError', code: 'WS_STREAM_TAKEN' })
  stream.destroy()
  await server.close()
})

t.test('a connection refuses options of send() and listeners that cannot be', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  for (const options of [null, 5, 'x', []] as Anything[]) {
    t.throws(() => connection.send('x', options), { name: 'UsageError', code: 'WS_INVALID_OPTION' })
  }
  for (const listener of [5, null, undefined, {}] as Anything[]) {
    t.throws(() => connection.on('message', listener), { name: 'UsageError', code: 'WS_INVALID_LISTENER' })
    t.throws(() => connection.once('message', listener), { name: 'UsageError', code: 'WS_INVALID_LISTENER' })
    t.throws(() => connection.off('message', listener), { name: 'UsageError', code: 'WS_INVALID_LISTENER' })
  }
  client.destroy()
})

t.test('10.4 no limit but by its name', async t => {
  const server = createServer({
    maxConnections: 'unlimited',
    maxPendingHandshakes: 'unlimited',
    limits: { maxMessageSize: 'unlimited', maxSendBuffer: 'unlimited' },
    deadlines: { pingInterval: 'off', idleTimeout: 1000 },
    protocols: offered => offered[0],
    path: path => path !== '/',
    text: 'string',
    serverName: 'example',
  })
  t.equal(server.connections.size, 0)
})
