/**
 * The deadlines of all connections on one timer. Each is kept in the slot of its tick; the timer runs to the earliest
 * slot that is taken. It judges after a setImmediate, so that octets that have come already are read before somebody is
 * given up for silent.
 */

/** Somebody who waits for a time. */
export interface Timed {
  /** The tick it is entered in; 0: none. Owned by the wheel. */
  tick: number
  /** The time has come; or not quite, if it has moved later since: enter it again. */
  onDeadline(now: number): void
}

/** Now, in milliseconds of a monotonic clock. */
export type Clock = () => number

/** How times are waited for; Node's own timers unless a test drives them. */
export interface Timers {
  readonly clock: Clock
  /** Calls back after `delay` ms, without keeping the process alive; returns what cancels it. */
  start(callback: () => void, delay: number): () => void
  /** Calls back once what has already arrived has been read. */
  soon(callback: () => void): void
}

const nodeTimers: Timers = {
  clock: () => performance.now(),
  start(callback, delay) {
    const timer = setTimeout(callback, delay)
    timer.unref()
    return () => clearTimeout(timer)
  },
  soon(callback) {
    setImmediate(callback)
  },
}

/** Deadlines are kept this exactly, in milliseconds: late by at most so much, early never. */
const tickLength = 20

// Node's timers hold no more.
const longestDelay = 2 ** 31 - 1

export class TimerWheel {
  readonly clock: Clock
  readonly #timers: Timers
  readonly #slots = new Map<number, Set<Timed>>()
  /** The tick that the timer runs to; Infinity while none runs. */
  #armedFor = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined
  readonly #onTimer = (): void => this.#timers.soon(this.#onSoon)
  readonly #onSoon = (): void => this.#judge()

  constructor(timers: Timers = nodeTimers) {
    this.#timers = timers
    this.clock = timers.clock
  }

  /** How many wait. */
  get size(): number {
    let size = 0
    for (const slot of this.#slots.values()) size += slot.size
    return size
  }

  /** Lets `timed` wait until `at`, instead of any other time it waits for; Infinity: it waits no more. */
  enter(timed: Timed, at: number): void {
    const tick = at === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.ceil(at / tickLength))
    if (tick === timed.tick) return
    this.#leave(timed)
    timed.tick = tick
    if (tick === 0) return
    const slot = this.#slots.get(tick)
    if (slot === undefined) this.#slots.set(tick, new Set([timed]))
    else slot.add(timed)
    if (tick < this.#armedFor) this.#arm(tick)
  }

  /** Like {@link enter}, but only if that is sooner than what it waits for. */
  sooner(timed: Timed, at: number): void {
    if (timed.tick === 0 || at <= (timed.tick - 1) * tickLength) this.enter(timed, at)
  }

  #leave(timed: Timed): void {
    const slot = this.#slots.get(timed.tick)
    if (slot === undefined) return
    slot.delete(timed)
    if (slot.size === 0) this.#slots.delete(timed.tick)
  }

  #arm(tick: number): void {
    this.#cancel?.()
    this.#armedFor = tick
    const delay = Math.min(Math.max(0, tick * tickLength - this.clock()), longestDelay)
    this.#cancel = this.#timers.start(this.#onTimer, delay)
  }

  #judge(): void {
    // A nearer time may have been entered since the timer ran out: never may there be two timers.
    this.#cancel?.()
    this.#cancel = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
    const now = this.clock()
    const due: Timed[] = []
    let next = Number.POSITIVE_INFINITY
    for (const [tick, slot] of this.#slots) {
      if (tick * tickLength > now) {
        next = Math.min(next, tick)
        continue
      }
      this.#slots.delete(tick)
      for (const timed of slot) {
        timed.tick = 0
        due.push(timed)
      }
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
    for (const timed of due) timed.onDeadline(now)
  }
}

/** The wheel that all connections of the process share. */
export const sharedTimerWheel = new TimerWheel()
