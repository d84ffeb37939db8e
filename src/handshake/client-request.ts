/**
 * What a client sends: RFC 6455 §4.1 items 1 to 12. Checked and written down once, for as many handshakes as there are to
 * be: but for the key, which is a new one each time, they are alike.
 */
import { UsageError } from '../errors.js'
import type { Extension } from '../extensions/extension.js'
import { formatExtensions, offerExtensions } from '../extensions/negotiation.js'
import { parseAuthority } from '../http/authority.js'
import { fieldLines, type HeaderInit } from '../http/field-lines.js'
import { isToken, isVisibleAscii } from '../http/grammar.js'
import { randomNonce } from './accept-key.js'
import type { WebSocketUri } from './websocket-uri.js'

/** What a client asks for. */
export interface ClientHandshakeOptions {
  /** The value of Origin; left away unless told, as clients that are no browsers may (§4.1 item 8). */
  readonly origin?: string | undefined
  /** The value of Host, where it is not the URI's host and port. */
  readonly host?: string | undefined
  /** More header fields. An Authorization among them goes before the URI's user name and password. */
  readonly headers?: HeaderInit | undefined
  /** The subprotocols to offer, most preferred first. */
  readonly protocols?: readonly string[] | undefined
  /** The extensions to offer, most preferred first. */
  readonly extensions?: readonly Extension[] | undefined
  /** Where the 16 octets of the key come from; a cryptographic source unless told. */
  readonly nonce?: (() => Uint8Array) | undefined
}

export class ClientRequest {
  readonly protocols: readonly string[]
  readonly extensions: readonly Extension[]
  /** It goes over TLS. */
  readonly secure: boolean
  readonly #nonce: () => Uint8Array
  /** The request up to the key, and from there on. */
  readonly #head: string
  readonly #tail: string

  /** @throws UsageError WS_PROTOCOL, WS_ORIGIN, WS_HOST, WS_HEADER, WS_HEADER_RESERVED: an option that cannot be sent. */
  constructor(uri: WebSocketUri, options: ClientHandshakeOptions) {
    const { protocols = [], extensions = [], nonce = randomNonce } = options
    const [head, tail] = requestText(uri, options)
    this.#head = head
    this.#tail = tail
    this.protocols = [...protocols]
    this.extensions = [...extensions]
    this.secure = uri.secure
    this.#nonce = nonce
  }

  /**
   * The value of Sec-WebSocket-Key for one more handshake.
   *
   * @throws UsageError WS_NONCE.
   */
  newKey(): string {
    const octets = this.#nonce()
    if (octets.length !== 16) throw new UsageError('WS_NONCE', '4.1', 'a nonce has 16 octets')
    return Buffer.from(octets).toString('base64')
  }

  /** The octets to send, the caller's own. */
  octets(key: string): Buffer {
    return Buffer.from(`${this.#head}${key}${this.#tail}`, 'latin1')
  }
}

/** §4.1 items 1 to 12: what comes before the key, and what behind it. */
function requestText(uri: WebSocketUri, options: ClientHandshakeOptions): [head: string, tail: string] {
  const { origin, host = uri.authority, protocols = [], extensions = [] } = options
  if (origin !== undefined && !(typeof origin === 'string' && isVisibleAscii(origin))) {
    throw new UsageError('WS_ORIGIN', '4.1', 'an origin is visible ASCII such as https://example.com')
  }
  if (options.host !== undefined && (typeof host !== 'string' || parseAuthority(host) === undefined)) {
    throw new UsageError('WS_HOST', '4.1', 'host must be a host, with or without a port')
  }
  if (!Array.isArray(protocols) || !protocols.every(isText) || !protocols.every(isToken) || hasTwins(protocols)) {
    throw new UsageError('WS_PROTOCOL', '4.1', 'subprotocols must be an array of tokens, all different')
  }
  const offers = offerExtensions(extensions)
  const lines = fieldLines(options.headers, ['host', 'origin', 'upgrade', 'expect', 'sec-websocket-*'])
  const head = `GET ${uri.resourceName} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
  let text = '\r\nSec-WebSocket-Version: 13\r\n'
  if (origin !== undefined) text += `Origin: ${origin}\r\n`
  if (protocols.length > 0) text += `Sec-WebSocket-Protocol: ${protocols.join(', ')}\r\n`
  if (offers.length > 0) text += `Sec-WebSocket-Extensions: ${formatExtensions(offers)}\r\n`
  if (uri.basicCredentials !== undefined && !`\r\n${lines}`.toLowerCase().includes('\r\nauthorization:')) {
    text += `Authorization: ${uri.basicCredentials}\r\n`
  }
  return [`${head}Sec-WebSocket-Key: `, `${text}${lines}\r\n`]
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function hasTwins(list: readonly string[]): boolean {
  return new Set(list).size < list.length
}
