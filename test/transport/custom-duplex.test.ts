// A connection over a stream that is no socket: RFC 6455 asks for "a reliable, in-order" transport (§1.2), not for TCP.
import assert from 'node:assert/strict'
import { Duplex, type DuplexOptions, duplexPair, PassThrough, type Writable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { prepareMessage } from '../../src/api/prepare-message.js'
import { readRawFrames } from '../../src/conformance/raw-frame.js'
import { connectionSettings } from '../../src/connection/connection-settings.js'
import { resolveLimits } from '../../src/connection/limits.js'
import type { Role } from '../../src/framing/frame-header.js'
import { SocketDriver } from '../../src/transport/socket-driver.js'
import { serve } from '../api/serving.js'
import { readAll } from '../read-all.js'
import { drivenWheel } from './driven-timers.js'
import { turns, until } from './event-loop.js'
import { PlainHandler } from './plain-handler.js'
import { clientFrame, openingRequest, RawClient } from './raw-client.js'

interface Driven {
  readonly driver: SocketDriver
  readonly handler: PlainHandler
  /** How often the stream was written to. */
  writes(): number
}

function drive(stream: Duplex, role: Role = 'server', limits = {}): Driven {
  const handler = new PlainHandler()
  const settings = connectionSettings(resolveLimits(role, limits))
  let writes = 0
  const { write } = stream
  stream.write = function (this: Writable, ...args: unknown[]) {
    writes++
    return Reflect.apply(write, this, args)
  }
  const driver = new SocketDriver(stream, role, handler, settings, drivenWheel().wheel)
  driver.start(Buffer.alloc(0))
  return { driver, handler, writes: () => writes }
}

/** Two PassThroughs as one stream: what is written to `outward` waits there until somebody reads it. */
function passThroughs(options: DuplexOptions = {}): { stream: Duplex; inward: PassThrough; outward: PassThrough } {
  const inward = new PassThrough(options)
  const outward = new PassThrough(options)
  return { stream: Duplex.from({ readable: inward, writable: outward }) as Duplex, inward, outward }
}

t.test('the octets that a peer in this process wrote are not unmasked under its hands', async t => {
  const [near, far] = duplexPair()
  const { handler } = drive(far)
  const frame = clientFrame({ opcode: 2, payload: 'payload' })
  const before = Buffer.from(frame)
  near.write(frame)
  await until(() => handler.messages.length === 1)
  t.equal(handler.messages.toString(), 'payload')
  t.same(frame, before)
})

t.test('those behind the handshake neither', async t => {
  const { server } = await serve(t, {}, { message: (connection, data) => connection.send(data) })
  const [near, far] = duplexPair()
  const octets = Buffer.concat([Buffer.from(openingRequest()), clientFrame({ opcode: 1, payload: 'early' })])
  const before = Buffer.from(octets)
  const client = new RawClient(near)
  server.handleConnection(far)
  near.write(octets)
  await client.head()
  t.equal(await client.line(), 'text "early"')
  t.same(octets, before)
  near.end()
  await client.end()
})

t.test('what a stream holds is never written over, however long it holds it', async t => {
  const { stream, outward } = passThroughs({ highWaterMark: 1 << 30 })
  const { driver } = drive(stream)
  const sent: string[] = []
  for (let i = 0; i < 500; i++) {
    const text = `${i}:${'x'.repeat((i * 37) % 3000)}`
    sent.push(text)
    driver.connection.sendText(text)
    if (i % 7 === 0) await turns(1)
  }
  await turns()
  const octets = readAll(outward)
  const { frames } = readRawFrames(octets)
  t.same(
    frames.map(({ payload }) => payload.toString()),
    sent,
  )
})

t.test('a prepared message stays what it is, whatever a reader does with the octets it was given', async t => {
  const { server } = await serve(t)
  const { stream, inward, outward } = passThroughs({ highWaterMark: 1 << 30 })
  server.handleConnection(stream)
  inward.write(openingRequest())
  await until(() => server.connections.size === 1)
  const [connection] = server.connections
  await turns()
  readAll(outward)
  let octets = 0
  // Chunk by chunk: read() would put them together, and so copy them.
  outward.on('data', (chunk: Buffer) => {
    octets += chunk.filter(octet => octet === 0xff).length
    chunk.fill(0)
  })
  const messages = [100, 100_000].map(size => prepareMessage(Buffer.alloc(size, 0xff)))
  for (let round = 0; round < 2; round++) {
    for (const message of messages) {
      connection!.send(message)
      await connection!.flush()
      await turns()
      t.equal(octets, message.size)
      octets = 0
    }
  }
  inward.end()
  outward.resume()
  await connection!.closed
})

t.test('a large message is copied at the call: the stream may hold it for ever', async t => {
  const { server } = await serve(t)
  const { stream, inward, outward } = passThroughs({ highWaterMark: 1 << 30 })
  server.handleConnection(stream)
  inward.write(openingRequest())
  await until(() => server.connections.size === 1)
  const [connection] = server.connections
  const data = Buffer.alloc(100_000, 1)
  connection!.send(data)
  await connection!.flush()
  data.fill(2)
  const octets = readAll(outward)
  t.ok(octets.subarray(octets.length - 100_000).every(octet => octet === 1))
  inward.end()
  outward.resume()
  await connection!.closed
})

t.test('6.1 one write a turn: for all that one read brought about', async t => {
  const [near, far] = duplexPair()
  const { driver, handler, writes } = drive(far)
  handler.act = message => driver.connection.sendText(message as string)
  near.write(Buffer.concat(Array.from({ length: 50 }, (_, i) => clientFrame({ opcode: 1, payload: `${i}` }))))
  near.resume()
  await until(() => handler.messages.length === 50)
  t.equal(writes(), 1)
})

t.test('2.1-1 §6.1 one write a turn: for all sends from outside, of all kinds', async t => {
  const [near, far] = duplexPair()
  const { driver, writes } = drive(far)
  near.resume()
  await turns(2)
  for (let i = 0; i < 16; i++) driver.connection.sendText('x')
  driver.connection.sendPong(Buffer.from('y'))
  driver.connection.close(1000, '', 0)
  t.equal(writes(), 0)
  await turns(1)
  t.equal(writes(), 1)
})

t.test('6.1 sends after each other in promises gather too', async t => {
  const [near, far] = duplexPair()
  const { driver, writes } = drive(far)
  near.resume()
  await turns(2)
  for (let i = 0; i < 16; i++) {
    driver.connection.sendText('x')
    await undefined
  }
  await turns(1)
  t.equal(writes(), 1)
})

t.test('much output goes out in several turns: others have theirs in between', async t => {
  const greedy = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(), highWaterMark: 1 << 30 })
  const { driver, handler } = drive(greedy)
  await turns(2)
  for (let i = 0; i < 40; i++) driver.connection.sendBinary(Buffer.alloc(128 * 1024))
  await new Promise<void>(resolve => process.nextTick(resolve))
  const first = handler.written
  t.ok(first >= 1 << 20 && first < 2 << 20, `${first} octets in the first turn`)
  await until(() => handler.written > 40 * 128 * 1024)
  t.notOk(driver.connection.hasOutput)
})

t.test('joined in one process, two connections that answer each other for ever do not exhaust the stack', async t => {
  const [near, far] = duplexPair()
  const one = drive(near, 'client')
  const other = drive(far, 'server')
  let count = 0
  const answer =
    ({ driver }: Driven) =>
    (message: unknown) => {
      if (++count < 20_000) driver.connection.sendText(message as string)
    }
  one.handler.act = answer(one)
  other.handler.act = answer(other)
  one.driver.connection.sendText('ball')
  await until(() => count >= 20_000)
  t.same([...one.handler.errors, ...other.handler.errors], [])
})

t.test('a handler that feeds its own stream: what it writes waits for its turn', async t => {
  const [near, far] = duplexPair()
  const { handler } = drive(far)
  handler.act = message => {
    if (handler.messages.length < 3) near.write(clientFrame({ opcode: 1, payload: `${message}!` }))
  }
  near.write(Buffer.concat([clientFrame({ opcode: 1, payload: 'a' }), clientFrame({ opcode: 1, payload: 'b' })]))
  await until(() => handler.messages.length === 4)
  t.same(handler.messages, ['a', 'b', 'a!', 'b!'])
})

t.test('the same while the connection is held: the order stays', async t => {
  const [near, far] = duplexPair()
  const { driver, handler } = drive(far)
  const frames = ['a', 'b', 'c'].map(payload => clientFrame({ opcode: 1, payload }))
  handler.act = message => {
    if (message !== 'a') return
    near.write(clientFrame({ opcode: 1, payload: 'd' }))
    driver.connection.pause(0)
  }
  near.write(Buffer.concat(frames))
  await turns()
  t.same(handler.messages, ['a'])
  driver.connection.resume(0)
  await turns()
  t.same(handler.messages, ['a', 'b', 'c', 'd'])
})

t.test('octets that come while others are kept go behind them', async t => {
  const [near, far] = duplexPair()
  const { handler } = drive(far)
  far.push(clientFrame({ opcode: 1, payload: 'a' }))
  far.push(clientFrame({ opcode: 1, payload: 'b' }))
  near.write(clientFrame({ opcode: 1, payload: 'c' }))
  await turns()
  t.same(handler.messages, ['a', 'b', 'c'])

  const [, other] = duplexPair()
  const next = new PlainHandler()
  const settings = connectionSettings(resolveLimits('server', {}))
  const driver = new SocketDriver(other, 'server', next, settings, drivenWheel().wheel)
  driver.start(clientFrame({ opcode: 1, payload: 'head' }))
  driver.onData(clientFrame({ opcode: 1, payload: 'data' }), false)
  await turns()
  t.same(next.messages, ['head', 'data'])
})

t.test('a stream whose writes call back after it was destroyed', async t => {
  const callbacks: ((error?: Error) => void)[] = []
  const slow = new Duplex({ read() {}, write: (_chunk, _encoding, done) => void callbacks.push(done) })
  const { driver, handler } = drive(slow)
  driver.connection.sendText('x')
  await until(() => callbacks.length === 1)
  driver.connection.terminate(0)
  await until(() => handler.record !== undefined)
  callbacks[0]!()
  await turns()
  t.equal(handler.written, 0)
  t.match(handler.record, { code: 1006, octetsUnsent: 3 })
})

t.test('a stream that fails a write', async t => {
  const broken = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(new Error('no more')) })
  const { driver, handler } = drive(broken)
  driver.connection.sendText('x')
  await until(() => handler.record !== undefined)
  t.match(handler.record, { code: 1006, error: { code: 'WS_SOCKET_ERROR', cause: { message: 'no more' } } })
})

t.test('a stream that throws at a write is as broken as one that fails it', async t => {
  const broken = new Duplex({
    read() {},
    write() {
      throw new Error('no more')
    },
  })
  const { driver, handler } = drive(broken)
  driver.connection.sendText('x')
  await until(() => handler.record !== undefined)
  t.match(handler.record, { code: 1006, error: { code: 'WS_SOCKET_ERROR', cause: { message: 'no more' } } })
})

t.test('a stream whose writable half was ended by somebody else', async t => {
  const [near, far] = duplexPair()
  const { driver, handler } = drive(far)
  near.resume()
  far.end()
  driver.connection.sendText('x')
  await turns()
  near.end()
  await until(() => handler.record !== undefined)
  t.match(handler.record, { code: 1006, octetsSent: 0, octetsUnsent: 3 })
})

t.test('a stream that destroys itself at the end, and one that is not half-open', async t => {
  for (const allowHalfOpen of [true, false]) {
    const [near, far] = duplexPair({ allowHalfOpen })
    const { handler } = drive(far)
    near.end()
    near.resume()
    await until(() => handler.record !== undefined)
    t.match(handler.record, { code: 1006, error: { code: 'WS_PEER_ENDED' } })
  }
})

t.test('cut and delayed anyhow, every message arrives whole and in order, both ways', async t => {
  const messages = fc.array(fc.nat({ max: 200_000 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(messages, messages, fc.integer({ min: 1, max: 70_000 }), async (up, down, highWaterMark) => {
      const [near, far] = duplexPair({ highWaterMark })
      const client = drive(near, 'client', { maxMessageSize: 'unlimited' })
      const server = drive(far, 'server', { maxMessageSize: 'unlimited' })
      const payload = (size: number, i: number) => Buffer.alloc(size, `${i}.${size}`)
      for (const [i, size] of up.entries()) client.driver.connection.sendBinary(payload(size, i))
      for (const [i, size] of down.entries()) server.driver.connection.sendBinary(payload(size, i))
      await until(() => client.handler.messages.length === down.length && server.handler.messages.length === up.length)
      assert.deepEqual(server.handler.messages, up.map(payload))
      assert.deepEqual(client.handler.messages, down.map(payload))
      client.driver.connection.close(1000, '', 0)
      await until(() => client.handler.record !== undefined && server.handler.record !== undefined)
      assert.ok(client.handler.record?.clean && server.handler.record?.clean)
    }),
    { numRuns: 40 },
  )
  t.pass()
})
