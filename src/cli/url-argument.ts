/** The URL of a server and the header fields for it, as a command line has them. */
import type { UsageError } from '../errors.js'
import { parseUrl } from '../handshake/parse-url.js'
import { WebSocketUri } from '../handshake/websocket-uri.js'
import { CommandError } from './command-error.js'

/**
 * Understands a URL: `ws:` and `wss:`, also spelled `http:` and `https:`.
 *
 * @throws CommandError
 */
export function uriOf(url: string): WebSocketUri {
  try {
    return WebSocketUri.parse(url, { http: true })
  } catch (error) {
    throw new CommandError(`${(error as UsageError).message}${hintAt(url)}`)
  }
}

function hintAt(url: string): string {
  // As other tools have it.
  if (/^[a-z+]*unix:/i.test(url)) return '; for a unix socket: ws://localhost --socket PATH'
  return parseUrl(`ws://${url}`) !== undefined && !/\/\/|@/.test(url) ? `; did you mean ws://${url}?` : ''
}

/**
 * Understands `NAME: VALUE`.
 *
 * @throws CommandError
 */
export function headerOf(text: string): [name: string, value: string] {
  const colon = text.indexOf(':')
  if (colon <= 0) throw new CommandError(`--header needs 'NAME: VALUE', not ${JSON.stringify(text)}`)
  return [text.slice(0, colon), text.slice(colon + 1).trim()]
}
