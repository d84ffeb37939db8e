/** RFC 9112 §2.3, §4, §5.2 and RFC 9110 §2.5, §15.2: how a client reads the response of an Opening Handshake as one of HTTP. */
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import type { HeadBend } from '../head-text.js'
import { echo } from '../steps/echo.js'
import { awaitNotOpened, sendResponse, sendWrongResponse } from '../steps/responding.js'

interface Row {
  readonly id: string
  readonly title: string
  readonly requirement: string
  readonly section?: string
  readonly level?: Case['level']
  readonly response: HeadBend & { readonly pieces?: number }
}

const unfolded =
  'A user agent that receives an obs-fold in a response message that is not within a "message/http" container MUST replace each received obs-fold with one or more SP octets prior to interpreting the field value.'
const reason = 'A client SHOULD ignore the reason-phrase content because it is not a reliable channel for information'
const interim =
  'A client MUST be able to parse one or more 1xx responses received prior to a final response, even if the client does not expect one.'
const statusClass =
  'a client MUST understand the class of any status code, as indicated by the first digit, and treat an unrecognized status code as being equivalent to the x00 status code of that class.'
const minor =
  'A recipient that receives a message with a major version number that it implements and a minor version number higher than what it implements SHOULD process the message as if it was in the highest minor version within that major version to which the recipient is conformant.'
const conforms =
  "If the server's response does not conform to the requirements for the server's handshake as defined in this section and in Section 4.2.2, the client MUST _Fail the WebSocket Connection_."
const accept =
  'If the response lacks a |Sec-WebSocket-Accept| header field or the |Sec-WebSocket-Accept| contains a value other than […], the client MUST _Fail the WebSocket Connection_.'
const status =
  "The client MUST validate the server's response as follows: […] If the status code received from the server is not 101, the client handles the response per HTTP [RFC2616] procedures."
const handshake = 'RFC 6455 §4.1'

const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'

const withReason = (name: string, title: string, phrase: string): Row => ({
  id: `9112/4/reason-${name}`,
  title,
  requirement: reason,
  level: 'SHOULD',
  response: { start: `HTTP/1.1 101 ${phrase}` },
})

const opens: readonly Row[] = [
  {
    id: '9112/5.2/response-with-folded-field',
    title: 'a field that nobody knows in two lines',
    requirement: unfolded,
    response: { first: ['X-Nobody-Knows: a\r\n b'] },
  },
  {
    id: '9112/5.2/response-with-field-folded-twice',
    title: 'a field that nobody knows in three lines, the next one begun by a tab',
    requirement: unfolded,
    response: { more: ['X-Nobody-Knows: a \t\r\n\tb\r\n \t c'] },
  },
  {
    id: '9112/5.2/response-with-folded-connection',
    title: 'Connection: Upgrade in a folded line',
    requirement: unfolded,
    response: { fields: { Connection: ['Connection: keep-alive,\r\n Upgrade'] } },
  },
  withReason('that-looks-like-a-status', 'a reason phrase of digits', '200 OK'),
  withReason('beyond-ascii', 'a reason phrase with octets beyond ASCII', 'H\u00f4tel \u00ff'),
  withReason('with-tabs', 'a reason phrase with tabs and spaces', '\tSwitching \t Protocols\t'),
  withReason('of-500-octets', 'a reason phrase of 500 octets', 'x'.repeat(500)),
  {
    id: '9110/2.5/response-of-http-1-2',
    title: 'a response of HTTP/1.2',
    requirement: minor,
    level: 'SHOULD',
    response: { start: 'HTTP/1.2 101 Switching Protocols' },
  },
  {
    id: '9110/15.2/several-interim-responses',
    title: 'responses 100, 102 and 103 before it',
    requirement: interim,
    response: { before: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${early}` },
  },
  {
    id: '9110/15.2/interim-response-octet-by-octet',
    title: 'a response 103 before it, both in pieces of one octet',
    requirement: interim,
    response: { before: early, pieces: 1 },
  },
  {
    id: '9110/15/interim-response-that-nobody-knows',
    title: 'a response 199 before it',
    requirement: statusClass,
    response: { before: 'HTTP/1.1 199 Nobody Knows\r\n\r\n' },
  },
]

const malformed = (id: string, title: string, start: string): Row => ({
  id,
  title,
  requirement: conforms,
  section: handshake,
  response: { start },
})

const fails: readonly Row[] = [
  {
    id: '9112/5.2/response-with-upgrade-in-folded-line',
    title: 'the only Upgrade is the folded part of another field',
    requirement: unfolded,
    response: { first: ['X-Nobody-Knows: a\r\n Upgrade: websocket'], fields: { Upgrade: [] } },
  },
  {
    id: '9112/5.2/response-with-more-in-folded-line',
    title: 'a Sec-WebSocket-Accept with more in a folded line',
    requirement: unfolded,
    response: { fields: { 'Sec-WebSocket-Accept': ['Sec-WebSocket-Accept: {accept}\r\n x'] } },
  },
  malformed('9112/4/status-of-four-digits', 'status 1010', 'HTTP/1.1 1010 Switching Protocols'),
  malformed('9112/4/status-with-leading-zero', 'status 0101', 'HTTP/1.1 0101 Switching Protocols'),
  malformed('9112/4/status-with-sign', 'status +101', 'HTTP/1.1 +101 Switching Protocols'),
  malformed('9112/4/status-with-letter', 'status 101x', 'HTTP/1.1 101x Switching Protocols'),
  malformed('9112/4/status-of-two-digits', 'status 10', 'HTTP/1.1 10 Switching Protocols'),
  malformed('9112/4/no-status', 'a status line without status', 'HTTP/1.1 Switching Protocols'),
  malformed('9112/2.3/response-of-another-protocol', 'HTTQ/1.1', 'HTTQ/1.1 101 Switching Protocols'),
  {
    id: '9110/15.2/refusal-behind-interim-response',
    title: 'a response 100, and behind it status 403, and all else as if it accepted',
    requirement: status,
    section: handshake,
    response: { before: 'HTTP/1.1 100 Continue\r\n\r\n', start: 'HTTP/1.1 403 No', more: ['Content-Length: 0'] },
  },
  {
    id: '9110/15.2/accept-in-interim-response',
    title: 'the Sec-WebSocket-Accept in a response 103, not in the last one',
    requirement: accept,
    section: handshake,
    response: {
      before: 'HTTP/1.1 103 Early Hints\r\nSec-WebSocket-Accept: {accept}\r\n\r\n',
      fields: { 'Sec-WebSocket-Accept': [] },
    },
  },
]

function caseOf({ response: _, level = 'MUST', ...row }: Row, steps: Case['steps']): Case {
  return { ...row, level, roles: ['client'], opening: 'raw', steps }
}

export const httpResponseReadingCases: readonly Case[] = [
  ...opens.map(row => caseOf(row, () => [sendResponse(row.response), ...echo(text('open'))])),
  ...fails.map(row => caseOf(row, () => [sendWrongResponse(row.response), awaitNotOpened()])),
]
