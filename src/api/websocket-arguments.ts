/**
 * What the WebSocket constructor is given: WHATWG WebSockets Standard, steps 1 to 9 of the constructor, and RFC 6455 §3.
 * There is no document, so there is no base URL: relative URLs are errors.
 */
import { parseUrl } from '../handshake/parse-url.js'
import { isToken } from '../http/grammar.js'
import { isObject } from '../option-table.js'
import { domString } from './web-idl.js'
import type { WebSocketOptions } from './websocket-options.js'

/**
 * The URL to connect to. `http:` and `https:` stand for `ws:` and `wss:`.
 *
 * @throws DOMException SyntaxError: not an absolute URL, another scheme, a fragment.
 */
export function websocketUrl(text: string): URL {
  const url = parseUrl(text)
  if (url === undefined) throw syntaxError('the URL cannot be parsed')
  if (url.protocol === 'http:') url.protocol = 'ws:'
  else if (url.protocol === 'https:') url.protocol = 'wss:'
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw syntaxError('the scheme of the URL must be ws, wss, http or https')
  }
  // Only a fragment's own "#" is left as one, also where the fragment is empty.
  if (url.href.includes('#')) throw syntaxError('a fragment must not be used in the URL')
  return url
}

/**
 * The subprotocols: a string, or the strings of an iterable.
 *
 * @throws DOMException SyntaxError: an element that is no token (RFC 6455 §4.1, item 10), or two that differ at most in
 * case.
 */
export function subprotocols(given: unknown): string[] {
  const list = isIterable(given) ? Array.from(given, domString) : [domString(given)]
  if (!list.every(isToken)) throw syntaxError('a subprotocol must be a token')
  if (new Set(list.map(protocol => protocol.toLowerCase())).size < list.length) {
    throw syntaxError('a subprotocol is given twice')
  }
  return list
}

/**
 * The options: the second argument where it is an object that cannot be iterated, or the third, with the second as its
 * `protocols`.
 */
export function websocketOptions(second: unknown, third: unknown): WebSocketOptions {
  const options = isObject(third) ? (third as WebSocketOptions) : {}
  if (second == null) return { ...options }
  if (Object(second) === second && !isIterable(second)) return { ...second }
  return { ...options, protocols: second as string | Iterable<string> }
}

/** Web IDL: of a string, a dictionary or a sequence, an object that can be iterated is the sequence. */
function isIterable(value: unknown): value is Iterable<unknown> {
  return Object(value) === value && (value as Partial<Iterable<unknown>>)[Symbol.iterator] != null
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError')
}
