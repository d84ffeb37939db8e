/** A count that falls where what it counts begins anew, made one that only rises: what lies between two readings is what it grew. */
export class RisingCount {
  readonly #beginsAnew: boolean
  /** What is to be added to what is told. */
  #before = 0
  #told = 0
  #restarts = 0

  /** @param beginsAnew - where it fell, all that it tells is new, as Prometheus's `rate()` takes it; else a part of it has gone. */
  constructor(beginsAnew = true) {
    this.#beginsAnew = beginsAnew
  }

  /** How often it has begun anew. */
  get restarts(): number {
    return this.#restarts
  }

  /** @param told - what it tells now. */
  next(told: number): number {
    if (told < this.#told) {
      this.#before += this.#beginsAnew ? this.#told : this.#told - told
      if (this.#beginsAnew) this.#restarts++
    }
    this.#told = told
    return this.#before + told
  }
}
