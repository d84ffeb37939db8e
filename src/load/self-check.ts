/**
 * How a thread of the generator itself fares while it runs: what is short here spoils the figures of the server. Looked at
 * from the thread that it is about.
 */
import { readFileSync } from 'node:fs'
import { Histogram } from './histogram.js'
import { eventLoop, type PacerWorld } from './pacer.js'

/** How a thread of the generator fared, from the end of the warm-up to the end of the load. Times are in milliseconds. */
export interface ThreadReport {
  /** How long that was, in seconds. */
  readonly seconds: number
  /** The share of its time that it was not waiting for anything to do, from 0 to 1. With a rate it hardly ever waits. */
  readonly busy: number
  /** Seconds of CPU that it took. Of Linux only, as `waited`. */
  readonly cpu?: number | undefined
  /** The share of the time that it could have run, but others had the cores. */
  readonly waited?: number | undefined
  /**
   * How much later than it came something was read for the event loop had not come to it: half of what comes at any time,
   * so that a stall counts by how long it lasts.
   */
  readonly delayP50: number
  /** All but one of a hundred were read sooner. */
  readonly delayP99: number
  /** The longest. */
  readonly delayMax: number
  /** The most octets that were counted as sent and waited in its own sockets: seen once a second. */
  readonly buffered: number
}

/** What comes of it. */
export interface Fared {
  readonly thread: ThreadReport
  /** Seconds of CPU that the process took meanwhile: all of its threads. */
  readonly processCpu: number
}

/** Milliseconds from one look at the event loop to the next. */
const interval = 10

/** Timers know whole milliseconds: what is later by no more than that is in time. */
const granularity = 1

export class SelfCheck {
  readonly #world: Pick<PacerWorld, 'now' | 'after'>
  readonly #path: string
  readonly #delays = new Histogram()
  readonly #ranBefore: Ran | undefined
  readonly #processBefore = process.cpuUsage()
  readonly #busyBefore = performance.eventLoopUtilization()
  readonly #began: number
  /** When the next look is in time. */
  #due = 0
  #cancel!: () => void
  #buffered = 0

  /**
   * Begins to look.
   *
   * @param path - where the kernel tells of the calling thread.
   */
  constructor(world: Pick<PacerWorld, 'now' | 'after'> = eventLoop, path = '/proc/thread-self/schedstat') {
    this.#world = world
    this.#path = path
    this.#ranBefore = ranOnThisThread(path)
    this.#began = world.now()
    this.#wait()
  }

  /** So many octets wait in the sockets of this thread now. */
  buffered(octets: number): void {
    if (octets > this.#buffered) this.#buffered = octets
  }

  end(): Fared {
    this.#cancel()
    // It may be late just now.
    if (this.#world.now() > this.#due) this.#look()
    const seconds = (this.#world.now() - this.#began) / 1000
    const delays = this.#delays
    const { user, system } = process.cpuUsage(this.#processBefore)
    const thread = {
      seconds,
      busy: performance.eventLoopUtilization(this.#busyBefore).utilization,
      ...this.#ran(seconds),
      delayP50: delays.percentile(50),
      delayP99: delays.percentile(99),
      delayMax: delays.max,
      buffered: this.#buffered,
    }
    return { thread, processCpu: (user + system) / 1e6 }
  }

  #wait(): void {
    this.#due = this.#world.now() + interval + granularity
    this.#cancel = this.#world.after(interval, () => {
      this.#look()
      this.#wait()
    })
  }

  /** As it was for whoever came meanwhile, one each interval: of a stall those are as many as it is long, each late by the rest. */
  #look(): void {
    let late = this.#world.now() - this.#due
    do {
      this.#delays.record(late)
      late -= interval
    } while (late > 0)
  }

  /** @param elapsed - seconds. */
  #ran(elapsed: number): Pick<ThreadReport, 'cpu' | 'waited'> {
    const before = this.#ranBefore
    if (before === undefined) return {}
    const now = ranOnThisThread(this.#path)!
    const waited = (now.waited - before.waited) / 1e9 / elapsed
    // A wait is told as a whole once it is over: of a short run it may have begun before that.
    return { cpu: (now.ran - before.ran) / 1e9, waited: Math.min(1, waited) }
  }
}

/** Nanoseconds that a thread ran, and that it waited for a core. */
interface Ran {
  readonly ran: number
  readonly waited: number
}

/** Undefined where the system does not tell. */
function ranOnThisThread(path: string): Ran | undefined {
  try {
    const [ran, waited] = readFileSync(path, 'latin1').split(' ').map(Number)
    return { ran: ran!, waited: waited! }
  } catch {
    return undefined
  }
}
