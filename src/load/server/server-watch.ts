/** Watches what a server takes during a load, as the kernel counts it: second by second, and for each connection. */
import { type MemoryPoint, memoryPerConnection } from './memory-per-connection.js'
import type { RisingCount } from './rising-count.js'
import type { SecondOf } from './second-of.js'
import type { ServerReport, ServerSecond } from './server-report.js'
import type { ServerUsage } from './server-usage.js'

/** Its CPU never falls: what processes took that are no more is in it. */
interface Sample extends ServerUsage {
  /** Milliseconds. */
  readonly at: number
  /** How often the server had been restarted. */
  readonly restarts: number
}

export class ServerWatch {
  readonly #look: () => ServerUsage | undefined
  readonly #cpu: RisingCount
  readonly #now: () => number
  readonly #before: ServerUsage
  readonly #points: MemoryPoint[]
  /** Where what is measured begins and ends, and the newest. */
  #from: Sample
  #to: Sample | undefined
  #last: Sample
  #memoryMax: number
  /** Of it nobody is asked any more: what has its number or its name now is another one. */
  #ended = false
  /** Measured seconds at whose end it was there, and whether there is one at whose end it was not. */
  #known = 0
  #missed = false
  /** 0 where nobody tells. */
  #threads: number

  /**
   * @param before - what it takes before anything is asked of it.
   * @param look - the same, now; undefined once it has ended.
   * @param cpu - what it makes of CPU that falls.
   */
  constructor(
    before: ServerUsage,
    look: () => ServerUsage | undefined,
    cpu: RisingCount,
    now = () => performance.now(),
  ) {
    this.#look = look
    this.#cpu = cpu
    this.#now = now
    this.#before = before
    this.#points = [[0, before.memory]]
    this.#last = this.#sampleOf(before)
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
  second(of: SecondOf): ServerSecond | undefined {
    const before = this.#last
    const usage = this.#sample()
    if (usage === undefined) {
      this.#missed ||= of !== 'rest'
      return undefined
    }
    if (of === 'warmUp') this.#from = usage
    // A run that is shorter than a second has nothing else.
    else if (of === 'measured' || this.#to === undefined) this.#to = usage
    if (of === 'measured') this.#known++
    return { cores: coresBetween(before, usage), memory: usage.memory, ...threadsOf(usage.threads) }
  }

  /** What it has taken until now. */
  report(): ServerReport {
    // Where no second was measured the run was shorter than one.
    if (this.#from === this.#last) this.#sample()
    const to = this.#to ?? this.#last
    const perConnection = memoryPerConnection(this.#points)
    const restarts = to.restarts - this.#from.restarts || undefined
    const never = this.#ended && this.#from === to
    return {
      ...(this.#missed && { endedAfter: this.#known }),
      // Both of the same CPU: what a page of metrics tells of restarts is not of this one.
      ...(!never && { cores: coresBetween(this.#from, to), restarts }),
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
    this.#last = this.#sampleOf(usage)
    this.#memoryMax = Math.max(this.#memoryMax, usage.memory)
    this.#threads = Math.max(this.#threads, usage.threads)
    return this.#last
  }

  #sampleOf(usage: ServerUsage): Sample {
    return { ...usage, cpu: this.#cpu.next(usage.cpu), at: this.#now(), restarts: this.#cpu.restarts }
  }
}

function threadsOf(threads: number): Pick<ServerReport, 'threads'> {
  return threads === 0 ? {} : { threads }
}

function coresBetween(before: Sample, after: Sample): number {
  return after.at === before.at ? 0 : ((after.cpu - before.cpu) * 1000) / (after.at - before.at)
}
