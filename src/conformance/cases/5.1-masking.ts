/** RFC 6455 §5.1: who masks. */
import { Opcode, type Role } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { close, continuation, type FrameParts, frame, ping, pong, text } from '../frame-parts.js'
import { allowMessage } from '../steps/awaiting.js'
import { awaitFailure } from '../steps/closing.js'
import { sendFrames } from '../steps/sending.js'

interface Side {
  readonly tested: Role
  /** What this side must not get. */
  readonly name: string
  readonly masked: boolean
  readonly requirement: string
}

const sides: readonly Side[] = [
  {
    tested: 'server',
    name: 'unmasked',
    masked: false,
    requirement: 'The server MUST close the connection upon receiving a frame that is not masked.',
  },
  {
    tested: 'client',
    name: 'masked',
    masked: true,
    requirement: 'A client MUST close a connection if it detects a masked frame.',
  },
]

const frames: [name: string, title: string, frames: (bent: { masked: boolean }) => readonly FrameParts[]][] = [
  ['text', 'a text frame', bent => [text('Hello', bent)]],
  ['binary', 'a binary frame', bent => [frame(Opcode.binary, Buffer.of(0, 1, 2, 255), bent)]],
  ['empty-text', 'an empty text frame', bent => [text('', bent)]],
  ['text-of-126-octets', 'a text frame with its length in 2 octets', bent => [text('x'.repeat(126), bent)]],
  ['ping', 'a Ping', bent => [ping('Hello', bent)]],
  ['pong', 'a Pong', bent => [pong('Hello', bent)]],
  ['close', 'a Close frame', bent => [close(1000, '', bent)]],
  ['empty-close', 'an empty Close frame', bent => [close(undefined, '', bent)]],
  ['fragment', 'the first fragment of a message', bent => [text('Hel', { ...bent, fin: false })]],
  ['continuation', 'the last fragment of a message', bent => [text('Hel', { fin: false }), continuation('lo', bent)]],
  ['ping-within-message', 'a Ping between two fragments', bent => [text('Hel', { fin: false }), ping('x', bent)]],
]

export const maskingCases: readonly Case[] = sides.flatMap(({ tested, name, masked, requirement }) => [
  ...frames.map(
    ([which, title, make]): Case => ({
      id: `6455/5.1/${name}-${which}`,
      title: `${title}, ${masked ? '' : 'not '}masked`,
      requirement,
      level: 'MUST',
      roles: [tested],
      steps: () => [sendFrames(...make({ masked })), awaitFailure(1002, 'silently')],
    }),
  ),
  {
    id: `6455/5.1/${name}-after-message`,
    title: `a good message, then a text frame that is ${masked ? '' : 'not '}masked`,
    requirement,
    level: 'MUST',
    roles: [tested],
    steps: () => [
      sendFrames(text('good'), text('bad', { masked })),
      allowMessage(Opcode.text, 'good'),
      awaitFailure(1002, 'silently'),
    ],
  } satisfies Case,
])
