/**
 * Single times, as a thread keeps them until they are written: in a few arrays that go to and fro between it and whoever
 * writes. When all of them are under way, for the file is slower than the load, what comes is not kept, but counted: memory
 * is bounded, and nobody waits.
 */
import { Histogram } from './histogram.js'
import { type TimeName, timeNames } from './tally.js'

/** Numbers of one time: when it was known (milliseconds since 1970), which one it is, of which class, and the time itself. */
export const rowLength = 4

/** Rows of an array, and how many arrays a thread has: 8 MiB, the times of a second or more. */
const mostRows = 8192
const mostArrays = 32

export class SampleRows {
  readonly #world: { readonly now: () => number; readonly origin: number }
  readonly #send: (rows: Float64Array<ArrayBuffer>, dropped: number) => void
  readonly #most: number
  readonly #free: Float64Array<ArrayBuffer>[] = []
  #made = 0
  #rows: Float64Array<ArrayBuffer> | undefined
  #end = 0
  #dropped = 0

  /**
   * @param send - takes an array, to give it {@link back}, and how many times were not kept since.
   * @param world - the clock of the times, and when that was 0, in milliseconds since 1970.
   * @param most - arrays at most.
   */
  constructor(
    send: (rows: Float64Array<ArrayBuffer>, dropped: number) => void,
    world = { now: () => performance.now(), origin: performance.timeOrigin },
    most = mostArrays,
  ) {
    this.#send = send
    this.#world = world
    this.#most = most
  }

  /** A histogram that keeps each time here, too. `part`: the index of the class that it counts for. */
  histogram(name: TimeName, part: number): Histogram {
    const index = timeNames.indexOf(name)
    return new SampledHistogram(time => this.#add(index, part, time))
  }

  /** An array that was taken and is not needed any more. */
  back(rows: Float64Array<ArrayBuffer>): void {
    this.#free.push(rows)
  }

  /** Sends what is kept. */
  flush(): void {
    if (this.#end === 0 && this.#dropped === 0) return
    this.#send((this.#rows ?? new Float64Array()).subarray(0, this.#end), this.#dropped)
    this.#rows = undefined
    this.#end = 0
    this.#dropped = 0
  }

  #add(name: number, part: number, time: number): void {
    this.#rows ??= this.#next()
    const rows = this.#rows
    if (rows === undefined) {
      this.#dropped++
      return
    }
    rows[this.#end++] = this.#world.origin + this.#world.now()
    rows[this.#end++] = name
    rows[this.#end++] = part
    rows[this.#end++] = Math.max(0, time)
    if (this.#end === rows.length) this.flush()
  }

  #next(): Float64Array<ArrayBuffer> | undefined {
    const free = this.#free.pop()
    if (free !== undefined || this.#made === this.#most) return free
    this.#made++
    return new Float64Array(mostRows * rowLength)
  }
}

/** A class of its own: where no times are kept, nobody asks whether they are. */
class SampledHistogram extends Histogram {
  readonly #keep: (time: number) => void

  constructor(keep: (time: number) => void) {
    super()
    this.#keep = keep
  }

  override record(time: number): void {
    super.record(time)
    this.#keep(time)
  }
}
