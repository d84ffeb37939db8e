/**
 * What a server takes of its machine, as the kernel counts it for a control group (version 2): a container, a service of
 * systemd, whatever has one. Memory is what counts against its limit: also what sockets hold in the kernel, which no process
 * has, and files that are kept in memory. Linux only.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerUsage } from './server-usage.js'

/**
 * Of all processes of a group.
 *
 * @param folder - `/sys/fs/cgroup/system.slice/docker-….scope`.
 * @returns undefined where there is no such group, or it does not count CPU and memory.
 */
export function usageOfCgroup(folder: string): ServerUsage | undefined {
  const cpu = /^usage_usec (\d+)$/m.exec(textOf(folder, 'cpu.stat'))?.[1]
  const memory = numberIn(folder, 'memory.current')
  if (cpu === undefined || memory === undefined) return undefined
  return { cpu: Number(cpu) / 1e6, memory, threads: numberIn(folder, 'pids.current') ?? 0 }
}

/** Those of the group itself; none where it does not say. */
export function processesOfCgroup(folder: string): number[] {
  return textOf(folder, 'cgroup.procs')
    .split('\n')
    .map(Number)
    .filter(pid => pid > 0)
}

/** Threads count as processes do there. */
function numberIn(folder: string, name: string): number | undefined {
  const [digits] = /^\d+/.exec(textOf(folder, name)) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Empty where it cannot be read. */
function textOf(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'latin1')
  } catch {
    return ''
  }
}
