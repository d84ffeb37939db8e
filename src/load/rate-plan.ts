/**
 * A rate that changes with time, in pieces that are constant or rise or fall evenly: ramps, steps and spikes are all made
 * of these. When a message is due follows from how many have been due before it: the integral of the rate, turned round.
 */

/** A piece of a plan: the rate goes evenly from one figure to another. */
export interface RateSegment {
  /** Messages a second at its beginning. */
  readonly from: number
  /** Messages a second at its end; the same as `from` for a constant rate. */
  readonly to: number
  /** Milliseconds. */
  readonly duration: number
}

/** Messages a second; more can nobody send. */
export const fastest = 10_000_000

interface Piece extends RateSegment {
  /** Milliseconds before it. */
  readonly start: number
  /** Messages before it. */
  readonly before: number
  /** Messages in it. */
  readonly messages: number
}

export class RatePlan {
  /** Milliseconds. */
  readonly duration: number
  /** Messages in all of it; a fraction where the last one is not whole. */
  readonly messages: number
  readonly #pieces: readonly Piece[]
  /** The piece that was last asked for: questions mostly come in order. */
  #at = 0

  /** @param segments - at least one, one after the other. */
  constructor(segments: readonly RateSegment[]) {
    const pieces: Piece[] = []
    let start = 0
    let before = 0
    for (const segment of segments) {
      const messages = (((segment.from + segment.to) / 2) * segment.duration) / 1000
      pieces.push({ ...segment, start, before, messages })
      start += segment.duration
      before += messages
    }
    this.#pieces = pieces
    this.duration = start
    this.messages = before
  }

  /** How many messages are due in so many milliseconds from the start, with a fraction. */
  messagesBefore(time: number): number {
    const piece = this.#pieces.findLast(({ start }) => start < time)
    if (piece === undefined) return 0
    const { from, to, duration, start, before } = piece
    const passed = Math.min(time - start, duration)
    return before + ((from + ((to - from) * passed) / (2 * duration)) * passed) / 1000
  }

  /** When so many messages have been due, in milliseconds from the start; Infinity when there are never so many. */
  timeOf(count: number): number {
    if (count >= this.messages) return Number.POSITIVE_INFINITY
    if (count < this.#pieces[this.#at]!.before) this.#at = 0
    while (count >= this.#pieces[this.#at]!.before + this.#pieces[this.#at]!.messages) this.#at++
    const { from, to, duration, start, before } = this.#pieces[this.#at]!
    const wanted = count - before
    if (wanted <= 0) return start
    // wanted = from t + (to - from) t² / 2d, solved for t in the form that also holds where the rate is constant.
    const slope = ((to - from) * 1000) / duration
    const root = Math.sqrt(Math.max(0, from * from + 2 * slope * wanted))
    return start + (2000 * wanted) / (from + root)
  }
}
