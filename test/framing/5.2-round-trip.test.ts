// RFC 6455 §5.2, §5.3: what the encoder writes, in any of its ways, the decoder of the other role reads, wherever it is
// cut; and each frame is, octet for octet, the one that the naive codec builds.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { buildRawFrame, readRawFrames } from '../../src/conformance/raw-frame.js'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { Opcode, type Role } from '../../src/framing/frame-header.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { payload, places, role } from './frame-streams.js'
import { cut, headerLine, payloadLine, trace } from './trace.js'

/** One frame and how it is to be written. */
interface Order {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: Opcode
  readonly payload: Buffer
  /** A frame, a text, or a header and pieces that end at these places. */
  readonly way: 'frame' | 'text' | number[]
  /** The output is taken after it. */
  readonly takes: boolean
}

const text = fc.string({ unit: 'binary', maxLength: 300 }).map(text => Buffer.from(text))

const dataFrame: fc.Arbitrary<Order> = fc.oneof(
  fc.record({
    fin: fc.boolean(),
    rsv: fc.constantFrom(0, 0, 0, 4),
    opcode: fc.constantFrom(Opcode.text, Opcode.binary),
    payload,
    way: fc.oneof(fc.constant('frame' as const), fc.array(fc.nat(), { maxLength: 3 })),
    takes: fc.boolean(),
  }),
  fc.record({
    fin: fc.boolean(),
    rsv: fc.constant(0),
    opcode: fc.constantFrom(Opcode.text, Opcode.continuation),
    payload: text,
    way: fc.constant('text' as const),
    takes: fc.boolean(),
  }),
)

const controlFrame: fc.Arbitrary<Order> = fc.record({
  fin: fc.constant(true),
  rsv: fc.constant(0),
  opcode: fc.constantFrom(Opcode.close, Opcode.ping, Opcode.pong),
  payload: payload.map(octets => octets.subarray(0, 125)),
  way: fc.constant('frame' as const),
  takes: fc.boolean(),
})

const orders = fc.array(fc.oneof({ weight: 4, arbitrary: dataFrame }, controlFrame), { maxLength: 12 })

/** All octets that an encoder makes of these orders. */
function write(encoder: FrameEncoder, orders: readonly Order[]): Buffer {
  const taken: Buffer[] = []
  for (const { fin, rsv, opcode, payload, way, takes } of orders) {
    const before = encoder.pending
    if (way === 'frame') encoder.writeFrame(fin, rsv, opcode, payload)
    else if (way === 'text') encoder.writeText(fin, rsv, opcode, payload.toString())
    else {
      let key = encoder.writeHeader(fin, rsv, opcode, payload.length)
      for (const piece of cut(payload, way)) key = encoder.writePiece(piece, key)
    }
    assert.ok(encoder.pending >= before + payload.length + 2)
    if (!takes) continue
    const { pending } = encoder
    const buffers = encoder.take()
    assert.equal(Buffer.concat(buffers).length, pending)
    assert.equal(encoder.pending, 0)
    // Copied at once, as a transport does; then the slabs are free.
    taken.push(Buffer.concat(buffers))
    encoder.release()
  }
  return Buffer.concat([...taken, ...encoder.take()])
}

t.test('5.2 encode∘decode is the identity, both roles, wherever it is cut', async t => {
  fc.assert(
    fc.property(role, orders, places, fc.integer(), (sender, orders, where, seed) => {
      let count = seed
      const encoder = new FrameEncoder(sender, () => Math.imul(count++, 0x9e3779b1), new OutputSlabPool(200_000, 1))
      const octets = write(encoder, orders)
      const expected = orders.flatMap(({ fin, rsv, opcode, payload }) => [
        headerLine(fin, rsv, opcode, payload.length),
        payloadLine('=', payload),
      ])
      const receiver: Role = sender === 'client' ? 'server' : 'client'
      assert.deepEqual(trace(receiver, cut(octets, where), { allowedRsv: 4 }), expected)
      const { frames, rest } = readRawFrames(octets)
      assert.equal(rest.length, 0)
      // In the shortest form: the naive codec builds the same octets of what it read.
      assert.ok(Buffer.concat(frames.map(({ lengthOctets, ...frame }) => buildRawFrame(frame))).equals(octets))
    }),
    { numRuns: 300 },
  )
  t.pass()
})
