/**
 * When each message is due: a pure function of the rate, the kind of arrival and the seed. Of all messages of a run, a
 * thread or a machine has a share; all of them together send exactly what one alone would have sent.
 */
import { randomNumbers } from './random.js'
import type { RatePlan } from './rate-plan.js'

/**
 * `constant`: the messages are spaced evenly. `poisson`: independent of each other, as when many people do something
 * whenever they like: the gaps are exponential, and some messages come close together.
 */
export type Arrival = 'constant' | 'poisson'

/** Which messages are whose. */
export interface Share {
  /** From 0, and below `count`. */
  readonly index: number
  /** Into how many all are divided. */
  readonly count: number
}

/** How many of a number of things a share has. */
export function countOf(total: number, { index, count }: Share): number {
  return Math.ceil((total - index) / count)
}

/** How many of them the shares before it have. */
export function countBefore(total: number, { index, count }: Share): number {
  return Array.from({ length: index }, (_, before) => countOf(total, { index: before, count })).reduce(
    (sum, others) => sum + others,
    0,
  )
}

export class Schedule {
  /** Of the message that {@link next} gave last: its number among those of all shares, from 0. */
  number = -1
  readonly #plan: RatePlan
  readonly #share: Share
  readonly #gap: () => number
  /** How far the count of messages has come: the number of the next one, or for `poisson` a sum of gaps. */
  #count: number

  constructor(plan: RatePlan, arrival: Arrival, seed: number, share: Share = { index: 0, count: 1 }) {
    this.#plan = plan
    this.#share = share
    if (arrival === 'constant') {
      this.#gap = () => 1
      this.#count = -1
    } else {
      const random = randomNumbers(seed, 'arrivals')
      this.#gap = () => -Math.log(1 - random())
      this.#count = 0
    }
  }

  /** How many messages of this share come before that one. */
  get before(): number {
    return countOf(this.number, this.#share)
  }

  /**
   * When the next message of this share is due, in milliseconds from the start; Infinity behind the last.
   *
   * @param from - passes over those that are due before that.
   */
  next(from = 0): number {
    const least = from === 0 ? 0 : this.#plan.messagesBefore(from)
    do {
      this.number++
      this.#count += this.#gap()
    } while (this.#count < least || this.number % this.#share.count !== this.#share.index)
    return this.#plan.timeOf(this.#count)
  }
}
