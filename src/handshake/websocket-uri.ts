/**
 * WebSocket URIs: RFC 6455 §3. Parsed by the WHATWG URL parser, as browsers do (names in other scripts become ASCII,
 * numbers that mean an IPv4 address become one); what §3 forbids is refused on top. User name and password are kept
 * apart: they are used for Basic authentication and appear in no text.
 */
import { UsageError } from '../errors.js'
import { parseUrl } from './parse-url.js'

/** How a URI may be written. */
export interface WebSocketUriOptions {
  /** Take `http:` as `ws:` and `https:` as `wss:`, as the WHATWG WebSockets Standard does. Off unless told. */
  readonly http?: boolean | undefined
}

interface Parts {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  readonly authority: string
  readonly resourceName: string
  readonly basicCredentials: string | undefined
}

/** A WebSocket URI that is valid according to §3. */
export class WebSocketUri {
  /** The `wss` scheme: TLS. */
  readonly secure: boolean
  /** Where to connect: lower-case ASCII; an IPv6 address without brackets. */
  readonly host: string
  /** The port, or the default one: 80, and 443 for `wss`. */
  readonly port: number
  /** The text of the Host field: the port only where it is not the default one, an IPv6 address in brackets. */
  readonly authority: string
  /** §3: the path, `/` when it is empty, and the query with its `?`. */
  readonly resourceName: string
  readonly #basicCredentials: string | undefined

  private constructor(parts: Parts) {
    this.secure = parts.secure
    this.host = parts.host
    this.port = parts.port
    this.authority = parts.authority
    this.resourceName = parts.resourceName
    this.#basicCredentials = parts.basicCredentials
  }

  /**
   * Parses a URI.
   *
   * @throws UsageError WS_URI: not a URI, another scheme, a fragment ("MUST NOT be used on these URIs"), or a control
   *   character (which the URL parser alone would drop without a word). The message does not repeat the URI.
   */
  static parse(uri: string | URL, options: WebSocketUriOptions = {}): WebSocketUri {
    const text = asText(uri)
    if (hasControl(text)) throw invalid('a control character in it')
    const url = parseUrl(text)
    if (url === undefined) throw invalid('it cannot be parsed')
    const secure = isSecure(url.protocol, options.http === true)
    // Only a fragment's own "#" is left as one, also where the fragment is empty.
    if (url.href.includes('#')) throw invalid('a fragment must not be used')
    return new WebSocketUri({
      secure,
      host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      authority: url.host,
      resourceName: url.pathname + url.search,
      basicCredentials: basicCredentials(url.username, url.password),
    })
  }

  /** The value of Authorization that user name and password make (RFC 7617); undefined when there are none. */
  get basicCredentials(): string | undefined {
    return this.#basicCredentials
  }

  /** The URI as `ws:` or `wss:`, without user name and password. */
  toString(): string {
    return `${this.secure ? 'wss' : 'ws'}://${this.authority}${this.resourceName}`
  }
}

function asText(uri: unknown): string {
  try {
    return String(uri)
  } catch {
    throw invalid('it is no text')
  }
}

function isSecure(protocol: string, http: boolean): boolean {
  if (protocol === 'ws:' || (http && protocol === 'http:')) return false
  if (protocol === 'wss:' || (http && protocol === 'https:')) return true
  throw invalid(`its scheme must be ws or wss${http ? ', http or https' : ''}`)
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}

/** RFC 7617 §2: no colon in the user name, no control character in either; in UTF-8. */
function basicCredentials(username: string, password: string): string | undefined {
  if (username === '' && password === '') return undefined
  const name = decodePercent(username)
  const secret = decodePercent(password)
  if (name.includes(':') || hasControl(name + secret)) throw invalid('its user name or password cannot be sent')
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('its user name or password is not percent-encoded UTF-8')
  }
}

function invalid(why: string): UsageError {
  return new UsageError('WS_URI', '3', `not a WebSocket URI: ${why}`)
}
