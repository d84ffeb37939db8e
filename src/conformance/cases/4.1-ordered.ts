/** RFC 6455 §4.1: what a client asks for when it is told to, put to clients that take orders. */
import { isToken } from '../../http/grammar.js'
import type { Case } from '../case.js'
import { askedFor, awaitNeverOpen, awaitOpen } from '../steps/ordering.js'
import { awaitNotOpened, awaitRequest, sendResponse, sendWrongResponse } from '../steps/responding.js'

const preference =
  'If present, this value indicates one or more comma-separated subprotocol the client wishes to speak, ordered by preference.'
const elements =
  'The elements that comprise this value MUST be non-empty strings with characters in the range U+0021 to U+007E not including separator characters as defined in [RFC2616] and MUST all be unique strings.'
const notRequested =
  "this header field indicates the use of a subprotocol that was not present in the client's handshake (the server has indicated a subprotocol not requested by the client), the client MUST _Fail the WebSocket Connection_."
const inUse =
  "The _Subprotocol In Use_ is defined to be the value of the |Sec-WebSocket-Protocol| header field in the server's handshake or the null value if that header field was not present in the server's handshake."

/** Lists that are legal, and must come as they were ordered. */
const lists: [name: string, protocols: readonly string[]][] = [
  ['one-subprotocol', ['chat']],
  ['three-subprotocols', ['superchat', 'chat', 'v2.chat.example.org']],
  ['subprotocols-that-differ-in-case', ['chat', 'Chat', 'CHAT']],
  ['subprotocol-of-all-characters', ["!#$%&'*+-.^_`|~09AZaz"]],
]

/** Lists that no request may have. */
const illegal: [name: string, title: string, protocols: readonly string[]][] = [
  ['a-subprotocol-twice', 'a subprotocol twice', ['chat', 'superchat', 'chat']],
  ['an-empty-subprotocol', 'an empty subprotocol', ['']],
  ['a-subprotocol-with-a-space', 'a subprotocol with a space', ['chat room']],
  ['a-subprotocol-beyond-ascii', 'a subprotocol beyond ASCII', ['plauderei-für-zwei']],
  ['a-subprotocol-with-a-line-end', 'a subprotocol with a line end', ['chat\r\nX-Sneaked: in']],
]

const base = { level: 'MUST', roles: ['controlled client'], segmentations: ['whole'] } as const

const chosen: [name: string, answer: readonly string[], protocol: string][] = [
  ['the-second-subprotocol', ['Sec-WebSocket-Protocol: chat'], 'chat'],
  ['no-subprotocol', [], ''],
]

const wrong: [name: string, title: string, line: string][] = [
  ['another-subprotocol', 'that was not asked for', 'Sec-WebSocket-Protocol: other'],
  ['a-subprotocol-in-another-case', 'in another case', 'Sec-WebSocket-Protocol: CHAT'],
  ['two-subprotocols', 'and one more', 'Sec-WebSocket-Protocol: superchat, chat'],
]

export const orderedRequestCases: readonly Case[] = [
  ...lists.map(
    ([name, protocols]): Case => ({
      ...base,
      id: `6455/4.1/ordered-${name}`,
      title: `it is told to ask for ${protocols.join(', ')}`,
      requirement: preference,
      opening: 'raw',
      ordered: { protocols },
      steps: () => [
        awaitRequest('these subprotocols, in this order', request => {
          const asked = askedFor(request)
          return asked.join() === protocols.join() ? undefined : `it asked for ${asked.join(', ') || 'none'}`
        }),
        sendResponse({ more: [`Sec-WebSocket-Protocol: ${protocols[0]}`] }),
        awaitOpen(protocols[0]!),
      ],
    }),
  ),
  ...illegal.map(
    ([name, title, protocols]): Case => ({
      ...base,
      id: `6455/4.1/ordered-${name}`,
      title: `it is told to ask for ${title}, which it refuses, or leaves out`,
      requirement: elements,
      opening: 'raw',
      ordered: { protocols, mayRefuse: true },
      steps: () => [
        awaitRequest('subprotocols that are tokens, each another', request => {
          const { fields } = request
          const value = fields.get('sec-websocket-protocol')
          const asked = askedFor(request)
          const good = asked.length > 0 && asked.every(isToken) && new Set(asked).size === asked.length
          return (value === undefined || good) && !fields.has('x-sneaked')
            ? undefined
            : `it sent Sec-WebSocket-Protocol: ${value}`
        }),
      ],
    }),
  ),
  ...chosen.map(
    ([name, more, protocol]): Case => ({
      ...base,
      id: `6455/4.1/reports-${name}`,
      title: `of two subprotocols the server chooses ${protocol === '' ? 'none' : 'the second'}, and the program is told`,
      requirement: inUse,
      // Browsers and their like fail then, as the WHATWG has it.
      level: protocol === '' ? 'SHOULD' : 'MUST',
      opening: 'raw',
      ordered: { protocols: ['superchat', 'chat'] },
      steps: () => [sendResponse({ more }), awaitOpen(protocol)],
    }),
  ),
  ...wrong.map(
    ([name, title, line]): Case => ({
      ...base,
      id: `6455/4.1/chosen-${name}`,
      title: `of two subprotocols the server chooses one ${title}`,
      requirement: notRequested,
      opening: 'raw',
      ordered: { protocols: ['superchat', 'chat'] },
      steps: () => [sendWrongResponse({ more: [line] }), awaitNotOpened(), awaitNeverOpen()],
    }),
  ),
  {
    ...base,
    id: '6455/7.1.4/reports-that-there-is-no-connection',
    title: 'the handshake is answered with 404, and the program is told',
    requirement:
      'If the WebSocket connection could not be established, it is also said that _The WebSocket Connection is Closed_, but not _cleanly_.',
    opening: 'raw',
    ordered: {},
    steps: () => [
      sendWrongResponse({
        start: 'HTTP/1.1 404 Not Found',
        fields: { Upgrade: [], Connection: ['Connection: close'] },
      }),
      awaitNotOpened(),
      awaitNeverOpen(),
    ],
  },
]
