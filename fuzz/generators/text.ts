/** Octets that are UTF-8, nearly UTF-8, or neither. */
import fc, { type Arbitrary } from 'fast-check'
import { utf8Octets } from '../dictionary.js'
import { anyOctets, edgeSizes, patterned } from './octets.js'

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }).map(text => Buffer.from(text)) },
  { weight: 3, arbitrary: fc.constantFrom(...utf8Octets.slice(0, 16)) },
  { weight: 2, arbitrary: edgeSizes.map(size => patterned(Math.min(size, 300), true)) },
)

/** UTF-8 always. */
export const validText: Arbitrary<Buffer> = fc.array(piece, { maxLength: 6 }).map(pieces => Buffer.concat(pieces))

const anyPiece = fc.oneof(
  { weight: 8, arbitrary: piece },
  { weight: 2, arbitrary: fc.constantFrom(...utf8Octets) },
  { weight: 1, arbitrary: anyOctets },
)

/** UTF-8 most of the time. */
export const anyText: Arbitrary<Buffer> = fc.array(anyPiece, { maxLength: 8 }).map(pieces => Buffer.concat(pieces))
