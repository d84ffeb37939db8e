/** What a WebSocket may be told besides its URL: of the WHATWG WebSockets Standard the subprotocols, the rest is ours. */
import type { LimitOptions } from '../connection/limits.js'
import type { ConnectOptions } from './connect-options.js'

/**
 * Options of a WebSocket: those of `connect`, without those that the WHATWG WebSockets Standard leaves no choice about.
 * Browsers ignore what they do not know of them.
 */
export interface WebSocketOptions
  extends Omit<
    ConnectOptions,
    'borrowed' | 'data' | 'handlers' | 'http' | 'limits' | 'perMessageDeflate' | 'protocols' | 'signal' | 'text'
  > {
  /** The subprotocols to offer, most preferred first; the server must choose one of them. */
  readonly protocols?: string | Iterable<string> | undefined
  /**
   * As for `connect`, but that `maxSendBuffer` is unlimited unless told: the Standard has no backpressure, look at
   * `bufferedAmount`. Where it is passed, the connection ends.
   */
  readonly limits?: Omit<LimitOptions, 'sendOverflow'> | undefined
  /** As for `connect`, but that it is on unless told `false`, as in browsers. */
  readonly perMessageDeflate?: ConnectOptions['perMessageDeflate']
  /** RFC 6455 §4.1, item 2: one connection at a time is made to each IP address. Default true. */
  readonly oneAtATime?: boolean | undefined
}
