/** Octets gathered piece by piece are the same as one, however they came; and are made one in steps that are not long. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { GatheredOctets } from '../../src/extensions/gathered-octets.js'

/** Made one, and the number of steps that took. */
function join(gathered: GatheredOctets): { whole: Buffer; steps: number } {
  for (let steps = 1; ; steps++) {
    const whole = gathered.work()
    if (whole !== undefined) return { whole, steps }
  }
}

t.test('pieces of any size, copied or written in place', async t => {
  const piece = fc.record({ size: fc.oneof(fc.nat(100), fc.nat(300_000)), octet: fc.nat(255), inPlace: fc.boolean() })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(3), (pieces, drop) => {
      const gathered = new GatheredOctets()
      const expected: Buffer[] = []
      for (const { size, octet, inPlace } of pieces) {
        const octets = Buffer.alloc(size, octet)
        expected.push(octets)
        if (!inPlace) gathered.add(octets)
        for (let at = 0; inPlace && at < size; ) {
          const { room, used } = gathered
          assert(used < room.length)
          const written = octets.copy(room, used, at)
          gathered.wrote(written)
          at += written
        }
      }
      const all = Buffer.concat(expected)
      assert.equal(gathered.size, all.length)
      const dropped = Math.min(drop, all.length)
      gathered.drop(dropped)
      assert(join(gathered).whole.equals(all.subarray(0, all.length - dropped)))
    }),
  )
  t.pass()
})

t.test('64 MiB are joined in steps of a few MiB, into memory of exactly their size', async t => {
  const gathered = new GatheredOctets()
  const piece = randomBytes(1024 * 1024)
  for (let n = 0; n < 64; n++) gathered.add(piece)
  const { whole, steps } = join(gathered)
  t.ok(steps >= 16 && steps <= 64, `${steps} steps`)
  t.equal(whole.buffer.byteLength, 64 * 1024 * 1024)
  t.ok(whole.subarray(-piece.length).equals(piece))
})
