/** RFC 6455 §4.1: how a client judges the response to its request. */
import { acceptValue } from '../../handshake/accept-key.js'
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import type { HeadBend } from '../head-text.js'
import { awaitEcho, echo } from '../steps/echo.js'
import { awaitNotOpened, sendResponse, sendResponseWith, sendWrongResponse } from '../steps/responding.js'

const validated = "The client MUST validate the server's response as follows: […]"
const status = `${validated} If the status code received from the server is not 101, the client handles the response per HTTP [RFC2616] procedures.`
const redirect = `${status} […] the server might redirect the client using a 3xx status code (but clients are not required to follow them)`
const upgrade =
  'If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that is not an ASCII case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket Connection_.'
const connection =
  'If the response lacks a |Connection| header field or the |Connection| header field doesn\'t contain a token that is an ASCII case-insensitive match for the value "Upgrade", the client MUST _Fail the WebSocket Connection_.'
const accept =
  'If the response lacks a |Sec-WebSocket-Accept| header field or the |Sec-WebSocket-Accept| contains a value other than the base64-encoded SHA-1 of the concatenation of the |Sec-WebSocket-Key| (as a string, not base64-decoded) with the string "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" but ignoring any leading and trailing whitespace, the client MUST _Fail the WebSocket Connection_.'
const acceptOnce = 'The |Sec-WebSocket-Accept| header MUST NOT appear more than once in an HTTP response.'
const extension =
  "If the response includes a |Sec-WebSocket-Extensions| header field and this header field indicates the use of an extension that was not present in the client's handshake (the server has indicated an extension not requested by the client), the client MUST _Fail the WebSocket Connection_."
const subprotocol =
  "If the response includes a |Sec-WebSocket-Protocol| header field and this header field indicates the use of a subprotocol that was not present in the client's handshake (the server has indicated a subprotocol not requested by the client), the client MUST _Fail the WebSocket Connection_."
const names = 'all header field names in both HTTP requests and HTTP responses are case-insensitive'
const interim =
  'A client MUST be able to parse one or more 1xx responses received prior to a final response, even if the client does not expect one.'
const established =
  "If the server's response is validated as provided for above, it is said that _The WebSocket Connection is Established_"
const unrecognized = 'Other recipients SHOULD ignore unrecognized header and trailer fields.'
const reason = 'A client SHOULD ignore the reason-phrase content because it is not a reliable channel for information'

type Row = [
  name: string,
  title: string,
  requirement: string,
  response: HeadBend & { pieces?: number },
  section?: string,
]

const field = (name: string, ...lines: string[]): HeadBend => ({ fields: { [name]: lines } })

const opens: readonly Row[] = [
  ['upgrade-in-capitals', 'Upgrade: WEBSOCKET', upgrade, field('Upgrade', 'Upgrade: WEBSOCKET')],
  ['upgrade-in-mixed-case', 'Upgrade: WebSocket', upgrade, field('Upgrade', 'Upgrade: WebSocket')],
  ['connection-in-lower-case', 'Connection: upgrade', connection, field('Connection', 'Connection: upgrade')],
  [
    'connection-in-list',
    'Connection: keep-alive, Upgrade',
    connection,
    field('Connection', 'Connection: keep-alive, Upgrade'),
  ],
  [
    'accept-with-white-space',
    'white space around Sec-WebSocket-Accept',
    accept,
    field('Sec-WebSocket-Accept', 'Sec-WebSocket-Accept: \t{accept} \t'),
  ],
  [
    'names-in-lower-case',
    'names of fields in lower case',
    names,
    {
      fields: {
        Upgrade: ['upgrade: websocket'],
        Connection: ['connection: Upgrade'],
        'Sec-WebSocket-Accept': ['sec-websocket-accept: {accept}'],
      },
    },
  ],
  [
    'names-in-capitals',
    'names of fields in capitals',
    names,
    {
      fields: {
        Upgrade: ['UPGRADE: websocket'],
        Connection: ['CONNECTION: Upgrade'],
        'Sec-WebSocket-Accept': ['SEC-WEBSOCKET-ACCEPT: {accept}'],
      },
    },
  ],
  [
    'unknown-fields',
    'fields nobody knows',
    unrecognized,
    { first: ['Server: x/1.0 (y)', 'Date: now'], more: ['X-Nobody-Knows: a, b; c="d"', '__proto__: a'] },
    'RFC 9110 §5.1',
  ],
  [
    'another-reason',
    'another reason phrase',
    reason,
    { start: 'HTTP/1.1 101 Web Socket Protocol Handshake' },
    'RFC 9112 §4',
  ],
  ['no-reason', 'no reason phrase', reason, { start: 'HTTP/1.1 101 ' }, 'RFC 9112 §4'],
  ['after-100', 'a response 100 before it', interim, { before: 'HTTP/1.1 100 Continue\r\n\r\n' }, 'RFC 9110 §15.2'],
  [
    'after-103',
    'a response 103 with fields before it',
    interim,
    { before: 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n' },
    'RFC 9110 §15.2',
  ],
  ['octet-by-octet', 'the response in pieces of one octet', established, { pieces: 1 }],
]

const otherStatuses = [200, 201, 204, 400, 401, 403, 404, 426, 500, 503].map(
  (code): Row => [
    `status-${code}`,
    `status ${code}, and all else as if it accepted`,
    status,
    { start: `HTTP/1.1 ${code} No`, more: ['Content-Length: 0'] },
  ],
)

const redirects = [300, 301, 302, 303, 307, 308].map(
  (code): Row => [
    `redirect-${code}`,
    `status ${code} with a Location, and all else as if it accepted`,
    redirect,
    { start: `HTTP/1.1 ${code} No`, more: ['Location: /somewhere-else', 'Content-Length: 0'] },
  ],
)

/** For what no client sends as its key: even the key of the RFC's example is one that some send always. */
const otherAccept = acceptValue('no key of any client')
const acceptLine = (value: string) => field('Sec-WebSocket-Accept', `Sec-WebSocket-Accept: ${value}`)

const fails: readonly Row[] = [
  ...otherStatuses,
  ...redirects,
  [
    'status-401-with-challenge',
    'status 401 with a challenge, and all else as if it accepted',
    `${status} […] the client might perform authentication if it receives a 401 status code`,
    { start: 'HTTP/1.1 401 No', more: ['WWW-Authenticate: Basic realm="x"', 'Content-Length: 0'] },
  ],
  [
    'status-426-with-versions',
    'status 426 with other versions, and all else as if it accepted',
    status,
    { start: 'HTTP/1.1 426 No', more: ['Sec-WebSocket-Version: 8, 7', 'Content-Length: 0'] },
  ],
  [
    'status-line-that-is-none',
    'a first line that is no status line, and all else as if it accepted',
    "If the server's response does not conform to the requirements for the server's handshake as defined in this section and in Section 4.2.2, the client MUST _Fail the WebSocket Connection_.",
    { start: 'SSH-2.0-x' },
  ],
  [
    'two-subprotocols',
    'two Sec-WebSocket-Protocol',
    'the |Sec-WebSocket-Protocol| header field MUST NOT appear more than once in an HTTP response.',
    { more: ['Sec-WebSocket-Protocol: chat', 'Sec-WebSocket-Protocol: superchat'] },
    '11.3.4',
  ],
  [
    'compression-that-was-not-offered',
    'an extension for compression that was not offered',
    'If a server gives an invalid response, such as accepting a PMCE that the client did not offer, the client MUST _Fail the WebSocket Connection_.',
    { more: ['Sec-WebSocket-Extensions: permessage-framewright'] },
    'RFC 7692 §5',
  ],
  [
    'compression-twice',
    'two extensions for compression, both with RSV1',
    'A client that received a response accepting a PMCE extension negotiation offer together with such an extension MUST _Fail the WebSocket Connection_.',
    { more: ['Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate'] },
    'RFC 7692 §5',
  ],
  ['without-upgrade', 'no Upgrade', upgrade, field('Upgrade')],
  ['upgrade-to-something-else', 'Upgrade: h2c', upgrade, field('Upgrade', 'Upgrade: h2c')],
  ['upgrade-to-more', 'Upgrade: websocketx', upgrade, field('Upgrade', 'Upgrade: websocketx')],
  ['upgrade-to-xwebsocket', 'Upgrade: xwebsocket', upgrade, field('Upgrade', 'Upgrade: xwebsocket')],
  ['without-connection', 'no Connection', connection, field('Connection')],
  ['connection-keep-alive', 'Connection: keep-alive', connection, field('Connection', 'Connection: keep-alive')],
  ['connection-upgradex', 'Connection: Upgradex', connection, field('Connection', 'Connection: Upgradex')],
  ['connection-x-upgrade', 'Connection: x-upgrade', connection, field('Connection', 'Connection: x-upgrade')],
  ['connection-no-upgrade', 'Connection: no-upgrade', connection, field('Connection', 'Connection: no-upgrade')],
  ['without-accept', 'no Sec-WebSocket-Accept', accept, field('Sec-WebSocket-Accept')],
  ['empty-accept', 'an empty Sec-WebSocket-Accept', accept, acceptLine('')],
  ['accept-for-another-key', 'the Sec-WebSocket-Accept for another key', accept, acceptLine(otherAccept)],
  ['accept-is-the-key', 'the key as Sec-WebSocket-Accept', accept, acceptLine('{key}')],
  ['accept-with-more', 'a Sec-WebSocket-Accept with an octet too many', accept, acceptLine('{accept}=')],
  ['accept-in-quotes', 'a Sec-WebSocket-Accept in quotes', accept, acceptLine('"{accept}"')],
  [
    'two-accepts',
    'two Sec-WebSocket-Accept, one of them right',
    acceptOnce,
    { more: [`Sec-WebSocket-Accept: ${otherAccept}`] },
    '11.3.3',
  ],
  [
    'unknown-extension',
    'an extension that was not offered',
    extension,
    { more: ['Sec-WebSocket-Extensions: x-framewright-unknown'] },
  ],
  [
    'unknown-subprotocol',
    'a subprotocol that was not asked for',
    subprotocol,
    { more: ['Sec-WebSocket-Protocol: x-framewright-unknown'] },
  ],
  [
    'empty-subprotocol',
    'an empty subprotocol',
    'The empty string is not the same as the null value for these purposes and is not a legal value for this field.',
    { more: ['Sec-WebSocket-Protocol: '] },
    '4.2.2',
  ],
]

function caseOf([name, title, requirement, , section]: Row, steps: Case['steps']): Case {
  const where = section === undefined ? {} : { section }
  return {
    id: `6455/4.1/response-${name}`,
    title,
    requirement,
    ...where,
    level: requirement === reason || requirement === unrecognized ? 'SHOULD' : 'MUST',
    roles: ['client'],
    opening: 'raw',
    steps,
  }
}

/** What comes in the same segment as the response is easily lost with the buffer of the head. */
const behind: Case = {
  id: '6455/4.1/response-with-frame-behind',
  title: 'a text in the same segment as the response',
  requirement: established,
  level: 'MUST',
  roles: ['client'],
  opening: 'raw',
  segmentations: ['whole'],
  steps: () => [sendResponseWith(text('behind')), awaitEcho(text('behind'))],
}

export const responseReadingCases: readonly Case[] = [
  behind,
  ...opens.map(row => caseOf(row, () => [sendResponse(row[3]), ...echo(text('open'))])),
  ...fails.map(row => caseOf(row, () => [sendWrongResponse(row[3]), awaitNotOpened()])),
]
