/** RFC 6455 §5.2: opcodes that nobody has defined. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { continuation, frame, ping, text } from '../frame-parts.js'
import { allowMessage } from '../steps/awaiting.js'
import { awaitFailure } from '../steps/closing.js'
import { sendFrames } from '../steps/sending.js'

const unknownOpcode = 'If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_.'
const furtherData = '%x3-7 are reserved for further non-control frames'
const furtherControl = '%xB-F are reserved for further control frames'

const opcodes = [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf]

/** Autobahn uses each opcode for one of its five forms. */
const forms: readonly string[] = ['empty', 'with-payload', 'after-message', 'after-message', 'after-message']

function unknown(opcode: number, name: string, title: string, steps: Case['steps']): Case {
  const hex = opcode.toString(16)
  const nth = (opcode % 8) - 3
  const number = forms[nth] === name ? { autobahn: [`4.${opcode < 8 ? 1 : 2}.${nth + 1}`] } : {}
  const reserved = opcode < 8 ? furtherData : furtherControl
  const requirement = name === 'with-payload' ? reserved : unknownOpcode
  const id = `6455/5.2/opcode-${hex}-${name}`
  return { id, title: `opcode 0x${hex.toUpperCase()}, ${title}`, requirement, level: 'MUST', ...number, steps }
}

export const opcodeCases: readonly Case[] = opcodes.flatMap(opcode => [
  unknown(opcode, 'empty', 'without payload', () => [sendFrames(frame(opcode)), awaitFailure(1002)]),
  unknown(opcode, 'with-payload', 'with a payload', () => [sendFrames(frame(opcode, 'unknown')), awaitFailure(1002)]),
  unknown(opcode, 'without-fin', 'without FIN', () => [
    sendFrames(frame(opcode, 'unknown', { fin: false })),
    awaitFailure(1002),
  ]),
  unknown(opcode, 'within-message', 'between two fragments', () => [
    sendFrames(text('Hel', { fin: false }), frame(opcode, 'unknown'), continuation('lo')),
    awaitFailure(1002),
  ]),
  unknown(opcode, 'after-message', 'after a good message and before a Ping', () => [
    sendFrames(text('good'), frame(opcode, 'unknown'), ping('behind')),
    allowMessage(Opcode.text, 'good'),
    awaitFailure(1002),
  ]),
])
