// A peer that does not read, or reads slowly: RFC 6455 §10.4; every octet compared, for memory that is written again too
// early shows as wrong octets and nothing else.
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import t from 'tap'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import { connectionSettings } from '../../src/connection/connection-settings.js'
import { resolveLimits } from '../../src/connection/limits.js'
import { SocketDriver } from '../../src/transport/socket-driver.js'
import { ca, localhostTls, serve } from '../api/serving.js'
import { drivenWheel } from './driven-timers.js'
import { turn, turns, until } from './event-loop.js'
import { PlainHandler } from './plain-handler.js'
import { clientFrame, RawClient } from './raw-client.js'

const MiB = 1 << 20

t.test('S-01 a peer that never reads: queued at the soft mark, ended at the hard one', async t => {
  const { open, timers } = await serve(t, { limits: { maxSendBuffer: 4 * MiB } })
  const { client, connection } = await open()
  client.stream.pause()
  const verdicts: string[] = []
  const message = Buffer.alloc(60_000, 1)
  for (let sent = 0; sent < 1024 * MiB && connection.state === 'open'; sent += message.length) {
    verdicts.push(connection.send(message))
    t.ok(connection.bufferedAmount <= 4 * MiB + 70_000, 'never more than the limit and one message')
    if (verdicts.length % 16 === 0) await turns(3)
  }
  t.equal(verdicts[0], 'sent')
  t.ok(verdicts.includes('queued'))
  t.equal(verdicts.at(-1), 'dropped')
  t.equal(connection.state, 'closing')
  await turns(3)
  timers.advance(10_000)
  const record = await connection.closed
  t.match(record, { code: 1006, initiator: 'local', sent: { code: 1008 }, error: { code: 'WS_SEND_BUFFER_FULL' } })
  t.ok(record.octetsUnsent > 3 * MiB)
})

t.test('S-01 a peer that reads, but too slowly: it gets what had begun to leave, then 1008', async t => {
  const { open } = await serve(t, { limits: { maxSendBuffer: 4 * MiB } })
  const { client, connection } = await open()
  client.stream.pause()
  while (connection.send(Buffer.alloc(MiB, 1)) !== 'dropped') await turns(3)
  client.stream.resume()
  let line = await client.line()
  while (line.startsWith('binary')) line = await client.line()
  t.equal(line, 'close 1008 "too slow: too much waits to be sent"')
  client.close(1008)
  await client.end()
  client.stream.end()
  t.match(await connection.closed, { code: 1008, error: { code: 'WS_SEND_BUFFER_FULL' } })
})

t.test('S-01 the hard mark holds for fragments, Pings and Pongs too', async t => {
  const { open } = await serve(t, { limits: { maxSendBuffer: MiB, sendOverflow: 'error' } })
  const { client, connection } = await open()
  client.stream.pause()
  for (let i = 0; connection.bufferedAmount <= MiB; i++) {
    connection.send(Buffer.alloc(60_000), { fin: false })
    if (i % 16 === 0) await turns(3)
  }
  const { bufferedAmount } = connection
  t.ok(bufferedAmount <= MiB + 70_000)
  t.throws(() => connection.send('more', { text: false } as object), { code: 'WS_MESSAGE_INCOMPLETE' })
  t.throws(() => connection.send(Buffer.alloc(1)), { code: 'WS_SEND_BUFFER_FULL' })
  await t.rejects(connection.ping(), { code: 'WS_PING_UNANSWERED', message: /too much waits/ })
  t.equal(connection.pong(), false)
  t.equal(connection.bufferedAmount, bufferedAmount)
  client.stream.resume()
  await connection.flush()
  t.equal(connection.pong(), true)
  connection.terminate()
  t.equal(connection.pong(), false)
})

t.test('S-01 the policies drop and error', async t => {
  for (const sendOverflow of ['drop', 'error'] as const) {
    const { open } = await serve(t, { limits: { maxSendBuffer: MiB, sendOverflow } })
    const { client, connection } = await open()
    client.stream.pause()
    const message = Buffer.alloc(MiB, 1)
    let verdict = connection.send(message)
    let error: unknown
    while (verdict !== 'dropped' && error === undefined) {
      await turns(3)
      try {
        verdict = connection.send(message)
      } catch (thrown) {
        error = thrown
      }
    }
    if (sendOverflow === 'error') t.match(error, { code: 'WS_SEND_BUFFER_FULL' })
    else t.equal(error, undefined)
    t.equal(connection.state, 'open')
    client.stream.resume()
    await new Promise<void>(resolve => connection.once('drain', resolve))
    t.equal(connection.send('again'), 'sent')
    await connection.flush()
    t.equal(connection.bufferedAmount, 0)
  }
})

t.test('drain comes once after queued, when half of the soft mark is free; written counts every octet', async t => {
  const { open } = await serve(t, { limits: { maxSendBuffer: 'unlimited' } })
  const { client, connection } = await open()
  client.stream.pause()
  const drained: number[] = []
  let written = 0
  connection.on('drain', () => drained.push(connection.bufferedAmount))
  connection.on('written', octets => (written += octets))
  let octets = 0
  while (connection.bufferedAmount < 2 * MiB) {
    connection.send(Buffer.alloc(50_000))
    octets += 50_004
    if (octets % 10 === 0) await turn()
  }
  t.equal(written + connection.bufferedAmount, octets)
  const before = drained.length
  client.stream.resume()
  await connection.flush()
  t.equal(drained.length, before + 1)
  t.ok(drained.every(amount => amount <= 32 * 1024))
  t.equal(written, octets)
})

t.test('flush: also where Pongs and Pings overtake what it waits for', async t => {
  const { open } = await serve(t, { limits: { maxSendBuffer: 'unlimited', maxOutgoingFrameSize: 10_000 } })
  const { client, connection } = await open()
  client.stream.pause()
  const large = Buffer.alloc(8 * MiB, 7)
  connection.send(large)
  await turns(3)
  connection.send(large)
  let flushed = false
  const flushing = connection.flush().then(() => {
    flushed = true
    t.equal(connection.bufferedAmount, 0, 'nothing is left of it')
  })
  for (let i = 0; i < 2000; i++) connection.pong(Buffer.alloc(125))
  await turns()
  t.notOk(flushed)
  client.stream.resume()
  await flushing
})

t.test('flush rejects where the message is dropped, also if everything else leaves', async t => {
  const { open } = await serve(t, { limits: { maxSendBuffer: 'unlimited', maxOutgoingFrameSize: 100_000 } })
  const { client, connection } = await open()
  client.stream.pause()
  connection.send(Buffer.alloc(16 * MiB))
  const flushed = t.rejects(connection.flush(), { code: 'WS_FLUSH_INCOMPLETE' })
  await turns()
  client.close(1000)
  await turns()
  client.stream.resume()
  await client.until(() => client.ended)
  client.stream.end()
  t.match(await connection.closed, { code: 1000, clean: true })
  await flushed
  await t.rejects(connection.flush(), { code: 'WS_FLUSH_INCOMPLETE' })
})

t.test('flush with nothing to wait for', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  await connection.flush()
  connection.send('x')
  await Promise.all([connection.flush(), connection.flush()])
  client.destroy()
  await connection.closed
  await connection.flush()
  t.pass()
})

/** Sizes around every threshold there is, in an order that is the same in each run. */
function size(i: number): number {
  const sizes = [0, 1, 125, 126, 1000, 4096, 16_384, 65_535, 65_536, 65_537, 200_000]
  return sizes[(i * 7919) % sizes.length]! + (i % 13)
}

function payload(connection: number, i: number): Buffer {
  return Buffer.alloc(size(i), `${connection}/${i} `)
}

/** Reads frames of a stream that is paused and resumed at random places; checks each against what was sent. */
async function readSlowly(client: RawClient, connection: number, count: number): Promise<number> {
  let pauses = 0
  client.stream.on('data', chunk => {
    if ((chunk.length * 31 + pauses) % 5 !== 0) return
    pauses++
    client.stream.pause()
    setImmediate(() => setImmediate(() => client.stream.resume()))
  })
  for (let i = 0; i < count; i++) {
    const frame = await client.frame()
    if (!frame.payload.equals(payload(connection, i))) throw new Error(`message ${i} of ${connection} is corrupt`)
  }
  return pauses
}

for (const tls of [undefined, localhostTls]) {
  t.test(`6.1-9 slow readers, mixed sizes, ${tls === undefined ? 'TCP' : 'TLS'}: every octet is right`, async t => {
    const count = 300
    const { open } = await serve(t, { tls, limits: { maxSendBuffer: 'unlimited' } })
    const peers = [await open(), await open(), await open()]
    const readers = peers.map(({ client }, i) => readSlowly(client, i, count))
    const send = async ({ connection }: { connection: WebSocketConnection }, number: number) => {
      for (let i = 0; i < count; i++) {
        if (connection.send(payload(number, i)) === 'queued' && i % 3 === 0) {
          await new Promise<void>(resolve => connection.once('drain', resolve))
        } else if (i % 5 === number) await turn()
      }
    }
    await Promise.all(peers.map(send))
    const pauses = await Promise.all(readers)
    t.ok(pauses.every(paused => paused > 0))
    t.same(
      peers.map(({ connection }) => connection.bufferedAmount),
      [0, 0, 0],
    )
  })
}

for (const tls of [undefined, localhostTls]) {
  t.test(
    `octets that wait for one peer are not written over by another's, ${tls === undefined ? 'TCP' : 'TLS'}`,
    async t => {
      const { open } = await serve(t, { tls })
      const [slow, fast] = [await open(), await open()]
      slow.client.stream.pause()
      const sent: Buffer[] = []
      const send = (fill: number) => {
        const data = Buffer.alloc(30_000, fill)
        sent.push(data)
        slow.connection.send(data)
      }
      // What the kernel takes no more waits in the slab that all share.
      for (let i = 0; slow.connection.stream.writableLength === 0 || i < 10; i++) {
        send(i)
        await turns(2)
      }
      const loud = Buffer.alloc(50_000, 0xff)
      for (let i = 0; i < 100; i++) {
        fast.connection.send(loud)
        t.ok((await fast.client.frame()).payload.equals(loud))
      }
      slow.client.stream.resume()
      for (const data of sent) t.ok((await slow.client.frame()).payload.equals(data))
    },
  )
}

for (const secure of [false, true]) {
  t.test(`a client's output, ${secure ? 'TLS' : 'TCP'}: masked in slabs, every octet is right`, async t => {
    const count = 200
    const accepted: RawClient[] = []
    const listener = secure
      ? createTlsServer(localhostTls, (socket: TLSSocket) => accepted.push(new RawClient(socket)))
      : createTcpServer((socket: Socket) => accepted.push(new RawClient(socket)))
    listener.listen(0, '127.0.0.1')
    await new Promise(resolve => listener.once('listening', resolve))
    const { port } = listener.address() as AddressInfo
    const dialled = [
      await RawClient.connect({ port }, secure ? ca : undefined),
      await RawClient.connect({ port }, secure ? ca : undefined),
    ]
    await until(() => accepted.length === 2)
    const drivers = dialled.map(({ stream }) => {
      const settings = connectionSettings(resolveLimits('client', { maxSendBuffer: 'unlimited' }))
      stream.removeAllListeners('data')
      const driver = new SocketDriver(stream, 'client', new PlainHandler(), settings, drivenWheel().wheel)
      driver.start(Buffer.alloc(0))
      return driver
    })
    const reading = accepted.map((peer, i) => readSlowly(peer, i, count))
    for (let i = 0; i < count; i++) {
      for (const [number, driver] of drivers.entries()) driver.connection.sendBinary(payload(number, i))
      if (i % 3 === 0) await turn()
    }
    await Promise.all(reading)
    for (const peer of [...dialled, ...accepted]) peer.destroy()
    await new Promise(resolve => listener.close(resolve))
    t.pass()
  })
}

t.test('10.4 an application that is slow: a promise holds back the next message, and TCP the peer', async t => {
  const got: number[] = []
  let release: (() => void) | undefined
  const { open } = await serve(
    t,
    {},
    {
      message: (_, data) => {
        got.push((data as Buffer).readUInt32BE())
        return new Promise<void>(resolve => (release = resolve))
      },
    },
  )
  const { client, connection } = await open()
  const message = (i: number) => {
    const data = Buffer.alloc(100_000)
    data.writeUInt32BE(i)
    return clientFrame({ opcode: 2, payload: data })
  }
  for (let i = 0; i < 100; i++) client.stream.write(message(i))
  await until(() => got.length === 1)
  await turns(100)
  t.same(got, [0])
  t.ok((connection.stream as Socket).bytesRead < 1_000_000, 'what is not taken is not read')
  for (let i = 1; i <= 100; i++) {
    await until(() => got.length === i)
    release!()
  }
  t.same(
    got,
    Array.from({ length: 100 }, (_, i) => i),
  )
})

t.test('pause and resume: nothing is delivered between them, and nothing is lost', async t => {
  const got: string[] = []
  const { open } = await serve(t, {}, { message: (_, data) => got.push(data as string) })
  const { client, connection } = await open()
  connection.pause()
  for (let i = 0; i < 100; i++) client.text(`${i}`)
  await turns()
  t.same(got, [])
  connection.resume()
  await until(() => got.length === 100)
  t.equal(got.join(), Array.from({ length: 100 }, (_, i) => i).join())
})

t.test('paused in a handler: the next message of the same read waits', async t => {
  const got: string[] = []
  const { open } = await serve(
    t,
    {},
    {
      message: (connection, data) => {
        got.push(data as string)
        connection.pause()
      },
    },
  )
  const { client, connection } = await open()
  client.write(...['a', 'b', 'c'].map(text => clientFrame({ opcode: 1, payload: text })))
  for (let i = 1; i <= 3; i++) {
    await until(() => got.length === i)
    await turns(5)
    t.equal(got.length, i)
    connection.resume()
  }
})

t.test('paused, and closed by us: the peer still gets the Close frame, and its answer is heeded', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  connection.pause()
  client.text('never delivered')
  connection.close(1000)
  t.equal(await client.line(), 'close 1000 ""')
  client.close(1000)
  await client.end()
  client.stream.end()
  t.match(await connection.closed, { clean: true })
})
