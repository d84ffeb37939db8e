// What a server sends of a large message leaves by pieces (RFC 6455 §6.1), so that its progress is seen (§5.5.2: keep-alive).
import t from 'tap'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { cryptographicMaskingKeys } from '../../src/framing/masking.js'
import { ConnectionTrace } from './connection-trace.js'

const MiB = 1024 * 1024

t.test('6.1 pieces of at most 256 KiB, by reference', async t => {
  const { connection } = new ConnectionTrace('server')
  const data = Buffer.alloc(MiB, 'x')
  connection.sendBinary(data)
  const taken: Buffer[] = []
  while (connection.hasOutput) taken.push(...connection.takeOutput(0))
  const pieces = taken.filter(buffer => buffer.buffer === data.buffer)
  t.same(
    pieces.map(piece => piece.length),
    [MiB / 4, MiB / 4, MiB / 4, MiB / 4],
  )
})

t.test('5.5.2 a large message that leaves slowly, before a Ping, is life', async t => {
  const trace = new ConnectionTrace('server')
  const { connection } = trace
  connection.sendBinary(Buffer.alloc(4 * MiB))
  let taken = 0
  const takeOne = (now: number) => {
    for (const buffer of connection.takeOutput(now)) taken += buffer.length
    connection.transportTook(0, true, now)
  }
  takeOne(0)
  for (let now = 15_000; now <= 15 * 15_000; now += 15_000) {
    connection.handleDeadline(now)
    t.equal(connection.state, 'open', `at ${now} ms`)
    takeOne(now)
  }
  t.ok(taken > 3 * MiB && taken < 4 * MiB + 100)
})

t.test('6.1 without shared slabs a connection writes into memory of its own, and keeps none of it', async t => {
  const encoder = new FrameEncoder('server', cryptographicMaskingKeys, undefined)
  t.equal(encoder.detached, true)
  encoder.detached = false
  t.equal(encoder.detached, true)
  for (const size of [100, 60_000]) {
    encoder.writeFrame(true, 0, 2, Buffer.alloc(size))
    const [frame] = encoder.take()
    t.equal(frame?.buffer.byteLength, size === 100 ? 4096 : size + 14)
    encoder.release()
  }
  encoder.writeFrame(true, 0, 2, Buffer.alloc(4000))
  encoder.writeFrame(true, 0, 2, Buffer.alloc(4000))
  t.same(
    encoder.take().map(buffer => buffer.buffer.byteLength),
    [4096, 8192],
  )
})
