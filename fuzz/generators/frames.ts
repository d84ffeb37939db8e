/** Streams of frames: mostly legal messages with control frames between their fragments, now and then something illegal. */
import fc, { type Arbitrary } from 'fast-check'
import { buildRawFrame, type RawFrameParts } from '../../src/conformance/raw-frame.js'
import { frameOctets } from '../dictionary.js'
import { anyOctets, damaged, edgeSizes, patterned } from './octets.js'
import { anyText, validText } from './text.js'

const keys = fc.oneof(
  { weight: 3, arbitrary: fc.integer().map(key => Buffer.from(Int32Array.of(key).buffer)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...['00000000', 'ffffffff', '37fa213d'].map(hex => Buffer.from(hex, 'hex'))),
  },
)

const payloads = fc.oneof(
  { weight: 5, arbitrary: anyOctets },
  { weight: 3, arbitrary: anyText },
  { weight: 3, arbitrary: edgeSizes.map(size => patterned(size)) },
)

const closeBodies = fc.oneof(
  { weight: 2, arbitrary: fc.constant(Buffer.alloc(0)) },
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(1000, 1001, 1011, 1014, 3000, 4999), validText).map(closeBody) },
  { weight: 2, arbitrary: fc.tuple(fc.nat({ max: 5100 }), anyText).map(closeBody) },
  { weight: 1, arbitrary: fc.constant(Buffer.from([3])) },
)

function closeBody([code, reason]: [number, Buffer]): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason]).subarray(0, 125)
}

/** What control frames carry; the last opcode decides how often Close comes: an end makes the rest of a stream idle. */
const control = fc
  .tuple(fc.constantFrom(9, 9, 9, 10, 10, 8), payloads, closeBodies)
  .map(([opcode, payload, body]) => ({ opcode, payload: opcode === 8 ? body : payload.subarray(0, 125) }))

const legalControl: Arbitrary<Part> = control.map(({ opcode, payload }) => ({ fin: true, rsv: 0, opcode, payload }))

/** A frame but for its key. */
interface Part extends RawFrameParts {
  readonly payload: Buffer
}

/** A message in fragments, each with control frames before it. */
const message = fc
  .record({
    text: fc.boolean(),
    octets: fc.oneof(
      { weight: 3, arbitrary: anyText },
      { weight: 1, arbitrary: edgeSizes.map(size => patterned(size, true)) },
    ),
    cuts: fc.array(fc.nat(), { maxLength: 3 }),
    between: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(legalControl, { maxLength: 2 }) },
    ),
  })
  .map(({ text, octets, cuts, between }): Part[] => {
    const places = [...cuts.map(place => place % (octets.length + 1)).sort((a, b) => a - b), octets.length]
    return places.flatMap((end, index) => {
      const start = index === 0 ? 0 : places[index - 1]!
      const opcode = index > 0 ? 0 : text ? 1 : 2
      const fragment = { fin: index === places.length - 1, rsv: 0, opcode, payload: octets.subarray(start, end) }
      return index === 0 ? [fragment] : [...between, fragment]
    })
  })

const lengths = [0n, 125n, 126n, 65535n, 65536n, 70_001n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n]

/** Any frame that can be written, with a header that is wrong in one or several ways, perhaps. */
const strange: Arbitrary<Part> = fc
  .record({
    fin: fc.boolean(),
    rsv: fc.constantFrom(0, 0, 0, 4, 2, 1, 7),
    opcode: fc.nat({ max: 15 }),
    payload: payloads,
    form: fc.constantFrom(undefined, undefined, 2 as const, 8 as const),
    declared: fc.constantFrom(undefined, undefined, ...lengths),
  })
  .map(({ form, declared, ...frame }) => {
    const length = declared ?? BigInt(frame.payload.length)
    const fewest = length <= 125n ? 0 : length <= 65535n ? 2 : 8
    return { ...frame, payloadLength: length, lengthOctets: Math.max(form ?? 0, fewest) as 0 | 2 | 8 }
  })

/** A frame of which less comes than it declares: it swallows what follows. */
const short: Arbitrary<Part> = fc.record({
  fin: fc.boolean(),
  opcode: fc.constantFrom(1, 2, 0),
  payload: fc.constantFrom(0, 1, 60).map(size => patterned(size, true)),
  payloadLength: fc.constantFrom(61, 66_000, 70_000, 1_000_000, 1_048_576, 16_777_216).map(BigInt),
})

const part = fc.oneof(
  { weight: 8, arbitrary: message },
  { weight: 3, arbitrary: legalControl.map(one => [one]) },
  { weight: 1, arbitrary: strange.map(one => [one]) },
  { weight: 1, arbitrary: short.map(one => [one]) },
)

/** The octets of a stream of frames, as a client sends them (masked) or a server. */
export function frameStream(masked: boolean): Arbitrary<Buffer> {
  const wrongMask = fc.constantFrom(false, false, false, false, false, false, false, false, false, false, false, true)
  const stream = fc
    .tuple(fc.array(part, { maxLength: 5 }), fc.array(keys, { minLength: 1, maxLength: 3 }), wrongMask)
    .map(([parts, some, wrong]) => {
      const frames = parts.flat().map((frame, index) => {
        const key = masked !== (wrong && index === 1) ? some[index % some.length] : undefined
        return buildRawFrame({ ...frame, maskingKey: key })
      })
      return Buffer.concat(frames)
    })
  return damaged(fc.oneof({ weight: 12, arbitrary: stream }, { weight: 1, arbitrary: anyOctets }), frameOctets)
}
