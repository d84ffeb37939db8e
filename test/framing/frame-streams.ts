/** Generators for properties: streams of frames, legal and not, and places to cut them at. */
import fc from 'fast-check'
import { buildRawFrame, type RawFrameParts } from '../../src/conformance/raw-frame.js'
import type { Role } from '../../src/framing/frame-header.js'

export const role: fc.Arbitrary<Role> = fc.constantFrom('client', 'server')

/** Places for cut(): few or many, some twice. */
export const places: fc.Arbitrary<number[]> = fc.array(fc.nat({ max: 0xffffff }), { maxLength: 24 })

/** Sizes around every place where something changes: the form of the length, the way of masking. */
export const payloadSize: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 20 }) },
  { weight: 3, arbitrary: fc.constantFrom(47, 48, 49, 124, 125, 126, 127, 128, 200, 255, 256, 257, 1024) },
  { weight: 1, arbitrary: fc.constantFrom(65534, 65535, 65536, 65537) },
)

export const payload: fc.Arbitrary<Buffer> = fc
  .tuple(payloadSize, fc.integer())
  .map(([size, seed]) => Buffer.from(Array.from({ length: size }, (_, i) => Math.imul(seed + i, 0x9e3779b1) >>> 24)))

export const maskingKey: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map(octets => Buffer.from(octets)),
  fc.constantFrom('00000000', 'ffffffff', '37fa213d', '80000000', '000000ff').map(key => Buffer.from(key, 'hex')),
)

/** Frames that an endpoint of this role may receive. */
export function legalFrame(receiver: Role): fc.Arbitrary<RawFrameParts> {
  const key = receiver === 'server' ? maskingKey : fc.constant(undefined)
  const data = fc.record({ opcode: fc.constantFrom(0, 1, 2), fin: fc.boolean(), payload, maskingKey: key })
  const control = fc.record({
    opcode: fc.constantFrom(8, 9, 10),
    fin: fc.constant(true),
    payload: payload.map(octets => octets.subarray(0, 125)),
    maskingKey: key,
  })
  return fc.oneof({ weight: 3, arbitrary: data }, { weight: 1, arbitrary: control })
}

const declaredLength = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc
    .tuple(fc.constantFrom(0n, 7n, 16n, 31n, 32n, 52n, 53n, 63n), fc.bigInt({ min: -2n, max: 2n }))
    .map(([power, more]) => {
      const length = 2n ** power + more
      return length < 0n ? 0n : length
    }),
)

/** Frames in which one thing or another may be wrong, or nothing; mostly masked as they must be. */
function anyFrame(receiver: Role): fc.Arbitrary<RawFrameParts> {
  const legalKey = receiver === 'server' ? maskingKey : fc.constant(undefined)
  const parts = fc.record({
    opcode: mostly(fc.constantFrom(0, 1, 2, 2, 8, 9, 10), fc.nat({ max: 15 })),
    fin: mostly(fc.constant(true), fc.boolean()),
    rsv: mostly(fc.constant(0), fc.nat({ max: 7 })),
    payload,
    maskingKey: mostly(legalKey, fc.option(maskingKey, { nil: undefined })),
  })
  const lengthOctets = fc.constantFrom(undefined, 2 as const, 8 as const)
  const declared = fc.option(declaredLength, { nil: undefined, freq: 2 })
  return fc.tuple(parts, lengthOctets, declared).map(([frame, octets, length]) => {
    const size = length ?? BigInt(frame.payload.length)
    const fewest = size <= 125n ? undefined : size <= 65535n ? 2 : 8
    const form = octets === undefined || (fewest ?? 0) > octets ? fewest : octets
    return { ...frame, payloadLength: size, ...(form === undefined ? {} : { lengthOctets: form }) }
  })
}

function mostly<T>(legal: fc.Arbitrary<T>, any: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: legal }, { weight: 1, arbitrary: any })
}

/** Streams that this role may receive, or whose beginning it may. */
export function octetStream(receiver: Role): fc.Arbitrary<Buffer> {
  const legal = fc.array(legalFrame(receiver), { maxLength: 8 }).map(join)
  const mixed = fc
    .tuple(
      fc.array(legalFrame(receiver), { maxLength: 3 }),
      fc.array(anyFrame(receiver), { minLength: 1, maxLength: 3 }),
    )
    .map(([first, then]) => join([...first, ...then]))
  const noise = fc
    .tuple(fc.array(legalFrame(receiver), { maxLength: 2 }), fc.uint8Array({ maxLength: 40 }))
    .map(([first, octets]) => Buffer.concat([join(first), octets]))
  const truncated = fc
    .tuple(legal, fc.nat({ max: 0xffffff }))
    .map(([octets, place]) => octets.subarray(0, place % (octets.length + 1)))
  return fc.oneof(legal, mixed, noise, truncated)
}

function join(frames: readonly RawFrameParts[]): Buffer {
  return Buffer.concat(frames.map(buildRawFrame))
}
