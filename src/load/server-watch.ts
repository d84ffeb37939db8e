/** Watches the process of a server during a load: second by second, and what each connection takes of its memory. */
import type { ServerUsage } from './server-usage.js'

/** One second of a server's process. */
export interface ServerSecond {
  /** Cores that were in use, on average: 1.5 is a core and a half. */
  readonly cores: number
  /** Octets of memory that were resident at its end. */
  readonly memory: number
  /** Threads at its end. */
  readonly threads: number
}

/** What each connection takes, by regression of memory over the number of open connections while they were opened. */
export interface MemoryPerConnection {
  /** Octets: the slope. */
  readonly octets: number
  /** Its standard error, in octets: twice as much either way is about what it may be. */
  readonly error: number
  /** How often both were looked at. */
  readonly samples: number
}

/** What a server's process took. */
export interface ServerReport {
  /** Which one it is. */
  readonly pid: number
  /** Cores that were in use while it was measured, on average. */
  readonly cores: number
  /** Octets of resident memory before the first connection. */
  readonly memoryBefore: number
  /** The same, the most that was seen. */
  readonly memoryMax: number
  /** The most threads that it had. */
  readonly threads: number
  /** Left out where there were too few connections to tell. */
  readonly perConnection?: MemoryPerConnection | undefined
}

/** Fewer points than this are no line. */
const fewestSamples = 8

interface Sample extends ServerUsage {
  /** Milliseconds. */
  readonly at: number
}

export class ServerWatch {
  readonly #pid: number
  readonly #look: () => ServerUsage | undefined
  readonly #now: () => number
  readonly #before: ServerUsage
  readonly #points: [connections: number, memory: number][]
  /** Where what is measured begins, and the newest. */
  #from: Sample
  #last: Sample
  #memoryMax: number
  #threads: number

  /**
   * @param look - what it takes; undefined once it has ended.
   * @param before - the same, before anything is asked of it.
   */
  constructor(pid: number, before: ServerUsage, look: () => ServerUsage | undefined, now = () => performance.now()) {
    this.#pid = pid
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
    return { cores: coresBetween(before, usage), memory: usage.memory, threads: usage.threads }
  }

  report(): ServerReport {
    // Where no second was measured the run was shorter than one.
    if (this.#from === this.#last) this.#sample()
    return {
      pid: this.#pid,
      cores: coresBetween(this.#from, this.#last),
      memoryBefore: this.#before.memory,
      memoryMax: this.#memoryMax,
      threads: this.#threads,
      ...(this.#points.length >= fewestSamples && { perConnection: slopeOf(this.#points) }),
    }
  }

  #sample(): Sample | undefined {
    const usage = this.#look()
    if (usage === undefined) return undefined
    this.#last = { ...usage, at: this.#now() }
    this.#memoryMax = Math.max(this.#memoryMax, usage.memory)
    this.#threads = Math.max(this.#threads, usage.threads)
    return this.#last
  }
}

function coresBetween(before: Sample, after: Sample): number {
  // Processes that have ended, and are waited for by nobody, take with them what they had.
  return after.at === before.at ? 0 : Math.max(0, ((after.cpu - before.cpu) * 1000) / (after.at - before.at))
}

/** Least squares: how much y rises with x, and the standard error of that. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): MemoryPerConnection {
  const samples = points.length
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / samples
  const [x, y] = [mean(0), mean(1)]
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  const octets = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread
  const rest = points.reduce((sum, point) => sum + (point[1] - y - octets * (point[0] - x)) ** 2, 0)
  return { octets, error: Math.sqrt(rest / (samples - 2) / spread), samples }
}
