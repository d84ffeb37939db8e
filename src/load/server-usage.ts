/** What the process of a server takes of its machine, as the kernel counts it, all its threads together. Linux only. */
import { readFileSync } from 'node:fs'

/** Of a process, now. */
export interface ServerUsage {
  /** Seconds of CPU since it began, to a hundredth; ended threads included. */
  readonly cpu: number
  /** Octets of memory that are resident. */
  readonly memory: number
  readonly threads: number
}

/** What the kernel counts CPU in: a hundredth of a second on every machine that Linux tells of. */
const ticksPerSecond = 100

/** Undefined where there is no such process, or this system does not tell. */
export function usageOf(pid: number): ServerUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name of the program may have spaces and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)![1])
    const [user, system] = [Number(fields[11]), Number(fields[12])]
    return { cpu: (user + system) / ticksPerSecond, memory: of('VmRSS') * 1024, threads: of('Threads') }
  } catch {
    // A process that has ended and is not waited for has no memory.
    return undefined
  }
}
