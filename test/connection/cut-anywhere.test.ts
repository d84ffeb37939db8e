/**
 * Properties of whatever a peer may send, legal or not (attack cases §2.8, properties 1 to 3 and 7; R-07): where the
 * octets are cut and when reading is held changes nothing, and after the first error there is silence.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Role } from '../../src/framing/frame-header.js'
import { ConnectionTrace, roles } from './connection-trace.js'
import { NaivePeer, readFrames } from './naive-peer.js'

/** A frame as a peer in this role builds it. */
type Build = (peer: NaivePeer) => Buffer

const octets = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 100, maxLength: 300 }) },
)
const words = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  fc.constant('é'.repeat(200)),
)

/** A message in fragments cut anywhere, also within a code point, with control frames between them. */
const message: fc.Arbitrary<Build[]> = fc
  .tuple(fc.boolean(), words, octets, fc.array(fc.nat(), { maxLength: 3 }), fc.boolean())
  .map(([text, word, octets, places, pinged]) => {
    const payload = text ? Buffer.from(word) : Buffer.from(octets)
    const cuts = [0, ...places.map(place => place % (payload.length + 1)).sort((a, b) => a - b), payload.length]
    return cuts.slice(1).flatMap((end, i): Build[] => {
      const shape = { fin: i === cuts.length - 2 }
      const opcode = i > 0 ? 0 : text ? 1 : 2
      const fragment: Build = peer => peer.frame(opcode, payload.subarray(cuts[i], end), shape)
      return pinged ? [fragment, peer => peer.ping('between')] : [fragment]
    })
  })

const control: fc.Arbitrary<Build[]> = fc.oneof(
  octets.map((payload): Build[] => [peer => peer.ping(Buffer.from(payload).subarray(0, 125))]),
  octets.map((payload): Build[] => [peer => peer.pong(Buffer.from(payload).subarray(0, 125))]),
)

/** A frame that may be anything. */
const anyFrame: fc.Arbitrary<Build[]> = fc
  .tuple(fc.nat(15), octets, fc.boolean(), fc.constantFrom(0, 0, 0, 0, 1, 4), fc.integer({ min: 0, max: 9 }))
  .map(([opcode, payload, fin, rsv, mask]) => [
    peer => peer.frame(opcode, Buffer.from(payload), { fin, rsv, ...(mask === 0 ? { key: undefined } : {}) }),
  ])

const anyOctets: fc.Arbitrary<Build[]> = octets.map((raw): Build[] => [() => Buffer.from(raw)])
const close: fc.Arbitrary<Build[]> = fc
  .constantFrom(1000, 1005, 3000, 5000)
  .map((code): Build[] => [peer => peer.close(code, 'x')])

const legal = fc
  .array(fc.oneof({ weight: 3, arbitrary: message }, control), { maxLength: 8, size: 'max' })
  .map(list => list.flat())
const mixed = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: message },
      { weight: 4, arbitrary: control },
      { weight: 2, arbitrary: anyFrame },
      { weight: 1, arbitrary: anyOctets },
      { weight: 1, arbitrary: close },
    ),
    { maxLength: 8, size: 'max' },
  )
  .map(list => list.flat())

const role = fc.constantFrom<Role>(...roles)
const places = fc.array(fc.nat(), { maxLength: 20, size: 'max' })
const limits = { maxMessageSize: 1000, maxFragments: 20 }
const options = { numRuns: 400 }

function build(role: Role, frames: readonly Build[]): Buffer {
  const peer = new NaivePeer(role)
  return Buffer.concat(frames.map(frame => frame(peer)))
}

/** The chunks between these places of the octets. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map(place => place % (whole.length + 1)), whole.length].sort((a, b) => a - b)
  return ends.map((end, i) => whole.subarray(ends[i - 1] ?? 0, end))
}

function linesOf(role: Role, chunks: readonly Buffer[]): string[] {
  const trace = new ConnectionTrace(role, limits)
  for (const chunk of chunks) trace.receive(chunk)
  return trace.next()
}

t.test('R-07 5.4-1 where the octets are cut never changes what is told and sent', async t => {
  fc.assert(
    fc.property(role, mixed, places, (role, frames, places) => {
      const whole = build(role, frames)
      const expected = linesOf(role, [whole])
      assert.deepEqual(linesOf(role, cut(whole, places)), expected)
      assert.deepEqual(
        linesOf(
          role,
          Array.from(whole, octet => Buffer.from([octet])),
        ),
        expected,
      )
    }),
    options,
  )
  t.pass()
})

t.test('6.2 holding after each message, in any way, never changes what is told', async t => {
  fc.assert(
    fc.property(role, mixed, places, (role, frames, places) => {
      const whole = build(role, frames)
      const held: ConnectionTrace = new ConnectionTrace(role, limits, {
        onText: () => held.connection.pause(0),
        onBinary: () => held.connection.pause(0),
      })
      for (const chunk of cut(whole, places)) {
        for (let rest = chunk; rest.length > 0; rest = rest.subarray(held.receive(rest))) held.connection.resume(0)
      }
      assert.deepEqual(held.next(), linesOf(role, [whole]))
    }),
    options,
  )
  t.pass()
})

t.test('6.2 nor does it that chunks are only lent: what was delivered outlives them', async t => {
  fc.assert(
    fc.property(role, mixed, places, fc.boolean(), (role, frames, places, textAsOctets) => {
      const whole = build(role, frames)
      const tell = (how: 'receive' | 'lend', chunks: readonly Buffer[]) => {
        const messages: unknown[] = []
        const deliver = (message: string | Buffer) => {
          messages.push(message)
          trace.connection.pause(0)
        }
        const settings = { ...limits, textAsOctets }
        const trace: ConnectionTrace = new ConnectionTrace(role, settings, { onText: deliver, onBinary: deliver })
        for (const chunk of chunks) {
          for (let rest = chunk; rest.length > 0; rest = rest.subarray(trace[how](rest))) trace.connection.resume(0)
        }
        return { lines: trace.next(), messages }
      }
      assert.deepEqual(tell('lend', cut(whole, places)), tell('receive', [whole]))
    }),
    options,
  )
  t.pass()
})

t.test(
  '7.1.7-7 silence after the first error or the first Close: no event, nothing sent, whatever follows',
  async t => {
    fc.assert(
      fc.property(role, legal, mixed, fc.boolean(), (role, before, after, closed) => {
        const trace = new ConnectionTrace(role, limits)
        trace.receive(build(role, before))
        trace.receive(closed ? trace.peer.close(1000) : Buffer.from('ffff', 'hex'))
        assert.notEqual(trace.connection.hangUp, 'no')
        trace.next()
        trace.receive(build(role, after))
        for (const octet of build(role, after)) trace.receive(Buffer.from([octet]))
        assert.deepEqual(trace.next(), [])
        assert.equal(trace.connection.hasOutput, false)
        trace.connection.transportEnded(0)
        assert.equal(trace.next().length, 1, 'closed, once')
      }),
      options,
    )
    t.pass()
  },
)

t.test(
  '7.1.7 whatever comes ends in events, in one known failure or in waiting for more; what is sent are whole frames',
  async t => {
    fc.assert(
      fc.property(role, mixed, (role, frames) => {
        const trace = new ConnectionTrace(role, limits)
        const octets = build(role, frames)
        trace.receive(octets)
        trace.flush()
        assert.ok(trace.wholeFrames)
        const closes = trace.sent.filter(frame => frame.opcode === 8)
        assert.equal(closes.length, trace.connection.state === 'open' ? 0 : 1)
        assert.equal(trace.sent.at(-1)?.opcode === 8, trace.connection.state !== 'open', 'nothing after our Close')
        assert.ok(trace.lines.filter(line => line.startsWith('closing')).length <= 1)
        assert.equal(trace.connection.closeRecord.octetsReceived, octets.length)
        assert.equal(trace.connection.closeRecord.octetsSent, trace.written)
      }),
      options,
    )
    t.pass()
  },
)

t.test('6.2-1 legal frames are all heeded: each message is told once, each Ping answered', async t => {
  fc.assert(
    fc.property(role, legal, (role, frames) => {
      const octets = build(role, frames)
      const { frames: read } = readFrames(octets)
      const lines = linesOf(role, [octets])
      const count = (opcode: number) => read.filter(frame => frame.opcode === opcode).length
      assert.equal(lines.filter(line => line.startsWith('text')).length, count(1))
      assert.equal(lines.filter(line => line.startsWith('binary')).length, count(2))
      assert.equal(lines.filter(line => line.startsWith('> pong')).length, count(9))
      assert.equal(lines.filter(line => line.startsWith('pong')).length, count(10))
      assert.ok(!lines.some(line => line.startsWith('closing')))
    }),
    options,
  )
  t.pass()
})
