/** RFC 6455 §7.1.4 to §7.1.6: what the program of a client is told of the end, put to clients that take orders. */
import type { Case } from '../case.js'
import { close, frame, text } from '../frame-parts.js'
import { awaitClose, awaitFailure } from '../steps/closing.js'
import { awaitOpen, awaitOwnClose, awaitReport, order, type Report } from '../steps/ordering.js'
import { endTcp, sendFrames } from '../steps/sending.js'

const contained =
  '_The WebSocket Connection Close Code_ is defined as the status code (Section 7.4) contained in the first Close control frame received by the application implementing this protocol.'
const withoutCode =
  'If this Close control frame contains no status code, _The WebSocket Connection Close Code_ is considered to be 1005.'
const withoutClose =
  'If _The WebSocket Connection is Closed_ and no Close control frame was received by the endpoint (such as could occur if the underlying transport connection is lost), _The WebSocket Connection Close Code_ is considered to be 1006.'
const theReason =
  '_The WebSocket Connection Close Reason_ is defined as the UTF-8-encoded data following the status code (Section 7.4) contained in the first Close control frame received by the application implementing this protocol.'
const noReason =
  'If there is no such data in the Close control frame, _The WebSocket Connection Close Reason_ is the empty string.'
const cleanly =
  'If the TCP connection was closed after the WebSocket closing handshake was completed, the WebSocket connection is said to have been closed _cleanly_.'

const codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]

/** What the server sends, and what the program is told then. */
const received: [name: string, title: string, requirement: string, body: Parameters<typeof close>, told: Report][] = [
  ...codes.map((code): (typeof received)[number] => {
    return [`code-${code}`, `a Close frame with ${code}`, contained, [code], { code }]
  }),
  ['1005', 'an empty Close frame', withoutCode, [], { code: 1005 }],
  ['reason', 'a Close frame with a reason', theReason, [1000, 'going away'], { reason: 'going away' }],
  [
    'reason-beyond-ascii',
    'a Close frame with a reason beyond ASCII',
    theReason,
    [1000, '再见 👋'],
    { reason: '再见 👋' },
  ],
  ['empty-reason', 'a Close frame without a reason', noReason, [1000], { reason: '' }],
  ['clean-end', 'a Close frame, and the end of TCP behind the answer', cleanly, [1000], { clean: true }],
]

const sections = new Map([
  [contained, '7.1.5'],
  [withoutCode, '7.1.5'],
  [theReason, '7.1.6'],
  [noReason, '7.1.6'],
  [cleanly, '7.1.4'],
])

const base = { level: 'MUST', roles: ['controlled client'], segmentations: ['whole'], ordered: {} } as const
const lost: Report = { code: 1006, clean: false }

/** Ends without a Close frame of ours. */
const losses: [name: string, title: string, steps: Case['steps']][] = [
  ['end-of-tcp', 'the end of TCP without a Close frame', () => [endTcp(), awaitReport(lost)]],
  [
    'end-within-a-message',
    'the end of TCP between two fragments',
    () => [sendFrames(text('Hel', { fin: false })), endTcp(), awaitReport(lost)],
  ],
  [
    'failing',
    'it fails the connection, and gets no Close frame',
    () => [sendFrames(frame(0xb)), awaitFailure(1002), endTcp(), awaitReport(lost)],
  ],
  [
    'end-instead-of-an-answer',
    'it has closed, and TCP ends without an answer',
    () => [order({ do: 'close', code: 1000 }), awaitOwnClose([1000]), endTcp(), awaitReport(lost)],
  ],
]

export const orderedEndingCases: readonly Case[] = [
  ...received.map(
    ([name, title, requirement, body, told]): Case => ({
      ...base,
      id: `6455/${sections.get(requirement)}/reports-${name}`,
      title: `${title}, and what its program is told`,
      requirement,
      steps: () => [
        awaitOpen(''),
        sendFrames(close(...body)),
        awaitClose(body[0] ?? 'none', 1000),
        endTcp(),
        awaitReport(told),
      ],
    }),
  ),
  ...losses.map(
    ([name, title, steps]): Case => ({
      ...base,
      id: `6455/7.1.5/reports-1006-for-${name}`,
      title: `${title}, and what its program is told`,
      requirement: withoutClose,
      steps: () => [awaitOpen(''), ...steps({ tested: 'client', seed: 1 })],
    }),
  ),
  {
    ...base,
    id: '6455/7.1.5/reports-the-first-of-two-codes',
    title: 'a Close frame with 1001, and another with 1011 behind it',
    requirement: contained,
    steps: () => [
      awaitOpen(''),
      sendFrames(close(1001), close(1011)),
      awaitClose(1001, 1000),
      endTcp(),
      awaitReport({ code: 1001 }),
    ],
  },
  {
    ...base,
    id: '6455/7.1.5/reports-the-code-that-it-received',
    title: 'it has closed with 1000, and is answered with 1001',
    requirement: contained,
    steps: () => [
      order({ do: 'close', code: 1000 }),
      awaitOwnClose([1000]),
      sendFrames(close(1001)),
      endTcp(),
      awaitReport({ code: 1001 }),
    ],
  },
  {
    ...base,
    id: '6455/7.1.5/reports-1005-for-an-empty-answer',
    title: 'it has closed with 1000, and is answered with an empty Close frame',
    requirement: withoutCode,
    steps: () => [
      order({ do: 'close', code: 1000 }),
      awaitOwnClose([1000]),
      sendFrames(close()),
      endTcp(),
      awaitReport({ code: 1005 }),
    ],
  },
]
