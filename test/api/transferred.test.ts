/**
 * Over TCP, at both ends and read in both ways: applications that transfer the memory of messages (RFC 6455 §6.2) to other
 * threads. No process dies of it, no connection hangs, and no other connection hears of it.
 */
import { duplexPair } from 'node:stream'
import t from 'tap'
import { connect } from '../../src/api/client.js'
import { createServer } from '../../src/api/server.js'
import type { ServerOptions } from '../../src/api/server-options.js'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import { turns, until } from '../transport/event-loop.js'
import { clientFrame, RawClient } from '../transport/raw-client.js'
import { serve } from './serving.js'

/** Later versions of Node throw where 20 copies: see worker_threads.markAsUntransferable. */
function transfer(data: unknown): void {
  const { buffer } = data as Buffer
  try {
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] })
  } catch (error) {
    if ((error as Error).name !== 'DataCloneError') throw error
  }
}

/** The whole suite is run with either: see test/all.ts. Where chunks are only lent, nothing of them is ever given away. */
const skip = process.env['FRAMEWRIGHT_READS'] === 'reused' && 'messages are copies of what is read'

const lost = { name: 'UsageError', code: 'WS_MEMORY_TRANSFERRED', statusCode: 1011 }

t.test('reads are tried from createServer on: who only takes upgrades knows of it, too', async t => {
  const server = createServer({ reads: 'reused' })
  for (let tries = 0; tries < 1000 && server.reads === 'plain'; tries++) await turns(1)
  t.equal(server.reads, 'reused')
})

for (const reads of ['plain', 'reused'] as const) {
  for (const borrowed of [false, true]) {
    t.test(`6.2 each message is transferred, one a read, ${reads}, borrowed: ${borrowed}`, async t => {
      const errors: unknown[] = []
      const handlers = {
        message(connection: Pick<WebSocketConnection, 'send'>, data: unknown) {
          transfer(data)
          connection.send('after')
        },
        error: (_: unknown, error: unknown) => void errors.push(error),
      }
      const { open } = await serve(t, { reads, borrowed }, handlers)
      const { client } = await open()
      for (const size of [0, 20, 5000, 300_000, 20]) {
        client.write(clientFrame({ opcode: 2, payload: Buffer.alloc(size, 1) }))
        t.equal(await client.line(), 'text "after"')
      }
      client.destroy()

      const received: unknown[] = []
      const sender = await serve(t, {}, { message: (_, data) => void received.push(data) })
      const url = `ws://127.0.0.1:${sender.port}`
      const other = await connect(url, { reads, borrowed, handlers })
      for (const [i, size] of [0, 20, 5000, 300_000, 20].entries()) {
        sender.server.broadcast(Buffer.alloc(size, 1))
        await until(() => received.length === i + 1)
      }
      other.close()
      await other.closed
      t.same(errors, [])
    })
  }
}

t.test('6.2 octets behind the message are lost: 1011, and told as an error', { skip }, async t => {
  const errors: unknown[] = []
  const { open } = await serve(
    t,
    { reads: 'plain' },
    { message: (_, data) => transfer(data), error: (_, error) => void errors.push(error) },
  )
  const { client, connection } = await open()
  const frame = clientFrame({ opcode: 2, payload: Buffer.alloc(20, 1) })
  client.write(frame, frame)
  t.equal(await client.line(), 'close 1011 ""')
  client.stream.end()
  t.match((await connection.closed).error, lost)
  t.match(errors, [lost])
})

t.test('6.2 octets that wait for a promise are lost: what comes behind them is not heeded', { skip }, async t => {
  let release = () => {}
  let messages = 0
  const { open } = await serve(
    t,
    { reads: 'plain' },
    {
      async message(_, data) {
        messages++
        await new Promise<void>(resolve => (release = resolve))
        transfer(data)
      },
      error() {},
    },
  )
  const { client, connection } = await open()
  const frame = clientFrame({ opcode: 2, payload: Buffer.alloc(20, 1) })
  client.write(frame, frame)
  await until(() => messages === 1)
  client.write(frame)
  await turns()
  release()
  t.equal(await client.line(), 'close 1011 ""')
  client.stream.end()
  t.match((await connection.closed).error, lost)
  t.equal(messages, 1)
})

t.test('6.2 octets that wait are lost, and more of them come before anybody looks', { skip }, async t => {
  const told: unknown[] = []
  const [near, far] = duplexPair()
  const { server } = await serve(
    t,
    { reads: 'plain' },
    {
      message(connection, data) {
        told.push(data)
        connection.pause()
      },
      error() {},
    },
  )
  server.handleConnection(near)
  const client = new RawClient(far)
  await client.open()
  // Longer than what Node gives out of its own pool.
  const frame = clientFrame({ opcode: 2, payload: Buffer.alloc(5000, 1) })
  near.emit('data', Buffer.concat([frame, frame]))
  transfer(told[0])
  near.emit('data', frame)
  const [connection] = server.connections
  connection!.resume()
  t.equal(await client.line(), 'close 1011 ""')
  client.stream.end()
  t.match((await connection!.closed).error, lost)
  t.equal(told.length, 1)
})

t.test('6.2 messages that wait for a loop, or for a listener, are lost: the loop ends', { skip }, async t => {
  const frames = [1, 2, 3].map(octet => clientFrame({ opcode: 2, payload: Buffer.alloc(20, octet) }))
  for (const listens of [false, true]) {
    const errors: unknown[] = []
    const { open } = await serve(t, { reads: 'plain' }, { error: (_, error) => void errors.push(error) })
    const { client, connection } = await open()
    client.write(...frames)
    let got = 0
    const take = (data: unknown) => {
      got++
      transfer(data)
    }
    if (listens) {
      await until(() => connection.closeRecord.octetsReceived === 78)
      connection.on('message', take)
    } else for await (const data of connection) take(data)
    t.equal(await client.line(), 'close 1011 ""')
    client.write(clientFrame({ opcode: 8, payload: Buffer.from([3, 243]) }))
    client.stream.end()
    t.match((await connection.closed).error, lost)
    t.match(errors, [lost])
    t.equal(got, 1)
  }
})

const wholly: ServerOptions[] = [{ reads: 'reused' }, { borrowed: true, perMessageDeflate: { threshold: 0 } }]
for (const options of wholly) {
  t.test(`6.2 memory that connections share is not transferred: ${Object.keys(options)}`, async t => {
    const kept: Buffer[] = []
    const { server, port } = await serve(t, options, { message: (_, data) => void kept.push(data as Buffer) })
    const perMessageDeflate = options.perMessageDeflate !== undefined
    const [one, other] = await Promise.all([0, 1].map(() => connect(`ws://127.0.0.1:${port}`, { perMessageDeflate })))
    one!.send(Buffer.alloc(2000, 1))
    await until(() => kept.length === 1)
    other!.send(Buffer.alloc(2000, 2))
    await until(() => kept.length === 2)
    t.equal(kept[0]!.buffer, kept[1]!.buffer)
    transfer(kept[1])
    t.equal(kept[0]!.length, 2000)
    t.equal(server.connections.size, 2)
    one!.close()
    other!.close()
  })
}
