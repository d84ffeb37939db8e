/**
 * The connections of a thread that behave. They are opened, given messages, looked at and closed some at a time: what is done to ten thousand at once
 * keeps the event loop for tens of milliseconds, and would be reported as the server's.
 */
import type { LoadConnection, LoadScope } from './load-connection.js'
import type { PacerWorld } from './pacer.js'

/** So many are looked at in one go; and so many messages are begun with on each in one go. */
const atOnce = 32

/** Messages that are begun with in one go, on all together: then what has come is read. Most loads have no more. */
const mostBegun = 8192

/** Milliseconds. */
const second = 1000

export class LoadConnections {
  readonly #all: LoadConnection[] = []
  readonly #world: PacerWorld
  /** Of the second that is under way: since when, by whom all are looked at, and who is next. */
  #since = 0
  #each: (connection: LoadConnection, place: number) => void = () => {}
  #next = 0
  #cancel = () => {}
  /** The place of the one that waited when it was asked last. */
  #waiting = 0

  constructor(world: PacerWorld) {
    this.#world = world
  }

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
   * Opens all, so many at a time. Resolves when they are open or have failed; at the signal also those are, who still wait for
   * replies to their opening steps.
   *
   * @param opened - told of each that is.
   * @param counts - have those that the signal came before.
   */
  async open(atATime: number, signal: AbortSignal, opened: () => void, counts: { unopened: number }): Promise<void> {
    const waiting = this.#all.values()
    const openers = Array.from({ length: Math.min(atATime, this.count) }, async () => {
      for (const connection of waiting) {
        if (signal.aborted || !(await connection.open(signal))) counts.unopened++
        else if (connection.isOpen) opened()
      }
    })
    const giveUp = () => this.#settle()
    signal.addEventListener('abort', giveUp)
    await Promise.all(openers)
    signal.removeEventListener('abort', giveUp)
  }

  /** The run is over for all. */
  #settle(): void {
    for (const connection of this.#all) connection.settle()
  }

  /** Counts what TCP has carried since this was done last. */
  countCarried(): void {
    for (const connection of this.#all) connection.countCarried()
  }

  /** Shows each of them, with its place, within the second that begins; a few of them now. */
  look(each: (connection: LoadConnection, place: number) => void): void {
    this.#cancel()
    // Those who are left of the second before.
    this.#lookUntil(this.#all.length)
    this.#since = this.#world.now()
    this.#each = each
    this.#next = 0
    this.#lookOn()
  }

  #lookOn(): void {
    const { length } = this.#all
    const over = (this.#world.now() - this.#since) / second
    this.#lookUntil(Math.min(length, atOnce + Math.floor(over * length)))
    if (this.#next < length) this.#cancel = this.#world.after((atOnce * second) / length, () => this.#lookOn())
  }

  #lookUntil(place: number): void {
    for (; this.#next < place; this.#next++) this.#each(this.#all[this.#next]!, this.#next)
  }

  /**
   * Has as many messages under way on each as there are to be: a few more on one after the other, round and round, and whole bursts.
   *
   * @param begun - so many times that was done.
   */
  keepUnderWay(scope: Pick<LoadScope, 'settings' | 'now' | 'until'>, begun = 0): void {
    const all = this.#all
    const { pipeline, burst } = scope.settings
    const few = burst ? pipeline : Math.min(pipeline, atOnce)
    const steps = all.length * Math.ceil(pipeline / few)
    const until = Math.min(steps, begun + Math.ceil(mostBegun / few))
    for (let step = begun; step < until; step++) {
      const round = Math.floor(step / all.length)
      all[step % all.length]!.deepen(Math.min(pipeline, (round + 1) * few), scope.now())
    }
    if (until === steps) return
    this.#world.soon(() => {
      if (scope.now() < scope.until) this.keepUnderWay(scope, until)
    })
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

  /** One of them has been, at least. */
  get wereOpen(): boolean {
    return this.#all.some(({ wasOpen }) => wasOpen)
  }

  /** Cuts all, as the network might. */
  drop(): void {
    for (const connection of this.#all) connection.drop()
  }

  /**
   * Closes all, so many at a time. Resolves when they have ended.
   *
   * @param patience - milliseconds after which those that are left are closed at once: a server may leave each of them waiting.
   */
  async close(code: 1000 | 1001, atATime: number, patience: number): Promise<void> {
    this.#cancel()
    this.#settle()
    let cancel!: () => void
    const late = new Promise<void>(resolve => {
      cancel = this.#world.after(patience, resolve)
    })
    const waiting = this.#all.values()
    const closing: Promise<void>[] = []
    const closers = Array.from({ length: Math.min(atATime, this.count) }, async () => {
      for (const connection of waiting) {
        const closed = connection.close(code)
        closing.push(closed)
        await Promise.race([closed, late])
      }
    })
    await Promise.all(closers)
    cancel()
    await Promise.all(closing)
  }

  /** Cuts all. */
  cut(): void {
    for (const connection of this.#all) connection.cut()
  }
}
