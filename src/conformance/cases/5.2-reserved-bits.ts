/** RFC 6455 §5.2: RSV1, RSV2, RSV3. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { closeBody, continuation, type FrameParts, frame, ping, text } from '../frame-parts.js'
import { allowMessage } from '../steps/awaiting.js'
import { awaitFailure } from '../steps/closing.js'
import { sendFrames } from '../steps/sending.js'

const requirement =
  'If a nonzero value is received and none of the negotiated extensions defines the meaning of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_.'

const opcodes: [name: string, opcode: number, payload: Buffer | string][] = [
  ['text', Opcode.text, 'Hello'],
  ['binary', Opcode.binary, Buffer.of(0, 1, 2, 255)],
  ['close', Opcode.close, closeBody(1000)],
  ['ping', Opcode.ping, 'Hello'],
  ['pong', Opcode.pong, 'Hello'],
]

/** RSV1 is 4, as in the header. */
const bits: [name: string, rsv: number][] = [
  ['rsv1', 4],
  ['rsv2', 2],
  ['rsv3', 1],
  ['rsv1-rsv2', 6],
  ['rsv1-rsv3', 5],
  ['rsv2-rsv3', 3],
  ['rsv1-rsv2-rsv3', 7],
]

/** Autobahn's numbers count the bits the same way. */
const numbers: Readonly<Record<string, readonly string[]>> = {
  'rsv3-on-text': ['3.1'],
  'rsv2-after-message': ['3.2'],
  'rsv2-rsv3-after-message': ['3.3'],
  'rsv1-after-message': ['3.4'],
  'rsv1-rsv3-on-binary': ['3.5'],
  'rsv1-rsv2-on-ping': ['3.6'],
  'rsv1-rsv2-rsv3-on-close': ['3.7'],
}

function reserved(name: string, title: string, rest: Pick<Case, 'steps'> & Partial<Case>): Case {
  const autobahn = numbers[name]
  return { id: `6455/5.2/${name}`, title, requirement, level: 'MUST', ...(autobahn && { autobahn }), ...rest }
}

const onEach = bits.flatMap(([bit, rsv]) =>
  opcodes.map(([name, opcode, payload]) =>
    reserved(`${bit}-on-${name}`, `a ${name} frame with ${bit.toUpperCase().replaceAll('-', ', ')}`, {
      steps: () => [sendFrames(frame(opcode, payload, { rsv })), awaitFailure(1002)],
    }),
  ),
)

const onFragments = bits.slice(0, 3).flatMap(([bit, rsv]) => {
  const rows: [name: string, title: string, frames: readonly FrameParts[]][] = [
    ['first-fragment', 'the first fragment', [text('Hel', { fin: false, rsv }), continuation('lo')]],
    [
      'middle-fragment',
      'a fragment in the middle',
      [text('H', { fin: false }), continuation('el', { fin: false, rsv }), continuation('lo')],
    ],
    ['last-fragment', 'the last fragment', [text('Hel', { fin: false }), continuation('lo', { rsv })]],
    ['ping-within-message', 'a Ping between fragments', [text('Hel', { fin: false }), ping('x', { rsv })]],
  ]
  return rows.map(([name, title, frames]) =>
    reserved(`${bit}-on-${name}`, `${title} with ${bit.toUpperCase()}`, {
      steps: () => [sendFrames(...frames), awaitFailure(1002)],
    }),
  )
})

const afterMessage = bits.map(([bit, rsv]) =>
  reserved(
    `${bit}-after-message`,
    `a good message, then one with ${bit.toUpperCase().replaceAll('-', ', ')}, then a Ping`,
    {
      steps: () => [
        sendFrames(text('good'), text('bad', { rsv }), ping('behind')),
        allowMessage(Opcode.text, 'good'),
        awaitFailure(1002),
      ],
    },
  ),
)

export const reservedBitCases: readonly Case[] = [...onEach, ...onFragments, ...afterMessage]
