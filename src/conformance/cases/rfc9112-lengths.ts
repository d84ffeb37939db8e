/** RFC 9112 and RFC 9110: where the request of an Opening Handshake ends, and how long it may be. */
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import { awaitEndOfTcp } from '../steps/closing.js'
import { echo } from '../steps/echo.js'
import {
  awaitAccepted,
  awaitAcceptedOr,
  awaitAcceptedOrRefused,
  awaitRefused,
  type Refusal,
  type RequestSending,
  type ResponseCheck,
  sendRequest,
} from '../steps/requesting.js'

interface Row {
  readonly id: string
  readonly title: string
  readonly requirement: string
  readonly request: RequestSending
}

/** A server does the one or the other: what the request asks for, or an answer that the RFC wants instead. */
const either: readonly (Row & { readonly answer: ResponseCheck })[] = [
  {
    id: '9110/5.4/large-field',
    title: 'a field of 64 KiB',
    requirement:
      'A server that receives a request header field line, field value, or set of fields larger than it wishes to process MUST respond with an appropriate 4xx (Client Error) status code.',
    request: { more: [`X-Nobody-Knows: ${'x'.repeat(65_536)}`] },
    answer: ({ status }) => (status >= 400 && status < 500 ? undefined : `it answered with ${status}, not with 4xx`),
  },
  {
    id: '9112/3/long-target',
    title: 'a request target of 64 KiB',
    requirement:
      'A server that receives a request-target longer than any URI it wishes to parse MUST respond with a 414 (URI Too Long) status code',
    request: { start: `GET {resource}?${'x'.repeat(65_536)} HTTP/1.1` },
    answer({ status }) {
      // Who limits the head as a whole has no longest URI, and says so with the status for large heads.
      if (status === 431)
        return { verdict: 'WARN', reason: 'it answered with 431, not with 414', section: 'RFC 9110 §5.4' }
      return status === 414 ? undefined : `it answered with ${status}, not with 414`
    },
  },
]

const badLength =
  'If the unrecoverable error is in a request message, the server MUST respond with a 400 (Bad Request) status code and then close the connection.'
const notChunked =
  'If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the final encoding, the message body length cannot be determined reliably; the server MUST respond with the 400 (Bad Request) status code and then close the connection.'
const bothLengths =
  'A server MAY reject a request that contains both Content-Length and Transfer-Encoding or process such a request in accordance with the Transfer-Encoding alone. Regardless, the server MUST close the connection after responding to such a request to avoid the potential attacks.'

/** Where the request ends is not clear: it is answered, and TCP ended. */
const unclear: readonly (Row & { readonly refusal: Refusal })[] = [
  {
    id: '9112/6.3/length-that-is-no-number',
    title: 'Content-Length: x',
    requirement: badLength,
    request: { more: ['Content-Length: x'] },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/6.3/lengths-that-differ',
    title: 'Content-Length: 5, 6',
    requirement: badLength,
    request: { more: ['Content-Length: 5, 6'], behind: 'hello' },
    refusal: { statuses: [400] },
  },
  {
    id: '9112/6.3/coding-that-is-not-chunked',
    title: 'Transfer-Encoding: identity',
    requirement: notChunked,
    request: { more: ['Transfer-Encoding: identity'] },
    refusal: { statuses: [400, 501] },
  },
  {
    id: '9112/6.1/length-and-coding',
    title: 'Content-Length and Transfer-Encoding',
    requirement: bothLengths,
    request: { more: ['Content-Length: 5', 'Transfer-Encoding: chunked'], behind: '0\r\n\r\n' },
    refusal: { anyStatus: true },
  },
]

const shared = { level: 'MUST', roles: ['server'], opening: 'raw' } as const

export const requestLengthCases: readonly Case[] = [
  ...either.map(
    ({ request, answer, ...row }): Case => ({
      ...row,
      profile: 'strict',
      large: true,
      segmentations: ['whole'],
      ...shared,
      steps: () => [sendRequest(request), awaitAcceptedOr(answer), ...echo(text('open'))],
    }),
  ),
  ...unclear.map(
    ({ request, refusal, ...row }): Case => ({
      ...row,
      ...shared,
      steps: () => [sendRequest(request), awaitRefused(refusal), awaitEndOfTcp()],
    }),
  ),
  {
    id: '9112/3/line-of-8000-octets',
    title: 'a request line of 8,000 octets',
    requirement:
      'It is RECOMMENDED that all HTTP senders and recipients support, at a minimum, request-line lengths of 8000 octets.',
    large: true,
    ...shared,
    level: 'SHOULD',
    steps: () => [
      sendRequest({ start: `GET {resource}?${'x'.repeat(7900)} HTTP/1.1` }),
      awaitAccepted(),
      ...echo(text('open')),
    ],
  },
  {
    id: '9112/6/body-before-frames',
    title: 'a request with a body, which is no frame',
    requirement:
      'The presence of a message body in a request is signaled by a Content-Length or Transfer-Encoding header field.',
    ...shared,
    steps: () => [
      sendRequest({ more: ['Content-Length: 5'], behind: 'hello' }),
      awaitAcceptedOrRefused(awaitAccepted()),
      ...echo(text('open')),
    ],
  },
  {
    id: '9110/5.3/whole-head-first',
    title: 'a second Sec-WebSocket-Version at the end of a head that comes octet by octet',
    requirement:
      'A server MUST NOT apply a request to the target resource until it receives the entire request header section',
    ...shared,
    segmentations: ['whole'],
    steps: () => [sendRequest({ more: ['Sec-WebSocket-Version: 8'], pieces: 1 }), awaitRefused()],
  },
]
