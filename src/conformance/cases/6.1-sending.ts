/**
 * RFC 6455 §5.1, §5.2, §5.5.1, §6.1: what an endpoint's own frames are like. They are looked at in every case; these are the
 * ones that name the rules.
 */
import { Opcode, type Role } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { binary, close, ping, text } from '../frame-parts.js'
import { awaitNothing, awaitPong } from '../steps/awaiting.js'
import { awaitClose } from '../steps/closing.js'
import { echo } from '../steps/echo.js'
import { awaitMaskingKeys } from '../steps/masking-keys.js'
import { sendFrames } from '../steps/sending.js'

/** Each kind of frame that an echo sends by itself, but Close. */
const everyFrame = () => [
  ...echo(text('Hello')),
  ...echo(binary(Buffer.of(0, 255))),
  ...echo(text()),
  sendFrames(ping('Hello')),
  awaitPong('Hello'),
]

const rows: [
  id: string,
  title: string,
  requirement: string,
  steps: Case['steps'],
  tested?: Role,
  level?: Case['level'],
][] = [
  [
    '5.1/client-masks-its-frames',
    'whether the client masks all its frames',
    'a client MUST mask all frames that it sends to the server',
    everyFrame,
    'client',
  ],
  [
    '5.1/server-masks-no-frame',
    'whether the server masks none of its frames',
    'A server MUST NOT mask any frames that it sends to the client.',
    everyFrame,
    'server',
  ],
  [
    '5.2/reserved-bits-of-its-frames',
    'whether RSV1, RSV2 and RSV3 of its frames are 0',
    'MUST be 0 unless an extension is negotiated that defines meanings for non-zero values.',
    everyFrame,
  ],
  [
    '5.3/fresh-masking-key',
    'whether each frame has a masking-key of its own',
    'When preparing a masked frame, the client MUST pick a fresh masking key from the set of allowed 32-bit values.',
    () => [...Array.from({ length: 40 }, () => echo(text('the same'))).flat(), awaitMaskingKeys(40)],
    'client',
  ],
  [
    '5.5.1/client-masks-its-close',
    'whether the client masks its Close frame',
    'Close frames sent from client to server must be masked as per Section 5.3.',
    () => [sendFrames(close(1000)), awaitClose(1000)],
    'client',
  ],
  [
    '6.1/opcode-of-its-messages',
    'whether text comes back as text, and octets as octets',
    'The opcode (frame-opcode) of the first frame containing the data MUST be set to the appropriate value from Section 5.2 for data that is to be interpreted by the recipient as text or binary data.',
    () => [...echo(text('Hello')), ...echo(binary('Hello'))],
  ],
  [
    '6.1/fin-of-its-messages',
    'whether its messages end',
    'The FIN bit (frame-fin) of the last frame containing the data MUST be set to 1 as defined in Section 5.2.',
    () => [...echo(text('Hello')), ...echo(text('World'))],
  ],
  [
    '6.1/its-data-is-masked',
    'whether the client masks its messages',
    'If the data is being sent by the client, the frame(s) MUST be masked as defined in Section 5.3.',
    () => [...echo(text('Hello')), ...echo(binary(Buffer.alloc(300, 1)))],
    'client',
  ],
  [
    '6.1/its-frames-are-sent',
    'whether what it has to say comes without more being sent to it',
    'The frame(s) that have been formed MUST be transmitted over the underlying network connection.',
    () => echo(text('Hello')),
  ],
  [
    '6.2/server-removes-masking',
    'whether the server removes the masking of messages',
    'A server MUST remove masking for data frames received from a client as described in Section 5.3.',
    () => echo(binary('Hello', { maskingKey: Buffer.from('37fa213d', 'hex') })),
    'server',
  ],
  [
    '7.1.7/client-does-not-close',
    'whether the client stays, where nothing asks it to close',
    'Except as indicated above or as specified by the application layer (e.g., a script using the WebSocket API), clients SHOULD NOT close the connection.',
    () => [...Array.from({ length: 5 }, (_, i) => echo(text(`message ${i}`))).flat(), awaitNothing()],
    'client',
    'SHOULD',
  ],
  [
    '9.1/uses-what-was-agreed-only',
    'whether the client uses no extension that the server did not accept',
    'Note that the client is only offering to use any advertised extensions and MUST NOT use them unless the server indicates that it wishes to use the extension.',
    () => echo({ opcode: Opcode.text, payload: 'compress this, '.repeat(100) }),
    'client',
  ],
]

export const sendingCases: readonly Case[] = rows.map(
  ([id, title, requirement, steps, tested, level = 'MUST']): Case => ({
    id: `6455/${id}`,
    title,
    requirement,
    level,
    ...(tested !== undefined && { roles: [tested] }),
    segmentations: ['whole'],
    steps,
  }),
)
