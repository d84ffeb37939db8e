/**
 * RFC 6455 §6 and §7 as properties: two connections joined by nothing but octets, cut anywhere, under random calls of
 * the application, deliver every message in order and end with the same codes (attack cases §2.8, properties 5, 11, 12).
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { LimitOptions } from '../../src/connection/limits.js'
import { Side } from './joined-connections.js'
import { readFrames, type WireFrame, wireSize } from './naive-peer.js'

type Step = (us: Side, them: Side) => void

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 65_530, max: 140_000 }) },
)

const payload = fc.tuple(size, fc.nat(255)).map(([size, seed]) => Buffer.alloc(size, Buffer.from([seed, 1, 2, 3, 4])))
const texts = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 200 }) },
  size.map(n => 'é'.repeat(n)),
)
const amount = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5000 }), fc.constant(1_000_000))

const sending: fc.Arbitrary<Step> = fc.oneof(
  texts.map(
    (text): Step =>
      us =>
        us.send(text),
  ),
  payload.map(
    (octets): Step =>
      us =>
        us.send(octets),
  ),
)

const moving: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(3000).map(
    (backlog): Step =>
      us =>
        us.take(backlog),
  ),
  amount.map(
    (octets): Step =>
      (us, them) =>
        us.deliver(them, octets),
  ),
)

const disturbing: fc.Arbitrary<Step> = fc.oneof(
  fc.boolean().map(
    (blocked): Step =>
      us =>
        us.block(blocked),
  ),
  fc.constant<Step>(us => us.connection.pause(0)),
  fc.constant<Step>(us => us.connection.resume(0)),
  fc.string({ maxLength: 30 }).map(
    (text): Step =>
      us =>
        us.connection.sendPing(Buffer.from(text).subarray(0, 125), 0) && undefined,
  ),
  fc.string({ maxLength: 30 }).map(
    (text): Step =>
      us =>
        us.connection.sendPong(Buffer.from(text).subarray(0, 125)) && undefined,
  ),
)

const step = fc.tuple(
  fc.boolean(),
  fc.oneof({ weight: 3, arbitrary: sending }, { weight: 5, arbitrary: moving }, { weight: 2, arbitrary: disturbing }),
)

const limits: fc.Arbitrary<LimitOptions> = fc.record({
  maxOutgoingFrameSize: fc.constantFrom<'unlimited' | number>('unlimited', 'unlimited', 100, 1000, 65_536, 70_000),
  sendHighWaterMark: fc.constantFrom(200, 5000, 65_536),
  maxMessageSize: fc.constant(1024 * 1024),
})

/** Octets on the wire of what was accepted, by the picture in §5.2 alone. */
function handedOver(side: Side, { maxOutgoingFrameSize }: LimitOptions): number {
  const max = typeof maxOutgoingFrameSize === 'number' ? maxOutgoingFrameSize : Number.POSITIVE_INFINITY
  let sum = 0
  for (const length of side.handedOver) {
    for (let at = 0; at === 0 || at < length; at += max)
      sum += wireSize(Math.min(max, length - at), side.role === 'client')
  }
  return sum
}

/** Everything that left is whole frames in a legal order, masked by a client, and only Pongs come after a Close. */
function judgeOutput(side: Side): WireFrame[] {
  const { frames, rest } = readFrames(Buffer.concat(side.left))
  if (rest.length > 0) side.faults.push(`${rest.length} octets of a frame that is not whole`)
  let within = false
  let closed = false
  for (const frame of frames) {
    if (frame.masked !== (side.role === 'client') || frame.rsv !== 0) side.faults.push('masked or reserved')
    if (closed && frame.opcode !== 10) side.faults.push(`opcode ${frame.opcode} after a Close`)
    if (frame.opcode === 8) closed = true
    if (frame.opcode >= 8 && (!frame.fin || frame.payload.length > 125)) side.faults.push('a control frame')
    if (frame.opcode >= 8) continue
    if ((frame.opcode === 0) !== within) side.faults.push('a fragment out of place')
    within = !frame.fin
  }
  return frames
}

/** Both transports move until nothing moves any more. */
function settle(sides: readonly [Side, Side]): void {
  for (const side of sides) {
    side.connection.resume(0)
    side.block(false)
  }
  for (let quiet = false; !quiet; ) {
    quiet = true
    for (const [us, them] of [sides, [sides[1], sides[0]]] as const) {
      if (!us.connection.hasOutput && us.inFlight === 0) continue
      us.take(0)
      us.deliver(them, 1_000_000)
      quiet = false
    }
  }
}

/** Ends both transports as their owners must (§7.1.1), the server first. */
function hangUp([server, client]: readonly [Side, Side]): void {
  server.hangUp(client)
  client.hangUp(server)
  for (const side of [server, client]) side.connection.transportEnded(0)
}

function run(
  steps: readonly [boolean, Step][],
  closes: readonly [boolean, number, number][],
  limits: LimitOptions,
): [Side, Side] {
  const sides: [Side, Side] = [new Side('server', limits), new Side('client', limits)]
  for (const [i, [first, act]] of steps.entries()) {
    for (const [closer, code, at] of closes) if (at === i) sides[closer ? 0 : 1].connection.close(code, `${code}`, 0)
    if (first) act(sides[0], sides[1])
    else act(sides[1], sides[0])
    for (const side of sides) {
      const { octetsSent } = side.connection.closeRecord
      const left = side.left.reduce((sum, octets) => sum + octets.length, 0)
      if (octetsSent > left || side.connection.bufferedAmount < left - octetsSent)
        side.faults.push('octets are not conserved')
    }
  }
  settle(sides)
  return sides
}

const code = fc.constantFrom(1000, 1001, 1013, 3000, 4999)
const options = { numRuns: 150 }

t.test('6.1 6.2 R-07 every message arrives, in order, whatever the cuts, blocks, holds and Pings', async t => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), limits, (steps, limits) => {
      const sides = run(steps, [], limits)
      const [server, client] = sides
      assert.deepEqual([server.delivered, client.delivered], [client.accepted, server.accepted])
      for (const [us, them] of [sides, [client, server]] as const) {
        assert.equal(us.connection.bufferedAmount, 0)
        judgeOutput(us)
        const { octetsSent, octetsReceived, octetsUnsent } = us.connection.closeRecord
        assert.equal(octetsSent, them.connection.closeRecord.octetsReceived)
        assert.equal(octetsReceived, them.connection.closeRecord.octetsSent)
        assert.equal(octetsUnsent, 0)
      }
      sides[0].connection.close(1000, '', 0)
      settle(sides)
      hangUp(sides)
      assert.deepEqual(
        [server.record?.code, client.record?.code, server.record?.clean, client.record?.clean],
        [1000, 1000, true, true],
      )
      assert.deepEqual([server.faults, client.faults], [[], []])
    }),
    options,
  )
  t.pass()
})

t.test('7.1 both ends report the same end, once, and what was not delivered is what is told', async t => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
      fc.array(fc.tuple(fc.boolean(), code, fc.nat(60)), { minLength: 1, maxLength: 3 }),
      limits,
      (steps, closes, limits) => {
        const sides = run(
          steps,
          closes.map(([closer, code, at]) => [closer, code, at % steps.length]),
          limits,
        )
        hangUp(sides)
        const [server, client] = sides
        for (const [us, them] of [sides, [client, server]] as const) {
          const { sent, received, code, reason, clean, initiator, octetsUnsent } = us.record!
          assert.ok(clean)
          assert.deepEqual([code, reason], [them.record?.sent?.code, them.record?.sent?.reason])
          assert.deepEqual(received, them.record?.sent)
          assert.equal(us.closings, 1)
          const prefix = them.accepted.slice(0, us.delivered.length)
          assert.deepEqual(us.delivered, prefix, 'what arrives is the beginning of what was sent')
          // Who only answers a Close has discarded nothing of what came before it.
          if (initiator === 'peer') assert.equal(us.delivered.length, them.accepted.length)
          const data = judgeOutput(us).filter(frame => frame.opcode < 8)
          const left = data.reduce((sum, frame) => sum + wireSize(frame.payload.length, frame.masked), 0)
          assert.equal(
            left + octetsUnsent,
            handedOver(us, limits),
            'octets that were handed over have left or are told',
          )
          assert.equal(us.connection.bufferedAmount, 0)
          assert.ok(sent !== undefined)
        }
        assert.deepEqual([server.faults, client.faults], [[], []])
      },
    ),
    options,
  )
  t.pass()
})
