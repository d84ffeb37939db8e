/** What is reported of a server: of its process as the kernel counts it, and what it tells of itself. */
import type { MemoryPerConnection, UnknownPerConnection } from './memory-per-connection.js'

/**
 * How late the event loop of a server is, in milliseconds, as it tells; what it does not tell is left out. Of a second:
 * what it told in that. Of a run: the mean of the seconds, and of the others that of the worst second, for percentiles of
 * seconds cannot be put together.
 */
export interface EventLoopDelay {
  /** How long one turn took when it was asked, where the server measures that only then. */
  readonly now?: number | undefined
  /** The average. */
  readonly mean?: number | undefined
  /** Half of all were no longer. */
  readonly p50?: number | undefined
  /** Nine of ten were no longer. */
  readonly p90?: number | undefined
  /** All but one of a hundred were no longer. */
  readonly p99?: number | undefined
  /** The longest. */
  readonly max?: number | undefined
}

/** One second of a server; what is not known of it is left out. */
export interface ServerSecond {
  /** Cores that were in use, on average: 1.5 is a core and a half. */
  readonly cores?: number | undefined
  /** Octets of memory at its end: resident, or of a control group what counts against its limit. */
  readonly memory?: number | undefined
  /** Threads at its end. */
  readonly threads?: number | undefined
  /** What the server told. */
  readonly eventLoopDelay?: EventLoopDelay | undefined
  /** Other metrics that were asked for, by name, in their own units; of counters how much they grew, a second. */
  readonly metrics?: Readonly<Record<string, number>> | undefined
}

/** One metric over the seconds of a run. */
export interface MetricReport {
  /** The lowest. */
  readonly min: number
  /** The average. */
  readonly mean: number
  /** The highest. */
  readonly max: number
  /** It is a counter: these are how much it grew, a second. */
  readonly counter: boolean
}

/** What a server took, and what it told; what is not known of it is left out. */
export interface ServerReport {
  /** The process that was watched. */
  readonly pid?: number | undefined
  /** The control group that was watched. */
  readonly cgroup?: string | undefined
  /** Measured seconds in which something was seen of it; a merged report has the view of the most. Left out where there were none. */
  readonly seconds?: number | undefined
  /**
   * It was seen so many seconds into the measured time, and had ended before that was over: cores, memory and threads are of until
   * then, and conditions on them have failed. Left out where it was there to the end.
   */
  readonly endedAfter?: number | undefined
  /**
   * So often the CPU that its cores are of, that of its control group or what it tells of it, was seen to begin anew while it was measured:
   * the server was restarted. What it took last before that is not in its cores. Left out where that was not seen.
   */
  readonly restarts?: number | undefined
  /** Cores that were in use while it was measured, on average; where its metrics were first read later, from then on. */
  readonly cores?: number | undefined
  /** Octets of memory before the first connection; left out where its metrics were not read before that. */
  readonly memoryBefore?: number | undefined
  /** Octets of memory, the most that was seen. */
  readonly memoryMax?: number | undefined
  /** The most threads that it had. */
  readonly threads?: number | undefined
  /**
   * What each connection takes; or why that cannot be told, for a wrong figure would be worse than none. Left out where there were
   * too few connections to tell, and of shards: each of them sees its own connections only.
   */
  readonly perConnection?: MemoryPerConnection | UnknownPerConnection | undefined
  /** What the server told in the seconds that were measured. */
  readonly eventLoopDelay?: EventLoopDelay | undefined
  /** Other metrics that were asked for, by name, in their own units. */
  readonly metrics?: Readonly<Record<string, MetricReport>> | undefined
  /** How often its metrics were asked for, and how often that failed. */
  readonly scrapes?: { readonly answered: number; readonly failed: number } | undefined
}
