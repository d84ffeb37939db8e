/**
 * The four errors of framewright, told apart by who erred: the peer in the protocol (ProtocolError), the peer in the
 * Opening Handshake (HandshakeError), the network or TLS (TransportError), the caller (UsageError). Each carries a
 * stable `code` to branch on, the status code that the connection ends with, and the section of RFC 6455 that applies.
 */
import { StatusCode } from './status-code.js'

/** What every error of framewright tells beside its message. The message is for people and may change. */
export interface ErrorFacts {
  /** Stable, upper case, `WS_…`: what to branch on. */
  readonly code: string
  /** The status code the connection fails with, or is reported as closed with (§7.4.1). */
  readonly statusCode: StatusCode
  /** The section of RFC 6455 (or of the RFC named in it, "RFC 9112 §5.1") that was broken or that applies. */
  readonly section: string
}

/** How far a connection had come before it was open: finding the address, TCP, TLS, or the Opening Handshake. */
export type OpeningPhase = 'dns' | 'tcp' | 'tls' | 'upgrade'

/** The peer broke the protocol on an established connection: the connection fails with `statusCode` (§7.1.7). */
export class ProtocolError extends Error implements ErrorFacts {
  /** The name of the class. */
  override readonly name = 'ProtocolError'
  /** {@inheritDoc ErrorFacts.code} */
  readonly code: string
  /** {@inheritDoc ErrorFacts.statusCode} */
  readonly statusCode: StatusCode
  /** {@inheritDoc ErrorFacts.section} */
  readonly section: string

  constructor(code: string, statusCode: StatusCode, section: string, message: string) {
    super(message)
    this.code = code
    this.statusCode = statusCode
    this.section = section
  }
}

/** An HTTP response that refused the Opening Handshake, as far as it was read. */
export interface RefusalResponse {
  /** The HTTP status, as received: 100 to 599 by RFC 9110 §15, any three digits in practice. */
  readonly status: number
  /** The reason phrase, as received. */
  readonly reason: string
  /** Header fields in order of arrival, names as received. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** The first part of the body, at most 64 KiB; yours to keep. */
  readonly body: Uint8Array
}

/**
 * The peer's part of the Opening Handshake is not acceptable (§4). At a server `status` is the HTTP status it was
 * refused with; at a client `response` is what the server answered, where it answered in HTTP at all.
 */
export class HandshakeError extends Error implements ErrorFacts {
  /** The name of the class. */
  override readonly name = 'HandshakeError'
  /** {@inheritDoc ErrorFacts.code} */
  readonly code: string
  /** 1006 always: no WebSocket connection was ever established (§7.1.5). */
  readonly statusCode: StatusCode = StatusCode.abnormalClosure
  /** {@inheritDoc ErrorFacts.section} */
  readonly section: string
  /** Where every handshake fails; there for code that also looks at a TransportError's phase. */
  readonly phase: OpeningPhase = 'upgrade'
  /** The HTTP status: of the refusal sent (server), or received (client; undefined when there was none). */
  readonly status: number | undefined
  /** Header fields a refusal with this status owes, such as `Sec-WebSocket-Version` with 426. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /** What the server answered (client only). */
  readonly response: RefusalResponse | undefined

  constructor(
    code: string,
    section: string,
    message: string,
    about: {
      status?: number | undefined
      headers?: ReadonlyArray<readonly [string, string]> | undefined
      response?: RefusalResponse | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause })
    this.code = code
    this.section = section
    this.status = about.status ?? about.response?.status
    this.headers = about.headers ?? about.response?.headers ?? []
    this.response = about.response
  }
}

/**
 * The network, TLS or a deadline ended it. `cause` is Node's own error where there is one; its `code` (such as
 * ECONNRESET) is repeated in `causeCode`.
 */
export class TransportError extends Error implements ErrorFacts {
  /** The name of the class. */
  override readonly name = 'TransportError'
  /** {@inheritDoc ErrorFacts.code} */
  readonly code: string
  /** 1006, or 1015 when TLS could not be established (§7.4.1). */
  readonly statusCode: StatusCode
  /** {@inheritDoc ErrorFacts.section} */
  readonly section: string
  /** The `code` of `cause`, such as `ECONNRESET` or `CERT_HAS_EXPIRED`. */
  readonly causeCode: string | undefined
  /** How far a dial had come (client only); undefined for a connection that was open. */
  readonly phase: OpeningPhase | undefined

  constructor(
    code: string,
    message: string,
    about: { cause?: unknown; section?: string; statusCode?: StatusCode; phase?: OpeningPhase } = {},
  ) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause })
    this.code = code
    this.statusCode = about.statusCode ?? StatusCode.abnormalClosure
    this.section = about.section ?? '7.1.5'
    this.phase = about.phase
    const causeCode: unknown = (about.cause as { code?: unknown } | undefined)?.code
    this.causeCode = typeof causeCode === 'string' ? causeCode : undefined
  }
}

/** The caller erred: thrown at the call, before anything is written. */
export class UsageError extends TypeError implements ErrorFacts {
  /** The name of the class. */
  override readonly name = 'UsageError'
  /** {@inheritDoc ErrorFacts.code} */
  readonly code: string
  /** {@inheritDoc ErrorFacts.statusCode} */
  readonly statusCode: StatusCode = StatusCode.internalError
  /** {@inheritDoc ErrorFacts.section} */
  readonly section: string

  constructor(code: string, section: string, message: string) {
    super(message)
    this.code = code
    this.section = section
  }
}
