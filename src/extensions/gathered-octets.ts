/** Octets that come piece by piece and are wanted as one, however many they are, without a long copy at the end. */
import type { TransformJob } from './extension.js'

const firstPart = 64 * 1024
const largestPart = 1024 * 1024

/** How many octets are copied in one go: about a millisecond, fresh memory included. */
const copiedAtOnce = 2 * 1024 * 1024

export class GatheredOctets implements TransformJob {
  /** Octets gathered. */
  size = 0
  readonly #parts: Buffer[] = []
  /** Octets of the last part that are in use. */
  #used = 0
  #whole: Buffer | undefined
  #copied = 0

  /** The place for what comes next: to be filled from {@link used} on; at least one octet. */
  get room(): Buffer {
    let last = this.#parts.at(-1)
    if (last === undefined || this.#used === last.length) {
      last = Buffer.allocUnsafeSlow(Math.min(largestPart, Math.max(firstPart, this.size)))
      this.#parts.push(last)
      this.#used = 0
    }
    return last
  }

  get used(): number {
    return this.#used
  }

  /** So many octets have been written to {@link room}. */
  wrote(octets: number): void {
    this.#used += octets
    this.size += octets
  }

  /** Appends a copy. */
  add(octets: Buffer): void {
    for (let at = 0; at < octets.length; ) {
      const copied = octets.copy(this.room, this.#used, at)
      this.wrote(copied)
      at += copied
    }
  }

  /** Takes the last octets away again; they are within the last piece that was added. */
  drop(octets: number): void {
    this.size -= octets
  }

  /** Makes one of all; undefined while there is more to do. */
  work(): Buffer | undefined {
    this.#whole ??= Buffer.allocUnsafeSlow(this.size)
    const end = Math.min(this.size, this.#copied + copiedAtOnce)
    while (this.#copied < end) {
      const part = this.#parts.shift()!
      this.#copied += part.copy(this.#whole, this.#copied)
    }
    return this.#copied < this.size ? undefined : this.#whole
  }
}
