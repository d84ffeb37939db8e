/** RFC 9110 §10.1.1, §7.8: what a server makes of the request of an Opening Handshake that expects something of it. */
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import type { Step } from '../step.js'
import { echo } from '../steps/echo.js'
import {
  awaitAccepted,
  awaitAcceptedOr,
  awaitAcceptedOrRefused,
  awaitAnswer,
  awaitContinue,
  type ResponseCheck,
  sendRequest,
} from '../steps/requesting.js'

const unheeded: ResponseCheck = ({ status }, { interim }) => {
  if (interim.length > 0) return `it sent ${interim[0]} before its answer`
  return status === 417 ? 'it answered with 417' : undefined
}

interface Row {
  readonly id: string
  readonly title: string
  readonly requirement: string
  readonly level?: Case['level']
  readonly steps: () => readonly Step[]
}

const rows: readonly Row[] = [
  {
    // Whether 100 comes before 101 is open here: §7.8 has a MUST, §10.1.1 a MAY where there is no content.
    id: '9110/10.1.1/expects-100-without-content',
    title: 'Expect: 100-continue, and no content',
    requirement:
      'A server that sends a 100 (Continue) response MUST ultimately send a final status code, once it receives and processes the request content, unless the connection is closed prematurely.',
    steps: () => [
      sendRequest({ more: ['Expect: 100-continue'] }),
      awaitAcceptedOrRefused(awaitAccepted()),
      ...echo(text('open')),
    ],
  },
  {
    id: '9110/7.8/continue-before-switching',
    title: 'Expect: 100-continue, and content that waits for it',
    requirement:
      'If a server receives both an Upgrade and an Expect header field with the "100-continue" expectation (Section 10.1.1), the server MUST send a 100 (Continue) response before sending a 101 (Switching Protocols) response.',
    steps: () => [
      sendRequest({ more: ['Expect: 100-continue', 'Content-Length: 5'] }),
      awaitContinue('hello'),
      awaitAcceptedOrRefused(awaitAccepted()),
      ...echo(text('open')),
    ],
  },
  {
    id: '9110/10.1.1/expects-100-of-http-1-0',
    title: 'Expect: 100-continue in a request of HTTP/1.0',
    requirement:
      'A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation.',
    steps: () => [
      sendRequest({ start: 'GET {resource} HTTP/1.0', more: ['Expect: 100-continue'] }),
      awaitAnswer('an answer that is not about the expectation', unheeded),
    ],
  },
  {
    id: '9110/10.1.1/expects-what-nobody-knows',
    title: 'an expectation that nobody knows',
    requirement:
      'A server that receives an Expect field value containing a member other than 100-continue MAY respond with a 417 (Expectation Failed) status code to indicate that the unexpected expectation cannot be met.',
    level: 'MAY',
    steps: () => [
      sendRequest({ more: ['Expect: x-framewright'] }),
      awaitAcceptedOr(({ status }) => (status === 417 ? undefined : `it answered with ${status}, not with 417`)),
      ...echo(text('open')),
    ],
  },
]

export const expectationCases: readonly Case[] = rows.map(
  ({ level = 'MUST', ...row }): Case => ({ ...row, level, roles: ['server'], opening: 'raw' }),
)
