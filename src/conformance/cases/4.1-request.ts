/** RFC 6455 §4.1: the request that a client under test sends. */

import { isToken, splitList } from '../../http/grammar.js'
import type { RequestHead } from '../../http/message-head.js'
import type { Case } from '../case.js'
import { extensionElements } from '../extension-elements.js'
import { text } from '../frame-parts.js'
import { requestFault } from '../meant-request.js'
import type { RawPeer } from '../raw-peer.js'
import { echo } from '../steps/echo.js'
import { awaitRequest, sendResponse } from '../steps/responding.js'

interface Row {
  readonly name: string
  readonly title: string
  readonly requirement: string
  readonly section?: string
  readonly level?: Case['level']
  readonly profile?: Case['profile']
  readonly check: (request: RequestHead, peer: RawPeer) => string | undefined
}

/** The value of a field that must be there once. */
function once(fields: RequestHead['fields'], name: string, check: (value: string) => boolean): string | undefined {
  const count = fields.count(name)
  if (count === 0) return `it sent no ${name}`
  if (count > 1) return `it sent ${count} lines of ${name}`
  const value = fields.get(name)!
  return check(value) ? undefined : `it sent ${name}: ${value}`
}

/** The WebSocket Extension Name Registry, as of 2026-11. */
const registered = ['permessage-deflate', 'bbf-usp-protocol']

const rows: readonly Row[] = [
  {
    name: 'is-http',
    title: 'it is HTTP',
    requirement: 'The handshake MUST be a valid HTTP request as specified by [RFC2616].',
    check: (_, peer) => requestFault(peer),
  },
  {
    name: 'get',
    title: 'it asks with GET',
    requirement: 'The method of the request MUST be GET, and the HTTP version MUST be at least 1.1.',
    check: ({ method }) => (method === 'GET' ? undefined : `it asked with ${method}`),
  },
  {
    name: 'http-version',
    title: 'it speaks HTTP/1.1',
    requirement: 'The method of the request MUST be GET, and the HTTP version MUST be at least 1.1.',
    check: ({ version }) => (version === '1.1' ? undefined : `it spoke HTTP/${version}`),
  },
  {
    name: 'host',
    title: 'it names the host, once',
    requirement:
      'The request MUST contain a |Host| header field whose value contains /host/ plus optionally ":" followed by /port/ (when not using the default port).',
    check: ({ fields }) => once(fields, 'Host', value => /^[^\s/@?#]+$/.test(value)),
  },
  {
    name: 'port-in-host',
    title: 'Host has the port, which is none of the default ones',
    requirement:
      'The request MUST contain a |Host| header field whose value contains /host/ plus optionally ":" followed by /port/ (when not using the default port).',
    // A port may be mapped to another one, 80 to ours say: of that the client knows nothing.
    level: 'SHOULD',
    check: ({ fields }, { port }) => {
      const value = fields.get('host') ?? ''
      const needed = port !== 80 && port !== 443
      return needed && !/:\d+$/.test(value) ? `it sent Host: ${value}, and asked at port ${port}` : undefined
    },
  },
  {
    name: 'upgrade',
    title: 'it asks for websocket',
    requirement: 'The request MUST contain an |Upgrade| header field whose value MUST include the "websocket" keyword.',
    check: ({ fields }) => {
      const value = fields.get('upgrade')
      if (value === undefined) return 'it sent no Upgrade'
      return splitList(value.toLowerCase()).includes('websocket') ? undefined : `it sent Upgrade: ${value}`
    },
  },
  {
    name: 'connection',
    title: 'it sends Connection: Upgrade',
    requirement: 'The request MUST contain a |Connection| header field whose value MUST include the "Upgrade" token.',
    check: ({ fields }) => {
      const value = fields.get('connection')
      if (value === undefined) return 'it sent no Connection'
      return splitList(value.toLowerCase()).includes('upgrade') ? undefined : `it sent Connection: ${value}`
    },
  },
  {
    name: 'key',
    title: 'its key is 16 octets in Base64',
    requirement:
      'The value of this header field MUST be a nonce consisting of a randomly selected 16-byte value that has been base64-encoded (see Section 4 of [RFC4648]).',
    check: ({ fields }) =>
      once(fields, 'Sec-WebSocket-Key', value => {
        const octets = Buffer.from(value, 'base64')
        return octets.length === 16 && octets.toString('base64') === value
      }),
  },
  {
    name: 'key-of-each-connection',
    title: 'its key is a new one',
    requirement: 'The nonce MUST be selected randomly for each connection.',
    check: (_, { keyWasSeen, key }) => (keyWasSeen ? `it sent ${key} before` : undefined),
  },
  {
    name: 'version',
    title: 'it asks for version 13',
    requirement:
      'The request MUST include a header field with the name |Sec-WebSocket-Version|. The value of this header field MUST be 13.',
    check: ({ fields }) => once(fields, 'Sec-WebSocket-Version', value => value === '13'),
  },
  {
    name: 'no-expectation',
    title: 'it expects no 100 (Continue), for it has no content',
    requirement: 'A client MUST NOT generate a 100-continue expectation in a request that does not include content.',
    section: 'RFC 9110 §10.1.1',
    check: ({ fields }) => (fields.has('expect') ? `it sent Expect: ${fields.get('expect')}` : undefined),
  },
  {
    name: 'subprotocols',
    title: 'the subprotocols that it asks for, if any, are tokens, each another',
    requirement:
      'The elements that comprise this value MUST be non-empty strings with characters in the range U+0021 to U+007E not including separator characters as defined in [RFC2616] and MUST all be unique strings.',
    check: ({ fields }) => {
      const value = fields.get('sec-websocket-protocol')
      if (value === undefined) return undefined
      const tokens = splitList(value)
      const good = tokens.every(isToken) && new Set(tokens).size === tokens.length
      return good ? undefined : `it sent Sec-WebSocket-Protocol: ${value}`
    },
  },
  {
    name: 'origin',
    title: 'its Origin, if any, stands there once and is no URL with a path',
    requirement:
      'The value of this header field is the ASCII serialization of origin of the context in which the code establishing the connection is running.',
    check: ({ fields }) => {
      if (!fields.has('origin')) return undefined
      return once(fields, 'Origin', value => value === 'null' || /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]*$/.test(value))
    },
  },
  {
    name: 'resource-name',
    title: 'its target is the resource name, or an http URI of it',
    requirement:
      'The "Request-URI" part of the request MUST match the /resource name/ defined in Section 3 (a relative URI) or be an absolute http/https URI that, when parsed, has a /resource name/, /host/, and /port/ that match the corresponding ws/wss URI.',
    check: ({ target }) => (/^(?:https?:\/\/[^/]+)?\/runCase\?/.test(target) ? undefined : `it asked for ${target}`),
  },
  {
    name: 'no-empty-elements',
    title: 'its lists have no empty elements',
    section: 'RFC 9110 §5.6.1.1',
    requirement: 'In any production that uses the list construct, a sender MUST NOT generate empty list elements.',
    check: ({ fields }) => {
      const lists = ['connection', 'upgrade', 'sec-websocket-protocol', 'sec-websocket-extensions']
      const empty = lists.find(name => (fields.get(name) ?? 'x').split(',').some(one => one.trim() === ''))
      return empty === undefined ? undefined : `it sent ${empty}: ${fields.get(empty)}`
    },
  },
  {
    name: 'no-length',
    title: 'it declares no body',
    section: 'RFC 9110 §8.6',
    level: 'SHOULD',
    requirement:
      'A user agent SHOULD NOT send a Content-Length header field when the request message does not contain content and the method semantics do not anticipate such data.',
    check: ({ fields }) =>
      fields.has('content-length') ? `it sent Content-Length: ${fields.get('content-length')}` : undefined,
  },
  {
    name: 'no-empty-line-behind',
    title: 'no empty line more behind the request',
    section: 'RFC 9112 §2.2',
    requirement: 'An HTTP/1.1 user agent MUST NOT preface or follow a request with an extra CRLF.',
    check: (_, { behindHead }) =>
      behindHead.toString('latin1').startsWith('\r\n') ? 'it sent an empty line behind its request' : undefined,
  },
  {
    name: 'registered-extensions',
    title: 'the extensions that it offers, if any, are registered',
    section: '9.1',
    requirement: 'Any extension-token used MUST be a registered token (see Section 11.4).',
    profile: 'strict',
    check: ({ fields }) => {
      const offers = extensionElements(fields.get('sec-websocket-extensions') ?? 'permessage-deflate') ?? []
      const unknown = offers.find(({ name }) => !registered.includes(name))
      return unknown === undefined ? undefined : `it offered ${unknown.name}`
    },
  },
  {
    name: 'no-fragment',
    title: 'the target has no fragment',
    section: '3',
    requirement:
      'Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on these URIs.',
    check: ({ target }) => (target.includes('#') ? `it asked for ${target}` : undefined),
  },
  {
    name: 'waits-for-the-response',
    title: 'it sends nothing behind the request',
    requirement:
      "Once the client's opening handshake has been sent, the client MUST wait for a response from the server before sending any further data.",
    check: (_, { behindHead }) =>
      behindHead.length === 0 ? undefined : `it sent ${behindHead.length} octets behind its request`,
  },
]

export const clientRequestCases: readonly Case[] = rows.map(
  ({ name, title, requirement, section, level = 'MUST', profile, check }): Case => ({
    id: `6455/4.1/request-${name}`,
    title,
    requirement,
    ...(section !== undefined && { section }),
    level,
    ...(profile !== undefined && { profile }),
    roles: ['client'],
    opening: 'raw',
    segmentations: ['whole'],
    steps: () => [awaitRequest(title, check), sendResponse(), ...echo(text('open'))],
  }),
)
