/** The memory of an incomplete message (RFC 6455 §5.4, §10.4; attack cases M-06 to M-08), computed from its structure. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { MessageBuffer } from '../../src/connection/message-buffer.js'

const allowance = 64 * 1024

/** A run of a message: how long, in a chunk of how many octets, and where in it. */
interface Run {
  readonly length: number
  readonly before: number
  readonly after: number
  /** It is written to where it belongs, if there is such a place already. */
  readonly direct?: boolean
}

const sizes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 15_000, max: 18_000 }) },
  fc.integer({ min: 0, max: 200_000 }),
)

const runs: fc.Arbitrary<Run> = fc.record({
  length: sizes,
  before: sizes,
  after: sizes,
  direct: fc.boolean(),
})

/** Checks the bound after each run, and that the whole is what was put in. */
function fill(runs: readonly Run[], known: boolean): string | undefined {
  const buffer = new MessageBuffer()
  let received = 0
  let octet = 0
  const total = runs.reduce((sum, run) => sum + run.length, 0)
  const expected = Buffer.alloc(total)
  for (const { length, before, after, direct } of runs) {
    const chunk = Buffer.allocUnsafeSlow(before + length + after)
    chunk.fill(octet++, before, before + length)
    chunk.copy(expected, received, before, before + length)
    received += length
    const toCome = known ? total - received : Number.POSITIVE_INFINITY
    const room = direct ? buffer.room(length, toCome) : undefined
    if (room !== undefined && room.length !== length) return `room for ${room.length} octets of ${length}`
    if (room !== undefined) chunk.copy(room, 0, before, before + length)
    if (room === undefined) buffer.append(chunk, before, before + length, toCome)
    else buffer.append(room, 0, length, toCome)
    if (buffer.size !== received) return `${buffer.size} octets held of ${received}`
    if (buffer.retained > 2 * received + allowance) return `${buffer.retained} octets retained for ${received}`
  }
  if (!buffer.take().equals(expected)) return 'other octets than were put in'
  return buffer.size === 0 && buffer.retained === 0 ? undefined : 'not empty after take()'
}

t.test(
  'M-06 M-07 M-08 retained is at most twice what has come and 64 KiB, at each step, for all sizes of runs',
  async t => {
    fc.assert(
      fc.property(fc.array(runs, { maxLength: 40, size: 'max' }), fc.boolean(), (runs, known) => {
        assert.equal(fill(runs, known), undefined)
      }),
    )
    t.pass()
  },
)

t.test('M-06 130,000 runs of one octet', async t => {
  const buffer = new MessageBuffer()
  const octet = Buffer.from('x')
  for (let received = 1; received <= 130_000; received++) {
    buffer.append(octet, 0, 1, Number.POSITIVE_INFINITY)
    if (buffer.retained > 2 * received + 4096) t.fail(`${buffer.retained} octets for ${received}`)
  }
  assert.equal(buffer.take().length, 130_000)
})

t.test('M-06 one octet between large runs, again and again', async t => {
  const large = { length: 16 * 1024, before: 0, after: 16 * 1024 }
  const small = { length: 1, before: 0, after: 0 }
  assert.equal(
    fill(
      Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? small : large)),
      false,
    ),
    undefined,
  )
  t.pass()
})

t.test('M-08 a small run that is the last of a large chunk does not keep the chunk', async t => {
  const buffer = new MessageBuffer()
  buffer.append(Buffer.allocUnsafeSlow(1_000_000), 900_000, 1_000_000, Number.POSITIVE_INFINITY)
  t.equal(buffer.retained, 100_000)
})

t.test('5.4 once half of a long message is there, what follows has its place', async t => {
  const buffer = new MessageBuffer()
  const chunk = Buffer.alloc(65_536, 'a')
  t.equal(buffer.room(65_536, 200_000), undefined, 'a quarter')
  buffer.append(chunk, 0, 65_536, 200_000)
  t.equal(buffer.retained, 65_536)
  const room = buffer.room(100_000, 100_000)!
  t.equal(buffer.retained, 265_536, 'the whole, and no chunk')
  room.fill('b')
  buffer.append(room, 0, 100_000, 100_000)
  const rest = buffer.room(100_000, 0)!.fill('c')
  buffer.append(rest, 0, 100_000, 0)
  const whole = buffer.take()
  t.equal(whole.buffer, room.buffer, 'which is what is handed over')
  t.ok(whole.equals(Buffer.concat([chunk, Buffer.alloc(100_000, 'b'), Buffer.alloc(100_000, 'c')])))
})

t.test('5.4 a large run that is most of its chunk is not copied', async t => {
  const buffer = new MessageBuffer()
  const chunk = Buffer.allocUnsafeSlow(20_000)
  buffer.append(chunk, 10, 20_000, 0)
  const whole = buffer.take()
  t.equal(whole.buffer, chunk.buffer)
  t.equal(whole.length, 19_990)
})
