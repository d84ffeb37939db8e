/**
 * The end of a connection: RFC 6455 §5.5.1 and §7.1. Whatever begins it (our Close, the peer's, a violation, the end of
 * the transport, a deadline, a cut, a handler that throws), the facts are noted, the Close frame that is owed is queued,
 * and the application is told once, here and nowhere else.
 */
import { type ProtocolError, TransportError, UsageError } from '../errors.js'
import { buildCloseBody, type CloseBody, shortenReason } from '../framing/close-body.js'
import { StatusCode } from '../status-code.js'
import type { ConnectionParts } from './connection-parts.js'
import { ConnectionState } from './connection-state.js'

export class Ending {
  /** What has happened; changed here only. */
  readonly facts: ConnectionState
  /** Octets that were handed over to be sent and will never leave. */
  octetsDropped = 0
  readonly #parts: ConnectionParts

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.facts = new ConnectionState(parts.facts.role)
  }

  /** §5.5.1: answered at once, unless this is the answer; nothing that follows is heeded. */
  onCloseFrame(body: CloseBody): void {
    const first = !this.facts.closing
    this.facts.initiator ??= 'peer'
    this.facts.closeReceived = body
    this.#parts.usedReceiver?.stop()
    this.#answerClose(body.code, '')
    this.#begin(first, body)
  }

  /**
   * The application is at fault: the peer is told 1011 (§7.4.1), and the decoder's place stays right.
   *
   * @param late - not within a call from outside: the time is not known.
   */
  onHandlerFailed(error: unknown, late = false): void {
    this.facts.error ??= error
    this.start(StatusCode.internalError, '', late)
    this.#tellError(error)
  }

  /** What the peer has sent is lost, by the application's fault, and with it the place of all that follows. */
  onOctetsLost(error: UsageError): void {
    this.fail(error, '')
    this.#tellError(error)
  }

  #tellError(error: unknown): void {
    try {
      this.#parts.handler.onError(error)
    } catch (another) {
      // Nothing else deals with it; and it must not pass for an error of the peer.
      const thrown = new UsageError('WS_ON_ERROR_THREW', '6.2', 'onError threw: see the cause')
      thrown.cause = another
      throw thrown
    }
  }

  /**
   * _Start the WebSocket Closing Handshake_ (§7.1.2), unless the end has begun.
   *
   * @throws UsageError as buildCloseBody.
   */
  start(code: number | undefined, reason: string, late = false): void {
    const body = buildCloseBody(code, reason)
    if (this.facts.closing) return
    this.facts.initiator = 'local'
    this.facts.closeSent = { code: code ?? StatusCode.noStatusReceived, reason }
    this.#parts.sender.outbox.writeClose(body)
    this.#begin(true, undefined, late)
  }

  /** _Fail the WebSocket Connection_ (§7.1.7): the one road for every violation. */
  fail(error: ProtocolError | UsageError, reason = shortenReason(error.message)): void {
    const first = !this.facts.closing
    this.facts.error ??= error
    this.facts.initiator ??= 'local'
    this.facts.failed = true
    this.#parts.usedReceiver?.stop()
    this.#answerClose(error.statusCode, reason)
    this.#begin(first)
  }

  /** Gives up waiting for the peer. */
  expire(code: string, section: string, message: string): void {
    this.facts.error ??= new TransportError(code, message, { section })
    this.cut()
  }

  /** Asks for the transport to be cut, whatever waits. */
  cut(): void {
    this.facts.initiator ??= 'local'
    const first = !this.facts.closing
    this.facts.cut = true
    this.#parts.usedReceiver?.stop()
    this.#begin(first)
  }

  /** What waits to be sent has become too much (§10.4): what is queued is dropped, and the peer, if it reads, is told why. */
  overflow(error: TransportError): void {
    this.facts.error ??= error
    this.drop()
    this.start(StatusCode.policyViolation, 'too slow: too much waits to be sent', true)
  }

  /** The peer's half of the transport has ended. */
  peerEnded(): void {
    if (this.facts.closeReceived === undefined) {
      this.facts.error ??= new TransportError('WS_PEER_ENDED', 'the peer ended the connection without a Close frame')
    }
    this.facts.initiator ??= 'transport'
    const first = !this.facts.closing
    this.facts.peerEnded = true
    this.#parts.usedReceiver?.stop()
    this.#parts.tell(() => this.#parts.handler.onPeerEnd())
    this.#begin(first)
  }

  /** Nothing more can be sent or received: the connection is closed, but for telling so. */
  transportEnded(error: Error | undefined): void {
    // After the Closing Handshake it does not matter how TCP ends.
    if (error !== undefined && !this.facts.clean) this.facts.error ??= error
    this.facts.initiator ??= 'transport'
    this.facts.transportEnded = true
    this.#parts.usedReceiver?.stop()
    this.#abandonPings()
    this.octetsDropped += this.#parts.usedSender?.outbox.bufferedAmount ?? 0
    this.#parts.transforms?.end()
  }

  /** Forgets the messages that wait to be sent. */
  drop(): void {
    this.octetsDropped += this.#parts.sender.outbox.dropQueued()
  }

  /** A Close frame before what is queued: "no guarantee that the endpoint … will continue to process data" (§5.5.1). */
  #answerClose(code: StatusCode, reason: string): void {
    if (this.facts.closeSent !== undefined) return
    this.drop()
    this.facts.closeSent = { code, reason }
    this.#parts.sender.outbox.writeClose(
      buildCloseBody(code === StatusCode.noStatusReceived ? undefined : code, reason),
    )
  }

  #begin(first: boolean, received?: CloseBody, late = false): void {
    this.#parts.deadlines.closing(late)
    this.#parts.usedReceiver?.judgeHold()
    this.#parts.owner.wake()
    if (!first) return
    this.#parts.sender.outbox.markLast()
    this.#abandonPings()
    this.#parts.tell(() => this.#parts.handler.onClosing(received))
  }

  #abandonPings(): void {
    const { usedPinger } = this.#parts
    if (usedPinger === undefined) return
    for (const { settled } of usedPinger.abandon()) this.#parts.tell(() => settled?.(undefined))
  }
}
