/** RFC 6455 §4.2.2 and §11.3: the response of a server that accepts. */

import { splitList } from '../../http/grammar.js'
import type { ResponseHead } from '../../http/message-head.js'
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import { echo } from '../steps/echo.js'
import { awaitAccepted, awaitAcceptedOrRefused, type RequestSending, sendRequest } from '../steps/requesting.js'

const accepting =
  'If the server chooses to accept the incoming connection, it MUST reply with a valid HTTP response indicating the following.'
const protocolNull =
  'if the server does not wish to agree to one of the suggested subprotocols, it MUST NOT send back a |Sec-WebSocket-Protocol| header field in its response'
const protocolDerived =
  "The value chosen MUST be derived from the client's handshake, specifically by selecting one of the values from the |Sec-WebSocket-Protocol| field that the server is willing to use for this connection (if any)."
const extensionsListed = 'Extensions not listed by the client MUST NOT be listed.'

interface Row {
  readonly name: string
  readonly title: string
  readonly requirement: string
  readonly section?: string
  readonly request?: RequestSending
  /** A server may refuse what is asked for. */
  readonly orRefused?: boolean
  /** What the response must have, and what is wrong with one that has it not. */
  readonly what: string
  readonly check: (response: ResponseHead) => string | undefined
}

const offers = ['x-framewright-one', 'x-framewright-two']

/** None, or one of those offered. */
function protocolOf({ fields }: ResponseHead): string | undefined {
  const chosen = fields.get('sec-websocket-protocol')
  return chosen === undefined || offers.includes(chosen) ? undefined : `it sent Sec-WebSocket-Protocol: ${chosen}`
}

function without(name: string): Row['check'] {
  return ({ fields }) => (fields.has(name) ? `it sent ${name}: ${fields.get(name)}` : undefined)
}

const unknown = ['x-framewright-unknown', 'x-framewright-unknown; a; b=1; c="2"', 'x-one, x-two; y, x-three']

const rows: readonly Row[] = [
  {
    name: 'http-version',
    title: 'the response is one of HTTP/1.1',
    requirement: accepting,
    what: 'a response of HTTP/1.1',
    check: ({ version }) => (version === '1.1' ? undefined : `it answered in HTTP/${version}`),
  },
  {
    name: 'upgrade',
    title: 'the response has Upgrade: websocket',
    requirement: `${accepting} […] An |Upgrade| header field with value "websocket" as per RFC 2616 [RFC2616].`,
    what: 'a response with Upgrade: websocket',
    check: ({ fields }) => {
      const value = fields.get('upgrade')
      if (value === undefined) return 'it sent no Upgrade'
      return value.toLowerCase() === 'websocket' ? undefined : `it sent Upgrade: ${value}`
    },
  },
  {
    name: 'connection',
    title: 'the response has Connection: Upgrade',
    requirement: `${accepting} […] A |Connection| header field with value "Upgrade".`,
    what: 'a response with Connection: Upgrade',
    check: ({ fields }) => {
      const value = fields.get('connection')
      if (value === undefined) return 'it sent no Connection'
      return splitList(value.toLowerCase()).includes('upgrade') ? undefined : `it sent Connection: ${value}`
    },
  },
  {
    name: 'accept-for-the-key-of-the-rfc',
    title: 'the Sec-WebSocket-Accept for the key of the RFC',
    requirement:
      'to give the value "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", which would be returned in the |Sec-WebSocket-Accept| header field.',
    request: { key: 'dGhlIHNhbXBsZSBub25jZQ==' },
    what: 'a response with Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    check: () => undefined,
  },
  {
    name: 'accept-once',
    title: 'one Sec-WebSocket-Accept',
    section: '11.3.3',
    requirement: 'The |Sec-WebSocket-Accept| header MUST NOT appear more than once in an HTTP response.',
    what: 'a response with one Sec-WebSocket-Accept',
    check: () => undefined, // two are not the value that is awaited
  },
  {
    name: 'no-subprotocol',
    title: 'no subprotocol where none is asked for',
    requirement:
      "If the client's handshake did not contain such a header field or if the server does not agree to any of the client's requested subprotocols, the only acceptable value is null.",
    request: { fields: { 'Sec-WebSocket-Protocol': [] } },
    orRefused: true,
    what: 'a response without Sec-WebSocket-Protocol',
    check: without('sec-websocket-protocol'),
  },
  {
    name: 'no-extensions',
    title: 'no extension where none is offered',
    requirement: 'The absence of such a field is equivalent to the null value.',
    what: 'a response without Sec-WebSocket-Extensions',
    check: without('sec-websocket-extensions'),
  },
  {
    name: 'unknown-subprotocol',
    title: 'a subprotocol that it does not know',
    requirement: protocolNull,
    request: { more: [`Sec-WebSocket-Protocol: ${offers[0]}`] },
    orRefused: true,
    what: 'a response without another subprotocol',
    check: protocolOf,
  },
  {
    name: 'unknown-subprotocols',
    title: 'two subprotocols in a list',
    requirement: protocolDerived,
    request: { more: [`Sec-WebSocket-Protocol: ${offers.join(', ')}`] },
    orRefused: true,
    what: 'a response with one of them, or none',
    check: protocolOf,
  },
  {
    name: 'unknown-subprotocols-in-two-lines',
    title: 'two subprotocols in two lines',
    // §11.3.4: which is "logically the same" as one line.
    requirement: protocolDerived,
    request: { more: offers.map(offer => `Sec-WebSocket-Protocol: ${offer}`) },
    orRefused: true,
    what: 'a response with one of them, or none',
    check: protocolOf,
  },
  {
    name: 'subprotocol-once',
    title: 'at most one subprotocol where two are asked for',
    section: '11.3.4',
    requirement: 'the |Sec-WebSocket-Protocol| header field MUST NOT appear more than once in an HTTP response.',
    request: { more: [`Sec-WebSocket-Protocol: ${offers.join(', ')}`] },
    orRefused: true,
    what: 'a response with one of them, or none',
    check: ({ fields }) => {
      const count = fields.count('sec-websocket-protocol')
      return count > 1 ? `it sent ${count} lines of Sec-WebSocket-Protocol` : undefined
    },
  },
  ...unknown.map(
    (offer, i): Row => ({
      name: `unknown-extension-${i + 1}`,
      title: `the offer of ${offer}`,
      requirement: extensionsListed,
      request: { more: [`Sec-WebSocket-Extensions: ${offer}`] },
      what: 'a response without Sec-WebSocket-Extensions, for it knows none of these',
      check: without('sec-websocket-extensions'),
    }),
  ),
  {
    name: 'unknown-compression',
    title: 'the offer of an extension for compression that it does not know',
    section: 'RFC 7692 §5',
    requirement: 'A server declining all offered PMCEs MUST NOT include any element with PMCE names.',
    request: { more: ['Sec-WebSocket-Extensions: permessage-framewright; x=10'] },
    what: 'a response without Sec-WebSocket-Extensions, for it does not know it',
    check: without('sec-websocket-extensions'),
  },
  {
    name: 'unknown-extensions-in-two-lines',
    title: 'the offer of two extensions in two lines',
    // §11.3.2: which is "logically the same" as one line.
    requirement: extensionsListed,
    request: { more: ['Sec-WebSocket-Extensions: x-one', 'Sec-WebSocket-Extensions: x-two; y=1'] },
    what: 'a response without Sec-WebSocket-Extensions, for it knows none of these',
    check: without('sec-websocket-extensions'),
  },
]

export const responseCases: readonly Case[] = rows.map(
  ({ name, title, requirement, section, request = {}, orRefused, what, check }): Case => ({
    id: `6455/4.2.2/${name}`,
    title,
    requirement,
    ...(section !== undefined && { section }),
    level: 'MUST',
    roles: ['server'],
    opening: 'raw',
    steps: () => [
      sendRequest(request),
      orRefused ? awaitAcceptedOrRefused(awaitAccepted(what, check)) : awaitAccepted(what, check),
      ...echo(text('open')),
    ],
  }),
)
