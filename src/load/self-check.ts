/**
 * How a thread of the generator itself fares while it runs: what is short here spoils the figures of the server. Looked at
 * from the thread that it is about.
 */
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How a thread of the generator fared, from the start of the warm-up to the end of the load. Times are in milliseconds. */
export interface ThreadReport {
  /** The share of its time that it was not waiting for anything to do, from 0 to 1. With a rate it hardly ever waits. */
  readonly busy: number
  /** Seconds of CPU that it took. Of Linux only, as `waited`. */
  readonly cpu?: number | undefined
  /** The share of the time that it could have run, but others had the cores. */
  readonly waited?: number | undefined
  /** How late the event loop came to what was due: what came in was read that much later. Half of all samples are below. */
  readonly delayP50: number
  /** All but one of a hundred are below. */
  readonly delayP99: number
  /** The longest. */
  readonly delayMax: number
  /** The most octets that were counted as sent and waited in its own sockets: seen once a second. */
  readonly buffered: number
}

/** Milliseconds from one sample of the event loop to the next; what it counts includes them. */
const resolution = 10

export class SelfCheck {
  readonly #delays = monitorEventLoopDelay({ resolution })
  readonly #ranBefore: Ran | undefined
  readonly #path: string
  readonly #busyBefore = performance.eventLoopUtilization()
  readonly #began = performance.now()
  #buffered = 0

  /** @param path - where the kernel tells of the calling thread. */
  constructor(path = '/proc/thread-self/schedstat') {
    this.#path = path
    this.#ranBefore = ranOnThisThread(path)
    this.#delays.enable()
  }

  /** So many octets wait in the sockets of this thread now. */
  buffered(octets: number): void {
    if (octets > this.#buffered) this.#buffered = octets
  }

  end(): ThreadReport {
    this.#delays.disable()
    const delay = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution)
    const none = this.#delays.count === 0
    return {
      busy: performance.eventLoopUtilization(this.#busyBefore).utilization,
      ...this.#ran(),
      delayP50: none ? 0 : delay(this.#delays.percentile(50)),
      delayP99: none ? 0 : delay(this.#delays.percentile(99)),
      delayMax: none ? 0 : delay(this.#delays.max),
      buffered: this.#buffered,
    }
  }

  #ran(): Pick<ThreadReport, 'cpu' | 'waited'> {
    const before = this.#ranBefore
    if (before === undefined) return {}
    const now = ranOnThisThread(this.#path)!
    const elapsed = (performance.now() - this.#began) * 1e6
    return { cpu: (now.ran - before.ran) / 1e9, waited: (now.waited - before.waited) / elapsed }
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
