/** What a server can be told, and what an application decides: checked when the server is made. */
import type { DeadlineOptions, LimitOptions, Period } from '../connection/limits.js'
import { UsageError } from '../errors.js'
import type { PlainAnswer } from '../handshake/plain-response.js'
import { makeRequestPolicy, type RequestPolicy } from '../handshake/request-policy.js'
import { fieldLines, type HeaderInit } from '../http/field-lines.js'
import { isToken } from '../http/grammar.js'
import { checkedWhereUsed, isBoolean, isObject, must, type OptionTable, readOptions } from '../option-table.js'
import { isReads, type Reads } from '../transport/reused-reads.js'
import type { TlsServerOptions } from '../transport/tls-server.js'
import type { ConnectionHandlers } from './connection-handlers.js'
import type { ExtensionOptions } from './extension-options.js'
import type { PlainRequest, UpgradeRequest } from './requests.js'
import type { WebSocketConnection } from './websocket-connection.js'

/** Options of a server; all have defaults. */
export interface ServerOptions extends ExtensionOptions {
  /** TLS: Node's own options (key, cert, …). Without: plain TCP. */
  readonly tls?: TlsServerOptions | undefined
  /** The path (without query) that is served, or a function that says so. Others get 404. Default: every path. */
  readonly path?: string | ((path: string) => boolean) | undefined
  /**
   * The subprotocols we speak: the first of the client's that is among them is chosen. Or a function that chooses from
   * what the client offers. Default: none.
   */
  readonly protocols?:
    | readonly string[]
    | ((offered: readonly string[], request: UpgradeRequest) => string | undefined)
    | undefined
  /**
   * Whose pages may connect (RFC 6455 §10.2), where there is an Origin field. Default `same-origin`: host and port equal
   * those of Host, the scheme only where TLS ends here. `any`; a list of origins (may hold `same-origin` and `null`); or a
   * function, which may take its time.
   */
  readonly allowedOrigins?:
    | 'same-origin'
    | 'any'
    | readonly string[]
    | ((origin: string, request: UpgradeRequest) => boolean | PromiseLike<boolean>)
    | undefined
  /** Refuse requests without Origin, which no browser sends. Default false. */
  readonly requireOrigin?: boolean | undefined
  /** The hosts this server answers to, `example.com` or `example.com:8080` (against DNS rebinding). Default: any. */
  readonly expectedHosts?: readonly string[] | undefined
  /** The Server field of the response that accepts. Default: none. */
  readonly serverName?: string | undefined
  /** Milliseconds from the accepted TCP connection to the response, TLS and your hooks included. Default 10 s. */
  readonly handshakeTimeout?: Period | undefined
  /** Connections open at a time; further handshakes get 503. Default 10,000. */
  readonly maxConnections?: number | 'unlimited' | undefined
  /**
   * Handshakes under way at a time, those of TLS too; further ones are cut. As many that were refused wait for their peer to
   * end, `closeTimeout` at most; then the oldest are cut. Default 1,000.
   */
  readonly maxPendingHandshakes?: number | 'unlimited' | undefined
  /** What each connection allows itself and its peer: sizes and counts. */
  readonly limits?: LimitOptions | undefined
  /** Times of each connection, in milliseconds. */
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
   * the Node at hand, and left where it does not work: {@link Server.reads} says so, from `listen()` on; where there is
   * none, a few milliseconds after createServer, until which it says `plain`. TLS is always read plainly.
   */
  readonly reads?: Reads | undefined
}

/** The request is accepted. */
export interface Accept<Data> {
  /** The subprotocol: one that the client offered. Default: by the option `protocols`. */
  readonly protocol?: string | undefined
  /** More fields of the response, such as Set-Cookie. */
  readonly headers?: HeaderInit | undefined
  /** What becomes `connection.data`. */
  readonly data?: Data
  /** None: a status would refuse. */
  readonly status?: undefined
}

/** The request is refused: with this status (300 to 599), fields and body. */
export type Refuse = PlainAnswer

/** Handlers of a server: those of all its connections, and its own. */
export interface ServerHandlers<Data = undefined> extends ConnectionHandlers<Data> {
  /**
   * Decides about an Opening Handshake that conforms, before it is answered: return (or promise) an {@link Accept} or
   * nothing to accept it, a {@link Refuse} with a `status` to refuse it. `request.signal` aborts when the client has left
   * or the time is over. A throw is answered with 500, and so is an object with properties that neither has.
   */
  accept?(request: UpgradeRequest): Accept<Data> | Refuse | undefined | PromiseLike<Accept<Data> | Refuse | undefined>
  /** Answers a request that is no Opening Handshake (a page, a health check): return nothing for 426. */
  request?(request: PlainRequest): PlainAnswer | undefined | PromiseLike<PlainAnswer | undefined>
  /**
   * A connection is open. Messages come after this. May return a promise (`for await (const message of connection)`):
   * like a throw, its rejection ends the connection with 1011.
   */
  connection?(connection: WebSocketConnection<Data>): unknown
}

const table: OptionTable<ServerOptions> = {
  tls: must(isObject, '10.6', "an object of Node's options"),
  path: must(isPathOrFunction, '3', "a function, or a path that begins with '/'"),
  protocols: checkProtocols,
  allowedOrigins: checkedWhereUsed,
  requireOrigin: checkedWhereUsed,
  expectedHosts: checkedWhereUsed,
  serverName: name => fieldLines([['Server', name as string]], []),
  handshakeTimeout: checkedWhereUsed,
  maxConnections: checkedWhereUsed,
  maxPendingHandshakes: checkedWhereUsed,
  limits: checkedWhereUsed,
  deadlines: checkedWhereUsed,
  perMessageDeflate: checkedWhereUsed,
  extensions: checkedWhereUsed,
  text: must(text => text === 'string' || text === 'buffer', '6.2', "'string' or 'buffer'"),
  borrowed: must(isBoolean, '6.2', 'a boolean'),
  reads: must(isReads, '6.2', "'plain' or 'reused'"),
}

/** What of the options decides about requests before the application is asked. `secure`: TLS ends here. */
export function requestPolicy(options: ServerOptions, secure: boolean): RequestPolicy {
  const { allowedOrigins, requireOrigin, expectedHosts } = options
  // A function is asked once everything else is in order.
  return makeRequestPolicy({
    secure,
    allowedOrigins: typeof allowedOrigins === 'function' ? 'any' : allowedOrigins,
    requireOrigin,
    expectedHosts,
  })
}

/**
 * Checks what would otherwise fail at every request.
 *
 * @throws UsageError WS_INVALID_OPTION, WS_PROTOCOL, WS_HEADER.
 */
export function readServerOptions(options: unknown): ServerOptions {
  return readOptions('options', options, table, '4.2')
}

function isPathOrFunction(path: unknown): boolean {
  return typeof path === 'function' || (typeof path === 'string' && path.startsWith('/'))
}

function checkProtocols(protocols: unknown): void {
  if (typeof protocols === 'function') return
  if (!Array.isArray(protocols) || !protocols.every(token => typeof token === 'string' && isToken(token))) {
    throw new UsageError('WS_PROTOCOL', '11.3.4', 'protocols is a function, or a list of tokens')
  }
}
