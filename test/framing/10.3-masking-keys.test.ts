// RFC 6455 §10.3 Attacks On Infrastructure (Masking), §5.3: masking-keys are unpredictable, fresh for each frame, and
// drawn from the operating system; the caller's octets are not what is masked.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import t from 'tap'
import { readRawFrames } from '../../src/conformance/raw-frame.js'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { Opcode } from '../../src/framing/frame-header.js'
import { createMaskingKeySource, cryptographicMaskingKeys, type MaskingKeySource } from '../../src/framing/masking.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'

const million = 1_000_000

// The value that chi-square with 255 degrees of freedom exceeds with a probability of 0.001.
const critical = 330.5

/** Chi-square of 256 counts. */
function chiSquare(counts: Uint32Array): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** What is suspicious in a million keys: each octet by itself, each against its like in the key before, repetitions. */
function suspicions(source: MaskingKeySource): string[] {
  const keys = Int32Array.from({ length: million }, source)
  const found: string[] = []
  for (const shift of [0, 8, 16, 24]) {
    const values = new Uint32Array(256)
    const steps = new Uint32Array(256)
    for (let i = 0; i < keys.length; i++) {
      const octet = (keys[i]! >>> shift) & 0xff
      values[octet]!++
      if (i > 0) steps[(octet - (keys[i - 1]! >>> shift)) & 0xff]!++
    }
    if (chiSquare(values) > critical) found.push(`octet ${shift / 8}`)
    if (chiSquare(steps) > critical) found.push(`steps of octet ${shift / 8}`)
  }
  for (let bit = 0; bit < 32; bit++) {
    const ones = keys.reduce((sum, key) => sum + ((key >>> bit) & 1), 0)
    // Half of them, but for 3.3 standard deviations of 500: a probability of 0.001.
    if (Math.abs(ones - million / 2) > 1650) found.push(`bit ${bit}`)
  }
  // A million draws out of 2^32 make 116 repetitions, give or take 11.
  const repetitions = million - new Set(keys).size
  if (repetitions < 70 || repetitions > 170) found.push('repetitions')
  return found
}

/**
 * Suspicions that three samples share. One sample of a perfect source is suspected with a probability of some 5 in 100,
 * three of them of the same thing with less than one in ten million.
 */
function lastingSuspicions(source: MaskingKeySource): string[] {
  let found = suspicions(source)
  for (let again = 0; again < 2 && found.length > 0; again++) {
    const next = suspicions(source)
    found = found.filter(suspicion => next.includes(suspicion))
  }
  return found
}

t.test(
  'K-01 10.3-1 a million masking-keys: every octet and bit without bias, no pattern from one to the next',
  async t => {
    t.same(lastingSuspicions(cryptographicMaskingKeys), [])
  },
)

t.test('K-01 that measure sees a counter, a bias and a repetition', async t => {
  let count = 0
  t.not(suspicions(() => count++).length, 0)
  t.not(suspicions(() => cryptographicMaskingKeys() | 1).length, 0)
  const few = Int32Array.from({ length: 4096 }, cryptographicMaskingKeys)
  t.not(suspicions(() => few[count++ % few.length]!).length, 0)
})

t.test(
  'K-01 5.3-3 "derived from a strong source of entropy": crypto.randomFillSync, and never Math.random',
  async t => {
    const { random } = Math
    const fill = crypto.randomFillSync
    t.teardown(() => {
      Math.random = random
      crypto.randomFillSync = fill
      syncBuiltinESMExports()
    })
    Math.random = () => {
      throw new Error('Math.random was asked')
    }
    const sizes: number[] = []
    crypto.randomFillSync = ((pool: Int32Array<ArrayBuffer>) => {
      sizes.push(pool.byteLength)
      return fill(pool)
    }) as typeof fill
    syncBuiltinESMExports()
    const source = createMaskingKeySource()
    t.same(sizes, [], 'nothing is drawn before the first frame')
    for (let i = 0; i < 3 * 2048; i++) source()
    t.same(sizes, [8192, 8192, 8192])
  },
)

t.test('K-01 5.3-2 "a fresh masking key": each octet of the pool is used once, also where the pool wraps', async t => {
  let filled = 0
  const source = createMaskingKeySource(pool => {
    for (let i = 0; i < pool.length; i++) pool[i] = filled++
  })
  const keys = Array.from({ length: 5 * 2048 + 1 }, source)
  t.ok(
    keys.every((key, i) => key === i),
    'in order, none twice, none left out',
  )
  t.equal(filled, 6 * 2048)
})

t.test('K-01 a source that fails to fill gives no key at all, then goes on', async t => {
  let works = true
  const source = createMaskingKeySource(pool => {
    if (!works) throw new Error('no entropy')
    pool.fill(7)
  })
  for (let i = 0; i < 2048; i++) source()
  works = false
  t.throws(source, { message: 'no entropy' })
  t.throws(source, { message: 'no entropy' })
  works = true
  t.equal(source(), 7)
})

t.test('5.3-4 K-01 a new key for each frame of a client, also when the same frame is sent again', async t => {
  const encoder = new FrameEncoder('client', cryptographicMaskingKeys, new OutputSlabPool())
  const payload = Buffer.from('the same')
  for (let i = 0; i < 1000; i++) {
    encoder.writeFrame(true, 0, Opcode.binary, payload)
    encoder.writeText(true, 0, Opcode.text, 'the same')
    encoder.writePiece(payload, encoder.writeHeader(true, 0, Opcode.binary, payload.length))
  }
  const { frames } = readRawFrames(Buffer.concat(encoder.take()))
  t.equal(frames.length, 3000)
  t.ok(frames.every(frame => frame.payload.equals(payload)))
  // Of 3,000 keys out of 2^32 one pair is equal with a probability of 0.001; ten are never.
  t.ok(new Set(frames.map(frame => frame.maskingKey?.toString('hex'))).size > 2990)
})

t.test('10.3-1 a source is asked once for each frame, and only by a client', async t => {
  for (const [role, expected] of [
    ['client', 3],
    ['server', 0],
  ] as const) {
    let asked = 0
    const encoder = new FrameEncoder(role, () => asked++, new OutputSlabPool())
    encoder.writeFrame(true, 0, Opcode.binary, Buffer.alloc(10))
    encoder.writeText(true, 0, Opcode.text, 'x')
    const key = encoder.writeHeader(true, 0, Opcode.binary, 20)
    encoder.writePiece(Buffer.alloc(10), encoder.writePiece(Buffer.alloc(10), key))
    t.equal(asked, expected, role)
  }
})

t.test('K-02 10.3 a payload that looks like HTTP does not so on the wire, in a million frames', async t => {
  const chosen = Buffer.from('GET / HTTP/1.1\r\n')
  const encoder = new FrameEncoder('client', cryptographicMaskingKeys, new OutputSlabPool())
  let seen = 0
  for (let i = 0; i < million / 100; i++) {
    for (let k = 0; k < 100; k++) encoder.writeFrame(true, 0, Opcode.binary, chosen)
    const wire = Buffer.concat(encoder.take())
    for (let at = wire.indexOf(chosen); at >= 0; at = wire.indexOf(chosen, at + 1)) seen++
    encoder.release()
  }
  // The key of four zeros comes once in 2^32 frames: more than once here with a probability of 3 in 10^8.
  t.ok(seen <= 1, `${seen}`)
})

t.test(
  'K-03 10.3-2 what the caller handed over is not changed by masking, nor is what is sent by the caller',
  async t => {
    for (const length of [1, 47, 48, 1000, 65536]) {
      const original = Buffer.alloc(length, 'payload')
      const payload = Buffer.from(original)
      const encoder = new FrameEncoder('client', cryptographicMaskingKeys, new OutputSlabPool())
      encoder.writeFrame(true, 0, Opcode.binary, payload)
      encoder.writePiece(payload, encoder.writeHeader(true, 0, Opcode.binary, length))
      t.ok(payload.equals(original), `${length} octets are as they were`)
      payload.fill(0)
      const { frames } = readRawFrames(Buffer.concat(encoder.take()))
      t.same(
        frames.map(frame => frame.payload.equals(original)),
        [true, true],
      )
    }
  },
)
