/**
 * Does something at the times of a schedule, each as near to its own time as this machine can. The last milliseconds
 * before one are spent in turns of the event loop that do not sleep, for timers come up to a millisecond late: with timers
 * alone half of all messages would leave half a millisecond after their time or later. What is late is done at once; what
 * is still to be done a while after the end is given up.
 */

/** Milliseconds before a time from which on the event loop does not sleep. */
export const awake = 2

/** What is done in one turn at most, so that what comes in is read between. */
const mostPerTurn = 32

/** Milliseconds behind the end after which what is overdue is given up. */
const grace = 1000

/** Given up in one turn at most: a millisecond's worth, for it may be millions, and whoever stops it wants to be heard. */
const mostGivenUp = 10_000

/** Time, as a pacer sees it. Tests hand over one of their own. */
export interface PacerWorld {
  /** Milliseconds since any time. */
  readonly now: () => number
  /** Calls back in that many milliseconds or a little later; returns what takes that back. */
  readonly after: (milliseconds: number, call: () => void) => () => void
  /** Calls back in the next turn of the event loop; nothing takes that back. */
  readonly soon: (call: () => void) => void
}

export const eventLoop: PacerWorld = {
  now: () => performance.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
  soon(call) {
    setImmediate(call)
  },
}

/** Calls back at that time, and not before it, as a timer may; at once where it is over. Returns what takes that back. */
export function callAt(world: PacerWorld, time: number, call: () => void): () => void {
  const left = time - world.now()
  let cancel = () => {}
  if (left <= 0) call()
  else {
    cancel = world.after(left, () => {
      cancel = callAt(world, time, call)
    })
  }
  return () => cancel()
}

/** Times in milliseconds from the start, in ascending order; Infinity behind the last. */
export interface Times {
  next(): number
}

/** Called with a time, by the clock of the world, when it has come, or when it is given up. */
export interface Paced {
  due(time: number): void
  missed(time: number): void
}

export class Pacer {
  readonly #times: Times
  readonly #paced: Paced
  readonly #giveUp: number
  readonly #world: PacerWorld
  readonly #start: number
  /** The next time, by the clock of the world. */
  #next: number
  /** One for all turns: while it is awake there are a hundred thousand a second. Behind the end nothing is left to be done. */
  readonly #onTurn = (): void => this.#turn()
  #cancel = () => {}
  #finished!: () => void
  /** Resolves behind the last time, or when it was stopped. */
  readonly finished: Promise<void>

  /**
   * @param start - when the times begin, by the world's clock.
   * @param duration - milliseconds from the start to the end.
   */
  constructor(times: Times, start: number, duration: number, paced: Paced, world: PacerWorld = eventLoop) {
    this.#times = times
    this.#start = start
    this.#giveUp = start + duration + grace
    this.#paced = paced
    this.#world = world
    this.#next = start + times.next()
    this.finished = new Promise(resolve => {
      this.#finished = resolve
    })
    this.#wait()
  }

  /** Whether all is done that was due before a time. */
  passed(time: number): boolean {
    return this.#next >= time
  }

  stop(): void {
    this.#next = Number.POSITIVE_INFINITY
    this.#cancel()
    this.#finished()
  }

  #wait(): void {
    if (this.#next === Number.POSITIVE_INFINITY) {
      this.#finished()
      return
    }
    const left = this.#next - this.#world.now()
    if (left > awake) this.#cancel = this.#world.after(Math.floor(left - awake), this.#onTurn)
    else this.#world.soon(this.#onTurn)
  }

  #turn(): void {
    const now = this.#world.now()
    if (now > this.#giveUp) {
      for (let done = 0; done < mostGivenUp && this.#next !== Number.POSITIVE_INFINITY; done++) {
        this.#paced.missed(this.#take())
      }
    } else for (let done = 0; done < mostPerTurn && this.#next <= now; done++) this.#paced.due(this.#take())
    this.#wait()
  }

  #take(): number {
    const time = this.#next
    this.#next = this.#start + this.#times.next()
    return time
  }
}
