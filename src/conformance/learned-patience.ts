/**
 * Patience that learns. What is awaited comes at once or not at all; an endpoint that never sends some one thing (a Pong, the
 * end of TCP) would cost the longest silence in hundreds of cases. After some of these its answers have shown how quick it
 * is, and for what does not come within many times that nobody waits longer.
 */
import type { Patience } from './patience.js'
import type { RawPeer } from './raw-peer.js'

/** After so many silences, all of them waited for to their end. */
const enough = 10

/** So many times as long as the slowest answer of late. */
const margin = 20

/** How much of what was slowest is remembered after one connection more: one slow moment is forgotten after some dozens. */
const memory = 0.9

/** In ms; nothing shorter is concluded from. */
const least = 250

export class LearnedPatience {
  readonly #first: Patience
  #silences = 0
  #slowest = 0

  constructor(first: Patience) {
    this.#first = first
  }

  /** The patience of the next run. */
  get patience(): Patience {
    if (this.#silences < enough) return this.#first
    const silence = Math.min(this.#first.silence, Math.max(least, margin * this.#slowest))
    return { ...this.#first, silence, asking: Math.min(this.#first.asking, silence) }
  }

  /** Learns from a connection that is over. */
  note({ silences, slowest }: Pick<RawPeer, 'silences' | 'slowest'>): void {
    this.#silences += silences
    this.#slowest = Math.max(this.#slowest * memory, slowest)
  }
}
