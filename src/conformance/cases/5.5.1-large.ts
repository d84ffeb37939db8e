/** RFC 6455 §5.5.1 and §7.1.7: closing while a large message is on its way, from either side. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { binary, close, type FrameParts, fragments, frame, ping, text } from '../frame-parts.js'
import { SeededOctets } from '../seeded-octets.js'
import { allowMessage } from '../steps/awaiting.js'
import { awaitClose, awaitCloseOrEnd, awaitFailure } from '../steps/closing.js'
import { sendFrames, sendUnreading } from '../steps/sending.js'

/** More than the buffers of TCP hold. */
const large = 4 * 2 ** 20
const content = () => new SeededOctets(large).take(large)
const unknown = frame(0xb, 'unknown')

/** All fragments of a large message but the last. */
function unfinished(): FrameParts[] {
  const payload = content()
  const size = 65_536
  const pieces = Array.from({ length: large / size }, (_, i) => payload.subarray(i * size, (i + 1) * size))
  return fragments(Opcode.binary, pieces).slice(0, -1)
}

type Row = [
  id: string,
  title: string,
  requirement: string,
  level: Case['level'],
  steps: Case['steps'],
  autobahn?: string,
]

const quarterMiB = 'x'.repeat(262_144)

const rows: Row[] = [
  [
    '5.5.1/close-right-behind-large-message',
    'a text of 256 KiB, a Close frame and a Ping at once',
    'If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in response.',
    'MUST',
    () => [
      sendFrames(text(quarterMiB), close(1000), ping('too late')),
      allowMessage(Opcode.text, quarterMiB),
      awaitCloseOrEnd({ ends: 'reset', why: 'a reset takes along what was sent before it' }, 1000),
    ],
    '7.1.6',
  ],
  [
    '5.5.1/close-while-it-sends-a-large-message',
    'a Close frame before its echo of 4 MiB has been read',
    // It "MAY delay sending a Close frame until its current message is sent", and no longer.
    'If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in response.',
    'MUST',
    () => [sendUnreading(binary(content()), close(1000)), allowMessage(Opcode.binary, content()), awaitClose(1000)],
  ],
  [
    '5.5.1/close-while-we-send-a-large-message',
    'a Close frame between the fragments of 4 MiB',
    'It SHOULD do so as soon as practical.',
    'SHOULD',
    () => [sendFrames(...unfinished(), close(1000)), awaitClose(1000)],
  ],
  [
    '7.1.7/fails-while-it-sends-a-large-message',
    'an illegal frame before its echo of 4 MiB has been read',
    'the endpoint SHOULD send a Close frame with an appropriate status code (Section 7.4) before proceeding to _Close the WebSocket Connection_.',
    'SHOULD',
    () => [sendUnreading(binary(content()), unknown), allowMessage(Opcode.binary, content()), awaitFailure(1002)],
  ],
  [
    '7.1.7/fails-while-we-send-a-large-message',
    'an illegal frame, and 4 MiB behind it that are on their way when the connection is failed',
    'the endpoint SHOULD send a Close frame with an appropriate status code (Section 7.4) before proceeding to _Close the WebSocket Connection_.',
    'SHOULD',
    () => [sendFrames(unknown, binary(content())), awaitFailure(1002)],
  ],
]

export const largeClosingCases: readonly Case[] = rows.map(
  ([id, title, requirement, level, steps, autobahn]): Case => ({
    id: `6455/${id}`,
    title,
    requirement,
    level,
    profile: 'limits',
    large: true,
    segmentations: ['whole'],
    ...(autobahn === undefined ? {} : { autobahn: [autobahn] }),
    steps,
  }),
)
