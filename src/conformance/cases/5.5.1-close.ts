/** RFC 6455 §5.5.1 and §7.4: the Close frame, its body, its status codes, and its answer. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { close, continuation, type FrameParts, frame, ping, text } from '../frame-parts.js'
import { allowMessage, awaitPong } from '../steps/awaiting.js'
import { awaitClose, awaitCloseOrEnd, awaitFailure } from '../steps/closing.js'
import { echo } from '../steps/echo.js'
import { endTcp, sendFrames } from '../steps/sending.js'

const answer =
  'If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in response.'
const twoOctets =
  'If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer (in network byte order) representing a status code with value /code/ defined in Section 7.4.'
const noMore = 'The application MUST NOT send any more data frames after sending a Close frame.'
const discarded =
  'After both sending and receiving a Close message, an endpoint considers the WebSocket connection closed and MUST close the underlying TCP connection.'
const utf8 =
  'When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_.'

/** Status codes that may be sent, each with what says so. */
const legalCodes: [code: number, requirement: string, autobahn?: string][] = [
  [
    1000,
    'indicates a normal closure, meaning that the purpose for which the connection was established has been fulfilled.',
    '7.7.1',
  ],
  [
    1001,
    'indicates that an endpoint is "going away", such as a server going down or a browser having navigated away from a page.',
    '7.7.2',
  ],
  [1002, 'indicates that an endpoint is terminating the connection due to a protocol error.', '7.7.3'],
  [
    1003,
    'indicates that an endpoint is terminating the connection because it has received a type of data it cannot accept',
    '7.7.4',
  ],
  [
    1007,
    'indicates that an endpoint is terminating the connection because it has received data within a message that was not consistent with the type of the message',
    '7.7.5',
  ],
  [
    1008,
    'indicates that an endpoint is terminating the connection because it has received a message that violates its policy.',
    '7.7.6',
  ],
  [
    1009,
    'indicates that an endpoint is terminating the connection because it has received a message that is too big for it to process.',
    '7.7.7',
  ],
  [
    1010,
    "indicates that an endpoint (client) is terminating the connection because it has expected the server to negotiate one or more extension, but the server didn't return them in the response message of the WebSocket handshake.",
    '7.7.8',
  ],
  [
    1011,
    'indicates that a server is terminating the connection because it encountered an unexpected condition that prevented it from fulfilling the request.',
    '7.7.9',
  ],
]

const notOfServers = { why: '"this status code is not used by the server"' }

const future =
  'Status codes in the range 1000-2999 are reserved for definition by this protocol, its future revisions, and extensions specified in a permanent and readily available public specification.'
const registeredLater = { why: 'it does not know the codes that were registered after the RFC' }
const libraries = 'Status codes in the range 3000-3999 are reserved for use by libraries, frameworks, and applications.'
const privateUse = 'Status codes in the range 4000-4999 are reserved for private use'
const unused = 'Status codes in the range 0-999 are not used.'

/** Ranges whose codes may be sent. */
const legalRanges: [code: number, section: string, requirement: string, autobahn?: string][] = [
  [3000, '7.4.2', libraries, '7.7.10'],
  [3001, '7.4.2', libraries],
  [3500, '7.4.2', libraries],
  [3999, '7.4.2', libraries, '7.7.11'],
  [4000, '7.4.2', privateUse, '7.7.12'],
  [4001, '7.4.2', privateUse],
  [4444, '7.4.2', privateUse],
  [4999, '7.4.2', privateUse, '7.7.13'],
]

function never(code: number): string {
  return `${code} is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint.`
}

const illegalCodes: [code: number, section: string, requirement: string, autobahn?: string][] = [
  [0, '7.4.2', unused, '7.9.1'],
  [1, '7.4.2', unused],
  [255, '7.4.2', unused],
  [256, '7.4.2', unused],
  [999, '7.4.2', unused, '7.9.2'],
  [1004, '7.4.1', 'Reserved. The specific meaning might be defined in the future.', '7.9.3'],
  [1005, '7.4.1', never(1005), '7.9.4'],
  [1006, '7.4.1', never(1006), '7.9.5'],
  [1015, '7.4.1', never(1015)],
  [1016, '7.4.2', future, '7.9.6'],
  [1100, '7.4.2', future, '7.9.7'],
  [1999, '7.4.2', future],
  [2000, '7.4.2', future, '7.9.8'],
  [2500, '7.4.2', future],
  [2999, '7.4.2', future, '7.9.9'],
]

const badUtf8: [name: string, octets: string][] = [
  ['overlong', 'c0af'],
  ['surrogate', 'eda080'],
  ['beyond-unicode', 'f4908080'],
  ['cut', '48656c6c6fe282'],
  ['lonely-continuation', '4880'],
  ['impossible-octet', 'ceba ff'],
]

function closing(name: string, title: string, requirement: string, rest: Pick<Case, 'steps'> & Partial<Case>): Case {
  return { id: `6455/5.5.1/${name}`, title, requirement, level: 'MUST', ...rest }
}

function numbered(autobahn: string | undefined): Pick<Case, 'autobahn'> {
  return autobahn === undefined ? {} : { autobahn: [autobahn] }
}

const codes: readonly Case[] = [
  ...legalCodes.map(
    ([code, requirement, autobahn]): Case => ({
      id: `6455/7.4.1/close-with-${code}`,
      title: `a Close frame with ${code}`,
      requirement: `${code} ${requirement}`,
      level: 'MUST',
      ...numbered(autobahn),
      steps: ({ tested }) => [
        sendFrames(close(code, 'why not')),
        code === 1010 && tested === 'client' ? awaitCloseOrEnd(notOfServers, code) : awaitClose(code),
      ],
    }),
  ),
  ...legalRanges.map(
    ([code, section, requirement, autobahn]): Case => ({
      id: `6455/${section}/close-with-${code}`,
      title: `a Close frame with ${code}`,
      requirement,
      level: 'MUST',
      ...numbered(autobahn),
      steps: () => [sendFrames(close(code)), awaitClose(code)],
    }),
  ),
  ...[1012, 1013, 1014].map(
    (code): Case => ({
      id: `6455/7.4.2/close-with-${code}`,
      title: `a Close frame with ${code}, which was registered after the RFC`,
      requirement: future,
      level: 'SHOULD',
      steps: () => [sendFrames(close(code)), awaitCloseOrEnd(registeredLater, code)],
    }),
  ),
  ...illegalCodes.map(
    ([code, section, requirement, autobahn]): Case => ({
      id: `6455/${section}/close-with-${code}`,
      title: `a Close frame with ${code}`,
      requirement,
      level: 'MUST',
      ...numbered(autobahn),
      steps: () => [sendFrames(close(code, 'because')), awaitFailure(1002)],
    }),
  ),
  ...[5000, 32_768, 65_535].map(
    (code): Case => ({
      id: `6455/7.4/close-with-${code}`,
      title: `a Close frame with ${code}, which is in no range`,
      requirement:
        'This specification defines a set of pre-defined status codes and specifies which ranges may be used by extensions, frameworks, and end applications.',
      level: 'SHOULD',
      ...numbered(code === 5000 ? '7.13.1' : code === 65_535 ? '7.13.2' : undefined),
      steps: () => [sendFrames(close(code)), awaitFailure(1002)],
    }),
  ),
]

const bodies: readonly Case[] = [
  closing('close-without-body', 'a Close frame without a body', answer, {
    autobahn: ['7.3.1'],
    steps: () => [sendFrames(close()), awaitClose('none', 1000)],
  }),
  closing('close-body-of-one-octet', 'a Close frame with a body of one octet', twoOctets, {
    autobahn: ['7.3.2'],
    steps: () => [sendFrames(frame(Opcode.close, Buffer.of(3))), awaitFailure(1002)],
  }),
  closing('close-with-code', 'a Close frame with a status code and no reason', answer, {
    autobahn: ['7.3.3'],
    steps: () => [sendFrames(close(1000)), awaitClose(1000)],
  }),
  closing('close-with-reason', 'a Close frame with a reason', answer, {
    autobahn: ['7.3.4'],
    steps: () => [sendFrames(close(1000, 'Hello World!')), awaitClose(1000)],
  }),
  closing('close-with-reason-beyond-ascii', 'a Close frame with a reason in Greek', answer, {
    steps: () => [sendFrames(close(1000, 'κόσμε 😀')), awaitClose(1000)],
  }),
  closing('close-with-reason-of-123-octets', 'a Close frame with a reason of 123 octets', answer, {
    autobahn: ['7.3.5'],
    steps: () => [sendFrames(close(1000, '*'.repeat(123))), awaitClose(1000)],
  }),
  ...badUtf8.map(([name, octets], i) =>
    closing(`close-with-reason-${name}`, 'a Close frame with a reason that is not UTF-8', utf8, {
      section: '8.1',
      ...numbered(i === 0 ? '7.5.1' : undefined),
      steps: () => [sendFrames(close(1000, Buffer.from(octets.replaceAll(' ', ''), 'hex'))), awaitFailure(1007, 1002)],
    }),
  ),
]

/** Who closes TCP with octets unread resets it, and what was on its way is lost. */
const takenAlong = { ends: 'reset', why: 'a reset takes along what was sent before it' } as const

/** Who has read both at once fails the connection, and "SHOULD send a Close frame" only (§7.1.7). */
const failedAtOnce = { why: 'who reads on before it answers has a connection to fail' }

/** What must be left alone behind a Close frame. */
const behind: [name: string, title: string, frames: readonly FrameParts[], autobahn?: string][] = [
  ['text', 'a text', [text('too late')], '7.1.4'],
  ['ping', 'a Ping', [ping('too late')], '7.1.3'],
  ['close', 'another Close frame', [close(1001)], '7.1.2'],
  ['illegal-frame', 'a frame of an unknown opcode', [frame(0xb)]],
]

/** As over TLS 1.2, where the end of one side is the end of both (RFC 5246 §7.2.1). */
const lostBefore = { why: 'who sees the end of TCP first may take the connection for lost' }

const answers: readonly Case[] = [
  closing('close-after-message', 'a text, its echo, then a Close frame', answer, {
    autobahn: ['7.1.1'],
    steps: () => [...echo(text('Hello World!')), sendFrames(close(1000)), awaitClose(1000)],
  }),
  closing('close-right-behind-message', 'a text and a Close frame at once', answer, {
    steps: () => [sendFrames(text('Hello'), close(1000)), allowMessage(Opcode.text, 'Hello'), awaitClose(1000)],
  }),
  closing('close-right-behind-ping', 'a Ping and a Close frame at once', answer, {
    steps: () => [sendFrames(ping('Hello'), close(1000)), awaitClose(1000)],
  }),
  closing('close-after-ping', 'a Ping, its Pong, then a Close frame', answer, {
    steps: () => [sendFrames(ping('Hello')), awaitPong('Hello'), sendFrames(close(1001)), awaitClose(1001)],
  }),
  closing('close-within-message', 'a Close frame between two fragments', answer, {
    steps: () => [sendFrames(text('Hel', { fin: false }), close(1000)), awaitClose(1000)],
  }),
  closing('fragment-after-close', 'a fragment, a Close frame, and the last fragment', discarded, {
    autobahn: ['7.1.5'],
    steps: () => [
      sendFrames(text('Hel', { fin: false }), close(1000), continuation('lo')),
      awaitCloseOrEnd(takenAlong, 1000),
    ],
  }),
  ...behind.map(([name, title, frames, autobahn]) =>
    closing(`${name}-after-close`, `a Close frame, and ${title} behind it`, name === 'text' ? noMore : discarded, {
      ...numbered(autobahn),
      steps: () => [
        sendFrames(close(1000), ...frames),
        awaitCloseOrEnd(name === 'illegal-frame' ? failedAtOnce : takenAlong, 1000),
      ],
    }),
  ),
  closing('end-of-tcp-right-behind-close', 'a Close frame, and the end of our side of TCP', answer, {
    steps: () => [sendFrames(close(1000)), endTcp(), awaitCloseOrEnd(lostBefore, 1000)],
  }),
]

export const closeCases: readonly Case[] = [...bodies, ...answers, ...codes]
