/**
 * Chance that can be repeated: masking-keys and payloads of a run come from its seed, so that the same command sends the
 * same octets again. Nothing secret hangs on them (RFC 6455 §10.3 protects against pages, and there is none).
 */

/** An endless row of octets, the same for the same seed (Marsaglia's xorshift, 32 bits). */
export class SeededOctets {
  #state: number

  /** @param name - makes the rows of several runs of one seed different. */
  constructor(seed: number, name = '') {
    let state = (seed ^ 0x9e3779b9) | 0
    for (const octet of Buffer.from(name)) state = (Math.imul(state ^ octet, 0x01000193) ^ (state >>> 15)) | 0
    // From zero the row would never leave zero.
    this.#state = state === 0 ? 1 : state
  }

  /** The next octets, a Buffer of the caller's own. */
  take(length: number): Buffer {
    const octets = Buffer.allocUnsafe(length)
    for (let at = 0; at < length; at++) octets[at] = this.#next() & 0xff
    return octets
  }

  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    return this.word() % end
  }

  /** The next 32 bits, as a whole number from 0. */
  word(): number {
    return this.#next() >>> 0
  }

  #next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return (state >>> 8) | (state << 24)
  }
}
