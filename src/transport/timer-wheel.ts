/**
 * The deadlines of all connections on one timer. Each is kept in the slot of its tick; the timer runs to the earliest
 * slot that is taken. It judges after a setImmediate, so that octets that have come already are read before somebody is
 * given up for silent.
 */

/** Somebody who waits for a time. */
export interface Timed {
  /** The tick it is entered in; 0: none. Owned by the wheel, as its neighbours in that slot are. */
  tick: number
  nextTimed?: Timed | undefined
  previousTimed?: Timed | undefined
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
  /** The first of each slot that is taken: a chain through those who wait costs less than a set of them. */
  readonly #slots = new Map<number, Timed>()
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
    for (const first of this.#slots.values()) size += chain(first).length
    return size
  }

  /** Lets `timed` wait until `at`, instead of any other time it waits for; Infinity: it waits no more. */
  enter(timed: Timed, at: number): void {
    const tick = at === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.ceil(at / tickLength))
    if (tick === timed.tick) return
    this.#leave(timed)
    timed.tick = tick
    if (tick === 0) return
    const first = this.#slots.get(tick)
    timed.nextTimed = first
    if (first !== undefined) first.previousTimed = timed
    this.#slots.set(tick, timed)
    if (tick < this.#armedFor) this.#arm(tick)
  }

  /** Like {@link enter}, but only if that is sooner than what it waits for. */
  sooner(timed: Timed, at: number): void {
    if (timed.tick === 0 || at <= (timed.tick - 1) * tickLength) this.enter(timed, at)
  }

  #leave(timed: Timed): void {
    if (timed.tick === 0) return
    const { nextTimed, previousTimed } = timed
    if (nextTimed !== undefined) nextTimed.previousTimed = previousTimed
    if (previousTimed !== undefined) previousTimed.nextTimed = nextTimed
    else if (nextTimed !== undefined) this.#slots.set(timed.tick, nextTimed)
    else this.#slots.delete(timed.tick)
    timed.nextTimed = undefined
    timed.previousTimed = undefined
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
    for (const [tick, first] of this.#slots) {
      if (tick * tickLength > now) {
        next = Math.min(next, tick)
        continue
      }
      this.#slots.delete(tick)
      due.push(...chain(first))
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
    for (const timed of due) {
      timed.tick = 0
      timed.nextTimed = undefined
      timed.previousTimed = undefined
    }
    for (const timed of due) timed.onDeadline(now)
  }
}

/** All of a slot. */
function chain(first: Timed): Timed[] {
  const all: Timed[] = []
  for (let timed: Timed | undefined = first; timed !== undefined; timed = timed.nextTimed) all.push(timed)
  return all
}

/** The wheel that all connections of the process share. */
export const sharedTimerWheel = new TimerWheel()
