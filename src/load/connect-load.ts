/** The workload that is made of connections: each is opened when it is due, timed, and closed. */
import type { DueParts } from './due-parts.js'
import type { LoadConnection } from './load-connection.js'

/** What it needs of its thread. */
export interface ConnectScope {
  readonly now: () => number
  /** Where connections are counted, by when they were due. */
  readonly parts: DueParts
  readonly signal: AbortSignal
  /** One more connection, not open yet. */
  readonly create: () => LoadConnection
}

export class ConnectLoad {
  readonly #scope: ConnectScope
  readonly #open = new Set<LoadConnection>()
  /** Resolved when nothing is under way. */
  #idle = () => {}

  constructor(scope: ConnectScope) {
    this.#scope = scope
    scope.signal.addEventListener('abort', () => this.#settle())
  }

  /** Connections that are not closed again. */
  get underWay(): number {
    return this.#open.size
  }

  /** Opens one that was due at a time, and closes it. Resolves when it is closed or has failed. */
  async attempt(due: number): Promise<void> {
    const { now, parts, signal, create } = this.#scope
    const { tally } = parts.plan(due)
    parts.sent(due, 0)
    tally.counts.expected++
    tally.times('lateness').record(now() - due)
    const connection = create()
    this.#open.add(connection)
    const inTime = await connection.open(signal, tally)
    // Another phase may have begun meanwhile.
    const { tally: then } = parts.of(due)
    if (signal.aborted) {
      then.counts.unanswered++
      // Whenever it was due: it is told of the end of the run.
      if (!inTime) parts.measured.tally.counts.unopened++
      await connection.close(1001)
    } else if (connection.isOpen) {
      const opened = now()
      then.counts.received++
      parts.replied(opened)
      then.times('connect').record(opened - due)
      await connection.close(1000)
    } else then.counts.lost++
    this.#open.delete(connection)
    if (this.#open.size === 0) this.#idle()
  }

  /** So many at a time, one after the other, until the measured time is over. Resolves with the last. */
  async keepUnderWay(number: number): Promise<void> {
    const { now, parts } = this.#scope
    const loops = Array.from({ length: number }, async () => {
      while (now() < parts.until) await this.attempt(now())
    })
    await Promise.all(loops)
  }

  /** Waits until all are closed. */
  async settled(): Promise<void> {
    if (this.#open.size === 0) return
    await new Promise<void>(resolve => {
      this.#idle = resolve
    })
  }

  /** The run is over, also for those that wait for replies to their opening steps. */
  #settle(): void {
    for (const connection of this.#open) connection.settle()
  }

  cut(): void {
    for (const connection of this.#open) connection.cut()
  }
}
