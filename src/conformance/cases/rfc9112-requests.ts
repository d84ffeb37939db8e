/** RFC 9112 and RFC 9110: what a server owes to HTTP when it reads the request of an Opening Handshake. */
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import { echo } from '../steps/echo.js'
import { awaitAccepted, awaitRefused, type Refusal, type RequestSending, sendRequest } from '../steps/requesting.js'

interface Row {
  readonly id: string
  readonly title: string
  readonly requirement: string
  /** Where the sentence stands, if not in the section of the id. */
  readonly section?: string
  readonly level?: Case['level']
  readonly request: RequestSending
}

const whiteSpace = 'OWS = *( SP / HTAB ) ; optional whitespace'
const aroundValues =
  'A field line value might be preceded and/or followed by optional whitespace (OWS); a single SP preceding the field line value is preferred for consistent readability by humans. The field line value does not include that leading or trailing whitespace'
const emptyLine =
  'In the interest of robustness, a server that is expecting to receive and parse a request-line SHOULD ignore at least one empty line (CRLF) received prior to the request-line.'
const absolute =
  'A server MUST accept the absolute-form in requests even though most HTTP/1.1 clients will only send the absolute-form to a proxy.'
const lists =
  'A recipient MUST parse and ignore a reasonable number of empty list elements: enough to handle common mistakes by senders that merge values, but not so much that they could be used as a denial-of-service mechanism.'
const combined =
  'When a field name is repeated within a section, its combined field value consists of the list of corresponding field line values within that section, concatenated in order, with each field line value separated by a comma.'

const minor =
  'A recipient that receives a message with a major version number that it implements and a minor version number higher than what it implements SHOULD process the message as if it was in the highest minor version within that major version to which the recipient is conformant.'

const accepted: readonly Row[] = [
  {
    id: '9110/2.5/http-1-2',
    title: 'a request of HTTP/1.2',
    level: 'SHOULD',
    requirement: minor,
    request: { start: 'GET {resource} HTTP/1.2' },
  },
  {
    id: '9110/5.6.3/tabs-around-values',
    title: 'tabs and spaces around values',
    requirement: whiteSpace,
    request: { fields: { Upgrade: ['Upgrade:\t websocket \t'], Connection: ['Connection: \tUpgrade\t '] } },
  },
  {
    id: '9112/5.1/no-space-before-values',
    title: 'no space between colon and value',
    requirement: aroundValues,
    request: {
      fields: {
        Upgrade: ['Upgrade:websocket'],
        Connection: ['Connection:Upgrade'],
        'Sec-WebSocket-Key': ['Sec-WebSocket-Key:{key}'],
        'Sec-WebSocket-Version': ['Sec-WebSocket-Version:13'],
      },
    },
  },
  {
    id: '9112/5.1/spaces-behind-values',
    title: 'spaces behind the values',
    requirement: aroundValues,
    request: {
      fields: {
        'Sec-WebSocket-Key': ['Sec-WebSocket-Key: {key}  '],
        'Sec-WebSocket-Version': ['Sec-WebSocket-Version: 13  '],
      },
    },
  },
  {
    id: '9112/2.2/empty-line-before',
    title: 'an empty line before the request',
    level: 'SHOULD',
    requirement: emptyLine,
    request: { before: '\r\n' },
  },
  {
    id: '9112/3.2.2/absolute-form',
    title: 'the request target in absolute form',
    requirement: absolute,
    request: { start: 'GET http://{authority}{resource} HTTP/1.1' },
  },
  {
    id: '9110/5.6.1.2/empty-elements',
    title: 'empty elements in Connection',
    requirement: lists,
    request: { fields: { Connection: ['Connection: , Upgrade ,, '] } },
  },
  {
    id: '9110/5.3/list-in-many-lines',
    title: 'Connection in four lines',
    requirement: combined,
    section: '5.2',
    request: { fields: { Connection: ['Connection: a', 'Connection: b', 'Connection: Upgrade', 'Connection: c'] } },
  },
  {
    id: '9110/5.5/octets-beyond-ascii',
    title: 'octets beyond ASCII in a field that nobody knows',
    requirement: 'A recipient SHOULD treat other allowed octets in field content (i.e., obs-text) as opaque data.',
    level: 'SHOULD',
    request: { more: ['X-Nobody-Knows: \u00e9\u00ff'] },
  },
]

const host =
  'A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host header field and to any request message that contains more than one Host header field line or a Host header field with an invalid field value.'
const beforeColon =
  'A server MUST reject, with a response status code of 400 (Bad Request), any received request message that contains whitespace between a header field name and colon.'
const beforeFirst =
  'A recipient that receives whitespace between the start-line and the first header field MUST either reject the message as invalid or consume each whitespace-preceded line without further processing of it'
const oldHttp = 'A server that receives an Upgrade header field in an HTTP/1.0 request MUST ignore that Upgrade field.'
const exact =
  'When a server listening only for HTTP request messages, or processing what appears from the start-line to be an HTTP request message, receives a sequence of octets that does not match the HTTP-message grammar aside from the robustness exceptions listed above, the server SHOULD respond with a 400 (Bad Request) response and close the connection.'

const refused: readonly (Row & { readonly refusal?: Refusal })[] = [
  {
    id: '9112/3.2/without-host',
    title: 'no Host',
    requirement: host,
    request: { fields: { Host: [] } },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/3.2/two-hosts',
    title: 'two Host that differ',
    requirement: host,
    request: { more: ['Host: example.org'] },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/3.2/two-equal-hosts',
    title: 'the same Host twice',
    requirement: host,
    request: { more: ['Host: {authority}'] },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/3.2/host-with-space',
    title: 'a Host with a space',
    requirement: host,
    request: { fields: { Host: ['Host: a b'] } },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/3.2/host-with-path',
    title: 'a Host with a path',
    requirement: host,
    request: { fields: { Host: ['Host: {authority}/path'] } },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/5.1/space-before-colon',
    title: 'a space before a colon',
    requirement: beforeColon,
    request: { fields: { Upgrade: ['Upgrade : websocket'] } },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/5.1/tab-before-colon',
    title: 'a tab before a colon',
    requirement: beforeColon,
    request: { more: ['X-Nobody-Knows\t: 1'] },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/2.2/space-before-first-field',
    title: 'the only Upgrade is the first line and begins with a space',
    requirement: beforeFirst,
    request: { first: [' Upgrade: websocket'], fields: { Upgrade: [] } },
    refusal: { anyStatus: true },
  },
  {
    id: '9110/7.8/http-1-0',
    title: 'a request of HTTP/1.0',
    requirement: oldHttp,
    request: { start: 'GET {resource} HTTP/1.0' },
    refusal: { anyStatus: true },
  },
  {
    id: '9112/2.2/bare-cr',
    title: 'the only Upgrade stands behind a CR without LF',
    requirement:
      'A recipient of such a bare CR MUST consider that element to be invalid or replace each bare CR with SP before processing the element or forwarding the message.',
    request: { first: ['X-Nobody-Knows: a\rUpgrade: websocket'], fields: { Upgrade: [] } },
    refusal: { anyStatus: true },
  },
  {
    id: '9112/2.2/octets-not-characters',
    title: 'the only Upgrade stands behind characters whose low octets would be CR and LF',
    requirement:
      'A recipient MUST parse an HTTP message as a sequence of octets in an encoding that is a superset of US-ASCII [USASCII].',
    request: { first: ['X-Nobody-Knows: a\u00c4\u008d\u00c4\u008aUpgrade: websocket'], fields: { Upgrade: [] } },
    refusal: { anyStatus: true },
  },
  {
    id: '9112/5.2/upgrade-in-folded-line',
    title: 'the only Upgrade is the folded part of another field',
    requirement:
      'A server that receives an obs-fold in a request message that is not within a "message/http" container MUST either reject the message by sending a 400 (Bad Request), preferably with a representation explaining that obsolete line folding is unacceptable, or replace each received obs-fold with one or more SP octets prior to interpreting the field value or forwarding the message downstream.',
    request: { first: ['X-Nobody-Knows: a\r\n Upgrade: websocket'], fields: { Upgrade: [] } },
    refusal: { anyStatus: true },
  },
  {
    id: '9110/5.5/nul-in-value',
    title: 'Upgrade: websocket, a NUL behind it, and more',
    requirement:
      'a recipient of CR, LF, or NUL within a field value MUST either reject the message or replace each of those characters with SP before further processing or forwarding of that message.',
    request: { fields: { Upgrade: ['Upgrade: websocket\0x'] } },
    refusal: { anyStatus: true },
  },
  {
    id: '9112/3.2/space-in-target',
    title: 'a request target with a space',
    requirement:
      'Recipients of an invalid request-line SHOULD respond with either a 400 (Bad Request) error or a 301 (Moved Permanently) redirect with the request-target properly encoded.',
    level: 'SHOULD',
    request: { start: 'GET {resource} x HTTP/1.1' },
    refusal: { statuses: [400, 301] },
  },
  {
    id: '9112/2.2/line-without-colon',
    title: 'a line without a colon',
    requirement: exact,
    level: 'SHOULD',
    request: { more: ['no colon'] },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/2.2/empty-name',
    title: 'a field without a name',
    requirement: exact,
    level: 'SHOULD',
    request: { more: [': nobody'] },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/2.2/name-with-space',
    title: 'a field name with a space',
    requirement: exact,
    level: 'SHOULD',
    request: { more: ['X Nobody: 1'] },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/2.2/name-with-parentheses',
    title: 'a field name that is no token',
    requirement: exact,
    level: 'SHOULD',
    request: { more: ['X(Nobody): 1'] },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/2.2/http-version-in-lower-case',
    title: 'http/1.1 in lower case',
    requirement: 'HTTP-version is case-sensitive.',
    section: '2.3',
    level: 'SHOULD',
    request: { start: 'GET {resource} http/1.1' },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/2.2/target-missing',
    title: 'a request line without a target',
    requirement: exact,
    level: 'SHOULD',
    request: { start: 'GET HTTP/1.1' },
    refusal: { statuses: [400] },
  },
]

const shared = { roles: ['server'], opening: 'raw' } as const

export const httpRequestCases: readonly Case[] = [
  ...accepted.map(
    ({ request, level = 'MUST', ...row }): Case => ({
      ...row,
      level,
      ...shared,
      steps: () => [sendRequest(request), awaitAccepted(), ...echo(text('open'))],
    }),
  ),
  ...refused.map(
    ({ request, refusal, level = 'MUST', ...row }): Case => ({
      ...row,
      level,
      ...shared,
      steps: () => [sendRequest(request), awaitRefused(refusal)],
    }),
  ),
  {
    id: '9112/2.2/octet-by-octet',
    title: 'the request in pieces of one octet',
    requirement:
      'The normal procedure for parsing an HTTP message is to read the start-line into a structure, read each header field line into a hash table by field name until the empty line[…]',
    level: 'MUST',
    ...shared,
    segmentations: ['whole'],
    steps: () => [sendRequest({ pieces: 1 }), awaitAccepted(), ...echo(text('open'))],
  },
]
