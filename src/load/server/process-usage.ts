/** What a server takes of its machine, as the kernel counts it: its process, its threads, all it has started. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'
import type { ServerUsage } from './server-usage.js'

/** What the kernel counts CPU in: a hundredth of a second on every machine that Linux tells of. */
const ticksPerSecond = 100

/** Of one process. */
interface ProcessUsage extends ServerUsage {
  /** To a hundredth; that of ended threads and processes included. */
  readonly cpu: number
  /** What is resident; what several processes share is counted for each. */
  readonly memory: number
}

/**
 * Of a process and all that it has started: workers of a cluster, whatever runs in a container below its first process.
 * Undefined where there is no such process, or this system does not tell.
 */
export function usageOfProcess(pid: number): ProcessUsage | undefined {
  const [own, ...others] = processesOf(pid).map(usageOfOne)
  // Without memory it has ended.
  if (own === undefined || own.memory === 0) return undefined
  const usages = [own, ...others.filter(usage => usage !== undefined)]
  const sum = (name: keyof ProcessUsage) => usages.reduce((sum, usage) => sum + usage[name], 0)
  return { cpu: sum('cpu'), memory: sum('memory'), threads: sum('threads') }
}

/** A process, and all that it has started and that is there now. */
export function processesOf(pid: number): number[] {
  const all = [pid]
  // Who is found is asked in turn.
  for (const one of all) all.push(...childrenOf(one))
  return all
}

/** None where it has ended. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(thread => {
      const folder = `/proc/${pid}/task/${thread}`
      // Some kernels do not tell.
      const lists = readdirSync(folder).filter(name => name === 'children')
      const numbers = lists.flatMap(name => readFileSync(`${folder}/${name}`, 'latin1').split(' '))
      return numbers.map(Number).filter(number => number > 0)
    })
  } catch {
    return []
  }
}

/**
 * One that has ended and was not waited for yet has its CPU, and nothing else: its parent has that CPU only then, and if it were missing
 * until then it would be counted twice.
 */
function usageOfOne(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name of the program may have spaces and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // In user mode and in the kernel: its own, and that of what it has started and what has ended.
    const cpu = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    const memory = of('VmRSS') * 1024
    return { cpu: cpu / ticksPerSecond, memory, threads: memory === 0 ? 0 : of('Threads') }
  } catch {
    return undefined
  }
}
