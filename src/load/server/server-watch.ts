/** Watches what a server takes during a load, as the kernel counts it: second by second, and for each connection. */
import { type MemoryPoint, memoryPerConnection } from './memory-per-connection.js'
import type { ServerReport, ServerSecond } from './server-report.js'
import type { ServerUsage } from './server-usage.js'

interface Sample extends ServerUsage {
  /** Milliseconds. */
  readonly at: number
}

export class ServerWatch {
  readonly #look: () => ServerUsage | undefined
  readonly #now: () => number
  readonly #before: ServerUsage
  readonly #points: MemoryPoint[]
  /** Where what is measured begins, and the newest. */
  #from: Sample
  #last: Sample
  #memoryMax: number
  /** Of it nobody is asked any more: what has its number or its name now is another one. */
  #ended = false
  /** Measured seconds at whose end it was there. */
  #known = 0
  /** 0 where nobody tells. */
  #threads: number

  /**
   * @param before - what it takes before anything is asked of it.
   * @param look - the same, now; undefined once it has ended.
   */
  constructor(before: ServerUsage, look: () => ServerUsage | undefined, now = () => performance.now()) {
    this.#look = look
    this.#now = now
    this.#before = before
    this.#points = [[0, before.memory]]
    this.#last = { ...before, at: now() }
    this.#from = this.#last
    this.#memoryMax = before.memory
    this.#threads = before.threads
  }

  /** So many connections are open now. */
  opened(connections: number): void {
    const usage = this.#sample()
    if (usage !== undefined) this.#points.push([connections, usage.memory])
  }

  /** The load begins. */
  begin(): void {
    this.#sample()
    this.#from = this.#last
  }

  /** A second is over. Undefined when the server has ended. */
  second(warmUp: boolean): ServerSecond | undefined {
    const before = this.#last
    const usage = this.#sample()
    if (usage === undefined) return undefined
    if (warmUp) this.#from = usage
    else this.#known++
    return { cores: coresBetween(before, usage), memory: usage.memory, ...threadsOf(usage.threads) }
  }

  /** What it has taken until now. */
  report(): ServerReport {
    // Where no second was measured the run was shorter than one.
    if (this.#from === this.#last) this.#sample()
    const perConnection = memoryPerConnection(this.#points)
    const never = this.#ended && this.#from === this.#last
    return {
      ...(this.#ended && { endedAfter: this.#known }),
      ...(!never && { cores: coresBetween(this.#from, this.#last) }),
      memoryBefore: this.#before.memory,
      memoryMax: this.#memoryMax,
      ...threadsOf(this.#threads),
      ...(perConnection && { perConnection }),
    }
  }

  #sample(): Sample | undefined {
    const usage = this.#ended ? undefined : this.#look()
    if (usage === undefined) {
      this.#ended = true
      return undefined
    }
    this.#last = { ...usage, at: this.#now() }
    this.#memoryMax = Math.max(this.#memoryMax, usage.memory)
    this.#threads = Math.max(this.#threads, usage.threads)
    return this.#last
  }
}

function threadsOf(threads: number): Pick<ServerReport, 'threads'> {
  return threads === 0 ? {} : { threads }
}

function coresBetween(before: Sample, after: Sample): number {
  // Processes that have ended, and are waited for by nobody, take with them what they had.
  return after.at === before.at ? 0 : Math.max(0, ((after.cpu - before.cpu) * 1000) / (after.at - before.at))
}
