/** Payloads of several kinds, the same for the same kind, size and number: what is easy to compress, and what is not. */
import { Opcode } from '../../framing/frame-header.js'
import { SeededOctets } from '../seeded-octets.js'
import type { Compressible } from '../steps/deflating.js'

/** A kind of payload. */
export interface PayloadKind {
  readonly name: string
  readonly opcode: number
  /** A part of it; parts follow one another until the payload is long enough. */
  part(chance: SeededOctets): Buffer
}

const words = [
  'Habe',
  'nun',
  'ach',
  'Philosophie',
  'Juristerei',
  'und',
  'Medizin',
  'studiert',
  'mit',
  'heißem',
  'Bemühn',
]

function pick<Of>(from: readonly Of[], chance: SeededOctets): Of {
  return from[chance.below(from.length)]!
}

/** As Autobahn|Testsuite has them: JSON, a picture, German text, HTML, and a file that is compressed already. */
export const payloadKinds: readonly PayloadKind[] = [
  {
    name: 'json',
    opcode: Opcode.text,
    part: chance =>
      Buffer.from(
        `${JSON.stringify({ id: chance.below(100_000), name: pick(words, chance), tags: ['a', 'b'], active: true })},\n`,
      ),
  },
  {
    name: 'picture',
    opcode: Opcode.binary,
    part: chance => Buffer.alloc(8 + chance.below(24), chance.below(8) * 16),
  },
  { name: 'german', opcode: Opcode.text, part: chance => Buffer.from(`${pick(words, chance)} `) },
  {
    name: 'html',
    opcode: Opcode.text,
    part: chance => Buffer.from(`<li class="item"><a href="/${chance.below(1000)}">${pick(words, chance)}</a></li>\n`),
  },
  { name: 'random', opcode: Opcode.binary, part: chance => chance.take(64) },
]

/** The nth payload of a kind: not text that ends within a code point. */
export function payloadOf(kind: PayloadKind, size: number, nth: number): Compressible {
  const chance = new SeededOctets(nth, `${kind.name} ${size}`)
  const parts: Buffer[] = []
  for (let length = 0; length < size; ) {
    const part = kind.part(chance)
    parts.push(part)
    length += part.length
  }
  const payload = Buffer.concat(parts).subarray(0, size)
  // Where the last character was cut, spaces stand for what is left of it.
  if (kind.opcode === Opcode.text) {
    for (let at = size - 1; at >= 0 && payload[at]! >= 0x80; at--) payload[at] = 0x20
  }
  return { opcode: kind.opcode, payload }
}
