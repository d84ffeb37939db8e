/**
 * What is known of a connection's end: RFC 6455 §7.1.5 and §7.1.6 give a code and a reason; this tells who ended it, how
 * far it had come, and what went wrong.
 */
import type { OpeningPhase } from '../errors.js'
import type { CloseBody } from '../framing/close-body.js'
import type { StatusCode } from '../status-code.js'

/** How far a connection had come when it ended. Before `open`: a client's dial or a server's handshake. */
export type Phase = OpeningPhase | 'open' | 'closing'

/** Round-trip times in milliseconds, of Pings that were answered. */
export interface RoundTripTimes {
  /** Of the last Ping that was answered. */
  readonly last: number
  /** The shortest. */
  readonly min: number
  /** The longest. */
  readonly max: number
  /** The sum of all, divided by `count`. */
  readonly mean: number
  /** How many Pings were answered. */
  readonly count: number
}

/** How and why a connection ended. */
export interface CloseRecord {
  /** §7.1.5: the code of the peer's Close frame, 1005 if it had none, 1006 if no Close frame came. */
  readonly code: StatusCode
  /** §7.1.6: the reason of the peer's Close frame, or empty. */
  readonly reason: string
  /** Both Close frames were exchanged and the connection had not failed. */
  readonly clean: boolean
  /** Who began the end: this endpoint, the peer, or the transport (a reset, a deadline of the network). */
  readonly initiator: 'local' | 'peer' | 'transport'
  /** The Close frame that this endpoint sent. */
  readonly sent: CloseBody | undefined
  /** The Close frame that the peer sent. */
  readonly received: CloseBody | undefined
  /** How far it had come. */
  readonly phase: Phase
  /** What went wrong, first: a ProtocolError (the peer's fault), a TransportError, or what a handler threw. */
  readonly error: unknown
  /** Octets received from the transport, frames and all, since the Opening Handshake. */
  readonly octetsReceived: number
  /** Octets that were sent to the transport, frames and all, since the Opening Handshake. */
  readonly octetsSent: number
  /** Octets that were handed over to be sent and never left. */
  readonly octetsUnsent: number
  /** Undefined when no Ping was answered. */
  readonly roundTripTimes: RoundTripTimes | undefined
}
