/** What a process has used of the machine, as the kernel counts it: all its threads, whatever they are written in. */
import { readdirSync, readFileSync } from 'node:fs'

/** Whether this system tells; only Linux does. */
export const canReadUsage = process.platform === 'linux'

/** Nanoseconds, of all threads that are alive. */
export interface CpuTimes {
  /** They ran, in user mode or in the kernel. */
  readonly ran: number
  /** They could have run, but others had the cores. */
  readonly waited: number
}

export function cpuTimes(pid: number): CpuTimes {
  let ran = 0
  let waited = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      // /proc/PID/stat counts in ticks of 10 ms, which is too coarse for a turn of half a second.
      const [onCpu, inQueue] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')
      ran += Number(onCpu)
      waited += Number(inQueue)
    } catch {
      // It has ended since the directory was read.
    }
  }
  return { ran, waited }
}

/** Octets of memory that are resident. */
export function residentOctets(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))!
  return Number(kibibytes) * 1024
}
