/** RFC 6455 §4.1: the request that a client under test sends. */

import { isToken, splitList } from '../../http/grammar.js'
import type { RequestHead } from '../../http/message-head.js'
import type { Case } from '../case.js'
import { text } from '../frame-parts.js'
import type { RawPeer } from '../raw-peer.js'
import { echo } from '../steps/echo.js'
import { awaitRequest, sendResponse } from '../steps/responding.js'

interface Row {
  readonly name: string
  readonly title: string
  readonly requirement: string
  readonly section?: string
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

const rows: readonly Row[] = [
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
  ({ name, title, requirement, section, check }): Case => ({
    id: `6455/4.1/request-${name}`,
    title,
    requirement,
    ...(section !== undefined && { section }),
    level: 'MUST',
    roles: ['client'],
    opening: 'raw',
    segmentations: ['whole'],
    steps: () => [awaitRequest(title, check), sendResponse(), ...echo(text('open'))],
  }),
)
