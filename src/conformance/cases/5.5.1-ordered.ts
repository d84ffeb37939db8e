/** RFC 6455 §5.5.1, §7.1.2 and §7.4: closing that the client begins, put to clients that take orders. */
import type { Case } from '../case.js'
import { close } from '../frame-parts.js'
import { awaitEndOfTcp, awaitPatience } from '../steps/closing.js'
import { awaitNothingIllegal, awaitOwnClose, awaitReport, order } from '../steps/ordering.js'
import { endTcp, sendFrames } from '../steps/sending.js'

const starts =
  'an endpoint MUST send a Close control frame, as described in Section 5.5.1, whose status code is set to /code/ and whose close reason is set to /reason/.'
const unused = 'Status codes in the range 0-999 are not used.'
const reserved =
  'Status codes in the range 1000-2999 are reserved for definition by this protocol, its future revisions, and extensions specified in a permanent and readily available public specification.'
const short = 'All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.'
const utf8 =
  'When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_.'
const behind = 'The application MUST NOT send any more data frames after sending a Close frame.'

/** Status codes that an application may close with; no sentence says that a library must let it. */
const legal = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]

const illegal: [code: number, requirement: string, section?: string][] = [
  [1005, '1005 is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint.'],
  [1006, '1006 is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint.'],
  [1015, '1015 is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint.'],
  [0, unused, '7.4.2'],
  [999, unused, '7.4.2'],
  [1004, reserved, '7.4.2'],
  [1016, reserved, '7.4.2'],
  [2999, reserved, '7.4.2'],
  [
    65_536,
    'the first two bytes of the body MUST be a 2-byte unsigned integer (in network byte order) representing a status code',
    '5.5.1',
  ],
]

const reasons: [name: string, title: string, reason: string][] = [
  ['reason', 'a reason', 'going away'],
  ['reason-beyond-ascii', 'a reason beyond ASCII', 'Auf Wiederschön, 再见 👋'],
  ['reason-of-123-octets', 'a reason of 123 octets', 'r'.repeat(123)],
  ['reason-of-41-characters-and-123-octets', 'a reason of 123 octets in 41 characters', '€'.repeat(41)],
]

const longReasons: [name: string, title: string, reason: string][] = [
  ['reason-of-124-octets', 'a reason of 124 octets', 'r'.repeat(124)],
  ['reason-of-42-characters-and-126-octets', 'a reason of 42 characters, and 126 octets', '€'.repeat(42)],
  ['reason-of-65536-octets', 'a reason of 65,536 octets', 'r'.repeat(65_536)],
]

const base = { level: 'MUST', roles: ['controlled client'], segmentations: ['whole'], ordered: {} } as const

/** The client closes, and is answered as the RFC says; its program is told of the code that came back. */
function closing(code: number | undefined, wanted: readonly (number | 'none')[], reason = ''): Case['steps'] {
  return () => [
    order({ do: 'close', ...(code !== undefined && { code }), ...(reason !== '' && { reason }) }),
    awaitOwnClose(wanted, reason),
    sendFrames(close(code ?? 1000, reason)),
    endTcp(),
    awaitReport({ code: code ?? 1000, reason, clean: true }),
  ]
}

export const orderedCloseCases: readonly Case[] = [
  ...legal.map(
    (code): Case => ({
      ...base,
      id: `6455/7.1.2/closes-with-${code}`,
      title: `it is told to close with ${code}`,
      requirement: starts,
      steps: closing(code, [code]),
    }),
  ),
  ...reasons.map(
    ([name, title, reason]): Case => ({
      ...base,
      id: `6455/7.1.2/closes-with-${name}`,
      title: `it is told to close with ${title}`,
      requirement: starts,
      steps: closing(1000, [1000], reason),
    }),
  ),
  {
    ...base,
    id: '6455/7.1.2/closes-without-a-code',
    title: 'it is told to close, and not with which code',
    requirement: starts,
    steps: closing(undefined, ['none', 1000]),
  },
  ...illegal.map(
    ([code, requirement, section = '7.4.1']): Case => ({
      ...base,
      id: `6455/7.4/does-not-close-with-${code}`,
      title: `it is told to close with ${code}, which no Close frame may have`,
      requirement,
      section,
      steps: () => [order({ do: 'close', code }), awaitNothingIllegal('close')],
    }),
  ),
  ...longReasons.map(
    ([name, title, reason]): Case => ({
      ...base,
      id: `6455/5.5.1/does-not-close-with-${name}`,
      title: `it is told to close with ${title}, which no control frame holds`,
      requirement: short,
      section: '5.5',
      steps: () => [order({ do: 'close', code: 1000, reason }), awaitNothingIllegal('close')],
    }),
  ),
  {
    ...base,
    id: '6455/5.5.1/does-not-close-with-half-a-character',
    title: 'it is told to close with half of a surrogate pair for a reason, which is not UTF-8',
    requirement: utf8,
    section: '8.1',
    steps: () => [order({ do: 'close', code: 1000, reason: 'half \ud83d' }), awaitNothingIllegal('close')],
  },
  {
    ...base,
    id: '6455/5.5.1/answers-a-close-after-refusing-its-own',
    title: 'it is told to close with 1005, which it refuses, and the server closes',
    requirement:
      'If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in response.',
    steps: () => [order({ do: 'close', code: 1005 }), awaitNothingIllegal('close', 'goes on')],
  },
  {
    ...base,
    id: '6455/5.5.1/sends-nothing-behind-its-close',
    title: 'it is told to close, and then to send a text and a Ping',
    requirement: behind,
    steps: () => [
      order({ do: 'close', code: 1000 }),
      order({ do: 'send', text: 'too late' }),
      order({ do: 'ping', payload: 'too late' }),
      awaitOwnClose([1000]),
      sendFrames(close(1000)),
      endTcp(),
      awaitEndOfTcp(),
    ],
  },
  {
    ...base,
    id: '6455/5.5.1/closes-once',
    title: 'it is told to close, and to close again with another code',
    requirement:
      'After both sending and receiving a Close message, an endpoint considers the WebSocket connection closed and MUST close the underlying TCP connection.',
    steps: () => [
      order({ do: 'close', code: 1000 }),
      order({ do: 'close', code: 3000 }),
      awaitOwnClose([1000]),
      sendFrames(close(1000)),
      endTcp(),
      awaitReport({ code: 1000, clean: true }),
    ],
  },
  {
    ...base,
    id: '6455/5.5.1/waits-for-the-server-to-end-tcp',
    title: 'it has closed, was answered, and TCP stays open for a while',
    requirement:
      'the client SHOULD wait for the server to close the connection but MAY close the connection at any time after sending and receiving a Close message',
    level: 'SHOULD',
    steps: () => [order({ do: 'close', code: 1000 }), awaitOwnClose([1000]), sendFrames(close(1000)), awaitPatience()],
  },
  {
    ...base,
    id: '6455/5.5.1/waits-for-the-answer-to-its-close',
    title: 'it has closed, and the answer takes a while',
    requirement:
      'Except as indicated above or as specified by the application layer (e.g., a script using the WebSocket API), clients SHOULD NOT close the connection.',
    section: '7.2.1',
    level: 'SHOULD',
    steps: () => [
      order({ do: 'close', code: 1000 }),
      awaitOwnClose([1000]),
      awaitPatience(),
      sendFrames(close(1000)),
      endTcp(),
      awaitReport({ code: 1000, clean: true }),
    ],
  },
]
