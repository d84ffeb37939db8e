/**
 * Connections that come back: each waits for a time by chance between nothing and a bound that doubles with every attempt
 * ("full jitter", for waits that are alike would bring all back at the same moment), and tries until it is open.
 */
import type { DueParts } from './due-parts.js'
import type { LoadConnection } from './load-connection.js'
import type { PacerWorld } from './pacer.js'
import type { Tally } from './tally.js'

/** How long clients wait before they try again, in milliseconds. */
export interface Backoff {
  /** The bound of the first wait. */
  readonly first: number
  /** No wait is longer. */
  readonly longest: number
}

/** What it needs of its thread. */
export interface ReconnectScope {
  readonly tally: Tally
  /** What ends before belongs to the warm-up. */
  readonly measuredFrom: () => number
  readonly parts: Pick<DueParts, 'plan' | 'sent' | 'replied'>
  readonly signal: AbortSignal
  readonly backoff: Backoff
  /** From 0 to 1. */
  readonly random: () => number
  readonly world: PacerWorld
}

export class Reconnections {
  readonly #scope: ReconnectScope
  /** Those that are not open again, and what ends their wait. */
  readonly #coming = new Map<LoadConnection, () => void>()
  #pending = 0

  constructor(scope: ReconnectScope) {
    this.#scope = scope
  }

  /** One of them is on its way, at least. */
  get areComing(): boolean {
    return this.#coming.size > 0
  }

  /** A connection has ended: it is to come back. Resolves when it has, or when all is over. */
  async bringBack(connection: LoadConnection): Promise<void> {
    // It may have ended in its opening steps, while it came back: it still does.
    if (this.#coming.has(connection)) return
    this.#coming.set(connection, () => {})
    const { measuredFrom, parts, signal, world } = this.#scope
    const ended = world.now()
    const isMeasured = ended >= measuredFrom()
    const { tally } = parts.plan(ended)
    parts.sent(ended, 0)
    tally.counts.expected++
    if (isMeasured) this.#pending++
    for (let attempt = 0; !signal.aborted; attempt++) {
      await this.#wait(connection, attempt)
      if (signal.aborted) return
      await connection.open(signal)
      // When all is over its opening steps are given up, and it is closed with all others.
      if (!connection.isOpen || signal.aborted) continue
      this.#coming.delete(connection)
      if (isMeasured) this.#pending--
      const now = world.now()
      tally.counts.received++
      parts.replied(now)
      tally.times('reconnect').record(now - ended)
      return
    }
  }

  /** Ends all waits; what is not back is unanswered. The signal has been aborted. */
  giveUp(): void {
    this.#scope.tally.counts.unanswered += this.#pending
    this.#pending = 0
    for (const end of this.#coming.values()) end()
  }

  #wait(connection: LoadConnection, attempt: number): Promise<void> {
    const { backoff, random, world } = this.#scope
    const bound = Math.min(backoff.longest, backoff.first * 2 ** attempt)
    return new Promise(resolve => {
      const end = () => {
        cancel()
        resolve()
      }
      const cancel = world.after(random() * bound, end)
      this.#coming.set(connection, end)
    })
  }
}
