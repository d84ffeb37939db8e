/** What a client can be told: checked at the call, before anything is sent. */
import type { DeadlineOptions, LimitOptions, Period } from '../connection/limits.js'
import type { MaskingKeySource } from '../framing/masking.js'
import type { HeaderInit } from '../http/field-lines.js'
import type { Lookup } from '../transport/address-lookup.js'
import type { TlsClientOptions } from '../transport/tls-client.js'
import type { ConnectionHandlers } from './connection-handlers.js'

export interface ConnectOptions<Data = undefined> {
  /** The Origin field, such as `https://example.com`. Default: none, as for clients that are no browsers. */
  readonly origin?: string | undefined
  /** More fields of the request. Those of the handshake are not to be set: Host and Origin have options of their own. */
  readonly headers?: HeaderInit | undefined
  /** The subprotocols to offer, most preferred first. */
  readonly protocols?: readonly string[] | undefined
  /** The Host field, where it is not to be the URL's host and port. Neither DNS nor TLS heed it. */
  readonly host?: string | undefined
  /** For `wss:`: Node's own options of `tls.connect`. */
  readonly tls?: TlsClientOptions | undefined
  /** Ends the dial at any stage; `connect` rejects with its reason. Without effect on the open connection. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for everything before the connection is open: DNS, TCP, TLS and the response. Default 15 s. */
  readonly connectTimeout?: Period | undefined
  /** Called with what happens on the connection, from its first message on. Events are there besides. */
  readonly handlers?: ConnectionHandlers<Data> | undefined
  /** What becomes `connection.data`. */
  readonly data?: Data | undefined
  readonly limits?: LimitOptions | undefined
  readonly deadlines?: DeadlineOptions | undefined
  /** Text messages as strings (default), or as octets that have been checked to be UTF-8. */
  readonly text?: 'string' | 'buffer' | undefined
  /** Instead of `dns.lookup`. */
  readonly lookup?: Lookup | undefined
  /** Only IPv4 or only IPv6 addresses of a host name. Default 0: both, the families in turns. */
  readonly family?: 0 | 4 | 6 | undefined
  /** The local address to connect from. */
  readonly localAddress?: string | undefined
  /** Connects to this unix socket; the URL gives the rest. */
  readonly socketPath?: string | undefined
  /** Take `http:` and `https:` URLs as `ws:` and `wss:`. Default false. */
  readonly http?: boolean | undefined
  /**
   * Waits until no other connection with this option is being made to the same IP address (RFC 6455 §4.1, item 2); the
   * wait counts for `connectTimeout`. Default false: a program that opens many connections at a time knows why.
   */
  readonly oneAtATime?: boolean | undefined
  /** Where masking-keys come from (RFC 6455 §5.3). Default: a cryptographic source, and nothing else is safe (§10.3). */
  readonly maskingKeys?: MaskingKeySource | undefined
}
