/** Compressed messages that follow each other on a connection, with a little damage. */
import { constants, deflateRawSync } from 'node:zlib'
import fc, { type Arbitrary } from 'fast-check'
import type { Chunks } from '../chunks.js'
import { damaged } from './octets.js'

/** Pieces of DEFLATE that mean something at some place of it, in hexadecimal. */
// biome-ignore format: a table
const pieces: readonly Buffer[] = [
  '00', '01', '02', '03', '04', '05', '06', '07', // headers of blocks
  '000000ffff', '010000ffff', '0000ffff', '00ffff', 'ffff', '00010000feff', '000500faff', // with no compression
  '0300', '030000', '4b040000', '02dfff0f00', '020000', 'f248cdc9c90700', 'f2001100', 'f348cdc9c9070000', // with fixed codes
  '05e0810000', '04c081', 'edc081', '0580', 'fd', '7f', 'ff', 'aa', '55', // with codes of their own, and none
].map(hex => Buffer.from(hex, 'hex'))

const text = fc.oneof(
  fc
    .array(fc.constantFrom('tick', '"price":', '1234', 'ü€', '\0', 'aaaaaaaa'), { maxLength: 60 })
    .map(parts => Buffer.from(parts.join(''))),
  fc.uint8Array({ maxLength: 80 }).map(octets => Buffer.from(octets)),
  fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 255 })).map(([size, octet]) => Buffer.alloc(size, octet)),
)

const plan = fc.record({
  text,
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE),
  final: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
})

/** Each refers to those before it, until a final block ends that. */
const whole: Arbitrary<Chunks> = fc.array(plan, { minLength: 1, maxLength: 4 }).map(plans => {
  let window: Buffer = Buffer.alloc(0)
  return plans.map(({ text, level, strategy, final }) => {
    const finishFlush = final ? constants.Z_FINISH : constants.Z_SYNC_FLUSH
    const deflated = deflateRawSync(text, { level, strategy, finishFlush, dictionary: window })
    window = final ? Buffer.alloc(0) : Buffer.concat([window, text]).subarray(-32_768)
    if (final) return Buffer.concat([deflated, Buffer.from([0])])
    return deflated.length === 0 ? Buffer.from([0]) : Buffer.from(deflated.subarray(0, -4))
  })
})

const strung = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map(parts => Buffer.concat(parts))

/** Messages as they come, one chunk each. */
export const deflatedMessages: Arbitrary<Chunks> = fc.oneof(
  { weight: 3, arbitrary: whole },
  {
    weight: 4,
    arbitrary: fc
      .tuple(whole, fc.nat({ max: 3 }))
      .chain(([messages, which]) =>
        damaged(fc.constant(messages[which % messages.length]!), pieces).map(one =>
          messages.with(which % messages.length, one),
        ),
      ),
  },
  { weight: 2, arbitrary: fc.array(damaged(strung, pieces), { minLength: 1, maxLength: 3 }) },
)
