/** RFC 6455 §7.1 and §7.2: failing, and the end of TCP. */
import type { Case } from '../case.js'
import { binary, close, frame, ping, text } from '../frame-parts.js'
import {
  awaitClose,
  awaitCloseOrEnd,
  awaitEndOfTcp,
  awaitEndWithoutPong,
  awaitFailure,
  awaitPatience,
} from '../steps/closing.js'
import { echo } from '../steps/echo.js'
import { endTcp, sendFrames, sendPart } from '../steps/sending.js'

const discard =
  'An endpoint MUST NOT continue to attempt to process data (including a responding Close frame) from the remote endpoint after being instructed to _Fail the WebSocket Connection_.'
const closesTcp =
  'when a server is instructed to _Close the WebSocket Connection_ it SHOULD initiate a TCP Close immediately'
const closeFrame =
  'the endpoint SHOULD send a Close frame with an appropriate status code (Section 7.4) before proceeding to _Close the WebSocket Connection_.'
const lost =
  'If at any point the underlying transport layer connection is unexpectedly lost, the client MUST _Fail the WebSocket Connection_.'
const closed = 'To _Close the WebSocket Connection_, an endpoint closes the underlying TCP connection.'

const unknown = frame(0xb, 'unknown')

/** A frame whose header is as long as headers get, and a small one. */
const cutFrames: [name: string, make: () => ReturnType<typeof text>, header: number][] = [
  ['short', () => text('Hello'), 6],
  ['medium', () => binary(Buffer.alloc(300, 1)), 8],
  ['long', () => binary(Buffer.alloc(65_536, 1)), 14],
]

const behind: [name: string, title: string, steps: Case['steps']][] = [
  ['message', 'a text', () => [sendFrames(unknown), awaitFailure(1002), sendFrames(text('too late'))]],
  [
    'ping',
    'a Ping',
    () => [sendFrames(unknown), awaitFailure(1002), sendFrames(ping('too late')), awaitEndWithoutPong('too late')],
  ],
  ['illegal-frame', 'another illegal frame', () => [sendFrames(unknown), awaitFailure(1002), sendFrames(unknown)]],
]

export const endingCases: readonly Case[] = [
  ...behind.map(
    ([name, title, steps]): Case => ({
      id: `6455/7.1.7/${name}-after-failing`,
      title: `${title} behind the Close frame that an illegal frame was answered with`,
      requirement: discard,
      level: 'MUST',
      steps,
    }),
  ),
  {
    id: '6455/7.1.7/message-behind-illegal-frame',
    title: 'an illegal frame, and a text in the same segment',
    requirement: discard,
    level: 'MUST',
    steps: () => [sendFrames(unknown, text('behind')), awaitFailure(1002)],
  },
  {
    id: '6455/7.1.7/close-behind-illegal-frame',
    title: 'an illegal frame, and a Close frame in the same segment',
    requirement: discard,
    level: 'MUST',
    steps: () => [sendFrames(unknown, close(1001)), awaitFailure(1002)],
  },
  {
    id: '6455/7.1.7/close-frame-before-closing',
    title: 'whether an illegal frame is answered with a Close frame',
    requirement: closeFrame,
    level: 'SHOULD',
    steps: () => [...echo(text('Hello')), sendFrames(unknown), awaitFailure(1002)],
  },
  {
    id: '6455/7.1.7/ends-tcp-after-failing',
    title: 'the end of TCP after failing, our Close frame missing',
    requirement: closesTcp,
    section: '7.1.1',
    level: 'SHOULD',
    roles: ['server'],
    steps: () => [sendFrames(unknown), awaitFailure(1002), awaitEndOfTcp()],
  },
  {
    id: '6455/7.1.1/server-ends-tcp',
    title: 'the end of TCP after the Closing Handshake',
    requirement: 'The server MUST close the underlying TCP connection immediately',
    section: '5.5.1',
    level: 'MUST',
    roles: ['server'],
    steps: () => [sendFrames(close(1000)), awaitClose(1000), awaitEndOfTcp()],
  },
  {
    id: '6455/7.1.1/client-waits-for-the-end-of-tcp',
    title: 'a Closing Handshake, and then nothing for a while',
    requirement:
      'the client SHOULD wait for the server to close the connection but MAY close the connection at any time after sending and receiving a Close message',
    section: '5.5.1',
    level: 'SHOULD',
    roles: ['client'],
    steps: () => [sendFrames(close(1000)), awaitClose(1000), awaitPatience()],
  },
  {
    id: '6455/7.1.1/end-of-tcp-without-close',
    title: 'the end of TCP without a Close frame',
    requirement: closed,
    level: 'MUST',
    steps: () => [...echo(text('Hello')), endTcp(), awaitEndOfTcp()],
  },
  {
    id: '6455/7.1.1/end-of-tcp-within-message',
    title: 'the end of TCP between two fragments',
    requirement: lost,
    section: '7.2.1',
    level: 'MUST',
    steps: () => [sendFrames(text('Hel', { fin: false })), endTcp(), awaitEndOfTcp()],
  },
  {
    id: '6455/7.1.1/closes-cleanly',
    title: 'a Close frame and octets behind it, and how TCP ends',
    requirement:
      'An endpoint SHOULD use a method that cleanly closes the TCP connection, as well as the TLS session, if applicable, discarding any trailing bytes that may have been received.',
    level: 'SHOULD',
    steps: () => [
      sendFrames(close(1000), text('too late'), text('too late')),
      awaitCloseOrEnd({ ends: 'reset', why: 'a reset takes along what was sent before it' }, 1000),
    ],
  },
  {
    id: '6455/7.1.2/closes-after-both-close-frames',
    title: 'the end of TCP when both Close frames have been sent, and ours of TCP',
    requirement:
      'Once an endpoint has both sent and received a Close control frame, that endpoint SHOULD _Close the WebSocket Connection_ as defined in Section 7.1.1.',
    level: 'SHOULD',
    steps: ({ tested }) => [
      sendFrames(close(1000)),
      awaitClose(1000),
      ...(tested === 'client' ? [endTcp()] : []),
      awaitEndOfTcp(),
    ],
  },
  {
    id: '6455/7.1.5/empty-close-is-not-answered-with-1005',
    title: 'an empty Close frame, whose code is reported as 1005 and never sent',
    requirement:
      'If this Close control frame contains no status code, _The WebSocket Connection Close Code_ is considered to be 1005.',
    level: 'MUST',
    steps: () => [...echo(text('Hello')), sendFrames(close()), awaitClose('none', 1000)],
  },
  {
    id: '6455/7.1.5/lost-connection-is-not-closed-with-1006',
    title: 'the end of TCP, whose code is reported as 1006 and never sent',
    requirement:
      'If _The WebSocket Connection is Closed_ and no Close control frame was received by the endpoint (such as could occur if the underlying transport connection is lost), _The WebSocket Connection Close Code_ is considered to be 1006.',
    level: 'MUST',
    steps: () => [...echo(text('Hello')), endTcp(), awaitEndOfTcp()],
  },
  ...(['client', 'server'] as const).map(
    (tested): Case => ({
      id: `6455/7.1.7/${tested}-closes-tcp`,
      title: 'the end of TCP after failing',
      requirement:
        tested === 'client'
          ? 'To do so, the client MUST _Close the WebSocket Connection_'
          : 'Similarly, to do so, the server MUST _Close the WebSocket Connection_',
      level: 'MUST',
      roles: [tested],
      steps: () => [
        sendFrames(text('Hel', { fin: false }), unknown),
        awaitFailure(1002),
        ...(tested === 'client' ? [endTcp()] : []),
        awaitEndOfTcp(),
      ],
    }),
  ),
  ...cutFrames.flatMap(([name, make, header]) =>
    Array.from({ length: header }, (_, i) => i + 1).map(
      (at): Case => ({
        id: `6455/7.1.1/end-of-tcp-within-${name}-frame-after-${at}`,
        title: `the end of TCP after ${at} octets of a frame`,
        requirement: lost,
        section: '7.2.1',
        level: 'MUST',
        profile: 'strict',
        segmentations: ['whole'],
        steps: () => [sendPart(make(), 0, at), endTcp(), awaitEndOfTcp()],
      }),
    ),
  ),
]
