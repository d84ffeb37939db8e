/** RFC 6455 §5.2: the payload length, in all its forms. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { binary, continuation, type FrameParts, frame, ping, text } from '../frame-parts.js'
import { awaitNoMessage } from '../steps/awaiting.js'
import { awaitFailure } from '../steps/closing.js'
import { awaitEcho, echo } from '../steps/echo.js'
import { endTcp, sendFrames, sendInPieces, sendPart } from '../steps/sending.js'

const network = 'Multibyte length quantities are expressed in network byte order.'

/** What §5.2 says of a length of this size. */
function lengthOf(size: number): string {
  if (size <= 125) return 'if 0-125, that is the payload length.'
  if (size <= 65_535) {
    return 'If 126, the following 2 bytes interpreted as a 16-bit unsigned integer are the payload length.'
  }
  return topBit
}

const minimal =
  "Note that in all cases, the minimal number of bytes MUST be used to encode the length, for example, the length of a 124-byte-long string can't be encoded as the sequence 126, 0, 124."
const topBit =
  'If 127, the following 8 bytes interpreted as a 64-bit unsigned integer (the most significant bit MUST be 0) are the payload length.'

const types: [name: string, opcode: number, group: number][] = [
  ['text', Opcode.text, 1],
  ['binary', Opcode.binary, 2],
]

/** Autobahn's numbers, within its groups 1.1 (text) and 1.2 (binary). */
const numbers = new Map([
  [0, 1],
  [125, 2],
  [126, 3],
  [127, 4],
  [128, 5],
  [65_535, 6],
  [65_536, 7],
])

function payload(opcode: number, size: number): Buffer {
  return Buffer.alloc(size, opcode === Opcode.text ? '*' : 0xfe)
}

const echoed = types.flatMap(([name, opcode, group]) =>
  [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 65_537].map((size): Case => {
    const number = numbers.get(size)
    return {
      id: `6455/5.2/${name}-of-${size}-octets`,
      title: `a ${name} message of ${size} octets`,
      requirement: lengthOf(size),
      level: 'MUST',
      large: size > 4000,
      ...(number !== undefined && { autobahn: [`1.${group}.${number}`] }),
      steps: () => echo(frame(opcode, payload(opcode, size))),
    }
  }),
)

const inPieces = types.map(([name, opcode, group]): Case => {
  const one = () => frame(opcode, payload(opcode, 65_536))
  return {
    id: `6455/5.2/${name}-of-65536-octets-in-pieces`,
    title: `a ${name} message of 65536 octets in pieces of 997`,
    requirement: network,
    level: 'MUST',
    large: true,
    segmentations: ['whole'],
    autobahn: [`1.${group}.8`],
    steps: () => [sendInPieces(997, one()), awaitEcho(one())],
  }
})

/** [octets of payload, octets of length]: more than it takes. */
const wasteful: [size: number, lengthOctets: 2 | 8][] = [
  [0, 2],
  [1, 2],
  [124, 2],
  [125, 2],
  [0, 8],
  [1, 8],
  [125, 8],
  [126, 8],
  [1000, 8],
  [65_535, 8],
]

const notMinimal = types.flatMap(([name, opcode]) =>
  wasteful.map(
    ([size, lengthOctets]): Case => ({
      id: `6455/5.2/${name}-of-${size}-octets-with-length-in-${lengthOctets}`,
      title: `a ${name} frame of ${size} octets, with its length in ${lengthOctets} octets`,
      requirement: minimal,
      level: 'MUST',
      large: size > 4000,
      steps: () => [sendFrames(frame(opcode, payload(opcode, size), { lengthOctets })), awaitFailure(1002)],
    }),
  ),
)

const longOtherwise: [name: string, title: string, frames: () => readonly FrameParts[]][] = [
  [
    'continuation-of-2-octets-with-length-in-2',
    'a continuation of 2 octets, with its length in 2 octets',
    () => [text('Hel', { fin: false }), continuation('lo', { lengthOctets: 2 })],
  ],
  [
    'continuation-of-2-octets-with-length-in-8',
    'a continuation of 2 octets, with its length in 8 octets',
    () => [text('Hel', { fin: false }), continuation('lo', { lengthOctets: 8 })],
  ],
  [
    'ping-of-5-octets-with-length-in-2',
    'a Ping with its length in 2 octets',
    () => [ping('Hello', { lengthOctets: 2 })],
  ],
  [
    'ping-of-5-octets-with-length-in-8',
    'a Ping with its length in 8 octets',
    () => [ping('Hello', { lengthOctets: 8 })],
  ],
]

const notMinimalOtherwise = longOtherwise.map(
  ([name, title, frames]): Case => ({
    id: `6455/5.2/${name}`,
    title,
    requirement: minimal,
    level: 'MUST',
    steps: () => [sendFrames(...frames()), awaitFailure(1002)],
  }),
)

/** Declared lengths with the top bit; the frame never gets that far. */
const tooLong: [name: string, payloadLength: bigint][] = [
  ['2-to-the-63', 1n << 63n],
  ['2-to-the-63-plus-5', (1n << 63n) + 5n],
  ['2-to-the-64-minus-1', (1n << 64n) - 1n],
]

const withTopBit = types.flatMap(([name, opcode]) =>
  tooLong.map(
    ([which, payloadLength]): Case => ({
      id: `6455/5.2/${name}-declaring-${which}`,
      title: `a ${name} frame declaring ${payloadLength} octets`,
      requirement: topBit,
      level: 'MUST',
      // Some look for what is too much before they look for what is wrong.
      steps: () => [sendFrames(frame(opcode, 'Hello', { payloadLength })), awaitFailure(1002, 1009)],
    }),
  ),
)

/** Who reads 32 bits of the length sees a frame of five octets, and takes what is payload for frames from there on. */
const beyond32Bits = types.map(
  ([name, opcode]): Case => ({
    id: `6455/5.2/${name}-declaring-2-to-the-32-plus-5`,
    title: `a ${name} frame declaring ${2 ** 32 + 5} octets, of which five come, then the end of TCP`,
    requirement: topBit,
    level: 'MUST',
    segmentations: ['whole'],
    steps: () => [sendPart(frame(opcode, 'Hello', { payloadLength: 2n ** 32n + 5n }), 0), endTcp(), awaitNoMessage()],
  }),
)

export const payloadLengthCases: readonly Case[] = [
  ...echoed,
  ...inPieces,
  ...notMinimal,
  ...notMinimalOtherwise,
  ...withTopBit,
  ...beyond32Bits,
  {
    id: '6455/5.2/messages-of-growing-length',
    title: 'twenty messages of different lengths in a row',
    requirement: network,
    level: 'MUST',
    steps: () => {
      const frames = Array.from({ length: 20 }, (_, i) => binary(Buffer.alloc(i * 9, i)))
      return [sendFrames(...frames), ...frames.map(one => awaitEcho(one))]
    },
  },
]
