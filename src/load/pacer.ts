/**
 * Does something at the times of a schedule, each as near to its own time as this machine can. The last milliseconds
 * before one are spent in turns of the event loop that do not sleep, for timers come up to a millisecond late: with timers
 * alone half of all messages would leave half a millisecond after their time or later. What is late is done at once; what
 * is still to be done a while after the end is given up, and so is what is overdue when it is stopped.
 */

/** Milliseconds before a time from which on the event loop does not sleep. */
export const awake = 2

/** What is done in one turn at most, so that what comes in is read between. */
const mostPerTurn = 32

/** Milliseconds behind the end after which what is overdue is given up. */
const grace = 1000

/** It is behind, when it is stopped, where something should have been done so many milliseconds ago: others wait for its turn. */
const mostLate = 10

/**
 * Milliseconds whose times are given up in one turn at most. They may be millions, so those of a millisecond are only counted; and
 * whoever stops it wants to be heard.
 */
const mostGivenUp = 100

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
  /** How many come before the one that was told last. */
  readonly before: number
  /** @param from - those before that are passed over. */
  next(from?: number): number
}

/** Called with a time, by the clock of the world, when it has come; or with how many are given up, all within a millisecond from it on. */
export interface Paced {
  due(time: number): void
  missed(time: number, count: number): void
}

export class Pacer {
  readonly #times: Times
  readonly #paced: Paced
  /** Behind that what is overdue is given up. */
  #giveUp: number
  /** Nothing from then on is done or given up. */
  #end = Number.POSITIVE_INFINITY
  readonly #world: PacerWorld
  readonly #start: number
  /** The next time, by the clock of the world. */
  #next: number
  /** One for all turns: while it is awake there are a hundred thousand a second. Behind the end nothing is left to be done. */
  readonly #onTurn = (): void => this.#turn()
  /** Ends its sleep, while it sleeps. */
  #cancel: (() => void) | undefined
  #finished!: () => void
  /** Resolves behind the last time, or when it was stopped and has given up what was overdue. */
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

  /** Nothing more is done. Where it is behind, all that was due by now is given up; told so again, it leaves that, too. */
  stop(): void {
    const now = this.#world.now()
    const isBehind = this.#end === Number.POSITIVE_INFINITY && now - this.#next > mostLate
    this.#end = isBehind ? now : Number.NEGATIVE_INFINITY
    this.#giveUp = Number.NEGATIVE_INFINITY
    if (this.#cancel === undefined) return
    this.#cancel()
    this.#turn()
  }

  #wait(): void {
    if (this.#next >= this.#end) {
      this.#next = Number.POSITIVE_INFINITY
      this.#finished()
      return
    }
    const left = this.#next - this.#world.now()
    if (left > awake) this.#cancel = this.#world.after(Math.floor(left - awake), this.#onTurn)
    else this.#world.soon(this.#onTurn)
  }

  #turn(): void {
    this.#cancel = undefined
    const now = this.#world.now()
    if (now > this.#giveUp) for (let done = 0; done < mostGivenUp && this.#next < this.#end; done++) this.#miss()
    else for (let done = 0; done < mostPerTurn && this.#next <= now; done++) this.#paced.due(this.#take())
    this.#wait()
  }

  /** The next time, and those that are in the same millisecond from the start. */
  #miss(): void {
    const { before } = this.#times
    const time = this.#take(Math.floor(this.#next - this.#start) + 1)
    this.#paced.missed(time, this.#times.before - before)
  }

  #take(from?: number): number {
    const time = this.#next
    this.#next = this.#start + this.#times.next(from)
    return time
  }
}
