/** What the naive endpoints answer to messages and Pings, rightly or broken. */
import { type FrameParts, frame, pong } from '../../../src/conformance/frame-parts.js'
import type { Break } from './mutants.js'

/** A message to be echoed. */
export interface MessageAnswer {
  readonly opcode: number
  readonly payload: Buffer
  /** The how manieth of the connection. */
  readonly number: number
}

type Bend = (right: FrameParts, message: MessageAnswer) => readonly FrameParts[]

/** How the echo is bent by a mutant. */
const bends: Readonly<Partial<Record<Break, Bend>>> = {
  'echoes nothing': () => [],
  'echoes as binary': right => [{ ...right, opcode: 2 }],
  'echoes as text': right => [{ ...right, opcode: 1 }],
  'echoes twice': right => [right, right],
  'loses empty messages': (right, { payload }) => (payload.length === 0 ? [] : [right]),
  'loses the hundredth message': (right, { number }) => (number === 100 ? [] : [right]),
  'corrupts an octet of large messages': (right, { payload }) => {
    return [payload.length > 60_000 ? { ...right, payload: flipped(payload) } : right]
  },
  'cuts messages at 125 octets': (right, { payload }) => [{ ...right, payload: payload.subarray(0, 125) }],
  'replaces what is not UTF-8': (right, { opcode, payload }) => {
    return [opcode === 1 ? { ...right, payload: payload.toString() } : right]
  },
  'loses byte order marks': (right, { payload }) => {
    return [payload.toString('hex').startsWith('efbbbf') ? { ...right, payload: payload.subarray(3) } : right]
  },
  'loses messages with code points that are no characters': (right, { payload }) => {
    return [...payload.toString()].some(one => (one.codePointAt(0)! & 0xfffe) === 0xfffe) ? [] : [right]
  },
  'refuses code points above U+FFFF': (right, { payload }) => (payload.some(octet => octet >= 0xf0) ? [] : [right]),
  'sends lengths in eight octets': right => [{ ...right, lengthOctets: 8 }],
  'sets RSV1 without agreement': right => [{ ...right, rsv: 4 }],
  'sets RSV2': right => [{ ...right, rsv: 2 }],
  'never ends its messages': right => [{ ...right, fin: false }],
  'echoes in an unknown opcode': right => [{ ...right, opcode: 3 }],
  'begins with a continuation': right => [{ ...right, opcode: 0 }],
  'fragments a Ping of its own': right => [frame(9, 'x', { fin: false }), right],
  'sends a Ping of 126 octets': right => [frame(9, Buffer.alloc(126)), right],
  'sends invalid text': right => [{ ...right, opcode: 1, payload: Buffer.of(0xff) }],
}

/** The frames that a message is answered with. */
export function answersTo(message: MessageAnswer, breaks: ReadonlySet<Break>): readonly FrameParts[] {
  const right = frame(message.opcode, message.payload)
  const [bend] = [...breaks].map(name => bends[name]).filter(found => found !== undefined)
  return bend === undefined ? [right] : bend(right, message)
}

/** The frames that a Ping is answered with. */
export function pongTo(payload: Buffer, breaks: ReadonlySet<Break>): readonly FrameParts[] {
  if (breaks.has('answers no Ping')) return []
  if (breaks.has('answers Pings without their payload')) return [pong()]
  if (breaks.has('cuts the payload of Pongs')) return [pong(payload.subarray(0, 16))]
  if (breaks.has('reads the payload of Pings as text')) return [pong(payload.toString())]
  if (breaks.has('answers Pings with a Ping')) return [frame(9, payload)]
  return [pong(payload)]
}

/** With one bit of its middle changed. */
function flipped(payload: Buffer): Buffer {
  const copy = Buffer.from(payload)
  copy[copy.length >> 1]! ^= 1
  return copy
}
