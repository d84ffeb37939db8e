/**
 * What a proxy owes to the Opening Handshake: RFC 6455 §4.1 and §9.1, RFC 9110 §5.3, §7.6 to §7.8 and §15.2, RFC 9112 §5 and §6.
 * Both ends are ours; what one of them sends has to arrive at the other.
 */
import type { ResponseHead } from '../../http/message-head.js'
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import type { HeadBend } from '../head-text.js'
import type { Step } from '../step.js'
import { agreeOnRsv3, passClose, passMessages } from '../steps/passing.js'
import {
  exceptTunnel,
  passAcceptance,
  passMended,
  passNoFrame,
  passOrRefuse,
  passRefusal,
  passRequest,
} from '../steps/passing-heads.js'

/** A case of proxies. */
export interface ProxyRow {
  readonly id: string
  readonly title: string
  readonly requirement: string
  readonly section?: string
  readonly level?: Case['level']
  readonly large?: boolean
  readonly steps: () => readonly Step[]
}

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

export const withExtension = (): Step[] => [
  passRequest(offers, 'the same offers', expecting('sec-websocket-extensions', offered)),
  passAcceptance(chosen, 'the same choice', expecting('sec-websocket-extensions', 'x-framewright-rsv3;a=1')),
  agreeOnRsv3(),
]

const forwarded =
  'Intermediaries are expected to forward messages even when protocol elements are not recognized (e.g., new methods, status codes, or field names) since that preserves extensibility for downstream recipients.'

const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'

const told = 'not for you'

/** The ways in which the end of a content is told. */
const contents = [
  {
    id: '9110/7.7/proxy-passes-content-of-a-refusal',
    title: 'a refusal with content, and Content-Length',
    requirement:
      'A proxy MUST NOT transform the content […] of a response message that contains a no-transform cache directive […].',
    head: `Content-Length: ${told.length}\r\n`,
    body: told,
  },
  {
    id: '9112/6.1/proxy-passes-chunked-refusal',
    title: 'a refusal with content in chunks',
    requirement:
      'A recipient MUST be able to parse the chunked transfer coding (Section 7.1) because it plays a crucial role in framing messages when the content size is not known in advance.',
    head: 'Transfer-Encoding: chunked\r\n',
    body: '4\r\nnot \r\n7;x=y\r\nfor you\r\n0\r\n\r\n',
  },
  {
    id: '9112/6.3/proxy-passes-refusal-that-ends-with-tcp',
    title: 'a refusal with content that ends with TCP',
    requirement:
      'Otherwise, this is a response message without a declared message body length, so the message body length is determined by the number of octets received prior to the server closing the connection.',
    head: '',
    body: told,
  },
]

export const proxyHeads: readonly ProxyRow[] = [
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
    (status): ProxyRow => ({
      id: `9110/7.6/proxy-passes-status-${status}`,
      title: `a refusal with ${status}, and its fields`,
      requirement: forwarded,
      level: 'SHOULD',
      steps: () => [
        passRequest({}, 'what an Opening Handshake has'),
        passRefusal(
          {
            head: `HTTP/1.1 ${status} No\r\nWWW-Authenticate: Basic realm="x"\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n`,
          },
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
  {
    id: '9110/15.2/proxy-reads-past-interim-responses',
    title: 'a response 103 before the one that accepts',
    requirement:
      'A client MUST be able to parse one or more 1xx responses received prior to a final response, even if the client does not expect one.',
    steps: () => [
      passRequest({}, 'what an Opening Handshake has'),
      passAcceptance({ before: early }, 'what an Opening Handshake has'),
      passMessages('out', text('there')),
      passMessages('back', text('back')),
      passClose('out', 1000),
    ],
  },
  {
    // A SHOULD here: to the server behind it a gateway is a user agent, which "MAY ignore unexpected 1xx responses".
    id: '9110/15.2/proxy-passes-interim-responses',
    title: 'a response 103, passed on before the one that accepts',
    requirement:
      'A proxy MUST forward 1xx responses unless the proxy itself requested the generation of the 1xx response.',
    level: 'SHOULD',
    steps: () => [
      passRequest({}, 'what an Opening Handshake has'),
      passAcceptance({ before: early }, 'a response 103 before it', (_, { interim }) => {
        return interim.includes(103) ? undefined : 'no response 103'
      }),
      passClose('out', 1000),
    ],
  },
  ...contents.map(
    ({ id, title, requirement, head, body }): ProxyRow => ({
      id,
      title,
      requirement,
      steps: () => [
        passRequest({}, 'what an Opening Handshake has'),
        passRefusal(
          { head: `HTTP/1.1 403 No\r\nCache-Control: no-transform\r\n${head}`, body },
          `a refusal with the content ${JSON.stringify(told)}`,
          ({ status }, content) => {
            if (status !== 403) return `it answered with ${status} instead of 403`
            return content === told ? undefined : `before the proxy came the content ${JSON.stringify(content)}`
          },
        ),
      ],
    }),
  ),
  {
    id: '9112/5.2/proxy-unfolds-responses',
    title: 'a folded line in the response that accepts',
    requirement:
      'A proxy or gateway that receives an obs-fold in a response message that is not within a "message/http" container MUST either discard the message and replace it with a 502 (Bad Gateway) response, preferably with a representation explaining that unacceptable line folding was received, or replace each received obs-fold with one or more SP octets prior to interpreting the field value or forwarding the message downstream.',
    steps: () => [
      exceptTunnel(),
      passRequest({}, 'what an Opening Handshake has'),
      passMended('X-Framewright: a\r\n b', head => (/\r\n[ \t]/.test(head) ? 'a folded line' : undefined)),
    ],
  },
  {
    id: '9112/5.1/proxy-mends-space-before-colon',
    title: 'a space before a colon in the response that accepts',
    requirement:
      'A proxy MUST remove any such whitespace from a response message before forwarding the message downstream.',
    steps: () => [
      exceptTunnel(),
      passRequest({}, 'what an Opening Handshake has'),
      passMended(
        'X-Framewright : a',
        head => (/^[^:\r\n]*[ \t]:/m.test(head.slice(head.indexOf('\r\n') + 2)) ? 'a space before a colon' : undefined),
        { verdict: 'WARN', reason: 'it refuses the response instead of removing a space', section: 'RFC 9112 §5.1' },
      ),
    ],
  },
  {
    id: '9112/6.3/proxy-passes-one-length',
    title: 'a request with Content-Length and Transfer-Encoding',
    requirement:
      'An intermediary that chooses to forward the message MUST first remove the received Content-Length field and process the Transfer-Encoding […] prior to forwarding the message downstream.',
    steps: () => [
      exceptTunnel(),
      passOrRefuse(
        { more: ['Content-Length: 5', 'Transfer-Encoding: chunked'] },
        '0\r\n\r\n',
        'one length at most',
        ({ fields }) => {
          return fields.has('content-length') && fields.has('transfer-encoding') ? 'both lengths' : undefined
        },
      ),
    ],
  },
  {
    id: '9112/2.2/proxy-opens-no-tunnel-when-refused',
    title: 'a refusal that leaves TCP open, and a frame behind it',
    requirement:
      'When a server listening only for HTTP request messages, or processing what appears from the start-line to be an HTTP request message, receives a sequence of octets that does not match the HTTP-message grammar aside from the robustness exceptions listed above, the server SHOULD respond with a 400 (Bad Request) response and close the connection.',
    level: 'SHOULD',
    steps: () => [exceptTunnel(), passRequest({}, 'what an Opening Handshake has'), passNoFrame()],
  },
]
