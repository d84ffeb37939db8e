/**
 * The clock of what comes in: messages that were read together came together, so it is looked at once for all of them. To
 * look at it costs as much as to take a message apart.
 */
export class TurnClock {
  readonly #now: () => number
  #time = 0
  #fresh = false
  readonly #forget = () => {
    this.#fresh = false
  }

  constructor(now: () => number) {
    this.#now = now
  }

  /** When the octets came that are being told. */
  now(): number {
    if (this.#fresh) return this.#time
    this.#fresh = true
    this.#time = this.#now()
    // Before the next read is told.
    process.nextTick(this.#forget)
    return this.#time
  }
}
