/** RFC 6455 §4.2.1: how a server reads the request of the Opening Handshake. */
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import { echo } from '../steps/echo.js'
import { awaitAccepted, awaitRefused, type Refusal, type RequestSending, sendRequest } from '../steps/requesting.js'

const upgrade =
  'An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive value.'
const connection =
  'A |Connection| header field that includes the token "Upgrade", treated as an ASCII case-insensitive value.'
const stop =
  "the server MUST stop processing the client's handshake and return an HTTP response with an appropriate error code (such as 400 Bad Request)."
const notIndicated =
  "A server MUST NOT switch to a protocol that was not indicated by the client in the corresponding request's Upgrade header field."
const get =
  'An HTTP/1.1 or higher GET request, including a "Request-URI" [RFC2616] that should be interpreted as a /resource name/'
const key =
  'A |Sec-WebSocket-Key| header field with a base64-encoded (see Section 4 of [RFC4648]) value that, when decoded, is 16 bytes in length.'
const keyGrammar = 'base64-value-non-empty = (1*base64-data [ base64-padding ]) | base64-padding'
const keyCharacters = 'base64-character = ALPHA | DIGIT | "+" | "/"'
const versionDigits = 'version = DIGIT | (NZDIGIT DIGIT) | ("1" DIGIT DIGIT) | ("2" DIGIT DIGIT)'
const keyOnce = 'The |Sec-WebSocket-Key| header field MUST NOT appear more than once in an HTTP request.'
const version = 'A |Sec-WebSocket-Version| header field, with a value of 13.'
const versionOnce = 'the |Sec-WebSocket-Version| header field MUST NOT appear more than once in an HTTP request.'
const versionGrammar = 'Limited to 0-255 range, with no leading zeros'
const others =
  'Optionally, other header fields, such as those used to send cookies or request authentication to a server. Unknown header fields are ignored, as per [RFC2616].'
const names = 'all header field names in both HTTP requests and HTTP responses are case-insensitive'
const order = 'as per [RFC2616], the order of the header fields is not important'

interface Row {
  readonly name: string
  readonly title: string
  readonly requirement: string
  readonly request: RequestSending
  readonly section?: string
  readonly level?: Case['level']
  readonly refusal?: Refusal
}

const field = (name: string, ...lines: string[]): RequestSending => ({ fields: { [name]: lines } })
const keyLine = (value: string) => field('Sec-WebSocket-Key', `Sec-WebSocket-Key: ${value}`)
const versionLine = (value: string) => field('Sec-WebSocket-Version', `Sec-WebSocket-Version: ${value}`)

const accepted: readonly Row[] = [
  {
    name: 'upgrade-in-capitals',
    title: 'Upgrade: WEBSOCKET',
    requirement: upgrade,
    request: field('Upgrade', 'Upgrade: WEBSOCKET'),
  },
  {
    name: 'upgrade-in-mixed-case',
    title: 'Upgrade: WebSocket',
    requirement: upgrade,
    request: field('Upgrade', 'Upgrade: WebSocket'),
  },
  {
    name: 'connection-in-lower-case',
    title: 'Connection: upgrade',
    requirement: connection,
    request: field('Connection', 'Connection: upgrade'),
  },
  {
    name: 'connection-in-capitals',
    title: 'Connection: UPGRADE',
    requirement: connection,
    request: field('Connection', 'Connection: UPGRADE'),
  },
  {
    name: 'connection-in-list',
    title: 'Connection: keep-alive, Upgrade',
    requirement: connection,
    request: field('Connection', 'Connection: keep-alive, Upgrade'),
  },
  {
    name: 'connection-list-without-space',
    title: 'Connection: keep-alive,Upgrade',
    requirement: connection,
    request: field('Connection', 'Connection: keep-alive,Upgrade'),
  },
  {
    name: 'connection-in-two-lines',
    title: 'two lines of Connection',
    requirement: connection,
    request: field('Connection', 'Connection: keep-alive', 'Connection: Upgrade'),
  },
  {
    name: 'names-in-lower-case',
    title: 'names of fields in lower case',
    section: '4.1',
    requirement: names,
    request: {
      fields: {
        Host: ['host: {authority}'],
        Upgrade: ['upgrade: websocket'],
        Connection: ['connection: Upgrade'],
        'Sec-WebSocket-Key': ['sec-websocket-key: {key}'],
        'Sec-WebSocket-Version': ['sec-websocket-version: 13'],
      },
    },
  },
  {
    name: 'names-in-capitals',
    title: 'names of fields in capitals',
    section: '4.1',
    requirement: names,
    request: {
      fields: {
        Host: ['HOST: {authority}'],
        Upgrade: ['UPGRADE: websocket'],
        Connection: ['CONNECTION: Upgrade'],
        'Sec-WebSocket-Key': ['SEC-WEBSOCKET-KEY: {key}'],
        'Sec-WebSocket-Version': ['SEC-WEBSOCKET-VERSION: 13'],
      },
    },
  },
  {
    name: 'fields-in-reverse',
    title: 'fields in another order',
    requirement: order,
    request: {
      fields: { Host: [], Upgrade: [], Connection: [], 'Sec-WebSocket-Key': [], 'Sec-WebSocket-Version': [] },
      more: [
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: {key}',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Host: {authority}',
      ],
    },
  },
  {
    name: 'unknown-field',
    title: 'a field nobody knows',
    requirement: others,
    request: { more: ['X-Nobody-Knows: a, b; c="d"'] },
  },
  {
    name: 'unknown-fields',
    title: 'forty fields nobody knows, before the others and behind',
    requirement: others,
    request: {
      first: Array.from({ length: 20 }, (_, i) => `X-First-${i}: ${i}`),
      more: Array.from({ length: 20 }, (_, i) => `X-Last-${i}: ${'v'.repeat(i)}`),
    },
  },
  { name: 'cookie', title: 'cookies', requirement: others, request: { more: ['Cookie: a=1; b="2"; c=%20'] } },
  {
    name: 'fields-named-as-properties',
    title: 'fields with the names of properties of objects',
    requirement: others,
    request: { more: ['__proto__: a', 'constructor: b', 'toString: c'] },
  },
]

const refused: readonly Row[] = [
  { name: 'post', title: 'POST', requirement: get, request: { start: 'POST {resource} HTTP/1.1' } },
  { name: 'put', title: 'PUT', requirement: stop, request: { start: 'PUT {resource} HTTP/1.1' } },
  { name: 'delete', title: 'DELETE', requirement: stop, request: { start: 'DELETE {resource} HTTP/1.1' } },
  {
    name: 'get-in-lower-case',
    title: 'get in lower case',
    section: 'RFC 9112 §3.1',
    requirement: 'The request method is case-sensitive.',
    request: { start: 'get {resource} HTTP/1.1' },
  },
  {
    name: 'without-upgrade',
    title: 'no Upgrade',
    requirement: upgrade,
    request: field('Upgrade'),
    refusal: { anyStatus: true },
  },
  {
    name: 'upgrade-to-something-else',
    title: 'Upgrade: h2c',
    section: 'RFC 9110 §7.8',
    requirement: notIndicated,
    request: field('Upgrade', 'Upgrade: h2c'),
    refusal: { anyStatus: true },
  },
  {
    name: 'upgrade-to-more',
    title: 'Upgrade: websocketx',
    requirement: upgrade,
    request: field('Upgrade', 'Upgrade: websocketx'),
    refusal: { anyStatus: true },
  },
  {
    name: 'upgrade-to-xwebsocket',
    title: 'Upgrade: xwebsocket',
    requirement: upgrade,
    request: field('Upgrade', 'Upgrade: xwebsocket'),
    refusal: { anyStatus: true },
  },
  {
    name: 'upgrade-to-less',
    title: 'Upgrade: web',
    requirement: upgrade,
    request: field('Upgrade', 'Upgrade: web'),
    refusal: { anyStatus: true },
  },
  {
    name: 'without-connection',
    title: 'no Connection',
    requirement: connection,
    request: field('Connection'),
    refusal: { anyStatus: true },
  },
  {
    name: 'connection-keep-alive',
    title: 'Connection: keep-alive',
    requirement: connection,
    request: field('Connection', 'Connection: keep-alive'),
    refusal: { anyStatus: true },
  },
  {
    name: 'connection-upgradex',
    title: 'Connection: Upgradex',
    requirement: connection,
    request: field('Connection', 'Connection: Upgradex'),
    refusal: { anyStatus: true },
  },
  ...['x-upgrade', 'no-upgrade'].map(
    (token): Row => ({
      name: `connection-${token}`,
      title: `Connection: ${token}`,
      requirement: connection,
      request: field('Connection', `Connection: ${token}`),
      refusal: { anyStatus: true },
    }),
  ),
  { name: 'without-key', title: 'no Sec-WebSocket-Key', requirement: key, request: field('Sec-WebSocket-Key') },
  {
    name: 'empty-key',
    title: 'an empty Sec-WebSocket-Key',
    requirement: keyGrammar,
    section: '4.3',
    request: keyLine(''),
  },
  {
    name: 'two-different-keys',
    title: 'two Sec-WebSocket-Key that differ',
    section: '11.3.1',
    requirement: keyOnce,
    request: field('Sec-WebSocket-Key', 'Sec-WebSocket-Key: {key}', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='),
  },
  {
    name: 'two-equal-keys',
    title: 'the same Sec-WebSocket-Key twice',
    section: '11.3.1',
    requirement: keyOnce,
    request: field('Sec-WebSocket-Key', 'Sec-WebSocket-Key: {key}', 'Sec-WebSocket-Key: {key}'),
  },
  // A NOTE of §4.2.2 says that "It is not necessary for the server to base64-decode the |Sec-WebSocket-Key| value".
  {
    name: 'key-of-15-octets',
    title: 'a key of 15 octets',
    requirement: key,
    level: 'SHOULD',
    request: keyLine('AAECAwQFBgcICQoLDA0O'),
  },
  {
    name: 'key-of-17-octets',
    title: 'a key of 17 octets',
    requirement: key,
    level: 'SHOULD',
    request: keyLine('AAECAwQFBgcICQoLDA0ODxA='),
  },
  {
    name: 'key-not-base64',
    title: 'a key that is not base64',
    requirement: keyCharacters,
    section: '4.3',
    level: 'SHOULD',
    request: keyLine('{[(these are no 64)]}===='),
  },
  {
    name: 'key-without-padding',
    title: 'a key without its padding',
    requirement: keyGrammar,
    section: '4.3',
    level: 'SHOULD',
    request: keyLine('AAECAwQFBgcICQoLDA0ODw'),
  },
  {
    name: 'key-for-urls',
    title: 'a key in the alphabet for URLs',
    requirement: keyCharacters,
    section: '4.3',
    level: 'SHOULD',
    request: keyLine('-_-_-_-_-_-_-_-_-_-_-w=='),
  },
  {
    name: 'without-version',
    title: 'no Sec-WebSocket-Version',
    requirement: version,
    request: field('Sec-WebSocket-Version'),
  },
  {
    name: 'empty-version',
    title: 'an empty Sec-WebSocket-Version',
    requirement: versionDigits,
    section: '4.3',
    request: versionLine(''),
  },
  {
    name: 'version-in-words',
    title: 'Sec-WebSocket-Version: thirteen',
    requirement: versionDigits,
    section: '4.3',
    request: versionLine('thirteen'),
  },
  {
    name: 'version-with-sign',
    title: 'Sec-WebSocket-Version: +13',
    requirement: versionDigits,
    section: '4.3',
    request: versionLine('+13'),
  },
  {
    name: 'version-with-point',
    title: 'Sec-WebSocket-Version: 13.0',
    requirement: versionDigits,
    section: '4.3',
    request: versionLine('13.0'),
  },
  {
    name: 'version-beginning-with-13',
    title: 'Sec-WebSocket-Version: 130',
    requirement: version,
    request: versionLine('130'),
  },
  {
    name: 'version-with-leading-zero',
    title: 'Sec-WebSocket-Version: 013',
    section: '4.3',
    requirement: versionGrammar,
    request: versionLine('013'),
  },
  {
    name: 'version-beyond-255',
    title: 'Sec-WebSocket-Version: 256',
    section: '4.3',
    requirement: versionGrammar,
    request: versionLine('256'),
  },
  {
    name: 'two-versions',
    title: 'two Sec-WebSocket-Version',
    section: '11.3.5',
    requirement: versionOnce,
    request: field('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 8'),
  },
  {
    name: 'list-of-versions',
    title: 'Sec-WebSocket-Version: 13, 8',
    requirement: version,
    request: versionLine('13, 8'),
  },
]

const anotherVersion =
  'If this version does not match a version understood by the server, the server MUST abort the WebSocket handshake described in this section and instead send an appropriate HTTP error code (such as 426 Upgrade Required) and a |Sec-WebSocket-Version| header field indicating the version(s) the server is capable of understanding.'

const advertised =
  "If the server doesn't support the requested version, it MUST respond with a |Sec-WebSocket-Version| header field (or multiple |Sec-WebSocket-Version| header fields) containing all versions it is willing to use."

const otherVersions = [0, 7, 12, 14, 255].map(
  (number): Row => ({
    name: `version-${number}`,
    title: `Sec-WebSocket-Version: ${number}`,
    ...(number < 13 ? { section: '4.2.2', requirement: anotherVersion } : { section: '4.4', requirement: advertised }),
    request: versionLine(String(number)),
    refusal: {
      check({ fields }) {
        const supported = fields.get('sec-websocket-version')
        if (supported === undefined) return 'it refused without a Sec-WebSocket-Version that says what it understands'
        const knows13 = supported.split(',').some(one => one.trim() === '13')
        return knows13 ? undefined : `it refused with Sec-WebSocket-Version: ${supported}, without 13`
      },
    },
  }),
)

const shared = { roles: ['server'], opening: 'raw' } as const

function caseOf({ name, title, requirement, section, level = 'MUST' }: Row, steps: Case['steps']): Case {
  return { id: `6455/4.2.1/${name}`, title, requirement, ...(section && { section }), level, ...shared, steps }
}

export const requestReadingCases: readonly Case[] = [
  ...accepted.map(row => caseOf(row, () => [sendRequest(row.request), awaitAccepted(), ...echo(text('open'))])),
  ...[...refused, ...otherVersions].map(row =>
    caseOf(row, () => [sendRequest(row.request), awaitRefused(row.refusal)]),
  ),
]
