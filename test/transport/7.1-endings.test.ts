// RFC 6455 §7.1 and §7.2 on real sockets: however a connection ends, the application is told once, and nothing is left.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import type { CloseRecord } from '../../src/connection/close-record.js'
import { localhostTls, type Serving, serve, type Teardown } from '../api/serving.js'
import { turns, until } from './event-loop.js'
import { clientFrame, openingRequest, type RawClient } from './raw-client.js'

interface Told {
  readonly events: string[]
  readonly serving: Serving<undefined>
  readonly client: RawClient
  readonly connection: WebSocketConnection
}

/** An echo server with one connection; every event of it is written down. */
async function told(t: Teardown, options = {}): Promise<Told> {
  const events: string[] = []
  const serving = await serve(t, options, {
    message: (connection, data) => {
      events.push(`message ${data.length}`)
      connection.send(data)
    },
    close: (_, record) => events.push(`close ${closeLine(record)}`),
    error: () => events.push('error'),
  })
  const { client, connection } = await serving.open()
  client.stream.on('error', () => {})
  connection.on('closing', received => events.push(`closing ${received?.code ?? ''}`.trim()))
  connection.on('statechange', state => events.push(state))
  connection.on('peerend', () => events.push('peerend'))
  connection.on('close', record => events.push(`close event ${record.code}`))
  return { events, serving, client, connection }
}

function closeLine({ code, clean, initiator, phase, error }: CloseRecord): string {
  const fault = (error as { code?: string } | undefined)?.code ?? 'no error'
  return `${code} ${clean ? 'clean' : 'unclean'} by ${initiator} in ${phase}: ${fault}`
}

const hello = clientFrame({ opcode: 1, payload: 'hello' })

/** What a peer may do, and what the application is told. */
const endings: [rule: string, act: (client: RawClient) => unknown, events: string[]][] = [
  [
    '7.1.1 the peer closes, then ends',
    async client => {
      client.close(1000)
      await client.end()
      client.stream.end()
    },
    [
      'closing',
      'closing 1000',
      'peerend',
      'closed',
      'close 1000 clean by peer in closing: no error',
      'close event 1000',
    ],
  ],
  [
    '7.1.5 a Close frame without a body',
    async client => {
      client.close()
      client.stream.end()
    },
    [
      'closing',
      'closing 1005',
      'peerend',
      'closed',
      'close 1005 clean by peer in closing: no error',
      'close event 1005',
    ],
  ],
  [
    'a reset after the Closing Handshake is no fault',
    async client => {
      client.close(1001)
      await client.line()
      client.reset()
    },
    ['closing', 'closing 1001', 'closed', 'close 1001 clean by peer in closing: no error', 'close event 1001'],
  ],
  [
    'R-03 half-close between frames',
    client => client.stream.end(),
    [
      'peerend',
      'closing',
      'closing',
      'closed',
      'close 1006 unclean by transport in open: WS_PEER_ENDED',
      'close event 1006',
    ],
  ],
  [
    'R-03 half-close within a frame',
    client => client.stream.end(hello.subarray(0, 9)),
    [
      'peerend',
      'closing',
      'closing',
      'closed',
      'close 1006 unclean by transport in open: WS_PEER_ENDED',
      'close event 1006',
    ],
  ],
  [
    'R-03 half-close behind a message: it is delivered, and answered',
    async client => {
      client.stream.end(hello)
      if ((await client.line()) !== 'text "hello"') throw new Error('not answered')
    },
    [
      'message 5',
      'peerend',
      'closing',
      'closing',
      'closed',
      'close 1006 unclean by transport in open: WS_PEER_ENDED',
      'close event 1006',
    ],
  ],
  [
    'R-01 a reset',
    client => client.reset(),
    ['closed', 'close 1006 unclean by transport in open: WS_SOCKET_ERROR', 'close event 1006'],
  ],
  [
    '7.1.7 a violation, and the peer ends',
    async client => {
      client.write(Buffer.from('ff80', 'hex'))
      await client.line()
      client.stream.end()
    },
    [
      'closing',
      'closing',
      'peerend',
      'closed',
      'close 1006 unclean by local in closing: WS_RESERVED_BITS',
      'close event 1006',
    ],
  ],
  [
    'a violation, and more of it: nothing that follows counts',
    async client => {
      client.write(Buffer.from('ff80', 'hex'), hello, Buffer.from('ff80', 'hex'))
      client.write(hello)
      await client.line()
      client.stream.end()
    },
    [
      'closing',
      'closing',
      'peerend',
      'closed',
      'close 1006 unclean by local in closing: WS_RESERVED_BITS',
      'close event 1006',
    ],
  ],
]

for (const tls of [undefined, localhostTls]) {
  for (const [rule, act, expected] of endings) {
    if (tls !== undefined && /reset/.test(rule)) continue
    t.test(`${rule}${tls === undefined ? '' : ', over TLS'}`, async t => {
      const { events, serving, client, connection } = await told(t, { tls })
      await act(client)
      await until(() => serving.server.connections.size === 0)
      await turns()
      t.same(events, expected)
      t.equal(connection.state, 'closed')
      t.equal(connection.send('late'), 'dropped')
      await t.rejects(connection.ping(), { code: 'WS_PING_UNANSWERED' })
      connection.close()
      connection.terminate()
      await turns()
      t.same(events, expected)
    })
  }
}

t.test('7.1.1-1 our close: the Close frame leaves, then we wait for the peer, and we end first', async t => {
  const { events, client, connection } = await told(t)
  connection.send('last words')
  connection.close(4000, 'done')
  t.equal(connection.send('after it'), 'dropped')
  t.equal(await client.line(), 'text "last words"')
  t.equal(await client.line(), 'close 4000 "done"')
  await turns()
  t.notOk(client.ended, 'the server waits for the answer')
  client.close(4000, 'done')
  await client.end()
  client.stream.end()
  const record = await connection.closed
  t.match(record, { code: 4000, reason: 'done', clean: true, initiator: 'local', sent: { code: 4000, reason: 'done' } })
  t.equal(events.filter(event => event.startsWith('close ')).length, 2)
})

t.test(
  '7.1.1-1 what the peer sent before it saw our Close is read and thrown away: it gets the Close, not a reset',
  async t => {
    const { events, client, connection } = await told(t)
    const flood = Buffer.concat(
      Array.from({ length: 2000 }, () => clientFrame({ opcode: 2, payload: Buffer.alloc(1000) })),
    )
    client.write(Buffer.from('ff80', 'hex'), flood)
    t.match(await client.line(), /^close 1002 /)
    t.equal((await client.end()).length, 0)
    await new Promise(resolve => client.stream.end(resolve))
    await client.gone()
    t.equal(client.error, undefined, 'no reset')
    t.notOk(events.some(event => event.startsWith('message')))
    t.match(await connection.closed, { octetsReceived: 2 + flood.length })
  },
)

t.test('S-09 a peer that answers the Close and never ends is cut in time', async t => {
  const { serving, client, connection } = await told(t, { deadlines: { closeTimeout: 5000 } })
  connection.close()
  await client.line()
  client.close(1000)
  await client.end()
  serving.timers.advance(4900)
  await turns()
  t.equal(connection.state, 'closing')
  serving.timers.advance(200)
  t.match(await connection.closed, { clean: true, error: { code: 'WS_CLOSE_TIMEOUT' } })
})

t.test('S-08 a peer that does not answer the Close and goes on sending is cut in time', async t => {
  const { serving, client, connection, events } = await told(t, { deadlines: { closeTimeout: 5000 } })
  connection.close()
  await client.line()
  for (let i = 0; i < 5; i++) {
    client.text('still here')
    serving.timers.advance(1050)
    await turns(5)
  }
  t.match(await connection.closed, { clean: false, code: 1006, error: { code: 'WS_CLOSE_TIMEOUT' } })
  t.notOk(events.some(event => event.startsWith('message')))
})

/** The client reads until so many octets more have left the server, then stops. */
async function readSome(client: RawClient, connection: WebSocketConnection, octets: number): Promise<void> {
  const before = connection.bufferedAmount
  client.stream.resume()
  await until(() => connection.bufferedAmount <= Math.max(0, before - octets))
  client.stream.pause()
  client.chunks = []
  await turns()
}

t.test('7.1.1 close() behind 64 MiB on a slow link that lives: all of it arrives, then the Close', async t => {
  const { serving, client, connection } = await told(t, { limits: { maxSendBuffer: 'unlimited' } })
  client.stream.pause()
  for (let i = 0; i < 64; i++) connection.send(Buffer.alloc(1 << 20))
  connection.close()
  await turns()
  for (let i = 0; i < 4; i++) {
    serving.timers.advance(8000)
    await turns()
    t.equal(connection.state, 'closing', `${connection.bufferedAmount} octets wait after ${8 * (i + 1)} s`)
    await readSome(client, connection, 1 << 20)
  }
  t.ok(connection.bufferedAmount > 0)
  client.stream.resume()
  client.close(1000)
  client.stream.end()
  t.match(await connection.closed, { clean: true, code: 1000, octetsUnsent: 0, octetsSent: 64 * ((1 << 20) + 10) + 4 })
})

t.test('7.1.1 server.close() waits for closeTimeout, whatever still leaves', async t => {
  const { serving, client, connection } = await told(t, {
    limits: { maxSendBuffer: 'unlimited' },
    deadlines: { closeTimeout: 4000 },
  })
  client.stream.pause()
  for (let i = 0; i < 32; i++) connection.send(Buffer.alloc(1 << 20))
  connection.close(4000)
  await turns()
  serving.timers.advance(2000)
  await readSome(client, connection, 5 << 20)
  const closed = serving.server.close()
  serving.timers.advance(2000)
  await readSome(client, connection, 5 << 20)
  t.equal(connection.state, 'closing', 'it has left in time')
  serving.timers.advance(2100)
  t.match(await connection.closed, {
    clean: false,
    code: 1006,
    sent: { code: 4000 },
    error: { code: 'WS_CLOSE_TIMEOUT' },
  })
  await closed
})

t.test('7.1.1-2 terminate: gone at once, whatever waits', async t => {
  const { client, connection, events } = await told(t, { limits: { maxSendBuffer: 'unlimited' } })
  client.stream.pause()
  connection.send(Buffer.alloc(64 * 1024 * 1024))
  await turns()
  connection.terminate()
  t.equal(connection.state, 'closing')
  const { octetsUnsent, ...record } = await connection.closed
  t.match(record, { code: 1006, initiator: 'local', clean: false })
  t.ok(octetsUnsent > 0, 'what waits is not waited for')
  client.stream.resume()
  await until(() => client.ended || client.closed)
  t.same(events, ['closing', 'closing', 'closed', 'close 1006 unclean by local in open: no error', 'close event 1006'])
})

t.test('R-06 EPIPE: the peer is gone while we write', async t => {
  const { client, connection, events } = await told(t, { limits: { maxSendBuffer: 'unlimited' } })
  client.stream.pause()
  const sent = connection.flush().then(() => connection.send(Buffer.alloc(32 * 1024 * 1024)))
  await sent
  const flushed = t.rejects(connection.flush(), { code: 'WS_FLUSH_INCOMPLETE' })
  await turns()
  client.reset()
  const record = await connection.closed
  await flushed
  t.equal(record.code, 1006)
  t.match(record.error, { code: 'WS_SOCKET_ERROR', causeCode: /^(EPIPE|ECONNRESET)$/ })
  t.ok(record.octetsUnsent > 0, 'what the broken socket threw away was not sent')
  t.equal(record.octetsSent + record.octetsUnsent, 32 * 1024 * 1024 + 10)
  t.equal(events.filter(event => event.startsWith('close ')).length, 2)
  t.notOk(events.includes('error'), "the network's fault is not an error event")
})

for (const code of ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTCONN']) {
  t.test(`R-06 ${code} out of the blue`, async t => {
    const { connection, events } = await told(t)
    connection.stream.destroy(Object.assign(new Error(code), { code }))
    t.match(await connection.closed, { code: 1006, error: { code: 'WS_SOCKET_ERROR', causeCode: code } })
    await turns()
    t.same(events, ['closed', 'close 1006 unclean by transport in open: WS_SOCKET_ERROR', 'close event 1006'])
  })
}

t.test('R-05 R-04 a dead link: a Ping, then the end in time; and only then', async t => {
  const { serving, client, connection } = await told(t, { deadlines: { pingInterval: 1000, pongTimeout: 500 } })
  const { timers } = serving
  timers.advance(1050)
  const ping = await client.frame()
  t.equal(ping.opcode, 9)
  client.send({ opcode: 10, payload: ping.payload })
  await once(connection as never, 'pong')
  timers.advance(900)
  await turns()
  t.equal(connection.state, 'open')
  timers.advance(200)
  t.equal((await client.frame()).opcode, 9)
  timers.advance(600)
  t.match(await connection.closed, { code: 1006, error: { code: 'WS_PONG_TIMEOUT' } })
})

t.test('R-07 octet by octet, the same events as in one segment', async t => {
  const transcript = Buffer.concat([
    clientFrame({ opcode: 1, fin: false, payload: 'frag' }),
    clientFrame({ opcode: 9, payload: 'p' }),
    clientFrame({ opcode: 0, payload: 'ment' }),
    clientFrame({ opcode: 2, payload: Buffer.alloc(300, 1) }),
    clientFrame({ opcode: 8, payload: Buffer.from('03e8', 'hex') }),
  ])
  const traces: string[][] = []
  for (const size of [transcript.length, 1]) {
    const { serving, client, events } = await told(t)
    for (let at = 0; at < transcript.length; at += size) {
      await new Promise(resolve => client.stream.write(transcript.subarray(at, at + size), resolve))
    }
    const octets = await client.end()
    client.stream.end()
    await until(() => serving.server.connections.size === 0)
    traces.push([...events, octets.toString('hex')])
  }
  t.same(traces[0], traces[1])
  t.equal(traces[0]!.length, 9)
})

t.test('R-01 a reset after every prefix of a transcript: one close, nothing left', async t => {
  const request = Buffer.from(openingRequest())
  const transcript = Buffer.concat([request, hello, clientFrame({ opcode: 8, payload: '' })])
  const closes: number[] = []
  const { server, dial, open } = await serve(
    t,
    {},
    {
      message: (connection, data) => connection.send(data),
      close: (_, { code }) => closes.push(code),
    },
  )
  let opened = 0
  server.on('connection', () => opened++)
  for (let end = 1; end <= transcript.length; end += end < request.length - 1 ? 3 : 1) {
    const client = await dial()
    client.stream.on('error', () => {})
    await new Promise(resolve => client.stream.write(transcript.subarray(0, end), resolve))
    if (end >= request.length) await client.head()
    await turns(2)
    client.reset()
  }
  const { client } = await open()
  await until(() => server.connections.size === 1)
  t.equal(closes.length, opened - 1)
  t.ok(opened > 15, `${opened} were opened`)
  t.ok(closes.every(code => code === 1006 || code === 1005))
  client.destroy()
})

t.test('T-13 TLS that ends without a Close frame is 1006', async t => {
  const { client, connection } = await told(t, { tls: localhostTls })
  client.write(hello.subarray(0, 9))
  await turns()
  client.destroy()
  t.match(await connection.closed, { code: 1006, clean: false })
})

t.test('a listener of the socket is not needed to keep the process alive: `error` is handled to the end', async t => {
  const { connection } = await told(t)
  connection.terminate()
  await connection.closed
  ;(connection.stream as Socket).emit('error', new Error('late'))
  t.pass()
})
