/**
 * The parts of one connection, each of which finds the others here. Those that remember nothing between two events, the
 * receiver and the sender, are lent to the connection while it needs them, so that an idle connection, and most are, owns
 * neither decoder nor encoder (RFC 6455 §5, §6): bench:peers, point idle.
 */
import { ProtocolError } from '../errors.js'
import type { AgreedExtension } from '../extensions/extension.js'
import { MessageTransforms } from '../extensions/message-transforms.js'
import { copyThreshold } from '../framing/frame-encoder.js'
import type { Role } from '../framing/frame-header.js'
import { isMemoryTransferred } from '../framing/transferred.js'
import type { CloseRecord } from './close-record.js'
import type { ConnectionHandler, ConnectionOwner } from './connection-handler.js'
import type { ConnectionSettings } from './connection-settings.js'
import { type ConnectionState, openState } from './connection-state.js'
import { Deadlines } from './deadlines.js'
import { Ending } from './ending.js'
import { MessageSender } from './message-sender.js'
import type { Outbox } from './outbox.js'
import { Pinger } from './pinger.js'
import type { PreparedMessage } from './prepared-message.js'
import { Receiver } from './receiver.js'

/**
 * So many of each wait to be lent again. A receiver is lent for the turn of its connection; a sender until what it has written
 * has left, so a broadcast lends as many as it has recipients: to make them anew each time took a fifth of its CPU.
 */
const maxSpare = { receivers: 64, senders: 1024 }

const spareReceivers: Receiver[] = []
const spareSenders: MessageSender[] = []

export class ConnectionParts {
  // First what a message to many asks of each connection, side by side: bench:peers, point broadcast.
  readonly settings: ConnectionSettings
  readonly handler: ConnectionHandler
  readonly owner: ConnectionOwner
  /** What the extensions in use do to messages; undefined: nothing. */
  readonly transforms: MessageTransforms | undefined
  /** Where the connection stands; only its {@link Ending} changes that. */
  facts: Readonly<ConnectionState>
  #ending: Ending | undefined
  #sender: MessageSender | undefined
  /** All that there is to send, or that the transport has and has not told of; a sender is lent once there is more. */
  #lone: PreparedMessage | undefined
  #loneTaken = false
  /** Octets that have left for the kernel, and that were taken in. */
  octetsSent = 0
  octetsReceived = 0
  readonly deadlines: Deadlines
  /** Undefined while there is nothing that it would have to remember. */
  usedReceiver: Receiver | undefined
  /** Undefined until a Ping is sent. */
  usedPinger: Pinger | undefined
  /** The extensions are to give memory back: that takes its time, too. */
  releaseDue = false

  constructor(
    role: Role,
    handler: ConnectionHandler,
    owner: ConnectionOwner,
    settings: ConnectionSettings,
    now: number,
    extensions: readonly AgreedExtension[],
  ) {
    this.handler = handler
    this.owner = owner
    this.settings = settings
    this.facts = openState[role]
    this.transforms = MessageTransforms.of(role, extensions)
    this.deadlines = new Deadlines(settings.limits, now, settings.maskingKeys() & 0xff)
  }

  get receiver(): Receiver {
    if (this.usedReceiver === undefined) {
      this.usedReceiver = spareReceivers.pop() ?? new Receiver()
      this.usedReceiver.begin(this)
    }
    return this.usedReceiver
  }

  get sender(): MessageSender {
    if (this.#sender === undefined) {
      this.#sender = spareSenders.pop() ?? new MessageSender()
      this.#sender.begin(this)
      if (this.#lone !== undefined) this.#giveUpLone(this.#lone, this.#sender.outbox)
    }
    return this.#sender
  }

  /** Undefined while there is nothing that it would have to remember. */
  get usedSender(): MessageSender | undefined {
    return this.#lone === undefined ? this.#sender : this.sender
  }

  /**
   * Sends a message without a sender: it goes by reference, and is all there is to send. Of a message to many that spares
   * a third of what each recipient costs beside its write (bench:peers, point broadcast).
   *
   * @returns false: it needs one.
   */
  sendLone(message: PreparedMessage): boolean {
    if (this.#sender !== undefined || this.#lone !== undefined || this.transforms !== undefined) return false
    const { slabs, limits } = this.settings
    const size = message.octets.length
    // Who takes octets in one process may write in them: see FrameEncoder.writeShared.
    if (slabs === undefined || this.facts.role === 'client' || size > copyThreshold) return false
    if (size > limits.maxOutgoingFrameSize || message.frame.length > limits.sendHighWaterMark) return false
    this.#lone = message
    return true
  }

  /** Such a message waits to be taken. */
  get sendsLone(): boolean {
    return this.#lone !== undefined && !this.#loneTaken
  }

  /** There is nothing to remember, of neither direction, and nothing has begun the end. */
  get atRest(): boolean {
    return this.usedReceiver === undefined && (this.#sender ?? this.#lone ?? this.#ending) === undefined
  }

  /** See Connection. */
  get hasOutput(): boolean {
    return this.sendsLone || this.#sender?.outbox.ready === true
  }

  /** See Connection. */
  takeOutput(now: number): Buffer[] {
    if (this.#lone !== undefined && !this.#loneTaken) return this.#takeLone(this.#lone, now)
    this.deadlines.at(now, this.held)
    const { sender } = this
    if (sender.sent) {
      sender.sent = false
      this.deadlines.sent()
    }
    return sender.outbox.take()
  }

  /** See Connection. */
  transportTook(backlog: number, blocked: boolean, now: number): void {
    this.deadlines.at(now, this.held)
    if (this.#loneTaken && backlog === 0 && !blocked) {
      this.#loneHasLeft()
      return
    }
    const sender = blocked ? this.sender : this.usedSender
    if (sender === undefined) return
    const left = sender.outbox.took(backlog, blocked)
    if (left > 0) {
      this.octetsSent = sender.outbox.left
      this.deadlines.left(left, sender.outbox.pingHasLeft, sender.outbox.lastHasLeft)
      this.#tellWritten(left)
    }
    if (sender.drained() && !this.closing) this.tell(() => this.handler.onDrain())
    this.#restSender()
  }

  /** See Connection. */
  releaseOutput(): void {
    this.#sender?.outbox.release()
  }

  #takeLone(message: PreparedMessage, now: number): Buffer[] {
    this.#loneTaken = true
    // Who waits for no messages need not know when there was one.
    if (this.settings.limits.idleTimeout !== Number.POSITIVE_INFINITY) {
      this.deadlines.at(now, this.held)
      this.deadlines.sent()
    }
    return [message.frame]
  }

  /** No deadline has waited for it to leave: neither that of a Ping nor that of the end, which both have senders. */
  #loneHasLeft(): void {
    const { length } = this.#lone!.frame
    this.#lone = undefined
    this.#loneTaken = false
    this.octetsSent += length
    this.#tellWritten(length)
  }

  /** As {@link tell}, without a closure: this is told of every write. */
  #tellWritten(octets: number): void {
    try {
      this.handler.onWritten(octets)
    } catch (error) {
      this.ending.onHandlerFailed(error)
    }
  }

  /** It is in the outbox now, as if it had always been there. */
  #giveUpLone(message: PreparedMessage, outbox: Outbox): void {
    this.#lone = undefined
    outbox.writePrepared(message)
    if (this.#loneTaken) outbox.take()
    else this.#sender!.sent = true
    this.#loneTaken = false
  }

  get pinger(): Pinger {
    this.usedPinger ??= new Pinger()
    return this.usedPinger
  }

  get ending(): Ending {
    if (this.#ending === undefined) {
      this.#ending = new Ending(this)
      this.facts = this.#ending.facts
    }
    return this.#ending
  }

  /** Something has begun the end; mostly nothing has. */
  get closing(): boolean {
    return this.#ending !== undefined && this.facts.closing
  }

  /** Octets that were handed over to be sent and will never leave. */
  get octetsDropped(): number {
    return this.#ending?.octetsDropped ?? 0
  }

  /** See Connection. */
  get closeRecord(): CloseRecord {
    const { facts, octetsReceived, octetsSent, octetsDropped, usedPinger } = this
    const { code, reason, clean, initiator, sent, received, phase, error } = facts.record
    // Spelled out: a spread is 1.5 us, and every connection ends with this.
    return {
      code,
      reason,
      clean,
      initiator,
      sent,
      received,
      phase,
      error,
      octetsReceived,
      octetsSent,
      octetsUnsent: octetsDropped,
      roundTripTimes: usedPinger?.roundTripTimes,
    }
  }

  /** Nothing is delivered now. */
  get held(): boolean {
    return this.usedReceiver?.held === true
  }

  /** Reads what the peer has sent: what it did wrong ends the connection (§7.1.7). */
  judge(read: () => void): void {
    try {
      read()
    } catch (error) {
      this.misjudged(error)
    }
  }

  /** The peer has done wrong (§7.1.7), or what it sent is lost; any other error is thrown on. */
  misjudged(error: unknown): void {
    if (error instanceof ProtocolError) this.ending.fail(error)
    else if (isMemoryTransferred(error)) this.ending.onOctetsLost(error)
    else throw error
  }

  /** Lets extensions go on, in both directions. */
  work(now: number): void {
    const { usedReceiver, usedSender } = this
    if (this.releaseDue) {
      this.releaseDue = false
      this.transforms?.release()
    }
    if (usedReceiver?.hasWork) this.judge(() => usedReceiver.work(now))
    if (!usedSender?.outbox.hasWork) return
    try {
      usedSender.outbox.work()
    } catch (error) {
      this.onSendFailed(error)
    }
  }

  /** An extension has failed with a message that was to be sent: of that there is nothing, and what follows needs it. */
  onSendFailed(error: unknown): void {
    this.ending.drop()
    this.ending.onHandlerFailed(error, true)
  }

  /** After messages: extensions may hold memory since, for some time. */
  noteMemory(): void {
    const { transforms } = this
    if (transforms === undefined || transforms.releaseAfter === Number.POSITIVE_INFINITY) return
    if (transforms.pinned > 0) this.deadlines.holds(transforms.releaseAfter)
  }

  /** Calls the application; what it throws ends the connection with 1011. */
  tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.ending.onHandlerFailed(error)
    }
  }

  /** Gives back what has nothing to remember. */
  restReceiver(): void {
    const receiver = this.usedReceiver
    if (receiver === undefined || !receiver.rest()) return
    this.usedReceiver = undefined
    if (spareReceivers.length < maxSpare.receivers) spareReceivers.push(receiver)
  }

  /** Gives back what has nothing to remember. */
  #restSender(): void {
    const sender = this.#sender
    if (sender === undefined || !sender.rest()) return
    this.#sender = undefined
    if (spareSenders.length < maxSpare.senders) spareSenders.push(sender)
  }
}
