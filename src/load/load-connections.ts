/** The connections of a thread that behave: opened some at a time, looked at each second, and closed. */
import type { LoadConnection } from './load-connection.js'

export class LoadConnections {
  readonly #all: LoadConnection[] = []
  #pinged = 0
  /** The place of the one that waited when it was asked last. */
  #waiting = 0

  add(connection: LoadConnection): void {
    this.#all.push(connection)
  }

  get count(): number {
    return this.#all.length
  }

  at(place: number): LoadConnection | undefined {
    return this.#all[place]
  }

  /**
   * Opens all, so many at a time. Resolves when they are open or have failed.
   *
   * @param opened - told of each that is.
   */
  async open(atATime: number, signal: AbortSignal, opened: () => void): Promise<void> {
    const waiting = this.#all.values()
    const openers = Array.from({ length: atATime }, async () => {
      for (const connection of waiting) {
        if (signal.aborted) return
        await connection.open(signal)
        if (connection.isOpen) opened()
      }
    })
    await Promise.all(openers)
  }

  /** Counts what TCP has carried since this was done last. */
  countCarried(): void {
    for (const connection of this.#all) connection.countCarried()
  }

  /** Octets that wait in their sockets. */
  get buffered(): number {
    return this.#all.reduce((sum, { buffered }) => sum + buffered, 0)
  }

  /** So many have a Ping, in turns. */
  ping(number: number): void {
    for (let i = 0; i < number; i++) this.#all[this.#pinged++ % this.#all.length]?.ping()
  }

  /** See {@link LoadConnection.expire}. */
  expire(patience: number): void {
    for (const connection of this.#all) connection.expire(patience)
  }

  /** See {@link LoadConnection.keepUnderWay}. */
  keepUnderWay(now: () => number): void {
    for (const connection of this.#all) connection.keepUnderWay(now())
  }

  /**
   * Nothing may still come that was asked for. Asked behind each reply while the last ones come, so it begins with the one that
   * waited then: from the first on it would be a look at all of them for each.
   */
  get areIdle(): boolean {
    const all = this.#all
    for (let looked = 0; looked < all.length; looked++) {
      if (all[this.#waiting]!.waits) return false
      this.#waiting = (this.#waiting + 1) % all.length
    }
    return true
  }

  /** Not one is open. */
  get areGone(): boolean {
    return this.#all.every(({ isOpen }) => !isOpen)
  }

  /** Cuts all, as the network might. */
  drop(): void {
    for (const connection of this.#all) connection.drop()
  }

  async close(code: 1000 | 1001): Promise<void> {
    await Promise.all(this.#all.map(connection => connection.close(code)))
  }

  /** Cuts all. */
  cut(): void {
    for (const connection of this.#all) connection.cut()
  }
}
