/** RFC 9110 and RFC 9112: what the responses of a server owe to HTTP. */
import { splitList } from '../../http/grammar.js'
import type { ResponseHead } from '../../http/message-head.js'
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import { echo } from '../steps/echo.js'
import {
  awaitAccepted,
  awaitAcceptedOr,
  awaitAnswer,
  ignoresUpgrade,
  type RequestSending,
  type ResponseCheck,
  sendRequest,
} from '../steps/requesting.js'

/** The elements of a list, in lower case; of no list, none. */
function elementsOf({ fields }: ResponseHead, name: string): string[] {
  return splitList((fields.get(name) ?? '').toLowerCase())
}

interface Row {
  readonly id: string
  readonly title: string
  readonly requirement: string
  readonly level?: Case['level']
  readonly request: RequestSending
  readonly check: ResponseCheck
}

const anotherVersion: RequestSending = { fields: { 'Sec-WebSocket-Version': ['Sec-WebSocket-Version: 7'] } }

const refusals: readonly Row[] = [
  {
    id: '9110/7.8/upgrade-in-426',
    title: 'whether a response 426 says which protocol it wants',
    requirement:
      'A server that sends a 426 (Upgrade Required) response MUST send an Upgrade header field to indicate the acceptable protocols, in order of descending preference.',
    request: anotherVersion,
    check(response) {
      const listed = elementsOf(response, 'upgrade').includes('websocket')
      return response.status !== 426 || listed ? undefined : 'it answered with 426 without Upgrade: websocket'
    },
  },
  {
    id: '9110/7.8/upgrade-in-connection',
    title: 'whether a response with Upgrade lists it in Connection',
    requirement:
      'A sender of Upgrade MUST also send an "Upgrade" connection option in the Connection header field (Section 7.6.1) to inform intermediaries not to forward this field.',
    request: anotherVersion,
    check(response) {
      const listed = elementsOf(response, 'connection').includes('upgrade')
      return !response.fields.has('upgrade') || listed ? undefined : 'it sent Upgrade without Connection: Upgrade'
    },
  },
  {
    id: '9110/15.5.6/allow-in-405',
    title: 'whether a response 405 says which methods it takes',
    requirement:
      "The origin server MUST generate an Allow header field in a 405 response containing a list of the target resource's currently supported methods.",
    request: { start: 'POST {resource} HTTP/1.1' },
    check(response) {
      return response.status !== 405 || response.fields.has('allow') ? undefined : 'it answered with 405 without Allow'
    },
  },
]

function without(name: string): ResponseCheck {
  return ({ fields }) => (fields.has(name) ? `it sent ${name}: ${fields.get(name)}` : undefined)
}

/** Names a list that has an empty element. */
const emptyElement: ResponseCheck = ({ fields }) => {
  const lists = ['connection', 'upgrade'].map(name => `${name}: ${fields.get(name) ?? 'x'}`)
  const [empty] = lists.filter(line => /[:,]\s*(?:,|$)/.test(line))
  return empty && `it sent ${empty}`
}

const acceptances: readonly Row[] = [
  {
    id: '9110/8.6/no-length-in-101',
    title: 'no Content-Length in a response 101',
    requirement:
      'A server MUST NOT send a Content-Length header field in any response with a status code of 1xx (Informational) or 204 (No Content).',
    request: {},
    check: without('content-length'),
  },
  {
    id: '9112/6.1/no-coding-in-101',
    title: 'no Transfer-Encoding in a response 101',
    requirement:
      'A server MUST NOT send a Transfer-Encoding header field in any response with a status code of 1xx (Informational) or 204 (No Content).',
    request: {},
    check: without('transfer-encoding'),
  },
  {
    id: '9110/5.6.1.1/no-empty-elements-in-101',
    title: 'no empty elements in the lists of a response 101',
    requirement: 'In any production that uses the list construct, a sender MUST NOT generate empty list elements.',
    request: {},
    check: emptyElement,
  },
]

const unwelcome: RequestSending = { more: ['Origin: http://framewright-unwelcome.example'] }

/** What a server need not accept: then it says so. */
const answered: readonly Row[] = [
  {
    id: '6455/4.2.2/resource-that-there-is-not',
    title: 'a resource that there is not',
    requirement:
      'If the requested service is not available, the server MUST send an appropriate HTTP error code (such as 404 Not Found) and abort the WebSocket handshake.',
    request: { start: 'GET /framewright-no-such-resource HTTP/1.1' },
    check: ignoresUpgrade,
  },
  {
    id: '6455/4.2.2/origin-that-is-not-welcome',
    title: 'a page of an origin that nobody knows',
    requirement:
      'If the server does not wish to accept this connection, it MUST return an appropriate HTTP error code (e.g., 403 Forbidden) and abort the WebSocket handshake described in this section.',
    request: unwelcome,
    check: ignoresUpgrade,
  },
  {
    id: '6455/10.2/403-for-an-origin',
    title: 'a page of an origin that nobody knows, and which status it gets',
    requirement:
      'If the origin indicated is unacceptable to the server, then it SHOULD respond to the WebSocket handshake with a reply containing HTTP 403 Forbidden status code.',
    level: 'SHOULD',
    request: unwelcome,
    check: ({ status }) => (status === 403 ? undefined : `it answered with ${status} instead of 403`),
  },
]

function caseOf({ id, title, requirement, level = 'MUST' }: Row, steps: Case['steps']): Case {
  return { id, title, requirement, level, roles: ['server'], opening: 'raw', steps }
}

export const httpResponseCases: readonly Case[] = [
  ...refusals.map(row =>
    caseOf(row, () => [sendRequest(row.request), awaitAnswer(`a response: ${row.title}`, row.check)]),
  ),
  ...acceptances.map(row =>
    caseOf(row, () => [
      sendRequest(row.request),
      awaitAccepted(`a response: ${row.title}`, row.check),
      ...echo(text('open')),
    ]),
  ),
  ...answered.map(row =>
    caseOf(row, () => [sendRequest(row.request), awaitAcceptedOr(row.check), ...echo(text('open'))]),
  ),
]
