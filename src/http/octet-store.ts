/**
 * Octets gathered from several chunks into one buffer that grows by doubling: each octet is copied a bounded number
 * of times however small the chunks are, and no chunk is kept alive. Used where a head or a body was cut (RFC 9112).
 */

/** A growing run of octets. */
export class OctetStore {
  #octets: Buffer | undefined
  #length = 0

  /** How many octets are held. */
  get length(): number {
    return this.#length
  }

  /** Copies `chunk[start, end)` behind what is held. */
  append(chunk: Buffer, start: number, end: number): void {
    if (start >= end) return
    const length = this.#length + end - start
    if (this.#octets === undefined || this.#octets.length < length) this.#grow(length)
    chunk.copy(this.#octets!, this.#length, start, end)
    this.#length = length
  }

  #grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(128, length, 2 * this.#length))
    this.#octets?.copy(grown, 0, 0, this.#length)
    this.#octets = grown
  }

  /** A view of what is held, valid until the next `append`. */
  view(): Buffer {
    return this.#octets === undefined ? Buffer.alloc(0) : this.#octets.subarray(0, this.#length)
  }
}
