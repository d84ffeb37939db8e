/**
 * Times, counted in buckets that are never wider than a thousandth of what is in them: constant memory, and histograms of
 * threads, seconds and machines add up without loss. On the wire it is HdrHistogram's V2 format, as its other
 * implementations read and write it, of whole microseconds.
 *
 * The package's own encoder is not used: it looks for zlib by eval, and brings a zlib of its own where it finds none.
 */
import ByteBuffer from 'hdr-histogram-js/dist/ByteBuffer.js'
import Float64Histogram from 'hdr-histogram-js/dist/Float64Histogram.js'
import ZigZagEncoding from 'hdr-histogram-js/dist/ZigZagEncoding.js'

const cookie = 0x1c849303 + 0x10
const headerSize = 40
const significantDigits = 3
/** Microseconds, about 35 minutes; what is longer counts as this. */
const longest = 2 ** 31 - 1

/** Buckets of each power of two: to three digits they are never wider than a thousandth of what is in them. */
const subBuckets = 1024

/** The index of the bucket of a value, as HdrHistogram numbers them. */
function indexOf(microseconds: number): number {
  const shift = Math.max(0, 21 - Math.clz32(microseconds))
  return (microseconds >>> shift) + shift * subBuckets
}

/** What a histogram has counted, as it goes from thread to thread and into files. */
export interface HistogramState {
  /** The buckets, in V2, not compressed. */
  readonly counts: Uint8Array
  /** Whole microseconds: the shortest and the longest time, and all together. */
  readonly min: number
  readonly max: number
  readonly sum: number
}

export class Histogram {
  /** Counted by index: the package's own way from a value to its index takes 90 ns, `indexOf` with it 10. */
  readonly #counts = new Float64Histogram.default(1, 2, significantDigits)
  /** The package's own leaves out times of 0. */
  #min = Number.POSITIVE_INFINITY
  #sum = 0

  /** @param time - milliseconds; what is below 0 counts as 0. */
  record(time: number): void {
    const microseconds = Math.min(longest, Math.max(0, Math.round(time * 1000)))
    const counts = this.#counts
    const index = indexOf(microseconds)
    if (index >= counts.countsArrayLength) counts.resize(microseconds)
    counts.incrementCountAtIndex(index)
    counts.incrementTotalCount()
    counts.updateMinAndMax(microseconds)
    if (microseconds < this.#min) this.#min = microseconds
    this.#sum += microseconds
  }

  /** Adds what another has counted. */
  add(other: Histogram): void {
    const [counts, added] = [this.#counts, other.#counts]
    if (other.#end > counts.countsArrayLength) counts.resize(added.maxValue)
    for (let index = 0; index < other.#end; index++) {
      const count = added.getCountAtIndex(index)
      if (count > 0) counts.addToCountAtIndex(index, count)
    }
    counts.addToTotalCount(added.totalCount)
    counts.updateMinAndMax(added.maxValue)
    this.#min = Math.min(this.#min, other.#min)
    this.#sum += other.#sum
  }

  /** Forgets everything. */
  reset(): void {
    this.#counts.reset()
    this.#min = Number.POSITIVE_INFINITY
    this.#sum = 0
  }

  get count(): number {
    return this.#counts.totalCount
  }

  /** The shortest time in milliseconds; 0 when there is none. */
  get min(): number {
    return this.count === 0 ? 0 : this.#min / 1000
  }

  /** The longest time in milliseconds. */
  get max(): number {
    return this.#counts.maxValue / 1000
  }

  /** The average in milliseconds; 0 when there is none. */
  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count / 1000
  }

  /** The time in milliseconds that so many per cent of all did not exceed; 0 when there is none. */
  percentile(percent: number): number {
    return Math.min(this.#counts.maxValue, this.#counts.getValueAtPercentile(percent)) / 1000
  }

  /** What is in each bucket, as milliseconds (the least that it takes) and how many; ascending. */
  *buckets(): Generator<readonly [time: number, count: number]> {
    const counts = this.#counts
    for (let index = 0; index < this.#end; index++) {
      const count = counts.getCountAtIndex(index)
      if (count > 0) yield [counts.valueFromIndex(index) / 1000, count]
    }
  }

  /** The distribution as a table that HdrHistogram's plotters read (`.hgrm`), in milliseconds. */
  distribution(): string {
    return this.#counts.outputPercentileDistribution(5, 1000)
  }

  /** All of it: to be sent or kept. */
  get state(): HistogramState {
    return { counts: this.#encode(), min: this.#min, max: this.#counts.maxValue, sum: this.#sum }
  }

  /** Behind the index of the longest: short times are in the first few of thousands, and the others are not looked at. */
  get #end(): number {
    return this.count === 0 ? 0 : indexOf(this.#counts.maxValue) + 1
  }

  #encode(): Uint8Array {
    const buffer = ByteBuffer.default.allocate(1024)
    buffer.putInt32(cookie)
    buffer.putInt32(0)
    buffer.putInt32(0)
    buffer.putInt32(significantDigits)
    buffer.putInt64(1)
    buffer.putInt64(longest)
    buffer.putInt32(0x3ff00000) // The factor of the values: 1, as a 64-bit floating-point number.
    buffer.putInt32(0)
    const [counts, end] = [this.#counts, this.#end]
    // The last one is not empty.
    for (let at = 0; at < end; ) {
      const count = counts.getCountAtIndex(at++)
      let zeros = 1
      for (; count === 0 && counts.getCountAtIndex(at) === 0; at++) zeros++
      ZigZagEncoding.default.encode(buffer, count === 0 && zeros > 1 ? -zeros : count)
    }
    const octets = buffer.data.subarray(0, buffer.position)
    new DataView(octets.buffer, octets.byteOffset).setInt32(4, octets.length - headerSize)
    return octets
  }

  /**
   * What had that state.
   *
   * @throws {RangeError} it is no such histogram.
   */
  static of({ counts: octets, min, max, sum }: HistogramState): Histogram {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
    const valid = octets.length >= headerSize && view.getInt32(0) === cookie && view.getInt32(12) === significantDigits
    if (!valid || view.getInt32(4) !== octets.length - headerSize || view.getInt32(20) !== 1) {
      throw new RangeError('no histogram of this tool: V2, three significant digits, whole microseconds')
    }
    const histogram = new Histogram()
    const held = histogram.#counts
    const buffer = new ByteBuffer.default(octets)
    buffer.position = headerSize
    let [first, last] = [-1, -1]
    for (let index = 0; buffer.position < octets.length; ) {
      const word = ZigZagEncoding.default.decode(buffer)
      if (index > indexOf(longest)) throw new RangeError('a histogram of more than 35 minutes')
      if (word > 0) {
        if (index >= held.countsArrayLength) held.resize(held.valueFromIndex(index))
        held.setCountAtIndex(index, word)
        held.addToTotalCount(word)
        if (first < 0) first = index
        last = index
      }
      index += word > 0 ? 1 : Math.max(1, -word)
    }
    if (last >= 0 && (indexOf(min) !== first || indexOf(max) !== last)) {
      throw new RangeError('the shortest and the longest time are none of the histogram')
    }
    held.updateMinAndMax(max)
    histogram.#min = min
    histogram.#sum = sum
    return histogram
  }
}
