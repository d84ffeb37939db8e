/** What a server can be told, and what an application decides: checked when the server is made. */
import type { DeadlineOptions, LimitOptions } from '../connection/limits.js'
import type { PlainAnswer } from '../handshake/plain-response.js'
import type { HeaderInit } from '../http/field-lines.js'
import type { TlsServerOptions } from '../transport/listen.js'
import type { ConnectionHandlers } from './connection-handlers.js'
import type { PlainRequest, UpgradeRequest } from './requests.js'
import type { WebSocketConnection } from './websocket-connection.js'

export interface ServerOptions {
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
  /** The Server field of responses. Default: none. */
  readonly serverName?: string | undefined
  /** Milliseconds from the accepted TCP connection to the response, TLS and your hooks included. Default 10 s. */
  readonly handshakeTimeout?: number | undefined
  /** Connections open at a time; further handshakes get 503. Default 10,000. */
  readonly maxConnections?: number | 'unlimited' | undefined
  /** Handshakes under way at a time; further ones are cut. Default 1,000. */
  readonly maxPendingHandshakes?: number | 'unlimited' | undefined
  readonly limits?: LimitOptions | undefined
  readonly deadlines?: DeadlineOptions | undefined
  /** Text messages as strings (default), or as octets that have been checked to be UTF-8. */
  readonly text?: 'string' | 'buffer' | undefined
}

/** The request is accepted. */
export interface Accept<Data> {
  /** The subprotocol: one that the client offered. Default: by the option `protocols`. */
  readonly protocol?: string | undefined
  /** More fields of the response, such as Set-Cookie. */
  readonly headers?: HeaderInit | undefined
  /** What becomes `connection.data`. */
  readonly data?: Data
  readonly status?: undefined
}

/** The request is refused: with this status (300 to 599), fields and body. */
export type Refuse = PlainAnswer

export interface ServerHandlers<Data = undefined> extends ConnectionHandlers<Data> {
  /**
   * Decides about an Opening Handshake that conforms, before it is answered: return (or promise) `{ data, protocol,
   * headers }` to accept, `{ status, headers, body }` to refuse; nothing accepts. `request.signal` aborts when the client
   * has left or the time is over. A throw is answered with 500.
   */
  accept?(request: UpgradeRequest): Accept<Data> | Refuse | undefined | PromiseLike<Accept<Data> | Refuse | undefined>
  /** Answers a request that is no Opening Handshake (a page, a health check): return nothing for 426. */
  request?(request: PlainRequest): PlainAnswer | undefined | PromiseLike<PlainAnswer | undefined>
  /** A connection is open. Messages come after this. */
  connection?(connection: WebSocketConnection<Data>): void
}
