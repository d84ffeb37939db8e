/**
 * The workload of users who go through steps. With a rate, users come when they are due, each to a connection that has
 * nothing to do; where there is none, they wait, and their time runs. Without, each connection begins again when it has
 * ended.
 */
import { noConnection } from '../no-connection.js'
import type { PacerWorld } from '../pacer.js'
import type { Tally } from '../tally.js'
import { Alarms } from './alarms.js'
import type { Script } from './step.js'
import { Visitor, type VisitorScope } from './visitor.js'

/** What it needs of its thread. */
export interface ScriptLoadScope {
  readonly script: Script
  readonly tally: Tally
  readonly world: PacerWorld
  /** From 0 to 1. */
  readonly random: () => number
  /** Where that is counted which was due at a time. */
  readonly tallyOf: (due: number) => Tally
  /** The same, of somebody who does not come. */
  readonly plan: (due: number) => Tally
  /** Something has ended that was waited for. */
  readonly settled: () => void
}

/** Users who wait for a connection; those who come then are missed. */
const mostWaiting = 100_000

/** Milliseconds until a connection on which something failed begins again. */
const pause = 10

export class ScriptLoad {
  readonly #scope: ScriptLoadScope
  readonly #visitorScope: VisitorScope
  /** Those that have nothing to do, and since when; the first one is next. */
  readonly #idle = new Map<Visitor, number>()
  /** All that can be used. */
  readonly #present = new Set<Visitor>()
  /** When users were due who wait for a connection. */
  #waiting: number[] = []
  /** Nobody comes yet: users go through their opening steps. */
  #opening = true
  /** Until then users begin what takes time. */
  #until = Number.POSITIVE_INFINITY
  /** Nobody has to be due. */
  #again = false
  /** What users do is due at times: not so in opening steps, and where nobody is. */
  #keepsTime = false
  #dispatching = false

  constructor(scope: ScriptLoadScope) {
    this.#scope = scope
    const { script, tally, world, random } = scope
    const alarms = new Alarms(world)
    this.#visitorScope = {
      script,
      now: world.now,
      after: world.after,
      until: (time, call) => {
        if (this.#keepsTime) return alarms.set(time, call)
        return world.after(time - world.now(), () => call(world.now()))
      },
      random,
      isOver: now => now >= this.#until,
      error: (kind, example, due) => {
        // Whoever cannot log in comes before all of it, and is to be seen.
        const at = this.#opening ? tally : scope.tallyOf(due)
        at.error(kind, example)
      },
      wrong: due => void scope.tallyOf(due).counts.wrong++,
      finished: (visitor, due, completed) => this.#finished(visitor, due, completed),
      joined: (visitor, completed) => this.#joined(visitor, completed),
      left: visitor => this.#left(visitor),
    }
  }

  /** Users who wait for a connection. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** A user for a connection. */
  seat(number: number): Visitor {
    return new Visitor(this.#visitorScope, number)
  }

  /** @param again - without a rate: each begins as soon as it has ended. */
  start(until: number, again: boolean): void {
    this.#opening = false
    this.#until = until
    this.#again = again
    this.#keepsTime = !again
    this.#dispatch()
  }

  /** A user comes. */
  due(time: number): void {
    if (this.#present.size === 0) this.#miss(time, noConnection)
    else if (this.#waiting.length >= mostWaiting) this.#miss(time, 'not begun: all connections were busy')
    else {
      this.#waiting.push(time)
      this.#dispatch()
    }
  }

  /** It was cut short, if that is before its end: users begin nothing more that takes time. */
  endTime(now: number): void {
    this.#until = Math.min(this.#until, now)
  }

  /** The run is over: who still waits has waited in vain. */
  end(): void {
    this.#until = Number.NEGATIVE_INFINITY
    this.#again = false
    for (const time of this.#waiting) this.#miss(time, 'not begun: all connections were busy')
    this.#waiting = []
  }

  #miss(time: number, kind: string): void {
    const tally = this.#scope.plan(time)
    tally.counts.missed++
    tally.error(kind, '')
  }

  #joined(visitor: Visitor, completed: boolean): void {
    if (!completed) return
    this.#present.add(visitor)
    this.#free(visitor)
  }

  #left(visitor: Visitor): void {
    this.#present.delete(visitor)
    this.#idle.delete(visitor)
  }

  #finished(visitor: Visitor, due: number, completed: boolean): void {
    const { world, settled, tallyOf } = this.#scope
    if (completed)
      tallyOf(due)
        .times('iteration')
        .record(world.now() - due)
    settled()
    if (completed) this.#free(visitor)
    else world.after(pause, () => this.#free(visitor))
  }

  #free(visitor: Visitor): void {
    if (!this.#present.has(visitor)) return
    this.#idle.set(visitor, this.#scope.world.now())
    this.#dispatch()
  }

  #dispatch(): void {
    // Who ends at once comes back here, and would begin again below itself.
    if (this.#dispatching) return
    this.#dispatching = true
    for (const [visitor, since] of this.#idle) {
      const now = this.#scope.world.now()
      const due = this.#again && now < this.#until ? now : this.#waiting.shift()
      if (due === undefined) break
      this.#idle.delete(visitor)
      visitor.begin(due, since)
    }
    this.#dispatching = false
  }
}
