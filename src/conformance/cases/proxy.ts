/**
 * What a proxy owes to the two ends of a WebSocket connection: RFC 6455 §5.4 and §7. Both ends are ours; what one of them sends has
 * to arrive at the other.
 */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { binary, close, continuation, pong, text } from '../frame-parts.js'
import { SeededOctets } from '../seeded-octets.js'
import { awaitMessage } from '../steps/awaiting.js'
import {
  passClose,
  passEnd,
  passEndOfClient,
  passFrames,
  passMessages,
  passOtherWay,
  passPing,
  passReset,
  stayIdle,
} from '../steps/passing.js'
import { passAcceptance, passHandshake, passRequest } from '../steps/passing-heads.js'
import { type ProxyRow, proxyHeads, withExtension } from './proxy-heads.js'

const large = 2 ** 20
const content = () => new SeededOctets(large).take(large)

const fragmented = [
  binary('one', { fin: false, rsv: 1 }),
  continuation('', { fin: false }),
  continuation('two', { fin: false }),
  continuation('three'),
]
const interrupted = [
  text('Hel', { fin: false }),
  pong('a'.repeat(125)),
  continuation('l', { fin: false }),
  pong(''),
  continuation('o'),
]

const frames: readonly ProxyRow[] = [
  {
    id: '6455/4.2.2/proxy-passes-what-is-behind-the-response',
    title: 'a message in the segment of the response',
    requirement: 'At this point, the server may begin sending (and receiving) data.',
    steps: () => [
      passRequest({}, 'what an Opening Handshake has'),
      passAcceptance({}, 'what an Opening Handshake has', undefined, [text('early')]),
      awaitMessage(Opcode.text, 'early'),
      passMessages('out', text('after')),
      passClose('out', 1000),
    ],
  },
  {
    id: '6455/5.1/proxy-passes-masked-frames',
    title: 'frames of all kinds, masked one way and not the other',
    requirement: 'a client MUST mask all frames that it sends to the server',
    steps: () => [
      ...passHandshake(),
      passMessages('out', text('Hello'), binary(Buffer.of(0, 255)), text('')),
      passMessages('back', text('Hello'), binary(Buffer.of(0, 255)), text('')),
      passClose('out', 1000),
    ],
  },
  {
    id: '6455/5.4/proxy-keeps-the-order-of-fragments',
    title: 'messages of 1 MiB, both ways',
    large: true,
    requirement: 'Message fragments MUST be delivered to the recipient in the order sent by the sender.',
    steps: () => [
      ...passHandshake(),
      passMessages('out', binary(content())),
      passMessages('back', binary(content())),
      passClose('out', 1000),
    ],
  },
  {
    id: '6455/5.4/proxy-keeps-control-frames-whole',
    title: 'control frames between fragments, both ways',
    requirement:
      'As control frames cannot be fragmented, an intermediary MUST NOT attempt to change the fragmentation of a control frame.',
    steps: () => [
      ...passHandshake(),
      passFrames('out', ...interrupted),
      passFrames('back', ...interrupted),
      passClose('out', 1000),
    ],
  },
  {
    id: '6455/5.4/proxy-keeps-reserved-bits',
    title: 'RSV3, which both ends have agreed on, both ways',
    requirement:
      'An intermediary MUST NOT change the fragmentation of a message if any reserved bit values are used and the meaning of these values is not known to the intermediary.',
    steps: () => [
      ...withExtension(),
      passFrames('out', ...fragmented),
      passFrames('back', ...fragmented),
      passClose('out', 1000),
    ],
  },
  {
    id: '6455/5.4/proxy-keeps-fragments-with-extension',
    title: 'fragments where an extension is in use that it does not know, both ways',
    requirement:
      'An intermediary MUST NOT change the fragmentation of any message in the context of a connection where extensions have been negotiated and the intermediary is not aware of the semantics of the negotiated extensions.',
    steps: () => {
      const plain = fragmented.map(({ rsv: _, ...one }) => one)
      return [...withExtension(), passFrames('out', ...plain), passFrames('back', ...plain), passClose('out', 1000)]
    },
  },
  {
    id: '6455/5.5.2/proxy-passes-pings',
    title: 'Pings from either side, answered by the other',
    requirement:
      'A Ping frame may serve either as a keepalive or as a means to verify that the remote endpoint is still responsive.',
    level: 'SHOULD',
    steps: () => [...passHandshake(), passPing('out', 'there'), passPing('back', 'back'), passClose('out', 1000)],
  },
  {
    id: '6455/6.1/proxy-holds-nothing-back',
    title: 'small messages, each sent when the one before has arrived',
    requirement: 'The frame(s) that have been formed MUST be transmitted over the underlying network connection.',
    steps: () => [
      ...passHandshake(),
      ...Array.from({ length: 10 }, (_, i) => [
        passMessages('out', text(`${i}`)),
        passMessages('back', text(`${i}`)),
      ]).flat(),
      passClose('out', 1000),
    ],
  },
  {
    id: '6455/7.3/proxy-keeps-idle-connections',
    title: 'nothing for some seconds, then messages',
    requirement: 'Servers MAY close the WebSocket connection whenever desired.',
    level: 'MAY',
    steps: () => [
      ...passHandshake(),
      stayIdle(),
      passMessages('out', text('still there?')),
      passMessages('back', text('yes')),
      passClose('out', 1000),
    ],
  },
]

const closeCode =
  '_The WebSocket Connection Close Code_ is defined as the status code (Section 7.4) contained in the first Close control frame received by the application implementing this protocol.'
const closeReason =
  '_The WebSocket Connection Close Reason_ is defined as the UTF-8-encoded data following the status code (Section 7.4) contained in the first Close control frame received by the application implementing this protocol.'

const outstanding =
  'the intermediary MUST attempt to send any outstanding data that came from the closed side to the other side, close both connections, and then discard any remaining data left undelivered.'
const closed = 'When the underlying TCP connection is closed, it is said that _The WebSocket Connection is Closed_'
const halfClosed =
  'one would call shutdown() with SHUT_WR on the socket, call recv() until obtaining a return value of 0 indicating that the peer has also performed an orderly shutdown, and finally call close() on the socket.'

const endings: readonly ProxyRow[] = [
  ...([1000, 1001, 1011, 3000, 4999] as const).map(
    (code): ProxyRow => ({
      id: `6455/7.1.5/proxy-passes-close-with-${code}`,
      title: `a Close frame with ${code} from the server, and its answer`,
      requirement: closeCode,
      steps: () => [...passHandshake(), passClose('back', code)],
    }),
  ),
  {
    id: '6455/7.1.5/proxy-passes-empty-close',
    title: 'an empty Close frame from the client, and its answer',
    requirement: closeCode,
    steps: () => [...passHandshake(), passClose('out')],
  },
  {
    id: '6455/7.1.6/proxy-passes-reasons',
    title: 'a Close frame with a reason, from the client',
    requirement: closeReason,
    steps: () => [...passHandshake(), passClose('out', 4000, 'auf Wiedersehen, κόσμε')],
  },
  {
    id: '6455/7.1.1/proxy-passes-what-comes-last',
    title: 'a message of 1 MiB, a Close frame and the end of TCP, all at once from the server',
    large: true,
    requirement: outstanding,
    section: 'RFC 9110 §9.3.6',
    steps: () => [...passHandshake(), passEnd(binary(content()), close(1001))],
  },
  {
    id: '6455/7.1.4/proxy-passes-the-end-of-the-server',
    title: 'the end of TCP without a Close frame, from the server',
    requirement: closed,
    steps: () => [...passHandshake(), passMessages('out', text('Hello')), passEnd()],
  },
  {
    id: '6455/7.1.4/proxy-passes-the-end-of-the-client',
    title: 'the end of TCP without a Close frame, from the client',
    requirement: closed,
    steps: () => [...passHandshake(), passMessages('out', text('Hello')), passEndOfClient()],
  },
  {
    id: '6455/7.1.1/proxy-passes-what-the-client-sends-last',
    title: 'a message of 1 MiB, a Close frame and the end of TCP, all at once from the client',
    large: true,
    requirement: outstanding,
    section: 'RFC 9110 §9.3.6',
    steps: () => [...passHandshake(), passEndOfClient(binary(content()), close(1001))],
  },
  ...(['out', 'back'] as const).map(
    (direction): ProxyRow => ({
      // RFC 9112 §9.5: a proxy "MAY close the transport connection at any time".
      id: `6455/7.1.1/proxy-keeps-the-way-${direction === 'out' ? 'back' : 'out'}-open`,
      title: `what is sent to the ${direction === 'out' ? 'client' : 'server'}, which has ended its side of TCP`,
      requirement: halfClosed,
      level: 'MAY',
      steps: () => [...passHandshake(), passOtherWay(direction)],
    }),
  ),
  ...(['out', 'back'] as const).map(
    (direction): ProxyRow => ({
      id: `6455/7.1.4/proxy-passes-a-reset-of-the-${direction === 'out' ? 'client' : 'server'}`,
      title: `a reset of TCP by the ${direction === 'out' ? 'client' : 'server'}`,
      requirement: closed,
      steps: () => [...passHandshake(), passReset(direction)],
    }),
  ),
]

export const proxyCases: readonly Case[] = [...proxyHeads, ...frames, ...endings].map(
  ({ level = 'MUST', ...row }): Case => ({
    ...row,
    level,
    roles: ['proxy'],
    opening: 'raw',
    segmentations: row.large === true ? ['whole', 'pieces'] : ['whole', 'octets'],
  }),
)
