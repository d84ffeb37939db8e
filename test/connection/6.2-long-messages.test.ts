// RFC 6455 §6.2: long messages, unmasked straight to where they are put together, come whole whatever the cuts; and what was
// delivered is the application's: nothing writes to it any more.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Role } from '../../src/framing/frame-header.js'
import { ConnectionTrace, roles } from './connection-trace.js'
import { NaivePeer } from './naive-peer.js'

const length = fc.oneof(
  fc.nat({ max: 400 }),
  fc.integer({ min: 1500, max: 1600 }),
  fc.integer({ min: 65_500, max: 65_560 }),
  fc.nat({ max: 300_000 }),
)

interface Long {
  readonly text: boolean
  readonly payload: Buffer
  /** Where it is cut into fragments. */
  readonly places: readonly number[]
  readonly pinged: boolean
}

const message: fc.Arbitrary<Long> = fc
  .record({
    text: fc.boolean(),
    length,
    seed: fc.nat({ max: 250 }),
    places: fc.array(fc.nat(), { maxLength: 3 }),
    pinged: fc.boolean(),
  })
  .map(({ text, length, seed, places, pinged }) => {
    const octets = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 3 + seed) & 0xff))
    const payload = text ? Buffer.from(octets.toString('latin1').slice(0, length / 2)) : octets
    return { text, payload, pinged, places: places.map(place => place % (payload.length + 1)).sort((a, b) => a - b) }
  })

function framesOf(peer: NaivePeer, { text, payload, places, pinged }: Long): Buffer[] {
  const cuts = [0, ...places, payload.length]
  return cuts.slice(1).flatMap((end, i) => {
    const opcode = i > 0 ? 0 : text ? 1 : 2
    const frame = peer.frame(opcode, payload.subarray(cuts[i], end), { fin: i === cuts.length - 2 })
    return pinged ? [frame, peer.ping('between')] : [frame]
  })
}

/** Cuts as reads are cut: most of them full. */
function* chunks(octets: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < octets.length; i++) {
    const size = sizes.length === 0 ? 65_536 : sizes[i % sizes.length]!
    yield Buffer.from(octets.subarray(at, at + size))
    at += size
  }
}

t.test('6.2 long messages come whole, and stay as they were', async t => {
  const given = fc.record({
    role: fc.constantFrom<Role>(...roles),
    messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    sizes: fc.array(fc.oneof(fc.constant(65_536), fc.integer({ min: 1, max: 100_000 })), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(given, ({ role, messages, sizes }) => {
      const found: (string | Buffer)[] = []
      const keep = (data: string | Buffer) => void found.push(data)
      const trace = new ConnectionTrace(role, { maxMessageSize: 1_000_000 }, { onText: keep, onBinary: keep })
      const peer = new NaivePeer(role)
      const octets = Buffer.concat(messages.flatMap(message => framesOf(peer, message)))
      for (const chunk of chunks(octets, sizes.some(size => size > 50) ? sizes : [])) trace.connection.receive(chunk, 0)
      assert.equal(found.length, messages.length)
      for (const [i, { text, payload }] of messages.entries()) {
        const data = found[i]!
        assert.equal(typeof data === 'string', text)
        assert.ok(payload.equals(Buffer.from(data as string)), `message ${i} is another`)
      }
    }),
    { numRuns: 150 },
  )
  t.pass()
})
