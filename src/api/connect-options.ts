/** What a client can be told: checked at the call, before anything is sent. */
import type { DeadlineOptions, LimitOptions, Period } from '../connection/limits.js'
import type { MaskingKeySource } from '../framing/masking.js'
import type { HeaderInit } from '../http/field-lines.js'
import {
  checkedWhereUsed,
  isBoolean,
  isFunction,
  isObject,
  must,
  type OptionTable,
  readOptions,
} from '../option-table.js'
import type { Lookup } from '../transport/address-lookup.js'
import { isReads, type Reads } from '../transport/reused-reads.js'
import { isAddress } from '../transport/stream-addresses.js'
import type { TlsClientOptions } from '../transport/tls-client.js'
import type { ConnectionHandlers } from './connection-handlers.js'
import type { ExtensionOptions } from './extension-options.js'

/** Options of `connect`; all have defaults. */
export interface ConnectOptions<Data = undefined> extends ExtensionOptions {
  /** The Origin field, such as `https://example.com`. Default: none, as for clients that are no browsers. */
  readonly origin?: string | undefined
  /** More fields of the request. Those of the handshake are not to be set: Host and Origin have options of their own. */
  readonly headers?: HeaderInit | undefined
  /** The subprotocols to offer, most preferred first. */
  readonly protocols?: readonly string[] | undefined
  /** The Host field, where it is not to be the URL's host and port. Neither DNS nor TLS heed it. */
  readonly host?: string | undefined
  /**
   * For `wss:`: Node's own options of `tls.connect`. Who opens many connections gives a `secureContext` of
   * `tls.createSecureContext`, which takes about half a millisecond to make: unless given, it is made anew for each.
   */
  readonly tls?: TlsClientOptions | undefined
  /** Ends the dial at any stage; `connect` rejects with its reason. Without effect on the open connection. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for everything before the connection is open: DNS, TCP, TLS and the response. Default 15 s. */
  readonly connectTimeout?: Period | undefined
  /** Called with what happens on the connection, from its first message on. Events are there besides. */
  readonly handlers?: ConnectionHandlers<Data> | undefined
  /** What becomes `connection.data`. */
  readonly data?: Data | undefined
  /** What the connection allows itself and its peer: sizes and counts. */
  readonly limits?: LimitOptions | undefined
  /** Times of the connection, in milliseconds. */
  readonly deadlines?: DeadlineOptions | undefined
  /** Text messages as strings (default), or as octets that have been checked to be UTF-8. */
  readonly text?: 'string' | 'buffer' | undefined
  /**
   * True: a message of octets is yours only until the `message` handler, or listener, returns (not until its promise settles): copy
   * what you keep of it. Its memory serves again, which is less work for long messages, and with `reads: 'reused'` for short ones
   * too. What you send from within is safe. Messages that wait, for loops say, are copied. Default false.
   */
  readonly borrowed?: boolean | undefined
  /**
   * How octets are read from TCP and unix sockets. `plain` (default): into fresh memory for each read. `reused`: always into the
   * same 256 KiB, out of which messages are copied: with `borrowed` none is, and large messages gain most; where they are
   * kept, small ones gain, and large ones may as well lose. It rests on what Node does not document, so it is tried first with
   * the Node at hand, and left where it does not work: {@link WebSocketConnection.reads} says so. TLS is always read plainly.
   */
  readonly reads?: Reads | undefined
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

const table: OptionTable<ConnectOptions> = {
  origin: checkedWhereUsed,
  headers: checkedWhereUsed,
  protocols: checkedWhereUsed,
  host: checkedWhereUsed,
  tls: must(isObject, '4.1', "an object of Node's options"),
  // Not by its class: a test environment may have one of its own.
  signal: must(isSignal, '4.1', 'an AbortSignal'),
  connectTimeout: checkedWhereUsed,
  handlers: checkedWhereUsed,
  data: checkedWhereUsed,
  limits: checkedWhereUsed,
  deadlines: checkedWhereUsed,
  perMessageDeflate: checkedWhereUsed,
  extensions: checkedWhereUsed,
  text: must(text => text === 'string' || text === 'buffer', '6.2', "'string' or 'buffer'"),
  borrowed: must(isBoolean, '6.2', 'a boolean'),
  reads: must(isReads, '6.2', "'plain' or 'reused'"),
  lookup: must(isFunction, '4.1', 'a function'),
  family: must(family => family === 0 || family === 4 || family === 6, '4.1', '4, 6 or 0 for both'),
  localAddress: must(isAddress, '4.1', 'an IP address'),
  socketPath: must(isPath, '4.1', 'the path of a unix socket'),
  http: must(isBoolean, '3', 'a boolean'),
  oneAtATime: must(isBoolean, '4.1', 'a boolean'),
  maskingKeys: must(isFunction, '5.3', 'a function'),
}

/**
 * Checks what is not checked where it is used.
 *
 * @throws UsageError WS_INVALID_OPTION: a name or a value that cannot be.
 */
export function readConnectOptions<Data>(options: unknown): ConnectOptions<Data> {
  return readOptions<ConnectOptions<Data>>('options', options, table, '4.1')
}

function isSignal(signal: unknown): boolean {
  const { aborted, addEventListener } = Object(signal) as Partial<AbortSignal>
  return typeof aborted === 'boolean' && typeof addEventListener === 'function'
}

function isPath(path: unknown): boolean {
  return typeof path === 'string' && path !== '' && !path.includes('\0')
}
