/**
 * Our client and our server, by every way that leads from one to the other: RFC 6455 §1.2 from the Opening Handshake to the
 * Closing one, over TCP, TLS, unix sockets, and the upgrades of node:http and node:https. And Node's own client.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { connect } from '../../src/api/client.js'
import type { ConnectOptions } from '../../src/api/connect-options.js'
import type { Message } from '../../src/api/message-queue.js'
import { createServer, type Server } from '../../src/api/server.js'
import { certificate, identity } from '../transport/scripted-server.js'

const tls = { ca: certificate('ca.pem') }

function echo(options: Parameters<typeof createServer>[0] = {}): Server {
  return createServer(
    { protocols: ['echo'], ...options },
    { message: (connection, data) => void connection.send(data) },
  )
}

/** A way to an echo server, for as long as the test lasts. */
type Way = (t: Test) => Promise<[url: string, options: ConnectOptions]>

function listeningOn(host: string, secure = false): Way {
  return async t => {
    const server = echo(secure ? { tls: identity('localhost') } : {})
    await server.listen({ host, port: 0 })
    t.teardown(() => server.close())
    return [server.url!, { tls }]
  }
}

function listeningAt(url: string): Way {
  return async t => {
    const folder = await mkdtemp(join(tmpdir(), 'framewright-'))
    const socketPath = join(folder, 'socket')
    const server = echo(url.startsWith('wss') ? { tls: identity('localhost') } : {})
    await server.listen({ path: socketPath })
    t.teardown(async () => {
      await server.close()
      await rm(folder, { recursive: true })
    })
    return [url, { tls, socketPath }]
  }
}

function upgrading(scheme: string, make: () => HttpServer): Way {
  return async t => {
    const server = echo()
    const http = make()
    http.on('upgrade', (request, socket, head) => server.handleUpgrade(request, socket, head))
    http.listen(0, 'localhost')
    await once(http, 'listening')
    t.teardown(async () => {
      await server.close()
      http.close()
    })
    return [`${scheme}://localhost:${(http.address() as AddressInfo).port}/`, { tls }]
  }
}

const ways: Record<string, Way> = {
  'TCP, IPv4': listeningOn('127.0.0.1'),
  'TCP, IPv6': listeningOn('::1'),
  'TCP, by name': listeningOn('localhost'),
  'TLS, IPv4': listeningOn('127.0.0.1', true),
  'TLS, IPv6': listeningOn('::1', true),
  'TLS, by name': listeningOn('localhost', true),
  'a unix socket': listeningAt('ws://localhost/'),
  'TLS over a unix socket': listeningAt('wss://localhost/'),
  'an upgrade of node:http': upgrading('ws', () => createHttpServer()),
  'an upgrade of node:https': upgrading('wss', () => createHttpsServer(identity('localhost'))),
}

const octets = [0, 1, 4, 125, 126, 65_535, 65_536, 65_537, 1024 * 1024].map(length =>
  Buffer.alloc(length, 'octets \xff'),
)
const texts = ['', 'Hello', 'Grüße, 世界, 🙂', 'a'.repeat(65_536), 'ü'.repeat(100_000)]
const sent: Message[] = [
  ...octets.map(data => ({ data, isBinary: true })),
  ...texts.map(data => ({ data, isBinary: false })),
]

for (const [name, way] of Object.entries(ways)) {
  t.test(`echo over ${name}: text and binary of every size, one by one and all at once; ping; close`, async t => {
    const [url, options] = await way(t)
    const connection = await connect(url, { ...options, protocols: ['echo'] })
    t.equal(connection.protocol, 'echo')
    t.equal(connection.secure, url.startsWith('wss'))
    const messages = connection.messages()
    const wrong: number[] = []
    for (const message of sent) {
      connection.send(message.data)
      if (!equal((await messages.next()).value as Message, message)) wrong.push(message.data.length)
    }
    for (const { data } of sent) connection.send(data)
    for (const message of sent)
      if (!equal((await messages.next()).value as Message, message)) wrong.push(message.data.length)
    t.same(wrong, [])
    t.ok((await connection.ping('are you there?')) >= 0)
    connection.close(4001, 'enough')
    t.same(await messages.next(), { done: true, value: undefined })
    const record = await connection.closed
    t.match(record, { code: 4001, clean: true, initiator: 'local', sent: { code: 4001, reason: 'enough' } })
    t.match(record.received, { code: 4001 })
  })
}

function equal(message: Message, expected: Message): boolean {
  if (message.isBinary !== expected.isBinary) return false
  return Buffer.compare(Buffer.from(message.data as string), Buffer.from(expected.data as string)) === 0
}

t.test('the server ends it: 1001 when it goes away, and the client has its reason', async t => {
  const server = echo()
  await server.listen({ host: '127.0.0.1', port: 0 })
  const connections = await Promise.all(Array.from({ length: 10 }, () => connect(server.url!)))
  t.equal(server.connections.size, 10)
  const closing = server.close()
  for (const { closed } of connections) t.match(await closed, { code: 1001, clean: true, initiator: 'peer' })
  await closing
})

t.test('many dials at once, of which half one at a time', async t => {
  const server = echo()
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const dials = Array.from({ length: 100 }, (_, i) => connect(server.url!, { oneAtATime: i % 2 === 0 }))
  const connections = await Promise.all(dials)
  t.ok(connections.every(({ state }) => state === 'open'))
  for (const connection of connections) connection.close()
  await Promise.all(connections.map(({ closed }) => closed))
})

t.test("Node's own client", async t => {
  const server = echo()
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  const script = `
    const socket = new WebSocket('${server.url}', ['echo'])
    socket.binaryType = 'arraybuffer'
    const heard = []
    socket.onopen = () => { socket.send('Grüße'); socket.send(new Uint8Array([1, 2, 255])) }
    socket.onmessage = ({ data }) => {
      heard.push(typeof data === 'string' ? data : [...new Uint8Array(data)])
      if (heard.length === 2) socket.close(4002, 'done')
    }
    socket.onclose = ({ code, reason, wasClean }) =>
      console.log(JSON.stringify({ heard, protocol: socket.protocol, code, reason, wasClean }))
  `
  // Node 20 has it behind a flag, which later versions take too.
  const { stdout } = await promisify(execFile)(process.execPath, ['--experimental-websocket', '-e', script], {
    env: {},
  })
  // §5.5.1: the server's Close frame echoes the code, not the reason.
  t.same(JSON.parse(stdout), {
    heard: ['Grüße', [1, 2, 255]],
    protocol: 'echo',
    code: 4002,
    reason: '',
    wasClean: true,
  })
})
