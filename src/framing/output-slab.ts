/**
 * Where frames are written before they leave: large buffers that all connections of a process share, so that an idle
 * connection owns none and all frames of a turn lie side by side (RFC 6455 §5.2 asks for nothing of this kind; it is
 * what makes one write per turn possible: bench:peers, the points with p16 and p64).
 *
 * A slab counts its users. A user holds it from the first octet it writes until the transport has copied the last one;
 * when nobody holds a slab any more, it is written again from its beginning.
 */
import { pooledMemory } from '../pooled-memory.js'
import { wordsOf } from './masking.js'

/** One buffer, filled from front to back. */
export class OutputSlab {
  readonly octets: Buffer
  /** Octets written since the slab was last empty: the next frame begins here. */
  used = 0
  /** How many encoders hold octets of this slab. */
  users = 0
  #words: Int32Array | undefined

  constructor(size: number) {
    this.octets = pooledMemory(size)
  }

  /** The same memory as words: see masking.ts. */
  get words(): Int32Array {
    this.#words ??= wordsOf(this.octets)
    return this.#words
  }
}

/** The slabs of one process; they cost memory only while output waits. */
export class OutputSlabPool {
  /** The size of each slab in octets, but for those that are made for one longer stretch. */
  readonly slabSize: number
  readonly #maxSpare: number
  #current: OutputSlab | undefined
  readonly #spare: OutputSlab[] = []

  /**
   * @param slabSize - octets in a slab.
   * @param maxSpare - how many empty slabs are kept beside the current one.
   */
  constructor(slabSize = 256 * 1024, maxSpare = 4) {
    this.slabSize = slabSize
    this.#maxSpare = maxSpare
  }

  /** @internal The current slab if it has room for `size` more octets, else another, which is current from then on. */
  withRoom(size: number): OutputSlab {
    // As a long text may, behind a frame that is shared: nobody else has it, and it is not kept.
    if (size > this.slabSize) return new OutputSlab(size)
    const current = this.#current
    if (current !== undefined && current.used + size <= this.slabSize) return current
    // A slab that is left while held comes back through release(); if it never does, it is the collector's.
    this.#current = this.#spare.pop() ?? new OutputSlab(this.slabSize)
    return this.#current
  }

  /** @internal One user less; without users the slab is empty again. */
  release(slab: OutputSlab): void {
    if (--slab.users > 0) return
    slab.used = 0
    if (slab !== this.#current && slab.octets.length === this.slabSize && this.#spare.length < this.#maxSpare) {
      this.#spare.push(slab)
    }
  }
}

/** The pool that connections use unless they are given another. */
export const sharedOutputSlabs = new OutputSlabPool()
