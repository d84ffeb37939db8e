/**
 * The end of a connection: RFC 6455 §5.5.1 and §7.1. Whatever begins it (our Close, the peer's, a violation, the end of
 * the transport, a deadline, a cut, a handler that throws), the facts are noted, the Close frame that is owed is queued,
 * and the application is told once, here and nowhere else.
 */
import { type ProtocolError, TransportError, UsageError } from '../errors.js'
import { buildCloseBody, type CloseBody, shortenReason } from '../framing/close-body.js'
import { StatusCode } from '../status-code.js'
import type { ConnectionHandler, ConnectionOwner } from './connection-handler.js'
import type { ConnectionState } from './connection-state.js'
import type { Deadlines } from './deadlines.js'
import type { Outbox } from './outbox.js'
import type { Pinger } from './pinger.js'
import type { Receiver, ReceiverOwner } from './receiver.js'

export class Ending implements ReceiverOwner {
  /** The time that the last call from outside told, in ms. */
  now: number
  /** Octets that were handed over to be sent and will never leave. */
  octetsDropped = 0
  readonly #state: ConnectionState
  readonly #handler: ConnectionHandler
  readonly #owner: ConnectionOwner
  readonly #outbox: Outbox
  readonly #deadlines: Deadlines
  #receiver!: Receiver
  #pinger!: Pinger

  /** After this, {@link attach}. */
  constructor(
    state: ConnectionState,
    handler: ConnectionHandler,
    owner: ConnectionOwner,
    outbox: Outbox,
    deadlines: Deadlines,
    now: number,
  ) {
    this.#state = state
    this.#handler = handler
    this.#owner = owner
    this.#outbox = outbox
    this.#deadlines = deadlines
    this.now = now
  }

  /** What stops when the end begins, and tells of failures here in its turn. */
  attach(receiver: Receiver, pinger: Pinger): void {
    this.#receiver = receiver
    this.#pinger = pinger
  }

  /** ReceiverOwner: output waits, or held octets may be given again. */
  onWake(): void {
    this.#owner.wake()
  }

  /** ReceiverOwner. §5.5.1: answered at once, unless this is the answer; nothing that follows is heeded. */
  onCloseFrame(body: CloseBody): void {
    const first = !this.#state.closing
    this.#state.initiator ??= 'peer'
    this.#state.closeReceived = body
    this.#receiver.stop()
    this.#answerClose(body.code, '')
    this.#begin(first, body)
  }

  /**
   * ReceiverOwner. The application is at fault: the peer is told 1011 (§7.4.1), and the decoder's place stays right.
   *
   * @param late - not within a call from outside: the time is not known.
   */
  onHandlerFailed(error: unknown, late = false): void {
    this.#state.error ??= error
    this.start(StatusCode.internalError, '', late)
    try {
      this.#handler.onError(error)
    } catch (another) {
      // Nothing else deals with it; and it must not pass for an error of the peer.
      const thrown = new UsageError('WS_ON_ERROR_THREW', '6.2', 'onError threw: see the cause')
      thrown.cause = another
      throw thrown
    }
  }

  /** Calls the application; what it throws goes the way of {@link onHandlerFailed}. */
  tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.onHandlerFailed(error)
    }
  }

  /**
   * _Start the WebSocket Closing Handshake_ (§7.1.2), unless the end has begun.
   *
   * @throws UsageError as buildCloseBody.
   */
  start(code: number | undefined, reason: string, late = false): void {
    const body = buildCloseBody(code, reason)
    if (this.#state.closing) return
    this.#state.initiator = 'local'
    this.#state.closeSent = { code: code ?? StatusCode.noStatusReceived, reason }
    this.#outbox.writeClose(body)
    this.#begin(true, undefined, late)
  }

  /** _Fail the WebSocket Connection_ (§7.1.7): the one road for every violation. */
  fail(error: ProtocolError): void {
    const first = !this.#state.closing
    this.#state.error ??= error
    this.#state.initiator ??= 'local'
    this.#state.failed = true
    this.#receiver.stop()
    this.#answerClose(error.statusCode, shortenReason(error.message))
    this.#begin(first)
  }

  /** Gives up waiting for the peer. */
  expire(code: string, section: string, message: string): void {
    this.#state.error ??= new TransportError(code, message, { section })
    this.cut()
  }

  /** Asks for the transport to be cut, whatever waits. */
  cut(): void {
    this.#state.initiator ??= 'local'
    const first = !this.#state.closing
    this.#state.cut = true
    this.#receiver.stop()
    this.#begin(first)
  }

  /** The peer's half of the transport has ended. */
  peerEnded(): void {
    if (this.#state.closeReceived === undefined) {
      this.#state.error ??= new TransportError('WS_PEER_ENDED', 'the peer ended the connection without a Close frame')
    }
    this.#state.initiator ??= 'transport'
    const first = !this.#state.closing
    this.#state.peerEnded = true
    this.#receiver.stop()
    this.tell(() => this.#handler.onPeerEnd())
    this.#begin(first)
  }

  /** Nothing more can be sent or received: the connection is closed, but for telling so. */
  transportEnded(error: Error | undefined): void {
    // After the Closing Handshake it does not matter how TCP ends.
    if (error !== undefined && !this.#state.clean) this.#state.error ??= error
    this.#state.initiator ??= 'transport'
    this.#state.transportEnded = true
    this.#receiver.stop()
    this.#pinger.abandon()
    this.octetsDropped += this.#outbox.bufferedAmount
  }

  /** A Close frame before what is queued: "no guarantee that the endpoint … will continue to process data" (§5.5.1). */
  #answerClose(code: StatusCode, reason: string): void {
    if (this.#state.closeSent !== undefined) return
    this.octetsDropped += this.#outbox.dropQueued()
    this.#state.closeSent = { code, reason }
    this.#outbox.writeClose(buildCloseBody(code === StatusCode.noStatusReceived ? undefined : code, reason))
  }

  #begin(first: boolean, received?: CloseBody, late = false): void {
    this.#deadlines.closing(this.now, late)
    this.#receiver.judgeHold()
    this.#owner.wake()
    if (!first) return
    this.#outbox.markLast()
    this.#pinger.abandon()
    this.tell(() => this.#handler.onClosing(received))
  }
}
