/** Octets with a little damage, and the places where they are cut. */
import fc, { type Arbitrary } from 'fast-check'
import { type Chunks, cutAt, cutEverywhere } from '../chunks.js'

/** How one place is damaged: octets are taken away, then others put in. */
interface Damage {
  readonly place: number
  readonly taken: number
  readonly put: Buffer
}

/** Octets that one of `words` may replace anywhere; three in four stay as they are. */
export function damaged(octets: Arbitrary<Buffer>, words: readonly Buffer[]): Arbitrary<Buffer> {
  const put = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...words) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 4 }).map(array => Buffer.from(array)) },
    { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
  )
  const damage = fc.record({ place: fc.nat(), taken: fc.nat({ max: 4 }), put })
  const damages = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(damage, { minLength: 1, maxLength: 3 }) },
  )
  return fc.tuple(octets, damages).map(([whole, list]) => list.reduce(apply, whole))
}

function apply(octets: Buffer, { place, taken, put }: Damage): Buffer {
  const at = place % (octets.length + 1)
  return Buffer.concat([octets.subarray(0, at), put, octets.subarray(Math.min(at + taken, octets.length))])
}

/** As they are, cut at a few places, or octet by octet. */
export function inChunks(octets: Arbitrary<Buffer>): Arbitrary<Chunks> {
  const cuts = fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 5, arbitrary: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.constant('everywhere' as const) },
  )
  return fc.tuple(octets, cuts).map(([whole, places]) => {
    if (places !== 'everywhere') return cutAt(whole, places)
    return whole.length > 4096 ? cutAt(whole, [1, 4095, 4096, 4097]) : cutEverywhere(whole)
  })
}

/** Short octets, whatever they are. */
export const anyOctets: Arbitrary<Buffer> = fc.uint8Array({ maxLength: 24 }).map(array => Buffer.from(array))

/** Sizes around which something changes: forms of length, masking by words, thresholds of copying. */
export const edgeSizes: Arbitrary<number> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(0, 1, 2, 3, 4, 7, 20, 21, 48, 63, 64, 65, 124, 125, 126, 127, 128, 129, 255, 256),
  },
  { weight: 4, arbitrary: fc.constantFrom(1023, 1024, 1025, 4095, 4096, 4097) },
  { weight: 1, arbitrary: fc.constantFrom(16383, 16384, 16385, 65535, 65536, 65537) },
)

/** So many octets that are different from their neighbours, and all ASCII where `text`. */
export function patterned(size: number, text = false): Buffer {
  const octets = Buffer.allocUnsafe(size)
  for (let i = 0; i < size; i++) octets[i] = text ? 0x61 + ((i * 7) % 26) : (i * 31 + (i >> 8)) & 0xff
  return octets
}
