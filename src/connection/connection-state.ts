/**
 * Where a connection stands: RFC 6455 §7.1 (Definitions of the closing states) and §5.5.1. Only facts are kept; the
 * RFC's states, who hangs up when, the reported code and "was it clean" follow from them, here and nowhere else.
 */
import type { CloseBody } from '../framing/close-body.js'
import type { Role } from '../framing/frame-header.js'
import { StatusCode } from '../status-code.js'
import type { CloseRecord } from './close-record.js'

/** The RFC's states after CONNECTING: §7.1.3 (CLOSING), §7.1.4 (CLOSED). */
export type State = 'open' | 'closing' | 'closed'

/**
 * What the owner of the transport owes it (§7.1.1): nothing yet; to write what is left and end it; to do so once the peer
 * has ended, or the deadline has passed; to cut it at once.
 */
export type HangUp = 'no' | 'now' | 'after peer' | 'cut'

export class ConnectionState {
  readonly role: Role
  /** The Close frame that was sent (§7.1.2). */
  closeSent: CloseBody | undefined = undefined
  /** The Close frame that was received. */
  closeReceived: CloseBody | undefined = undefined
  /** The connection has failed (§7.1.7). */
  failed = false
  /** The peer will send no more octets: its half of the transport has ended. */
  peerEnded = false
  /** Nothing more can be sent or received. */
  transportEnded = false
  /** The transport is to be cut without further ado. */
  cut = false
  /** Who began the end. */
  initiator: CloseRecord['initiator'] | undefined = undefined
  /** What went wrong, first. */
  error: unknown = undefined

  constructor(role: Role) {
    this.role = role
  }

  get state(): State {
    if (this.transportEnded) return 'closed'
    return this.closing ? 'closing' : 'open'
  }

  /** Something has begun the end: a Close either way, a failure, the peer's end, a cut, the transport's end. */
  get closing(): boolean {
    return this.closeSent !== undefined || this.deaf
  }

  /** Nothing that still comes is heeded (§5.5.1, §7.1.7). */
  get deaf(): boolean {
    return this.failed || this.peerEnded || this.cut || this.transportEnded || this.closeReceived !== undefined
  }

  get hangUp(): HangUp {
    if (this.transportEnded) return 'no'
    if (this.cut) return 'cut'
    if (this.peerEnded) return 'now'
    const over = this.failed || (this.closeSent !== undefined && this.closeReceived !== undefined)
    if (!over) return 'no'
    // §7.1.1: the server closes first, so that it and not the client holds TIME_WAIT.
    return this.role === 'server' ? 'now' : 'after peer'
  }

  /** _The WebSocket Connection Close Code_ (§7.1.5). */
  get code(): StatusCode {
    return this.closeReceived?.code ?? StatusCode.abnormalClosure
  }

  /** _The WebSocket Connection Close Reason_ (§7.1.6). */
  get reason(): string {
    return this.closeReceived?.reason ?? ''
  }

  /** §7.1.4: the TCP connection closed after the Closing Handshake was completed. */
  get clean(): boolean {
    return this.closeSent !== undefined && this.closeReceived !== undefined && !this.failed
  }

  /** What the close record says of all this. */
  get record(): Pick<CloseRecord, 'code' | 'reason' | 'clean' | 'initiator' | 'sent' | 'received' | 'phase' | 'error'> {
    return {
      code: this.code,
      reason: this.reason,
      clean: this.clean,
      initiator: this.initiator ?? 'transport',
      sent: this.closeSent,
      received: this.closeReceived,
      phase: this.closeSent === undefined && this.closeReceived === undefined ? 'open' : 'closing',
      error: this.error,
    }
  }
}

/** Where every connection stands until its end begins: shared by all, never changed. */
export const openState: Readonly<Record<Role, Readonly<ConnectionState>>> = {
  client: new ConnectionState('client'),
  server: new ConnectionState('server'),
}
