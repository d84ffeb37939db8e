/** A WebSocket client: RFC 6455 §4.1. */
import type { ConnectOptions } from './connect-options.js'
import { Connector } from './connector.js'
import type { WebSocketConnection } from './websocket-connection.js'

/**
 * Opens a connection to a server.
 *
 * Nothing is delivered, no handler is called and no event emitted, before the code that awaits this has gone on: listeners
 * that are added then miss nothing.
 *
 * @param url - `ws:` or `wss:`. A user name and a password in it are sent as Basic authentication; they appear nowhere
 * else. Redirects are not followed: they are refusals.
 * @returns the open connection. Rejects with a UsageError (before anything is sent), a HandshakeError (`response` is what
 * the server answered), a TransportError (`phase` is how far it came; `causeCode` says more: ENOTFOUND, ECONNREFUSED,
 * CERT_HAS_EXPIRED) or the reason of the signal. Then nothing is left: no socket, no timer, no listener.
 */
export async function connect<Data = undefined>(
  url: string | URL,
  options: ConnectOptions<Data> = {},
): Promise<WebSocketConnection<Data>> {
  return new Connector(url, options).open()
}
