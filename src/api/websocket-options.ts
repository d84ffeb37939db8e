/** What programs outside a browser may tell a WebSocket besides URL and subprotocols. */
import type { LimitOptions } from '../connection/limits.js'
import type { ConnectOptions } from './connect-options.js'

/**
 * The third argument of the WebSocket constructor: options of `connect`, without those that the WHATWG WebSockets Standard
 * leaves no choice about.
 */
export interface WebSocketOptions
  extends Omit<ConnectOptions, 'data' | 'handlers' | 'http' | 'limits' | 'protocols' | 'signal' | 'text'> {
  /**
   * As for `connect`, but that `maxSendBuffer` is unlimited unless told: the Standard has no backpressure, look at
   * `bufferedAmount`. Where it is passed, the connection ends.
   */
  readonly limits?: Omit<LimitOptions, 'sendOverflow'> | undefined
  /** RFC 6455 §4.1, item 2: one connection at a time is made to each IP address. Default true. */
  readonly oneAtATime?: boolean | undefined
}
