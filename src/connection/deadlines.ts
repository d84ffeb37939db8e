/**
 * The deadlines of one connection, with the clock as an input: keep-alive by Ping and Pong (RFC 6455 §5.5.2), the Closing
 * Handshake and the end of TCP (§7.1.1), a message that stays incomplete, and idleness (§10.4 leaves both to the
 * implementation). Nothing here acts: it says what is due.
 *
 * Keep-alive counts progress as life: any octet received, and, until the Ping itself has left, any octet that leaves. From
 * then on only the peer's octets count, for a dead link takes what is sent to it until TCP gives up.
 *
 * While reading is held by us, what waits for the peer's octets stands still; Pings go on.
 *
 * The end has its deadline from when our Close has left, or whatever else was the last to be sent (§7.1.1: only then can the
 * peer answer). Until then what still leaves extends it, if it is not too slow: nothing can be added to it any more.
 */
import type { Limits } from './limits.js'

/** What is due: to send a Ping, to give up for want of a Pong, to cut what does not close, and so on. */
export type Due = 'ping' | 'pong' | 'close' | 'incomplete message' | 'idle'

/**
 * Octets that must come in each second for an incomplete message to be waited for longer, and leave for what was sent before
 * the end.
 */
const progressPerSecond = 1024

const never = Number.POSITIVE_INFINITY

export class Deadlines {
  readonly #limits: Limits
  readonly #pingInterval: number
  /** When the peer was last heard. */
  #heardAt: number
  /** When a message was last received or sent. */
  #messageAt: number
  /** When the keep-alive Ping that is unanswered showed the last sign of life; `never`: there is no such Ping. */
  #pingLifeAt = never
  /** That Ping is still in our buffers. */
  #pingWaits = false
  #incompleteSince = never
  /** Octets of the incomplete message: now, and when it was last waited for. */
  #incompleteOctets = 0
  #incompleteFrom = 0
  #closeAt = never
  /** What was sent before the end has not left yet: so many octets have since `#closeAt` was set, the last at that time. */
  #lastWaits = false
  #lastOctets = 0
  #leftAt = 0
  /** Whatever leaves, the end is over by then. */
  #closeBy = never
  /** The end has begun since the time was last told: its deadline is set when that is told again. */
  #closeLate = false
  #heldSince = never
  /** What {@link next} last answered. */
  #told = never

  /** @param jitter - 0 to 1: how much of a tenth Pings come earlier, so that those of many do not come at once. */
  constructor(limits: Limits, now: number, jitter: number) {
    this.#limits = limits
    this.#pingInterval = limits.pingInterval * (1 - jitter / 10)
    this.#heardAt = now
    this.#messageAt = now
  }

  /** When to look again, in ms of the clock that is handed in; Infinity: never. `held`: reading is held by us now. */
  next(held: boolean): number {
    this.#told = this.#next(held)
    return this.#told
  }

  /** It is time to look earlier than {@link next} last answered. */
  nearer(held: boolean): boolean {
    return this.#next(held) < this.#told
  }

  /** What is due, the most pressing first; undefined when nothing is. */
  due(now: number): Due | undefined {
    if (this.#closeAt !== never) return now >= this.#closeAt && !this.#extendClose(now) ? 'close' : undefined
    if (now >= this.#pingAt(this.#heldSince !== never)) return 'ping'
    if (this.#heldSince !== never) return undefined
    if (now >= this.#pongAt()) return 'pong'
    if (now >= this.#incompleteAt() && !this.#extend(now)) return 'incomplete message'
    if (now >= this.#idleAt()) return 'idle'
    return undefined
  }

  /** Octets have come. */
  heard(now: number): void {
    this.#heardAt = now
    this.#pingLifeAt = never
  }

  /** A message has been received, whole. */
  received(now: number): void {
    this.#messageAt = now
    this.#incompleteSince = never
  }

  /** A message has been sent. */
  sent(now: number): void {
    this.#messageAt = now
  }

  /** How many octets have come of a message that is not complete; undefined: there is none. */
  incomplete(now: number, octets: number | undefined): void {
    if (octets === undefined) return
    this.#incompleteOctets = octets
    if (this.#incompleteSince === never) this.#waitForMore(now)
  }

  /** The keep-alive Ping has been handed to the output. */
  pingQueued(now: number): void {
    this.#pingLifeAt = now
    this.#pingWaits = true
  }

  /**
   * Octets have left.
   *
   * @param pingLeft - the keep-alive Ping was among them, or had left before.
   * @param lastLeft - all that was sent before the end has left.
   */
  left(now: number, octets: number, pingLeft: boolean, lastLeft: boolean): void {
    if (this.#lastWaits) {
      this.#lastOctets += octets
      this.#leftAt = now
      this.#lastWaits = !lastLeft
      if (lastLeft) this.#waitForClose(now)
    }
    if (this.#pingLifeAt === never || !this.#pingWaits) return
    this.#pingLifeAt = now
    this.#pingWaits = !pingLeft
  }

  /** The end has begun: from now on only the deadline for it counts. `late`: some time after `now`. */
  closing(now: number, late: boolean): void {
    if (this.#closeAt !== never) return
    this.#lastWaits = true
    this.#closeLate = late
    if (late) this.#closeAt = now
    else this.#waitForClose(now)
  }

  /** The end, which has begun, is to be over by then. */
  closeBy(at: number): void {
    this.#closeBy = Math.min(this.#closeBy, at)
    this.#closeAt = Math.min(this.#closeAt, at)
  }

  /** What time it is, and whether reading is held by us. */
  at(now: number, held: boolean): void {
    if (this.#closeLate) {
      this.#closeLate = false
      this.#waitForClose(now)
    }
    if (held) {
      if (this.#heldSince === never) this.#heldSince = now
      return
    }
    if (this.#heldSince === never) return
    const since = this.#heldSince
    this.#heldSince = never
    this.#heardAt += now - Math.max(since, this.#heardAt)
    this.#messageAt += now - Math.max(since, this.#messageAt)
    if (this.#pingLifeAt !== never) this.#pingLifeAt += now - Math.max(since, this.#pingLifeAt)
    if (this.#incompleteSince !== never) this.#incompleteSince += now - Math.max(since, this.#incompleteSince)
  }

  #next(held: boolean): number {
    if (this.#closeAt !== never) return this.#closeAt
    const ping = this.#pingAt(held)
    if (held) return ping
    return Math.min(ping, this.#pongAt(), this.#incompleteAt(), this.#idleAt())
  }

  /**
   * One Ping at a time; but while reading is held by us no answer can be seen, nor that the peer has left: then Pings go on,
   * for the transport breaks when it writes to a peer that is gone.
   */
  #pingAt(held: boolean): number {
    if (this.#pingLifeAt === never) return this.#heardAt + this.#pingInterval
    return held && !this.#pingWaits ? this.#pingLifeAt + this.#pingInterval : never
  }

  #pongAt(): number {
    return this.#pingLifeAt === never ? never : this.#pingLifeAt + this.#limits.pongTimeout
  }

  #incompleteAt(): number {
    return this.#incompleteSince + this.#limits.incompleteMessageTimeout
  }

  #idleAt(): number {
    return this.#messageAt + this.#limits.idleTimeout
  }

  /** Enough has come since the message was last waited for: it has another period. */
  #extend(now: number): boolean {
    const octets = this.#incompleteOctets - this.#incompleteFrom
    if (octets < enoughIn(this.#limits.incompleteMessageTimeout)) return false
    this.#waitForMore(now)
    return true
  }

  #waitForMore(now: number): void {
    this.#incompleteSince = now
    this.#incompleteFrom = this.#incompleteOctets
  }

  /** Enough has left of what was sent before the end: the rest has another period. */
  #extendClose(now: number): boolean {
    if (!this.#lastWaits || this.#lastOctets < enoughIn(this.#limits.closeTimeout)) return false
    this.#waitForClose(this.#leftAt)
    return this.#closeAt > now
  }

  #waitForClose(now: number): void {
    this.#closeAt = Math.min(now + this.#limits.closeTimeout, this.#closeBy)
    this.#lastOctets = 0
  }
}

function enoughIn(period: number): number {
  return (period / 1000) * progressPerSecond
}
