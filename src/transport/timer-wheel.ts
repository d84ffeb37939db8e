/**
 * The deadlines of all connections on one timer. Each is kept in the slot of its tick, and the slots are a ring; the timer
 * runs to the earliest slot that is taken. It judges after a setImmediate, so that octets that have come already are read
 * before somebody is given up for silent.
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

/**
 * Slots in the ring: 82 seconds of ticks. Later ticks lie in the same slots, and are passed over until it is their round.
 * An array and no Map, which would keep those alive who have left: see api/roster.ts.
 */
const slotCount = 4096

// Node's timers hold no more.
const longestDelay = 2 ** 31 - 1

export class TimerWheel {
  readonly clock: Clock
  readonly #timers: Timers
  /** The first of each slot: a chain through those who wait costs less than a set of them. */
  readonly #slots: (Timed | undefined)[] = new Array<undefined>(slotCount).fill(undefined)
  /** Nobody waits for an earlier tick than this one. */
  #earliest = 1
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
    for (const first of this.#slots) for (let one = first; one !== undefined; one = one.nextTimed) size++
    return size
  }

  /** Lets `timed` wait until `at`, instead of any other time it waits for; Infinity: it waits no more. */
  enter(timed: Timed, at: number): void {
    const tick = at === Number.POSITIVE_INFINITY ? 0 : Math.max(this.#earliest, Math.ceil(at / tickLength))
    if (tick === timed.tick) return
    this.#leave(timed)
    if (tick === 0) return
    timed.tick = tick
    const first = this.#slots[slotOf(tick)]
    timed.nextTimed = first
    if (first !== undefined) first.previousTimed = timed
    this.#slots[slotOf(tick)] = timed
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
    else this.#slots[slotOf(timed.tick)] = nextTimed
    timed.tick = 0
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
    const present = Math.max(this.#earliest, Math.floor(now / tickLength))
    const due = this.#takeUntil(present)
    this.#earliest = present
    const next = this.#nextTaken(present)
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
    for (const timed of due) timed.onDeadline(now)
  }

  /** Everybody whose tick is this one or before. */
  #takeUntil(present: number): Timed[] {
    const due: Timed[] = []
    for (let tick = Math.max(this.#earliest, present - slotCount + 1); tick <= present; tick++) {
      for (let timed = this.#slots[slotOf(tick)]; timed !== undefined; ) {
        const next: Timed | undefined = timed.nextTimed
        if (timed.tick <= present) {
          this.#leave(timed)
          due.push(timed)
        }
        timed = next
      }
    }
    return due
  }

  /** The first tick behind this one that somebody waits for; Infinity: nobody does. */
  #nextTaken(present: number): number {
    let next = Number.POSITIVE_INFINITY
    for (let tick = present + 1; tick <= present + slotCount; tick++) {
      for (let timed = this.#slots[slotOf(tick)]; timed !== undefined; timed = timed.nextTimed) {
        if (timed.tick === tick) return tick
        next = Math.min(next, timed.tick)
      }
    }
    return next
  }
}

function slotOf(tick: number): number {
  return tick % slotCount
}

/** The wheel that all connections of the process share. */
export const sharedTimerWheel = new TimerWheel()
