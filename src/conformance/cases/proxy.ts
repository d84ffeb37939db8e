/**
 * What a proxy owes to the two ends of a WebSocket connection: RFC 6455 §5.4 and §7, RFC 9110 §5.3, §7.6 to §7.8. Both ends are
 * ours; what one of them sends has to arrive at the other.
 */
import { Opcode } from '../../framing/frame-header.js'
import type { ResponseHead } from '../../http/message-head.js'
import type { Case } from '../case.js'
import { binary, close, continuation, pong, text } from '../frame-parts.js'
import type { HeadBend } from '../head-text.js'
import { SeededOctets } from '../seeded-octets.js'
import type { Step } from '../step.js'
import { awaitMessage } from '../steps/awaiting.js'
import {
  agreeOnRsv3,
  passAcceptance,
  passClose,
  passEnd,
  passEndOfClient,
  passFrames,
  passMessages,
  passPing,
  passRefusal,
  passRequest,
  stayIdle,
} from '../steps/passing.js'

const large = 2 ** 20
const content = () => new SeededOctets(large).take(large)

const opened = (): Step[] => [
  passRequest({}, 'what an Opening Handshake has'),
  passAcceptance({}, 'what an Opening Handshake has'),
]

type Fields = ResponseHead['fields']

/** The elements of a list that may be in several lines, without the white space between. */
function listed(fields: Fields, name: string): string {
  return (fields.get(name) ?? '').replaceAll(/\s*([,;=])\s*/g, '$1').trim()
}

/** Says which value came instead of this one. */
function expecting(name: string, value: string): (head: { readonly fields: Fields }) => string | undefined {
  return ({ fields }) => {
    const came = listed(fields, name)
    return came === value ? undefined : came === '' ? `no ${name}` : `${name}: ${fields.get(name)}`
  }
}

const offers: HeadBend = {
  more: ['Sec-WebSocket-Extensions: x-framewright-rsv3; a=1, permessage-deflate; client_max_window_bits'],
}
const offered = 'x-framewright-rsv3;a=1,permessage-deflate;client_max_window_bits'
const chosen: HeadBend = { more: ['Sec-WebSocket-Extensions: x-framewright-rsv3; a=1'] }

const withExtension = (): Step[] => [
  passRequest(offers, 'the same offers', expecting('sec-websocket-extensions', offered)),
  passAcceptance(chosen, 'the same choice', expecting('sec-websocket-extensions', 'x-framewright-rsv3;a=1')),
  agreeOnRsv3(),
]

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

interface Row {
  readonly id: string
  readonly title: string
  readonly requirement: string
  readonly section?: string
  readonly level?: Case['level']
  readonly large?: boolean
  readonly steps: () => readonly Step[]
}

const forwarded =
  'Intermediaries are expected to forward messages even when protocol elements are not recognized (e.g., new methods, status codes, or field names) since that preserves extensibility for downstream recipients.'

const heads: readonly Row[] = [
  {
    id: '9110/7.8/proxy-passes-upgrade',
    title: 'Upgrade and Connection, both ways',
    requirement:
      'A sender of Upgrade MUST also send an "Upgrade" connection option in the Connection header field (Section 7.6.1) to inform intermediaries not to forward this field.',
    steps: () => {
      const upgrades = ({ fields }: { readonly fields: Fields }) => {
        if (listed(fields, 'upgrade').toLowerCase() !== 'websocket') return 'no Upgrade: websocket'
        const options = listed(fields, 'connection').toLowerCase().split(',')
        return options.includes('upgrade') ? undefined : 'Upgrade without Connection: Upgrade'
      }
      return [passRequest({}, 'Upgrade', upgrades), passAcceptance({}, 'Upgrade', upgrades), passClose('out', 1000)]
    },
  },
  {
    id: '6455/4.1/proxy-passes-key',
    title: 'the key and the version of the request',
    requirement:
      'The request MUST include a header field with the name |Sec-WebSocket-Version|. The value of this header field MUST be 13.',
    steps: () => [
      passRequest({}, 'the same key and version', ({ fields }, { key }) => {
        return expecting('sec-websocket-key', key)({ fields }) ?? expecting('sec-websocket-version', '13')({ fields })
      }),
      passAcceptance({}, 'what an Opening Handshake has'),
      passClose('out', 1000),
    ],
  },
  {
    id: '9110/5.3/proxy-keeps-the-order-of-subprotocols',
    title: 'subprotocols in two lines, and the one that is chosen',
    requirement:
      'The order in which field lines with the same name are received is therefore significant to the interpretation of the field value; a proxy MUST NOT change the order of these field line values when forwarding a message.',
    steps: () => [
      passRequest(
        { more: ['Sec-WebSocket-Protocol: b, c', 'Sec-WebSocket-Protocol: a'] },
        'the same subprotocols',
        expecting('sec-websocket-protocol', 'b,c,a'),
      ),
      passAcceptance(
        { more: ['Sec-WebSocket-Protocol: c'] },
        'the same choice',
        expecting('sec-websocket-protocol', 'c'),
      ),
      passClose('out', 1000),
    ],
  },
  {
    id: '6455/9.1/proxy-passes-extensions',
    title: 'the extensions that are offered, and the one that is chosen',
    requirement: 'Note that the order of extensions is significant.',
    steps: () => [...withExtension(), passClose('out', 1000)],
  },
  {
    id: '9110/7.6/proxy-passes-unknown-fields',
    title: 'fields that nobody knows, both ways',
    requirement: forwarded,
    level: 'SHOULD',
    steps: () => [
      passRequest({ more: ['X-Framewright: there'] }, 'the same field', expecting('x-framewright', 'there')),
      passAcceptance({ more: ['X-Framewright: back'] }, 'the same field', expecting('x-framewright', 'back')),
      passClose('out', 1000),
    ],
  },
  {
    id: '9110/7.7/proxy-keeps-the-query',
    title: 'a query with octets that are escaped',
    requirement:
      'A proxy MUST NOT modify the "absolute-path" and "query" parts of the received target URI when forwarding it to the next inbound server except as required by that forwarding protocol.',
    steps: () => [
      passRequest({ start: 'GET {resource}?a=%2F%20b&c=d HTTP/1.1' }, 'the same query', ({ target }) => {
        return target.endsWith('?a=%2F%20b&c=d') ? undefined : `the target ${target}`
      }),
      passAcceptance({}, 'what an Opening Handshake has'),
      passClose('out', 1000),
    ],
  },
  ...[401, 403, 426].map(
    (status): Row => ({
      id: `9110/7.6/proxy-passes-status-${status}`,
      title: `a refusal with ${status}, and its fields`,
      requirement: forwarded,
      level: 'SHOULD',
      steps: () => [
        passRequest({}, 'what an Opening Handshake has'),
        passRefusal(
          `HTTP/1.1 ${status} No\r\nWWW-Authenticate: Basic realm="x"\r\nSec-WebSocket-Version: 13\r\n`,
          `the same refusal with ${status}`,
          response => {
            if (response.status !== status) return `it answered with ${response.status} instead of ${status}`
            const wrong = expecting('sec-websocket-version', '13')(response)
            return wrong === undefined ? undefined : `before the proxy came ${wrong}`
          },
        ),
      ],
    }),
  ),
]

const frames: readonly Row[] = [
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
      ...opened(),
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
      ...opened(),
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
      ...opened(),
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
    steps: () => [...opened(), passPing('out', 'there'), passPing('back', 'back'), passClose('out', 1000)],
  },
  {
    id: '6455/6.1/proxy-holds-nothing-back',
    title: 'small messages, each sent when the one before has arrived',
    requirement: 'The frame(s) that have been formed MUST be transmitted over the underlying network connection.',
    steps: () => [
      ...opened(),
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
      ...opened(),
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

const endings: readonly Row[] = [
  ...([1000, 1001, 1011, 3000, 4999] as const).map(
    (code): Row => ({
      id: `6455/7.1.5/proxy-passes-close-with-${code}`,
      title: `a Close frame with ${code} from the server, and its answer`,
      requirement: closeCode,
      steps: () => [...opened(), passClose('back', code)],
    }),
  ),
  {
    id: '6455/7.1.5/proxy-passes-empty-close',
    title: 'an empty Close frame from the client, and its answer',
    requirement: closeCode,
    steps: () => [...opened(), passClose('out')],
  },
  {
    id: '6455/7.1.6/proxy-passes-reasons',
    title: 'a Close frame with a reason, from the client',
    requirement: closeReason,
    steps: () => [...opened(), passClose('out', 4000, 'auf Wiedersehen, κόσμε')],
  },
  {
    id: '6455/7.1.1/proxy-passes-what-comes-last',
    title: 'a message of 1 MiB, a Close frame and the end of TCP, all at once from the server',
    large: true,
    requirement:
      'An endpoint SHOULD use a method that cleanly closes the TCP connection, as well as the TLS session, if applicable, discarding any trailing bytes that may have been received.',
    steps: () => [...opened(), passEnd(binary(content()), close(1001))],
  },
  {
    id: '6455/7.1.4/proxy-passes-the-end-of-the-server',
    title: 'the end of TCP without a Close frame, from the server',
    requirement: 'When the underlying TCP connection is closed, it is said that _The WebSocket Connection is Closed_',
    steps: () => [...opened(), passMessages('out', text('Hello')), passEnd()],
  },
  {
    id: '6455/7.1.4/proxy-passes-the-end-of-the-client',
    title: 'the end of TCP without a Close frame, from the client',
    requirement: 'When the underlying TCP connection is closed, it is said that _The WebSocket Connection is Closed_',
    steps: () => [...opened(), passMessages('out', text('Hello')), passEndOfClient()],
  },
]

export const proxyCases: readonly Case[] = [...heads, ...frames, ...endings].map(
  ({ level = 'MUST', ...row }): Case => ({
    ...row,
    level,
    roles: ['proxy'],
    opening: 'raw',
    segmentations: row.large === true ? ['whole', 'pieces'] : ['whole', 'octets'],
  }),
)
