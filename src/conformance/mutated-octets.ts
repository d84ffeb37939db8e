/** Sessions that were legal once: a few frames, in which a few octets have been changed. The same for the same seed. */
import { Opcode, type Role } from '../framing/frame-header.js'
import { binary, close, continuation, type FrameParts, ping, pong, text } from './frame-parts.js'
import { buildRawFrame } from './raw-frame.js'
import type { SeededOctets } from './seeded-octets.js'

/** The octets of a session. */
export function mutatedOctets(tested: Role, chance: SeededOctets): Buffer {
  const frames = Array.from({ length: 1 + chance.below(5) }, () => someFrames(chance)).flat()
  if (chance.below(4) === 0) frames.push(close(1000, 'bye'))
  let octets: Buffer = Buffer.concat(
    frames.map(parts => buildRawFrame({ ...parts, maskingKey: tested === 'server' ? chance.take(4) : undefined })),
  )
  for (let left = 1 + chance.below(3); left > 0; left--)
    octets = mutations[chance.below(mutations.length)]!(octets, chance)
  return octets
}

function someFrames(chance: SeededOctets): FrameParts[] {
  const payload = chance.take(chance.below(150))
  const words = 'κόσμε 😀 and more'.slice(0, chance.below(16))
  const kinds: (() => FrameParts[])[] = [
    () => [text(words)],
    () => [binary(payload)],
    () => [ping(payload.subarray(0, 125))],
    () => [pong(words)],
    () => [text(words, { fin: false }), continuation('…')],
    () => [binary(payload, { fin: false }), ping(''), continuation(payload, { fin: false }), continuation('')],
  ]
  return kinds[chance.below(kinds.length)]!()
}

type Mutation = (octets: Buffer, chance: SeededOctets) => Buffer

const mutations: readonly Mutation[] = [
  // A bit turned over; in the first octets, where the headers are, as often as elsewhere.
  (octets, chance) => changed(octets, chance, octet => octet ^ (1 << chance.below(8))),
  (octets, chance) => changed(octets.subarray(0, 16), chance, octet => octet ^ (1 << chance.below(8)), octets),
  (octets, chance) => changed(octets, chance, () => [0, 1, 0x7d, 0x7e, 0x7f, 0x80, 0xfe, 0xff][chance.below(8)]!),
  // Some octets more, twice, or gone.
  (octets, chance) => spliced(octets, chance, 0, chance.take(1 + chance.below(4))),
  (octets, chance) => spliced(octets, chance, 1 + chance.below(4), Buffer.alloc(0)),
  (octets, chance) => Buffer.concat([octets, octets.subarray(chance.below(octets.length))]),
  (octets, chance) => octets.subarray(0, 1 + chance.below(octets.length)),
]

function changed(part: Buffer, chance: SeededOctets, change: (octet: number) => number, whole = part): Buffer {
  const copy = Buffer.from(whole)
  const at = chance.below(part.length)
  copy[at] = change(copy[at]!)
  return copy
}

function spliced(octets: Buffer, chance: SeededOctets, gone: number, more: Buffer): Buffer {
  const at = chance.below(octets.length)
  return Buffer.concat([octets.subarray(0, at), more, octets.subarray(at + gone)])
}

/** The message that comes before, untouched: the endpoint works. */
export const untouched = { opcode: Opcode.text, payload: 'before the mutation' } as const
