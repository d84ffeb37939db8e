/** What a server takes of its machine, whoever says so. */

/** Of processes, now. */
export interface ServerUsage {
  /** Seconds of CPU since it began. */
  readonly cpu: number
  /** Octets of memory. */
  readonly memory: number
  /** 0 where nobody tells. */
  readonly threads: number
}
