/** RFC 7692 §7.1: how permessage-deflate is offered, chosen and refused. */

import type { ResponseHead } from '../../http/message-head.js'
import type { Case } from '../case.js'
import { type ExtensionElement, extensionElements } from '../extension-elements.js'
import { text } from '../frame-parts.js'
import { rawDeflate } from '../raw-deflate.js'
import type { Step } from '../step.js'
import { echo } from '../steps/echo.js'
import { awaitAccepted, awaitAcceptedOrRefused, type ResponseCheck, sendRequest } from '../steps/requesting.js'
import { awaitNotOpened, awaitRequest, sendResponse, sendWrongResponse } from '../steps/responding.js'
import type { Finding } from '../verdict.js'

const takeovers = ['server_no_context_takeover', 'client_no_context_takeover']
const windows = ['server_max_window_bits', 'client_max_window_bits']

const isWindow = (value: string) => /^(?:[89]|1[0-5])$/.test(value)

/** What is wrong with the parameters of an element; in an offer client_max_window_bits needs no value. */
function wrongIn({ names, parameters }: ExtensionElement, inOffer: boolean): string | undefined {
  if (new Set(names).size < names.length) return 'a parameter twice'
  for (const [name, value] of parameters) {
    if (takeovers.includes(name) && value !== '') return `${name} with a value`
    if (!takeovers.includes(name) && !windows.includes(name)) return `the parameter ${name}, which is not defined`
    const bare = inOffer && name === 'client_max_window_bits' && value === ''
    if (windows.includes(name) && !bare && !isWindow(value)) return `${name} with the value ${JSON.stringify(value)}`
  }
  return undefined
}

/** Whether the response accepts this offer as §7.1.1 and §7.1.2 say; no window stands for one of 15. */
function answers(response: ExtensionElement, offer: ExtensionElement): boolean {
  const bits = Number(offer.parameters.get('server_max_window_bits') ?? 15)
  if (Number(response.parameters.get('server_max_window_bits') ?? 15) > bits) return false
  if (offer.parameters.has('server_no_context_takeover') && !response.parameters.has('server_no_context_takeover')) {
    return false
  }
  return !response.parameters.has('client_max_window_bits') || offer.parameters.has('client_max_window_bits')
}

/** Says what is wrong with the response to these offers; none at all is a refusal, which is legal. */
function checkFor(offers: string): ResponseCheck {
  return ({ fields }: ResponseHead) => {
    const value = fields.get('sec-websocket-extensions')
    if (value === undefined) return undefined
    const elements = extensionElements(value)
    const [chosen] = elements ?? []
    if (elements?.length !== 1 || chosen?.name !== 'permessage-deflate') return `it chose ${value}`
    const wrong = wrongIn(chosen, false)
    if (wrong !== undefined) return `it chose ${value}: ${wrong}`
    const legal = extensionElements(offers)!.filter(offer => wrongIn(offer, true) === undefined)
    const answered = legal.filter(offer => answers(chosen, offer))
    if (answered.length === 0) return `it chose ${value}, which answers none of the offers`
    const limits = ({ parameters }: ExtensionElement) => parameters.has('server_max_window_bits')
    return limits(chosen) || !answered.every(limits) ? undefined : unsaid(value)
  }
}

/** §7.1.2.1 says how a server accepts the parameter, without a MUST; the window of 15 is what holds anyhow. */
function unsaid(value: string): Finding {
  const reason = `it chose ${value} without server_max_window_bits, which the offer has`
  return { verdict: 'WARN', reason, section: 'RFC 7692 §7.1.2.1' }
}

/** The whole handshake may be refused, though only the offer is to be declined. */
function awaitAnswer(what: string, offers: string): Step {
  const accepted = awaitAccepted(what, checkFor(offers), rawDeflate())
  return awaitAcceptedOrRefused(accepted, 'a server that does not want an offer is to decline it, and may do without')
}

const agreed =
  "\"Agreed parameters\" must represent how the requests and hints in the client's extension negotiation offer have been handled in addition to the server's requests and hints on the client's behavior"

const taken: [name: string, requirement: string, section: string, offers: string][] = [
  [
    'alone',
    'To accept the use of an offered PMCE, a server MUST include the extension name of the PMCE in the "Sec-WebSocket-Extensions" header field of its opening handshake of the WebSocket connection.',
    '5',
    'permessage-deflate',
  ],
  [
    'without-client-window',
    'If a received extension negotiation offer doesn\'t have the "client_max_window_bits" extension parameter, the corresponding extension negotiation response to the offer MUST NOT include the "client_max_window_bits" extension parameter.',
    '7.1.2.2',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  ],
  [
    'server-takeover',
    'A server accepts an extension negotiation offer that includes the "server_no_context_takeover" extension parameter by including the "server_no_context_takeover" extension parameter in the corresponding extension negotiation response to send back to the client.',
    '7.1.1.1',
    'permessage-deflate; server_no_context_takeover',
  ],
  [
    'server-takeover-without-value',
    'The "server_no_context_takeover" extension parameter in an extension negotiation response has no value.',
    '7.1.1.1',
    'permessage-deflate; server_no_context_takeover; client_max_window_bits',
  ],
  ['client-takeover', agreed, '5', 'permessage-deflate; client_no_context_takeover'],
  [
    'client-window-without-value',
    'This parameter has no value or a decimal integer value without leading zeroes between 8 to 15 inclusive indicating the base-2 logarithm of the LZ77 sliding window size.',
    '7.1.2.2',
    'permessage-deflate; client_max_window_bits',
  ],
  ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap((bits): [string, string, string, string][] => [
    [
      `server-window-${bits}`,
      'A server accepts an extension negotiation offer with this parameter by including the "server_max_window_bits" extension parameter in the extension negotiation response to send back to the client with the same or smaller value as the offer.',
      '7.1.2.1',
      `permessage-deflate; server_max_window_bits=${bits}`,
    ],
    [
      `client-window-${bits}`,
      // Of a hint of the client's: the server may do as it likes with it, and says so.
      agreed,
      '5',
      `permessage-deflate; client_max_window_bits=${bits}`,
    ],
  ]),
  [
    'quoted-window',
    'The value may be quoted.',
    '5.2',
    'permessage-deflate; server_max_window_bits="10"; client_max_window_bits="11"',
  ],
  [
    'all-four',
    "All four parameters are defined for both a client's extension negotiation offer and a server's extension negotiation response.",
    '7',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=13',
  ],
  [
    'fallback',
    'The server can accept "permessage-deflate" by picking any supported one from the listed offers.',
    '7.1.3',
    'permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate; client_max_window_bits',
  ],
  [
    'behind-an-unknown-one',
    'Extensions not listed by the client MUST NOT be listed.',
    'RFC 6455 §4.2.2',
    'x-unknown, permessage-deflate',
  ],
]

const unknownParameter = 'The negotiation offer contains an extension parameter not defined for use in an offer.'
const invalidValue = 'The negotiation offer contains an extension parameter with an invalid value.'
const sameName = 'The negotiation offer contains multiple extension parameters with the same name.'

const declined: [name: string, requirement: string, parameters: string][] = [
  ['unknown-parameter', unknownParameter, 'x_unknown'],
  ['unknown-parameter-with-value', unknownParameter, 'x_unknown=1'],
  ['parameter-in-capitals', unknownParameter, 'SERVER_NO_CONTEXT_TAKEOVER'],
  ['server-takeover-with-value', invalidValue, 'server_no_context_takeover=1'],
  ['client-takeover-with-value', invalidValue, 'client_no_context_takeover=true'],
  ['server-window-without-value', invalidValue, 'server_max_window_bits'],
  ...['7', '16', '0', '08', '+9', '1000', '9.0', '1e1', '-8'].flatMap((value): [string, string, string][] => {
    const named = value.replace('+', 'plus-').replace('-8', 'minus-8').replace('.', '-point-')
    return [
      [`server-window-${named}`, invalidValue, `server_max_window_bits=${value}`],
      [`client-window-${named}`, invalidValue, `client_max_window_bits=${value}`],
    ]
  }),
  ['two-server-windows', sameName, 'server_max_window_bits=10; server_max_window_bits=10'],
  ['two-client-windows', sameName, 'client_max_window_bits; client_max_window_bits=10'],
  ['two-server-takeovers', sameName, 'server_no_context_takeover; server_no_context_takeover'],
  ['two-client-takeovers', sameName, 'client_no_context_takeover; client_no_context_takeover'],
]

const decline =
  'A server MUST decline an extension negotiation offer for this extension if any of the following conditions are met: […]'
const failIf =
  'A client MUST _Fail the WebSocket Connection_ if the peer server accepted an extension negotiation offer for this extension with an extension negotiation response meeting any of the following conditions: […]'

const line = (value: string) => ({ more: [`Sec-WebSocket-Extensions: ${value}`] })

const shared = { level: 'MUST', profile: 'deflate', opening: 'raw' } as const

const forServers: readonly Case[] = [
  ...taken.map(
    ([name, requirement, section, offers]): Case => ({
      id: `7692/7.1/offer-${name}`,
      title: `the offer of ${offers}`,
      requirement,
      section,
      roles: ['server'],
      ...shared,
      steps: () => [
        sendRequest(line(offers)),
        awaitAnswer('a response that answers it, or leaves it', offers),
        ...echo(text('open')),
      ],
    }),
  ),
  ...declined.flatMap(([name, requirement, parameters]): Case[] => {
    const offer = `permessage-deflate; ${parameters}`
    const one = (suffix: string, title: string, offers: string): Case => ({
      id: `7692/7/declines-${name}${suffix}`,
      title,
      requirement: decline + requirement,
      roles: ['server'],
      ...shared,
      steps: () => [
        sendRequest(line(offers)),
        awaitAnswer('a response that leaves what is not legal', offers),
        ...echo(text('open')),
      ],
    })
    return [
      one('', `the offer of ${offer}`, offer),
      one('-and-goes-on', `the offer of ${offer}, and of one without parameters`, `${offer}, permessage-deflate`),
    ]
  }),
]

const responses: [name: string, requirement: string, value: string][] = [
  [
    'unknown-parameter',
    'The negotiation response contains an extension parameter not defined for use in a response.',
    'permessage-deflate; x_unknown',
  ],
  ...[
    'server_max_window_bits',
    'client_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=08',
    'server_max_window_bits=0',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=08',
    'server_no_context_takeover=1',
    'client_no_context_takeover=0',
  ].map((parameter): [string, string, string] => [
    parameter.replaceAll('_', '-').replace('=', '-'),
    'The negotiation response contains an extension parameter with an invalid value.',
    `permessage-deflate; ${parameter}`,
  ]),
  [
    'two-server-takeovers',
    'The negotiation response contains multiple extension parameters with the same name.',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
  ],
  [
    'two-server-windows',
    'The negotiation response contains multiple extension parameters with the same name.',
    'permessage-deflate; server_max_window_bits=10; server_max_window_bits=11',
  ],
]

const forClients: readonly Case[] = [
  {
    id: '7692/7.1/offers',
    title: 'what the client offers, if anything, has only parameters that there are, with values that they take',
    requirement:
      'This parameter has a decimal integer value without leading zeroes between 8 to 15, inclusive, indicating the base-2 logarithm of the LZ77 sliding window size, and MUST conform to the ABNF below.',
    section: '7.1.2.1',
    roles: ['client'],
    ...shared,
    segmentations: ['whole'],
    steps: () => [
      awaitRequest('offers that are legal', ({ fields }) => {
        const offers = extensionElements(fields.get('sec-websocket-extensions') ?? 'x')
        if (offers === undefined) return `it offered ${fields.get('sec-websocket-extensions')}`
        for (const offer of offers) {
          const wrong = offer.name === 'permessage-deflate' ? wrongIn(offer, true) : undefined
          if (wrong !== undefined) return `it offered ${wrong}`
        }
        return undefined
      }),
      sendResponse(),
      ...echo(text('open')),
    ],
  },
  ...responses.map(
    ([name, requirement, value]): Case => ({
      id: `7692/7/response-${name}`,
      title: `the answer ${value}`,
      requirement: failIf + requirement,
      roles: ['client'],
      ...shared,
      steps: () => [sendWrongResponse(line(value)), awaitNotOpened()],
    }),
  ),
]

export const deflateNegotiationCases: readonly Case[] = [...forServers, ...forClients]
