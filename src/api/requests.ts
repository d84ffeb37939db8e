/** Requests as an application sees them: RFC 6455 §4.2, RFC 9112 §3. */
import type { Duplex } from 'node:stream'
import type { OpeningRequest } from '../handshake/server-handshake.js'
import { Fields } from '../http/fields.js'
import { splitList } from '../http/grammar.js'
import type { RequestHead } from '../http/message-head.js'
import type { OpeningContext } from '../transport/server-opening.js'
import { addressesOf } from '../transport/stream-addresses.js'

/** An Opening Handshake that conforms to §4.2.1. */
export class OpeningHandshake {
  readonly #path: string
  /** As text until they are asked for: a connection has them for as long as it lives. */
  #headers: Fields | string
  readonly #secure: boolean

  /** @internal */
  constructor(path: string, headers: Fields | string, secure: boolean) {
    this.#path = path
    this.#headers = headers
    this.#secure = secure
  }

  /** The resource name (§3): path and query, as sent. */
  get path(): string {
    return this.#path
  }

  /** The whole URI, by the scheme of this server and the Host field. */
  get url(): string {
    return `${this.#secure ? 'wss' : 'ws'}://${this.host}${this.#path}`
  }

  /** The Host field. */
  get host(): string {
    return this.headers.get('host')!
  }

  /** The Origin field; undefined when there is none: then it is no browser. */
  get origin(): string | undefined {
    return this.headers.get('origin')
  }

  /** The subprotocols that the client offers, most preferred first. */
  get protocols(): readonly string[] {
    const list = this.headers.get('sec-websocket-protocol')
    return list === undefined ? [] : splitList(list)
  }

  /** The header fields in order; `get` ignores case and joins repeated ones. */
  get headers(): Fields {
    if (typeof this.#headers === 'string') {
      const fields = new Fields()
      fields.fill(this.#headers)
      this.#headers = fields
    }
    return this.#headers
  }
}

/** An Opening Handshake that waits for a decision. */
export class UpgradeRequest extends OpeningHandshake {
  readonly #context: OpeningContext

  /** @internal */
  constructor(opening: OpeningRequest, secure: boolean, context: OpeningContext) {
    super(opening.path, opening.fields, secure)
    this.#context = context
  }

  /** Aborts when the client has left, or the time for the handshake is over. */
  get signal(): AbortSignal {
    return this.#context.signal
  }

  /** The stream: to look at (addresses, certificates), not to read or write. */
  get stream(): Duplex {
    return this.#context.stream
  }

  /** The IP address of the client, or of the proxy in front; undefined on a unix socket. */
  get remoteAddress(): string | undefined {
    return addressesOf(this.stream).remoteAddress
  }
}

/** A request that is no Opening Handshake. */
export class PlainRequest {
  readonly #head: RequestHead
  readonly #context: OpeningContext

  /** @internal */
  constructor(head: RequestHead, context: OpeningContext) {
    this.#head = head
    this.#context = context
  }

  /** As received; methods are case-sensitive. */
  get method(): string {
    return this.#head.method
  }

  /** The request target as received: path and query, mostly. Not decoded, not normalised. */
  get path(): string {
    return this.#head.target
  }

  /** The header fields in order; `get` ignores case and joins repeated ones. */
  get headers(): Fields {
    return this.#head.fields
  }

  /** Aborts when the client has left, or the time for the handshake is over. */
  get signal(): AbortSignal {
    return this.#context.signal
  }

  /** The stream: to look at (addresses, certificates), not to read or write. */
  get stream(): Duplex {
    return this.#context.stream
  }
}

/** The resource name in a request target, where it is in the absolute form (RFC 9112 §3.2.2) too. */
export function pathOfTarget(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '') || '/'
}
