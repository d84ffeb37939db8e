/**
 * One established WebSocket connection without its transport: RFC 6455 §6 (sending and receiving), §7 (closing). It is
 * born OPEN, out of a handshake. Push octets in by `receive`, take octets out by `takeOutput`; time is an input, in
 * milliseconds of any monotonic clock. It joins receiver, outbox, deadlines and state, and is the one place that catches
 * what the peer did wrong (§7.1.7).
 */
import { Buffer } from 'node:buffer'
import { ProtocolError, TransportError, UsageError } from '../errors.js'
import type { AgreedExtension } from '../extensions/extension.js'
import { Opcode, type Role } from '../framing/frame-header.js'
import { StatusCode } from '../status-code.js'
import type { CloseRecord } from './close-record.js'
import type { ConnectionHandler, ConnectionOwner } from './connection-handler.js'
import { ConnectionParts } from './connection-parts.js'
import type { ConnectionSettings } from './connection-settings.js'
import type { HangUp, State } from './connection-state.js'
import { checkType, type Verdict } from './message-sender.js'
import { checkControlPayload, type PingSettled } from './pinger.js'
import type { PreparedMessage } from './prepared-message.js'

/** One established WebSocket connection without its transport: push octets in, take octets out. */
export class Connection {
  readonly #parts: ConnectionParts

  /**
   * @param now - the time of birth; as every later `now`, milliseconds of one monotonic clock.
   * @param extensions - as agreed on in the Opening Handshake: they transform messages in this order (§9.1).
   */
  constructor(
    role: Role,
    handler: ConnectionHandler,
    owner: ConnectionOwner,
    settings: ConnectionSettings,
    now: number,
    extensions: readonly AgreedExtension[] = [],
  ) {
    this.#parts = new ConnectionParts(role, handler, owner, settings, now, extensions)
  }

  /** §7.1.3, §7.1.4. */
  get state(): State {
    return this.#parts.facts.state
  }

  /** What the owner owes the transport now (§7.1.1). A change is announced by wake(). */
  get hangUp(): HangUp {
    return this.#parts.facts.hangUp
  }

  /** Octets on the wire that were handed over to be sent and are not the kernel's yet: ours, and the transport's. */
  get bufferedAmount(): number {
    return this.#parts.usedSender?.outbox.bufferedAmount ?? 0
  }

  /** @internal The same, with messages that take long to compress as long as they were handed over. */
  get handedOver(): number {
    return this.#parts.usedSender?.outbox.handedOver ?? 0
  }

  /** The place behind all that was handed over to be sent until now: see {@link Connection.hasLeft}. */
  get outputEnd(): number {
    return this.#parts.usedSender?.outbox.end ?? this.#parts.octetsSent
  }

  /** All that was handed over before `outputEnd` was that has left for the kernel; never, once anything was dropped. */
  hasLeft(outputEnd: number): boolean {
    return this.#parts.usedSender?.outbox.hasLeft(outputEnd) ?? true
  }

  /** @internal When what is being told was received: the `now` of that. Only while something is told. */
  get receivedAt(): number {
    return this.#parts.receiver.now
  }

  /** @internal A message has begun to come, and not all of it is here. */
  get withinMessage(): boolean {
    return this.#parts.usedReceiver?.incomplete !== undefined
  }

  /** Octets wait to be taken. */
  get hasOutput(): boolean {
    return this.#parts.hasOutput
  }

  /** @internal All there is to do is to send one message that goes to many. */
  get sendsLone(): boolean {
    return this.#parts.sendsLone
  }

  /** @internal There is nothing to remember, of neither direction, and nothing has begun the end. */
  get atRest(): boolean {
    return this.#parts.atRest
  }

  /** Nothing is delivered now: paused, or a promise of the application is pending. Read no more until wake(). */
  get held(): boolean {
    return this.#parts.held
  }

  /**
   * Extensions have something to do that takes its time: call {@link Connection.work} once others have had their turn.
   * Announced by wake(). Do not hang up while output is still to come of it.
   */
  get hasWork(): boolean {
    const { usedReceiver, usedSender, releaseDue } = this.#parts
    return !this.#over && (releaseDue || usedReceiver?.hasWork === true || usedSender?.outbox.hasWork === true)
  }

  /** Octets of memory that extensions hold for this connection now: the windows of permessage-deflate (RFC 7692 §7). */
  get extensionMemory(): number {
    return this.#parts.transforms?.pinned ?? 0
  }

  /** Lets extensions go on, for a few milliseconds at most: with a message that has come, and with what is to be sent. */
  work(now: number): void {
    this.#at(now)
    this.#parts.work(now)
    this.#settle(now)
  }

  /**
   * Takes in what the transport has read.
   *
   * @param chunk - becomes the connection's own: it is unmasked in place, and messages may be views of it.
   * @param lent - it is so only until this returns: what is kept of it is copied, messages too. Copy what was not taken.
   * @returns how many octets were taken. Fewer than there are when the connection is held: keep the rest, and give it
   * again, before anything else, once wake() was called and {@link Connection.held} is false.
   */
  receive(chunk: Buffer, now: number, lent = false): number {
    const { receiver, deadlines } = this.#parts
    if (!Buffer.isBuffer(chunk)) throw new UsageError('WS_INVALID_DATA', '5.2', 'what is received is a Buffer')
    this.#at(now)
    let taken = chunk.length
    try {
      taken = receiver.decode(chunk, now, lent)
    } catch (error) {
      this.#parts.misjudged(error)
    }
    this.#parts.octetsReceived += taken
    if (taken > 0) deadlines.heard()
    if (receiver.incomplete !== undefined) deadlines.incomplete(receiver.incomplete)
    this.#settle(now)
    return taken
  }

  /** The peer's half of the transport has ended. Without a Close frame before it, the connection is reported as 1006. */
  receiveEnd(now: number): void {
    this.#at(now)
    const { facts } = this.#parts
    if (!facts.peerEnded && !facts.transportEnded) this.#parts.ending.peerEnded()
  }

  /**
   * The transport has ended in both directions: the connection is closed (§7.1.4), and the record of it is told.
   *
   * @param error - what the transport died of, if it did.
   */
  transportEnded(now: number, error?: Error): void {
    this.#at(now)
    if (this.#parts.facts.transportEnded) return
    this.#parts.ending.transportEnded(error)
    const record = this.closeRecord
    this.#parts.tell(() => this.#parts.handler.onClose(record))
  }

  /**
   * Sends a text message, or a fragment of one (§5.4).
   *
   * @param text - a string, in which a lone surrogate becomes U+FFFD, also at the edge of a fragment; or octets, which
   * must be UTF-8 as a whole message and are borrowed above 64 KiB until they have left.
   * @param fin - false: more of the same message follows, by this method.
   * @param compress - whether to, where permessage-deflate is in use; heeded at the first fragment. Default: by its options.
   * @throws UsageError for anything else, octets that are not UTF-8, or a text within a fragmented binary message.
   * @throws TransportError `WS_SEND_BUFFER_FULL`, only where `sendOverflow` is `error`.
   */
  sendText(text: string | Buffer, fin = true, compress?: boolean): Verdict {
    return this.#send(Opcode.text, text, fin, compress)
  }

  /**
   * Sends a binary message, or a fragment of one (§5.4).
   *
   * @param data - borrowed above 64 KiB until it has left; copied otherwise.
   * @param compress - as in {@link Connection.sendText}.
   * @throws as {@link Connection.sendText}.
   */
  sendBinary(data: Buffer, fin = true, compress?: boolean): Verdict {
    return this.#send(Opcode.binary, data, fin, compress)
  }

  /**
   * Sends a message that was prepared: the same for any number of connections.
   *
   * @throws UsageError within a fragmented message; and as {@link Connection.sendText}.
   */
  sendPrepared(message: PreparedMessage): Verdict {
    if (!this.#parts.closing && this.#parts.sendLone(message)) {
      this.#parts.owner.wake()
      return 'sent'
    }
    return this.#send(message.opcode, message.octets, true, message.compress, message)
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
    if (this.#full || !this.#parts.pinger.expect(payload, now, settled)) return false
    this.#parts.sender.outbox.writeControl(Opcode.ping, payload)
    this.#parts.owner.wake()
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
    if (this.#full) return false
    this.#parts.sender.outbox.writeControl(Opcode.pong, payload)
    this.#parts.owner.wake()
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
    this.#parts.ending.start(code, reason)
    this.#parts.deadlines.closeBy(by)
    this.#judgeDeadline(now)
  }

  /** Cuts the connection at once, without a Closing Handshake. */
  terminate(now: number): void {
    this.#at(now)
    if (!this.#over) this.#parts.ending.cut()
  }

  /** Delivers nothing more until {@link Connection.resume}; what has been read waits. */
  pause(now: number): void {
    this.#at(now)
    this.#parts.receiver.paused = true
    this.#judgeDeadline(now)
  }

  /** Delivers again. */
  resume(now: number): void {
    if (this.#parts.usedReceiver !== undefined) this.#parts.usedReceiver.paused = false
    this.#at(now)
  }

  /**
   * Hands over what waits to be written, up to about `sendHighWaterMark` octets; ask again once the transport has taken
   * them. Nobody touches them again until {@link Connection.releaseOutput}.
   */
  takeOutput(now: number): Buffer[] {
    return this.#parts.takeOutput(now)
  }

  /**
   * The transport tells how it stands, after each write and whenever that changes.
   *
   * @param backlog - octets it was given and that are not the kernel's yet.
   * @param blocked - it takes nothing more for now.
   */
  transportTook(backlog: number, blocked: boolean, now: number): void {
    this.#parts.transportTook(backlog, blocked, now)
  }

  /** The memory of everything that was taken may be written again: the transport has copied it. */
  releaseOutput(): void {
    this.#parts.releaseOutput()
  }

  /** When to call {@link Connection.handleDeadline}; Infinity: never. It may move later; a nearer one comes with wake(). */
  nextDeadline(): number {
    return this.#over ? Number.POSITIVE_INFINITY : this.#parts.deadlines.next(this.held)
  }

  /** Does what is due: a Ping, the end of a connection that does not answer, close, or get on; memory given back. */
  handleDeadline(now: number): void {
    this.#at(now)
    while (!this.#over) {
      const due = this.#parts.deadlines.due(now)
      switch (due) {
        case undefined:
          return
        case 'ping':
          this.#keepAlive(now)
          break
        case 'pong':
          this.#parts.ending.expire('WS_PONG_TIMEOUT', '5.5.2', 'the peer did not answer a Ping in time')
          break
        case 'close':
          this.#parts.ending.expire('WS_CLOSE_TIMEOUT', '7.1.1', 'the connection did not close in time')
          break
        case 'incomplete message':
          this.#parts.ending.fail(
            new ProtocolError('WS_MESSAGE_TIMEOUT', 1008, '10.4', 'a message stayed incomplete too long'),
          )
          break
        case 'release':
          this.#parts.releaseDue = true
          this.#parts.deadlines.holds(undefined)
          this.#parts.owner.wake()
          break
        default:
          due satisfies 'idle'
          this.close(StatusCode.goingAway, 'idle', now)
      }
    }
  }

  /** What is known of the end, so far: whole once the connection is closed. */
  get closeRecord(): CloseRecord {
    return this.#parts.closeRecord
  }

  /** The application is at fault, in a call that is not this connection's: the peer is told 1011 (§7.4.1). */
  onHandlerFailed(error: unknown): void {
    this.#parts.ending.onHandlerFailed(error, true)
  }

  /** Neither the application nor we expect anything of the transport any more. */
  get #over(): boolean {
    return this.#parts.facts.cut || this.#parts.facts.transportEnded
  }

  /** The application may not send control frames now. */
  get #full(): boolean {
    return this.#parts.closing || this.#parts.usedSender?.full === true
  }

  #send(opcode: Opcode, data: string | Buffer, fin: boolean, compress?: boolean, prepared?: PreparedMessage): Verdict {
    checkType(opcode, data)
    if (this.#parts.closing) return 'dropped'
    const { sender } = this.#parts
    if (prepared === undefined) sender.check(opcode, data, fin)
    else sender.checkWhole()
    try {
      const verdict = sender.send(opcode, data, fin, compress, prepared)
      this.#parts.noteMemory()
      this.#parts.owner.wake()
      return verdict
    } catch (error) {
      if (!(error instanceof TransportError)) this.#parts.onSendFailed(error)
      else if (this.#parts.settings.limits.sendOverflow === 'error') throw error
      else this.#parts.ending.overflow(error)
      return 'dropped'
    }
  }

  /** A Ping to see whether the peer is alive. */
  #keepAlive(now: number): void {
    const payload = Buffer.allocUnsafe(4)
    payload.writeInt32LE(this.#parts.settings.maskingKeys() | 0)
    this.#parts.pinger.expectKeepAlive(payload, now)
    this.#parts.sender.outbox.writePing(payload)
    this.#parts.deadlines.pingQueued()
    this.#parts.owner.wake()
  }

  /** Every way in tells the time; what was held or released since the last one is accounted for. */
  #at(now: number): void {
    this.#parts.deadlines.at(now, this.held)
  }

  /** After messages. */
  #settle(now: number): void {
    this.#parts.noteMemory()
    this.#parts.restReceiver()
    this.#judgeDeadline(now)
  }

  /** What was done may have moved a deadline nearer, or begun a hold. */
  #judgeDeadline(now: number): void {
    const { deadlines, held, owner } = this.#parts
    deadlines.at(now, held)
    if (deadlines.nearer(held)) owner.wake()
  }
}
