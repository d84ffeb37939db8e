/**
 * The deadlines of one connection, with the clock as an input: keep-alive by Ping and Pong (RFC 6455 §5.5.2), the Closing
 * Handshake and the end of TCP (§7.1.1), a message that stays incomplete, and idleness (§10.4 leaves both to the
 * implementation). Nothing here acts: it says what is due.
 *
 * Keep-alive counts progress as life: any octet received, and, until the Ping itself has left, any octet that leaves. From
 * then on only the peer's octets count, for a dead link takes what is sent to it until TCP gives up.
 *
 * While reading is held by us, what waits for the peer's octets stands still; Pings go on.
 */
import { CloseDeadline } from './close-deadline.js'
import type { Limits } from './limits.js'
import { enoughIn } from './progress.js'

/** What is due: to send a Ping, to give up for want of a Pong, to cut what does not close, and so on. */
export type Due = 'ping' | 'pong' | 'close' | 'incomplete message' | 'release' | 'idle'

/** No time. Times are whole milliseconds, rounded up, so that V8 keeps them in the object itself and not in one each. */
const never = -1

/** A message that has begun: when it was last waited for, its octets, and its octets then. */
interface IncompleteMessage {
  since: number
  octets: number
  from: number
}

export class Deadlines {
  readonly #limits: Limits
  /** In 2,560ths of the Ping interval: so much earlier come this connection's Pings. */
  readonly #jitter: number
  /** What time it was last told to be. */
  #now: number
  /** When the peer was last heard. */
  #heardAt: number
  /** When a message was last received or sent. */
  #messageAt: number
  /** When the keep-alive Ping that is unanswered showed the last sign of life; `never`: there is no such Ping. */
  #pingLifeAt = never
  /** That Ping is still in our buffers. */
  #pingWaits = false
  #incomplete: IncompleteMessage | undefined
  /** How long after the last message extensions are to give memory back; `never`: they hold none. */
  #releaseAfter = never
  #close: CloseDeadline | undefined
  #heldSince = never
  /** What {@link next} last answered; `never`: that there is nothing to wait for. */
  #told = never

  /** @param jitter - 0 to 255: how many 256ths of a tenth this connection's Pings come earlier, lest many come at once. */
  constructor(limits: Limits, now: number, jitter: number) {
    this.#limits = limits
    this.#jitter = jitter
    this.#now = Math.ceil(now)
    this.#heardAt = this.#now
    this.#messageAt = this.#now
  }

  /** When to look again, in ms of the clock that is handed in; Infinity: never. `held`: reading is held by us now. */
  next(held: boolean): number {
    const next = this.#next(held)
    this.#told = next === Number.POSITIVE_INFINITY ? never : next
    return next
  }

  /** It is time to look earlier than {@link next} last answered. */
  nearer(held: boolean): boolean {
    return this.#next(held) < (this.#told === never ? Number.POSITIVE_INFINITY : this.#told)
  }

  /** What is due at `now`, the most pressing first; undefined when nothing is. */
  due(now: number): Due | undefined {
    if (this.#close !== undefined) return this.#close.isDue(now) ? 'close' : undefined
    if (now >= this.#pingAt(this.#heldSince !== never)) return 'ping'
    if (now >= this.#releaseAt()) return 'release'
    if (this.#heldSince !== never) return undefined
    if (now >= this.#pongAt()) return 'pong'
    if (now >= this.#incompleteAt() && !this.#extend()) return 'incomplete message'
    if (now >= this.#idleAt()) return 'idle'
    return undefined
  }

  /** What time it is, and whether reading is held by us. Whatever is told below happens at that time. */
  at(now: number, held: boolean): void {
    this.#now = Math.ceil(now)
    this.#close?.tell(this.#now)
    if (held) {
      if (this.#heldSince === never) this.#heldSince = this.#now
    } else if (this.#heldSince !== never) this.#released(this.#heldSince)
  }

  /** Octets have come. */
  heard(): void {
    this.#heardAt = this.#now
    this.#pingLifeAt = never
  }

  /** A message has been received, whole. */
  received(): void {
    this.#messageAt = this.#now
    this.#incomplete = undefined
  }

  /** A message has been sent. */
  sent(): void {
    this.#messageAt = this.#now
  }

  /** So many octets have come of a message that is not complete. */
  incomplete(octets: number): void {
    if (this.#incomplete === undefined) this.#incomplete = { since: this.#now, octets, from: octets }
    else this.#incomplete.octets = octets
  }

  /** Extensions hold memory, and may so long after the last message; undefined: they hold none that they could give back. */
  holds(releaseAfter: number | undefined): void {
    this.#releaseAfter = releaseAfter ?? never
  }

  /** The keep-alive Ping has been handed to the output. */
  pingQueued(): void {
    this.#pingLifeAt = this.#now
    this.#pingWaits = true
  }

  /**
   * Octets have left.
   *
   * @param pingLeft - the keep-alive Ping was among them, or had left before.
   * @param lastLeft - all that was sent before the end has left.
   */
  left(octets: number, pingLeft: boolean, lastLeft: boolean): void {
    this.#close?.left(this.#now, octets, lastLeft)
    if (this.#pingLifeAt === never || !this.#pingWaits) return
    this.#pingLifeAt = this.#now
    this.#pingWaits = !pingLeft
  }

  /** The end has begun: from now on only the deadline for it counts. `late`: some time after the time that was told. */
  closing(late: boolean): void {
    this.#close ??= new CloseDeadline(this.#limits.closeTimeout, this.#now, late)
  }

  /** The end, which has begun, is to be over by then. */
  closeBy(at: number): void {
    this.#close?.by(at)
  }

  #released(since: number): void {
    this.#heldSince = never
    this.#heardAt += this.#now - Math.max(since, this.#heardAt)
    this.#messageAt += this.#now - Math.max(since, this.#messageAt)
    if (this.#pingLifeAt !== never) this.#pingLifeAt += this.#now - Math.max(since, this.#pingLifeAt)
    const message = this.#incomplete
    if (message !== undefined) message.since += this.#now - Math.max(since, message.since)
  }

  #next(held: boolean): number {
    if (this.#close !== undefined) return this.#close.at
    const ours = Math.min(this.#pingAt(held), this.#releaseAt())
    if (held) return ours
    return Math.min(ours, this.#pongAt(), this.#incompleteAt(), this.#idleAt())
  }

  /**
   * One Ping at a time; but while reading is held by us no answer can be seen, nor that the peer has left: then Pings go on,
   * for the transport breaks when it writes to a peer that is gone.
   */
  #pingAt(held: boolean): number {
    if (this.#pingLifeAt === never) return this.#heardAt + this.#pingInterval
    return held && !this.#pingWaits ? this.#pingLifeAt + this.#pingInterval : Number.POSITIVE_INFINITY
  }

  get #pingInterval(): number {
    return Math.ceil(this.#limits.pingInterval * (1 - this.#jitter / 2560))
  }

  #pongAt(): number {
    return this.#pingLifeAt === never ? Number.POSITIVE_INFINITY : this.#pingLifeAt + this.#limits.pongTimeout
  }

  #incompleteAt(): number {
    if (this.#incomplete === undefined) return Number.POSITIVE_INFINITY
    return this.#incomplete.since + this.#limits.incompleteMessageTimeout
  }

  #releaseAt(): number {
    return this.#releaseAfter === never ? Number.POSITIVE_INFINITY : this.#messageAt + this.#releaseAfter
  }

  #idleAt(): number {
    return this.#messageAt + this.#limits.idleTimeout
  }

  /** Enough has come since the message was last waited for: it has another period. */
  #extend(): boolean {
    const message = this.#incomplete!
    if (message.octets - message.from < enoughIn(this.#limits.incompleteMessageTimeout)) return false
    message.since = this.#now
    message.from = message.octets
    return true
  }
}
