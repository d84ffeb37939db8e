/**
 * One established WebSocket connection without its transport: RFC 6455 §6 (sending and receiving), §7 (closing). It is
 * born OPEN, out of a handshake. Push octets in by `receive`, take octets out by `takeOutput`; time is an input, in
 * milliseconds of any monotonic clock. It joins receiver, outbox, deadlines and state, and is the one place that catches
 * what the peer did wrong (§7.1.7).
 */
import { ProtocolError, UsageError } from '../errors.js'
import { Opcode, type Role } from '../framing/frame-header.js'
import { StatusCode } from '../status-code.js'
import type { CloseRecord } from './close-record.js'
import type { ConnectionHandler, ConnectionOwner } from './connection-handler.js'
import type { ConnectionSettings } from './connection-settings.js'
import { ConnectionState, type HangUp, type State } from './connection-state.js'
import { Deadlines } from './deadlines.js'
import { Ending } from './ending.js'
import { MessageSender, type Verdict } from './message-sender.js'
import { Outbox } from './outbox.js'
import { checkControlPayload, Pinger, type PingSettled } from './pinger.js'
import { Receiver } from './receiver.js'

/** One established WebSocket connection without its transport: push octets in, take octets out. */
export class Connection {
  readonly #handler: ConnectionHandler
  readonly #owner: ConnectionOwner
  readonly #settings: ConnectionSettings
  readonly #state: ConnectionState
  readonly #receiver: Receiver
  readonly #outbox: Outbox
  readonly #sender: MessageSender
  readonly #pinger: Pinger
  readonly #deadlines: Deadlines
  readonly #ending: Ending
  #messageSent = false
  #octetsReceived = 0

  /** @param now - the time of birth; as every later `now`, milliseconds of one monotonic clock. */
  constructor(
    role: Role,
    handler: ConnectionHandler,
    owner: ConnectionOwner,
    settings: ConnectionSettings,
    now: number,
  ) {
    this.#handler = handler
    this.#owner = owner
    this.#settings = settings
    this.#state = new ConnectionState(role)
    this.#outbox = new Outbox(role, settings)
    this.#sender = new MessageSender(this.#outbox, settings.limits)
    this.#deadlines = new Deadlines(settings.limits, now, (settings.maskingKeys() & 0xff) / 256)
    const ending = new Ending(this.#state, handler, owner, this.#outbox, this.#deadlines, now)
    this.#pinger = new Pinger(this.#outbox, settings.maskingKeys, call => ending.tell(call))
    this.#receiver = new Receiver(this.#state, handler, ending, settings, this.#outbox, this.#pinger, this.#deadlines)
    ending.attach(this.#receiver, this.#pinger)
    this.#ending = ending
  }

  /** §7.1.3, §7.1.4. */
  get state(): State {
    return this.#state.state
  }

  /** What the owner owes the transport now (§7.1.1). A change is announced by wake(). */
  get hangUp(): HangUp {
    return this.#state.hangUp
  }

  /** Octets on the wire that were handed over to be sent and are not the kernel's yet: ours, and the transport's. */
  get bufferedAmount(): number {
    return this.#outbox.bufferedAmount
  }

  /** The place behind all that was handed over to be sent until now: see {@link Connection.hasLeft}. */
  get outputEnd(): number {
    return this.#outbox.end
  }

  /** All that was handed over before `outputEnd` was that has left for the kernel; never, once anything was dropped. */
  hasLeft(outputEnd: number): boolean {
    return this.#outbox.hasLeft(outputEnd)
  }

  /** Octets wait to be taken. */
  get hasOutput(): boolean {
    return this.#outbox.waiting > 0
  }

  /** Nothing is delivered now: paused, or a promise of the application is pending. Read no more until wake(). */
  get held(): boolean {
    return this.#receiver.held
  }

  /**
   * Takes in what the transport has read.
   *
   * @param chunk - becomes the connection's own: it is unmasked in place, and messages may be views of it.
   * @returns how many octets were taken. Fewer than there are when the connection is held: keep the rest, and give it
   * again, before anything else, once wake() was called and {@link Connection.held} is false.
   */
  receive(chunk: Buffer, now: number): number {
    if (this.#receiver.decoding) {
      throw new UsageError('WS_REENTRANT_RECEIVE', '6.2', 'receive() was called from within itself, by a handler')
    }
    if (!Buffer.isBuffer(chunk)) throw new UsageError('WS_INVALID_DATA', '5.2', 'what is received is a Buffer')
    this.#at(now)
    let taken = chunk.length
    try {
      taken = this.#receiver.decode(chunk, now)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#ending.fail(error)
    }
    this.#octetsReceived += taken
    if (taken > 0) this.#deadlines.heard(now)
    this.#deadlines.incomplete(now, this.#receiver.incomplete)
    this.#deadlines.at(now, this.held)
    if (this.#deadlines.nearer(this.held)) this.#owner.wake()
    return taken
  }

  /** The peer's half of the transport has ended. Without a Close frame before it, the connection is reported as 1006. */
  receiveEnd(now: number): void {
    this.#at(now)
    if (!this.#state.peerEnded && !this.#state.transportEnded) this.#ending.peerEnded()
  }

  /**
   * The transport has ended in both directions: the connection is closed (§7.1.4), and the record of it is told.
   *
   * @param error - what the transport died of, if it did.
   */
  transportEnded(now: number, error?: Error): void {
    this.#at(now)
    if (this.#state.transportEnded) return
    this.#ending.transportEnded(error)
    const record = this.closeRecord
    this.#ending.tell(() => this.#handler.onClose(record))
  }

  /**
   * Sends a text message, or a fragment of one (§5.4).
   *
   * @param text - a string, in which a lone surrogate becomes U+FFFD, also at the edge of a fragment; or octets, which
   * must be UTF-8 as a whole message and are borrowed above 64 KiB until they have left.
   * @param fin - false: more of the same message follows, by this method.
   * @throws UsageError for anything else, octets that are not UTF-8, or a text within a fragmented binary message.
   * @throws TransportError `WS_SEND_BUFFER_FULL`, only where `sendOverflow` is `error`.
   */
  sendText(text: string | Buffer, fin = true): Verdict {
    return this.#send(Opcode.text, text, fin)
  }

  /**
   * Sends a binary message, or a fragment of one (§5.4).
   *
   * @param data - borrowed above 64 KiB until it has left; copied otherwise.
   * @throws as {@link Connection.sendText}.
   */
  sendBinary(data: Buffer, fin = true): Verdict {
    return this.#send(Opcode.binary, data, fin)
  }

  /**
   * Sends a Ping (§5.5.2).
   *
   * @param payload - at most 125 octets, copied.
   * @param settled - told the round-trip time, or undefined when no Pong will come.
   * @returns false when it was not sent: the connection is closing, 1,024 Pings are unanswered, or more than
   * `maxSendBuffer` waits to leave; `settled` is not called.
   * @throws UsageError for a longer payload.
   */
  sendPing(payload: Buffer, now: number, settled?: PingSettled): boolean {
    checkControlPayload(payload)
    this.#at(now)
    if (this.#state.closing || this.#sender.full || !this.#pinger.send(payload, now, settled)) return false
    this.#owner.wake()
    return true
  }

  /**
   * Sends a Pong that nobody asked for (§5.5.3).
   *
   * @param payload - at most 125 octets, copied.
   * @returns false when it was not sent: the connection is closing, or more than `maxSendBuffer` waits to leave.
   * @throws UsageError for a longer payload.
   */
  sendPong(payload: Buffer): boolean {
    checkControlPayload(payload)
    if (this.#state.closing || this.#sender.full) return false
    this.#outbox.writeControl(Opcode.pong, payload)
    this.#owner.wake()
    return true
  }

  /**
   * _Start the WebSocket Closing Handshake_ (§7.1.2), behind everything that was sent before. Without effect on a
   * connection that is closing already, but for `by`.
   *
   * @param by - the connection is cut then, also if what was sent before still leaves, which puts off `closeTimeout`.
   * @throws UsageError for a code that may not be sent, or a reason over 123 octets.
   */
  close(code: number | undefined, reason: string, now: number, by = Number.POSITIVE_INFINITY): void {
    this.#at(now)
    this.#ending.start(code, reason)
    this.#deadlines.closeBy(by)
    if (this.#deadlines.nearer(this.held)) this.#owner.wake()
  }

  /** Cuts the connection at once, without a Closing Handshake. */
  terminate(now: number): void {
    this.#at(now)
    if (!this.#state.cut && !this.#state.transportEnded) this.#ending.cut()
  }

  /** Delivers nothing more until {@link Connection.resume}; what has been read waits. */
  pause(now: number): void {
    this.#at(now)
    this.#receiver.paused = true
    this.#deadlines.at(now, this.held)
    if (this.#deadlines.nearer(this.held)) this.#owner.wake()
  }

  /** Delivers again. */
  resume(now: number): void {
    this.#receiver.paused = false
    this.#at(now)
  }

  /**
   * Hands over what waits to be written, up to about `sendHighWaterMark` octets; ask again once the transport has taken
   * them. Nobody touches them again until {@link Connection.releaseOutput}.
   */
  takeOutput(now: number): Buffer[] {
    this.#at(now)
    if (this.#messageSent) {
      this.#messageSent = false
      this.#deadlines.sent(now)
    }
    return this.#outbox.take()
  }

  /**
   * The transport tells how it stands, after each write and whenever that changes.
   *
   * @param backlog - octets it was given and that are not the kernel's yet.
   * @param blocked - it takes nothing more for now.
   */
  transportTook(backlog: number, blocked: boolean, now: number): void {
    this.#at(now)
    const left = this.#outbox.took(backlog, blocked)
    if (left > 0) {
      this.#deadlines.left(now, left, this.#outbox.pingHasLeft, this.#outbox.lastHasLeft)
      this.#ending.tell(() => this.#handler.onWritten(left))
    }
    if (this.#sender.drained() && !this.#state.closing) this.#ending.tell(() => this.#handler.onDrain())
  }

  /** The memory of everything that was taken may be written again: the transport has copied it. */
  releaseOutput(): void {
    this.#outbox.release()
  }

  /**
   * When to call {@link Connection.handleDeadline}; Infinity: never. It may move later by itself; a nearer one comes with
   * wake().
   */
  nextDeadline(): number {
    return this.#state.cut || this.#state.transportEnded ? Number.POSITIVE_INFINITY : this.#deadlines.next(this.held)
  }

  /** Does what is due: a Ping, the end of a connection that does not answer, close, or get on. */
  handleDeadline(now: number): void {
    this.#at(now)
    while (!this.#state.cut && !this.#state.transportEnded) {
      const due = this.#deadlines.due(now)
      switch (due) {
        case undefined:
          return
        case 'ping':
          this.#pinger.keepAlive(now)
          this.#deadlines.pingQueued(now)
          this.#owner.wake()
          break
        case 'pong':
          this.#ending.expire('WS_PONG_TIMEOUT', '5.5.2', 'the peer did not answer a Ping in time')
          break
        case 'close':
          this.#ending.expire('WS_CLOSE_TIMEOUT', '7.1.1', 'the connection did not close in time')
          break
        case 'incomplete message':
          this.#ending.fail(
            new ProtocolError('WS_MESSAGE_TIMEOUT', 1008, '10.4', 'a message stayed incomplete too long'),
          )
          break
        default:
          due satisfies 'idle'
          this.close(StatusCode.goingAway, 'idle', now)
      }
    }
  }

  /** What is known of the end, so far: whole once the connection is closed. */
  get closeRecord(): CloseRecord {
    return {
      ...this.#state.record,
      octetsReceived: this.#octetsReceived,
      octetsSent: this.#outbox.left,
      octetsUnsent: this.#ending.octetsDropped,
      roundTripTimes: this.#pinger.roundTripTimes,
    }
  }

  /** The application is at fault, in a call that is not this connection's: the peer is told 1011 (§7.4.1). */
  onHandlerFailed(error: unknown): void {
    this.#ending.onHandlerFailed(error, true)
  }

  #send(opcode: Opcode, data: string | Buffer, fin: boolean): Verdict {
    this.#sender.checkType(opcode, data)
    if (this.#state.closing) return 'dropped'
    this.#sender.check(opcode, data, fin)
    try {
      const verdict = this.#sender.send(opcode, data, fin)
      this.#messageSent ||= verdict !== 'dropped'
      this.#owner.wake()
      return verdict
    } catch (error) {
      if (this.#settings.limits.sendOverflow === 'error') throw error
      this.#state.error ??= error
      this.#ending.cut()
      return 'dropped'
    }
  }

  /** Every way in tells the time; what was held or released since the last one is accounted for. */
  #at(now: number): void {
    this.#ending.now = now
    this.#deadlines.at(now, this.#receiver.held)
  }
}
