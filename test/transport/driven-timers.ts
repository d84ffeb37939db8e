/**
 * Timers that a test drives: the clock is a number, and nothing runs out before {@link DrivenTimers.advance} says so.
 */
import { type Timers, TimerWheel } from '../../src/transport/timer-wheel.js'

interface Started {
  readonly at: number
  readonly callback: () => void
}

export class DrivenTimers implements Timers {
  now: number
  /** How often a timer was started. */
  starts = 0
  readonly #running = new Set<Started>()
  #soon: (() => void)[] = []

  constructor(now = 1000) {
    this.now = now
  }

  readonly clock = (): number => this.now

  start(callback: () => void, delay: number): () => void {
    this.starts++
    const started = { at: this.now + delay, callback }
    this.#running.add(started)
    return () => this.#running.delete(started)
  }

  soon(callback: () => void): void {
    this.#soon.push(callback)
  }

  /** How many timers run. */
  get running(): number {
    return this.#running.size
  }

  /** When the next timer runs out; Infinity when none runs. */
  get next(): number {
    return Math.min(...[...this.#running].map(({ at }) => at))
  }

  /** Lets time pass, timer by timer, and after each what was asked for `soon`. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (let at = this.next; at <= end; at = this.next) {
      this.now = Math.max(this.now, at)
      this.ring()
      this.runSoon()
    }
    this.now = end
  }

  /** Runs what has run out, but not what it asks for `soon`. */
  ring(): void {
    for (const started of [...this.#running].filter(({ at }) => at <= this.now)) {
      if (this.#running.delete(started)) started.callback()
    }
  }

  runSoon(): void {
    const callbacks = this.#soon
    this.#soon = []
    for (const callback of callbacks) callback()
  }
}

/** A wheel on timers that a test drives. */
export function drivenWheel(): { wheel: TimerWheel; timers: DrivenTimers } {
  const timers = new DrivenTimers()
  return { wheel: new TimerWheel(timers), timers }
}
