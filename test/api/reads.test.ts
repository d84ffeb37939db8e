// The option `reads`: which way is in use, on every kind of stream, and that what was delivered is the application's to keep.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import t from 'tap'
import { connect } from '../../src/api/client.js'
import { createServer, type Server } from '../../src/api/server.js'
import type { ServerOptions } from '../../src/api/server-options.js'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import { UsageError } from '../../src/errors.js'
import { turns, until } from '../transport/event-loop.js'
import { clientFrame, openingRequest, RawClient } from '../transport/raw-client.js'
import { ca, localhostTls, serve, type Teardown } from './serving.js'

/** How connections read that are told nothing: the whole suite is run with either, see test/all.ts. */
const mode = process.env['FRAMEWRIGHT_READS'] ?? 'plain'

const local = { host: '127.0.0.1', port: 0 }

/** What of a server's connection is sent back, and the server. */
async function echo(t: Teardown, options: ServerOptions = {}): Promise<Server> {
  const server = createServer(options, { message: (connection, data) => void connection.send(data) })
  t.teardown(() => server.close())
  await server.listen(local)
  return server
}

function only(server: Server): WebSocketConnection {
  const [connection] = server.connections
  return connection!
}

t.test('connect tries it, where nobody has before', async t => {
  const server = await echo(t)
  const connection = await connect(server.url!, { reads: 'reused' })
  t.equal(connection.reads, 'reused')
  connection.close()
})

t.test('plain unless it is asked for; reused says so, of server and connections, at both ends', async t => {
  const plain = await echo(t)
  t.equal(plain.reads, 'plain')
  const ordinary = await connect(plain.url!)
  t.equal(ordinary.reads, mode)
  t.equal(only(plain).reads, mode)
  ordinary.close()

  const server = await echo(t, { reads: 'reused' })
  t.equal(server.reads, 'reused')
  const connection = await connect(server.url!, { reads: 'reused' })
  t.equal(connection.reads, 'reused')
  t.equal(only(server).reads, 'reused')
  connection.send('x')
  t.equal((await connection.messages().next()).value?.data, 'x')
  connection.close()
})

t.test('TLS is read plainly, and says so', async t => {
  const server = await echo(t, { reads: 'reused', tls: localhostTls })
  t.equal(server.reads, 'plain')
  const connection = await connect(`wss://localhost:${(server.address() as AddressInfo).port}`, {
    reads: 'reused',
    tls: { ca },
  })
  t.equal(connection.reads, 'plain')
  t.equal(only(server).reads, 'plain')
  connection.send('x')
  t.equal((await connection.messages().next()).value?.data, 'x')
  connection.close()
})

t.test('a unix socket, a socket that is given, one of node:http; but no other stream', async t => {
  const server = createServer({ reads: 'reused' }, { message: (connection, data) => void connection.send(data) })
  t.teardown(() => server.close())
  const path = join(tmpdir(), `framewright-reads-${process.pid}`)
  await server.listen({ path })
  const overPath = await connect('ws://localhost', { socketPath: path, reads: 'reused' })
  t.equal(overPath.reads, 'reused')
  t.equal(only(server).reads, 'reused')
  overPath.close()
  await overPath.closed

  const http = createHttpServer().on('upgrade', (request, socket, head) => server.handleUpgrade(request, socket, head))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.teardown(() => http.close())
  const upgraded = await RawClient.connect({ port: (http.address() as AddressInfo).port })
  upgraded.write(openingRequest(), clientFrame({ opcode: 1, payload: 'early' }))
  await upgraded.head()
  t.equal(await upgraded.line(), 'text "early"')
  await until(() => [...server.connections].at(-1)!.reads === 'reused')
  upgraded.text('late')
  t.equal(await upgraded.line(), 'text "late"')
  upgraded.destroy()

  const [near, far] = duplexPair()
  server.handleConnection(near)
  const client = new RawClient(far)
  await client.open()
  t.equal([...server.connections].at(-1)!.reads, 'plain')
  client.text('x')
  t.equal(await client.line(), 'text "x"')
  client.destroy()
  near.destroy()
})

t.test('what comes before the answer is told first, then what is read into the memory that is used again', async t => {
  let answer = () => {}
  const accept = () => new Promise<undefined>(resolve => (answer = () => resolve(undefined)))
  const { server, dial } = await serve(
    t,
    { reads: 'reused' },
    { accept, message: (connection, data) => void connection.send(data) },
  )
  const client = await dial()
  const texts = Array.from({ length: 2000 }, (_, i) => `message ${i} ${'x'.repeat(i % 100)}`)
  client.write(openingRequest(), ...texts.slice(0, 500).map(payload => clientFrame({ opcode: 1, payload })))
  await turns()
  for (const text of texts.slice(500, 1000)) client.text(text)
  await turns()
  answer()
  await client.head()
  for (const text of texts.slice(1000)) client.text(text)
  for (const text of texts) if ((await client.message()) !== text) t.fail(text)
  t.equal([...server.connections][0]?.reads, 'reused')
})

/** A few hundred messages of all sizes, most of them small. */
function messages(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => randomBytes(i % 50 === 0 ? (i * 1009) % 300_000 : (i * 31) % 2000))
}

t.test('6.2-1 many connections at a time, messages that are kept, whatever the handler does', async t => {
  const kept = new Map<string, (string | Buffer)[]>()
  const pauses = new Set<Promise<unknown>>()
  const { server, port } = await serve(
    t,
    { reads: 'reused' },
    {
      connection: connection => void kept.set(connection.request.path, []),
      message(connection, data) {
        const list = kept.get(connection.request.path)!
        list.push(data)
        // Awaited, paused for some turns, or neither.
        if (list.length % 5 === 0) return turns(1)
        if (list.length % 7 === 0) {
          connection.pause()
          pauses.add(turns(2).then(() => connection.resume()))
        }
        return undefined
      },
    },
  )
  const sent = new Map<string, Buffer[]>()
  const clients = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const connection = await connect(`ws://127.0.0.1:${port}/${i}`, { reads: 'reused' })
      const list = messages(300)
      sent.set(`/${i}`, list)
      for (const message of list) {
        if (connection.send(message) === 'queued') await connection.flush()
      }
      return connection
    }),
  )
  await until(() => [...kept.values()].every(list => list.length === 300))
  for (const connection of server.connections) t.equal(connection.reads, 'reused')
  for (const [path, list] of sent)
    t.ok(
      list.every((message, i) => message.equals(kept.get(path)![i] as Buffer)),
      path,
    )
  for (const client of clients) client.close()
  await Promise.all(pauses)
})

t.test('6.2-1 the same at a client, whose loop takes messages out of the queue', async t => {
  const { port } = await serve(
    t,
    {},
    {
      async connection(connection) {
        for (const message of messages(300)) {
          sent.push(message)
          if (connection.send(message) === 'queued') await connection.flush()
        }
        connection.close()
      },
    },
  )
  const sent: Buffer[] = []
  const client = await connect(`ws://127.0.0.1:${port}`, { reads: 'reused' })
  const got: (string | Buffer)[] = []
  for await (const message of client) {
    got.push(message)
    if (got.length % 10 === 0) await turns(1)
  }
  t.equal(client.reads, 'reused')
  t.strictSame(got, sent)
})

t.test('a peer that leaves is noticed while the application is paused', async t => {
  const { server, port } = await serve(t, { reads: 'reused' }, { connection: connection => connection.pause() })
  const peer = connectTcp(port, '127.0.0.1')
  peer.write(openingRequest())
  await once(peer, 'data')
  const connection = [...server.connections][0]!
  peer.end()
  t.match(await connection.closed, { code: 1006, error: { code: 'WS_PEER_ENDED' } })
})

t.test('anything else is the fault of the caller', async t => {
  const reads = 'onread' as never
  t.throws(() => createServer({ reads }), new UsageError('WS_INVALID_OPTION', '6.2', "reads is 'plain' or 'reused'"))
  await t.rejects(connect('ws://localhost', { reads }), { code: 'WS_INVALID_OPTION' })
})
