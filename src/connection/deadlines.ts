/**
 * The deadlines of one connection, with the clock as an input: keep-alive by Ping and Pong (RFC 6455 §5.5.2), the Closing
 * Handshake and the end of TCP (§7.1.1), a message that stays incomplete, and idleness (§10.4 leaves both to the
 * implementation). Nothing here acts: it says what is due.
 *
 * Keep-alive counts progress as life: any octet received, and, until the Ping itself has left, any octet that leaves. From
 * then on only the peer's octets count, for a dead link takes what is sent to it until TCP gives up.
 *
 * While reading is held by us, what waits for the peer's octets stands still.
 */
import type { Limits } from './limits.js'

/** What is due: to send a Ping, to give up for want of a Pong, to cut what does not close, and so on. */
export type Due = 'ping' | 'pong' | 'close' | 'incomplete message' | 'idle'

/** Octets that must come in each second for an incomplete message to be waited for longer. */
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
  #incompleteOctets = 0
  #closeAt = never
  #heldSince = never

  /** @param jitter 0 to 1: how much of a tenth this connection's Pings come earlier, so that many do not come at once. */
  constructor(limits: Limits, now: number, jitter: number) {
    this.#limits = limits
    this.#pingInterval = limits.pingInterval * (1 - jitter / 10)
    this.#heardAt = now
    this.#messageAt = now
  }

  /** When to look again, in ms of the clock that is handed in; Infinity: never. */
  next(): number {
    if (this.#closeAt !== never) return this.#closeAt
    const ping = this.#pingLifeAt === never ? this.#heardAt + this.#pingInterval : never
    if (this.#heldSince !== never) return ping
    return Math.min(ping, this.#pongAt(), this.#incompleteAt(), this.#idleAt())
  }

  /** What is due, the most pressing first; undefined when nothing is. */
  due(now: number): Due | undefined {
    if (this.#closeAt !== never) return now >= this.#closeAt ? 'close' : undefined
    if (this.#pingLifeAt === never && now >= this.#heardAt + this.#pingInterval) return 'ping'
    if (this.#heldSince !== never) return undefined
    if (now >= this.#pongAt()) return 'pong'
    if (now >= this.#incompleteAt() && !this.#extend(now)) return 'incomplete message'
    if (now >= this.#idleAt()) return 'idle'
    return undefined
  }

  /** Octets have come. */
  heard(now: number, octets: number): void {
    this.#heardAt = now
    this.#pingLifeAt = never
    this.#incompleteOctets += octets
  }

  /** A message has been received or sent. */
  message(now: number): void {
    this.#messageAt = now
  }

  /** After a message has begun and while it is not complete. */
  incomplete(now: number, incomplete: boolean): void {
    if (!incomplete) this.#incompleteSince = never
    else if (this.#incompleteSince === never) {
      this.#incompleteSince = now
      this.#incompleteOctets = 0
    }
  }

  /** The keep-alive Ping has been handed to the output. */
  pingQueued(now: number): void {
    this.#pingLifeAt = now
    this.#pingWaits = true
  }

  /** Octets have left; `pingLeft`: the Ping was among them, or had left before. */
  left(now: number, pingLeft: boolean): void {
    if (this.#pingLifeAt === never || !this.#pingWaits) return
    this.#pingLifeAt = now
    this.#pingWaits = !pingLeft
  }

  /** The end has begun: from now on only the deadline for it counts. Returns false if it had begun before. */
  closing(now: number): boolean {
    if (this.#closeAt !== never) return false
    this.#closeAt = now + this.#limits.closeTimeout
    return true
  }

  /** Reading is held by us, or no more. */
  hold(now: number, held: boolean): void {
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
    const enough = (this.#limits.incompleteMessageTimeout / 1000) * progressPerSecond
    if (this.#incompleteOctets < enough) return false
    this.#incompleteSince = now
    this.#incompleteOctets = 0
    return true
  }
}
