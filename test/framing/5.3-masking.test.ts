// RFC 6455 §5.3 Client-to-Server Masking: mask() against "transformed-octet-i = original-octet-i XOR
// masking-key-octet-j, j = i MOD 4", at every length, offset and alignment, whole and in runs.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { mask } from '../../src/framing/masking.js'
import { received } from './received.js'
import { hex, octetByOctet, payloadLine, trace } from './trace.js'

const keys = ['00000000', 'ffffffff', '37fa213d', '01000000', '00000080', '80000000', 'ff00ff00', '00ff0180'].map(hex)

/** The RFC's words. */
function naively(octets: Uint8Array, key: Buffer): Buffer {
  return Buffer.from(Array.from(octets, (octet, i) => octet ^ key[i % 4]!))
}

/** Octets that differ from their neighbours. */
function pattern(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (i * 167 + 13) & 0xff))
}

/** Masks `length` octets that lie `offset` octets into their memory, between octets that must stay. */
function maskAt(offset: number, before: number, length: number, key: Buffer): { all: Uint8Array; turned: number } {
  const memory = new ArrayBuffer(offset + before + length + 8)
  const all = new Uint8Array(memory)
  all.set(pattern(all.length))
  const turned = mask(new Uint8Array(memory, offset), before, before + length, key.readInt32LE())
  return { all, turned }
}

/** The key after so many octets: octet number `length` of the endless repetition comes first. */
function turnNaively(key: Buffer, length: number): number {
  return Buffer.from(Array.from({ length: 4 }, (_, i) => key[(length + i) % 4]!)).readInt32LE()
}

t.test('F-28 5.3 every length 0…130, every alignment, against an octet loop; nothing around is touched', async t => {
  for (let length = 0; length <= 130; length++) {
    for (let offset = 0; offset < 8; offset++) {
      const key = keys[(length + offset) % keys.length]!
      const { all, turned } = maskAt(offset, length % 5, length, key)
      const expected = pattern(all.length)
      const start = offset + (length % 5)
      expected.set(naively(expected.subarray(start, start + length), key), start)
      if (!expected.equals(all) || turned !== turnNaively(key, length)) t.fail(`length ${length}, offset ${offset}`)
    }
  }
  t.pass()
})

for (const key of keys) {
  t.test(`F-28 5.3 masking-key ${key.toString('hex')}: odd lengths, every place to cut 0…64`, async t => {
    const octets = pattern(67)
    const expected = naively(octets, key)
    for (let place = 0; place <= 64; place++) {
      const masked = Buffer.from(octets)
      const turned = mask(masked, 0, place, key.readInt32LE())
      mask(masked, place, masked.length, turned)
      if (!masked.equals(expected)) t.fail(`cut at ${place}`)
    }
    t.pass()
  })
}

t.test('F-28 5.3 the decoder unmasks exactly, whatever the key, the length and the places it is cut at', async t => {
  for (const maskingKey of keys) {
    for (let length = 0; length <= 64; length++) {
      const payload = pattern(length)
      const octets = received('server', { opcode: 2, payload, maskingKey })
      const expected = [`binary fin ${length}`, payloadLine('=', payload)]
      for (let place = 0; place <= octets.length; place++) {
        const found = trace('server', [octets.subarray(0, place), octets.subarray(place)])
        if (found.join() !== expected.join()) t.same(found, expected, `length ${length}, cut at ${place}`)
      }
      t.same(trace('server', octetByOctet(octets)), expected)
    }
  }
})

const run = fc.record({
  octets: fc.uint8Array({ maxLength: 400 }),
  offset: fc.nat({ max: 16 }),
  key: fc.integer(),
  places: fc.array(fc.nat(), { maxLength: 6 }),
})

t.test('5.3 mask∘mask is the identity, and runs make no difference', async t => {
  fc.assert(
    fc.property(run, ({ octets, offset, key, places }) => {
      const memory = new Uint8Array(offset + octets.length).subarray(offset)
      memory.set(octets)
      mask(memory, 0, memory.length, key)
      const wireKey = Buffer.alloc(4)
      wireKey.writeInt32LE(key)
      assert.deepEqual(Buffer.from(memory), naively(octets, wireKey))
      let at = 0
      let turned = key
      for (const place of [...places.map(place => place % (octets.length + 1)).sort((a, b) => a - b), octets.length]) {
        turned = mask(memory, at, place, turned)
        at = place
      }
      assert.deepEqual(memory, octets)
    }),
    { numRuns: 2000 },
  )
  t.pass()
})

t.test('5.3 a masking-key is taken as 32 bits, signed or not', async t => {
  for (const length of [5, 60]) {
    const one = pattern(length)
    const other = pattern(length)
    t.equal(mask(one, 0, length, -2) | 0, mask(other, 0, length, 0xfffffffe) | 0)
    t.same(one, other)
  }
})

t.test('5.3 "The masking does not affect the length of the "Payload data""', async t => {
  for (const length of [0, 1, 4, 125, 126, 65536]) {
    const plain = received('client', { opcode: 2, payload: Buffer.alloc(length) })
    t.equal(received('server', { opcode: 2, payload: Buffer.alloc(length) }).length, plain.length + 4)
  }
})
