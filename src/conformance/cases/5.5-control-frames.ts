/** RFC 6455 §5.5: what every control frame is held to. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { closeBody, frame } from '../frame-parts.js'
import { awaitFailure } from '../steps/closing.js'
import { sendFrames } from '../steps/sending.js'

const rule = 'All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.'

const whole = 'Control frames themselves MUST NOT be fragmented.'

const opcodes: [name: string, opcode: number][] = [
  ['close', Opcode.close],
  ['ping', Opcode.ping],
  ['pong', Opcode.pong],
]

/** A payload that would be legal of any control frame, were it not for its length. */
function payloadOf(opcode: number, length: number): Buffer {
  return opcode === Opcode.close ? closeBody(1000, 'a'.repeat(length - 2)) : Buffer.alloc(length, 'a')
}

const numbers: Readonly<Record<string, readonly string[]>> = {
  'close-of-126-octets': ['7.3.6'],
  'ping-of-126-octets': ['2.5'],
  'fragmented-ping': ['5.1'],
  'fragmented-pong': ['5.2'],
}

function aliases(name: string): Pick<Case, 'autobahn'> {
  const autobahn = numbers[name]
  return autobahn === undefined ? {} : { autobahn }
}

const tooLong = opcodes.flatMap(([name, opcode]) =>
  [126, 127, 65_536].map(
    (length): Case => ({
      id: `6455/5.5/${name}-of-${length}-octets`,
      title: `a ${name[0]!.toUpperCase()}${name.slice(1)} of ${length} octets`,
      requirement: rule,
      level: 'MUST',
      large: length > 4000,
      ...aliases(`${name}-of-${length}-octets`),
      steps: () => [sendFrames(frame(opcode, payloadOf(opcode, length))), awaitFailure(1002)],
    }),
  ),
)

const fragmented = opcodes.map(
  ([name, opcode]): Case => ({
    id: `6455/5.5/fragmented-${name}`,
    title: `a ${name} without FIN`,
    requirement: whole,
    section: '5.4',
    level: 'MUST',
    ...aliases(`fragmented-${name}`),
    // No continuation behind it: an endpoint that takes the one might fail on the other.
    steps: () => [sendFrames(frame(opcode, payloadOf(opcode, 2), { fin: false })), awaitFailure(1002)],
  }),
)

export const controlFrameCases: readonly Case[] = [...tooLong, ...fragmented]
