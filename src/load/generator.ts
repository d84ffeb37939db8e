/**
 * The share of a load that one thread has: opens its connections, keeps the schedule or keeps messages under way, waits
 * for the last replies, closes. It begins when it is told, so that all threads begin together, and counts into a tally
 * that is taken away once a second.
 */
import { LoadConnection, type LoadScope } from './load-connection.js'
import type { LoadSettings } from './load-options.js'
import { eventLoop, Pacer, type PacerWorld } from './pacer.js'
import { RatePlan } from './rate-plan.js'
import { Schedule, type Share } from './schedule.js'
import { Tally } from './tally.js'

export class Generator {
  readonly tally = new Tally()
  /** The share of its time that this thread was not waiting, from 0 to 1; where it keeps a schedule it hardly ever waits. */
  busy = 0
  readonly #settings: LoadSettings
  readonly #share: Share
  readonly #world: PacerWorld
  readonly #scope: LoadScope & { measuredFrom: number }
  readonly #connections: LoadConnection[] = []
  readonly #abort = new AbortController()
  /** In the closed model: until when messages are sent. */
  #until = Number.NEGATIVE_INFINITY
  #pacer: Pacer | undefined
  #draining = false
  /** Ends the sleep that is slept. */
  #wake = () => {}
  #pinged = 0

  constructor(settings: LoadSettings, share: Share, world: PacerWorld = eventLoop) {
    this.#settings = settings
    this.#share = share
    this.#world = world
    this.#scope = {
      settings,
      tally: this.tally,
      now: world.now,
      payload: Buffer.alloc(settings.size, 'The quick brown fox jumps over the lazy dog. '),
      measuredFrom: Number.POSITIVE_INFINITY,
      settled: (connection, now) => this.#settled(connection, now),
    }
  }

  /** Opens the connections of this share, some at a time. Resolves when all are open or have failed. */
  async open(): Promise<void> {
    const { connections, opening, sourceAddresses } = this.#settings
    for (let i = this.#share.index; i < connections; i += this.#share.count) {
      const localAddress = sourceAddresses[this.#connections.length % sourceAddresses.length]
      this.#connections.push(new LoadConnection(this.#scope, localAddress))
    }
    const waiting = this.#connections.values()
    const openers = Array.from({ length: opening }, async () => {
      for (const connection of waiting) {
        if (this.#abort.signal.aborted) return
        await connection.open(this.#abort.signal)
      }
    })
    await Promise.all(openers)
  }

  /**
   * Runs the load: warm-up, what is measured, and the wait for the last replies.
   *
   * @param start - when the warm-up begins, by `performance.now()` of this thread.
   */
  async run(start: number): Promise<void> {
    if (this.#abort.signal.aborted) return
    const { segments, warmUp, duration } = this.#settings
    this.#scope.measuredFrom = start + warmUp
    const before = performance.eventLoopUtilization()
    if (segments === undefined) await this.#keepUnderWay(start, start + warmUp + duration)
    else await this.#keepSchedule(new RatePlan(segments), start)
    this.busy = performance.eventLoopUtilization(before).utilization
    await this.#drain()
  }

  /** Sends nothing more; {@link run} comes to its end without waiting for replies. */
  stop(): void {
    this.#abort.abort()
    this.#pacer?.stop()
    this.#wake()
  }

  /** A Ping on one of the connections, on another one each time. */
  ping(): void {
    this.#connections[this.#pinged++ % this.#connections.length]?.ping()
  }

  /** Closes all connections: with 1001 if it was stopped. */
  async close(): Promise<void> {
    const code = this.#abort.signal.aborted ? 1001 : 1000
    await Promise.all(this.#connections.map(connection => connection.close(code)))
  }

  /** Cuts all connections. */
  cut(): void {
    this.stop()
    for (const connection of this.#connections) connection.cut()
  }

  async #keepSchedule(plan: RatePlan, start: number): Promise<void> {
    const { arrival, seed } = this.#settings
    const connections = this.#connections
    const { measuredFrom, tally, now } = this.#scope
    let next = 0
    const paced = {
      due(time: number) {
        connections[next]!.send(time, now())
        next = next + 1 === connections.length ? 0 : next + 1
      },
      missed(time: number) {
        if (time < measuredFrom) return
        tally.counts.planned++
        tally.counts.missed++
        tally.error('not sent: the generator was too slow', '')
      },
    }
    this.#pacer = new Pacer(new Schedule(plan, arrival, seed, this.#share), start, plan.duration, paced, this.#world)
    await this.#pacer.finished
  }

  async #keepUnderWay(start: number, end: number): Promise<void> {
    if (!(await this.#sleep(start))) return
    this.#until = end
    for (const connection of this.#connections) this.#settled(connection, this.#scope.now())
    await this.#sleep(end)
    this.#until = Number.NEGATIVE_INFINITY
  }

  #settled(connection: LoadConnection, now: number): void {
    if (now < this.#until) {
      const { pipeline, burst } = this.#settings
      if (burst && connection.underWay > 0) return
      while (connection.underWay < pipeline && connection.isOpen) connection.send(now, now)
    } else if (this.#draining && this.#isIdle()) this.#wake()
  }

  #isIdle(): boolean {
    return this.#connections.every(({ underWay }) => underWay === 0)
  }

  async #drain(): Promise<void> {
    if (this.#abort.signal.aborted || this.#isIdle()) return
    this.#draining = true
    await this.#sleep(this.#scope.now() + this.#settings.drain)
  }

  /** Until that time; false when it was stopped before. */
  #sleep(until: number): Promise<boolean> {
    const { signal } = this.#abort
    return new Promise(resolve => {
      // A timer may come a little before its time.
      const wait = () => setTimeout(look, Math.max(1, Math.ceil(until - this.#scope.now())))
      const look = () => {
        if (this.#scope.now() < until) timer = wait()
        else this.#wake()
      }
      let timer = wait()
      this.#wake = () => {
        clearTimeout(timer)
        resolve(!signal.aborted)
      }
    })
  }
}
