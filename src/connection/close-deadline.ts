/**
 * When the end of a connection is given up: RFC 6455 §7.1.1. It has its deadline from when our Close has left, or whatever
 * else was the last to be sent: only then can the peer answer. Until then what still leaves extends it, if it is not too
 * slow: nothing can be added to it any more.
 */
import { enoughIn } from './progress.js'

export class CloseDeadline {
  readonly #timeout: number
  #at = 0
  /** What was sent before the end has not left yet: so many octets have since `#at` was set, the last at that time. */
  #lastWaits = true
  #lastOctets = 0
  #leftAt = 0
  /** Whatever leaves, the end is over by then. */
  #by = Number.POSITIVE_INFINITY
  /** The end has begun since the time was last told: its deadline is set when that is told again. */
  #late: boolean

  /**
   * @param timeout - milliseconds.
   * @param now - when the end began; `late`: some time after that.
   */
  constructor(timeout: number, now: number, late: boolean) {
    this.#timeout = timeout
    this.#late = late
    if (late) this.#at = now
    else this.#wait(now)
  }

  /** When to look. */
  get at(): number {
    return this.#at
  }

  /** What time it is. */
  tell(now: number): void {
    if (!this.#late) return
    this.#late = false
    this.#wait(now)
  }

  /** It is to be over by then. */
  by(at: number): void {
    this.#by = Math.min(this.#by, at)
    this.#at = Math.min(this.#at, at)
  }

  /** So many octets have left; `last`: all that was sent before the end has. */
  left(now: number, octets: number, last: boolean): void {
    if (!this.#lastWaits) return
    this.#lastOctets += octets
    this.#leftAt = now
    this.#lastWaits = !last
    if (last) this.#wait(now)
  }

  /** It is time; unless enough has left of what was sent before the end: then the rest has another period. */
  isDue(now: number): boolean {
    if (now < this.#at) return false
    if (!this.#lastWaits || this.#lastOctets < enoughIn(this.#timeout)) return true
    this.#wait(this.#leftAt)
    return this.#at <= now
  }

  #wait(now: number): void {
    this.#at = Math.min(now + this.#timeout, this.#by)
    this.#lastOctets = 0
  }
}
