/** The part of a turn that counts: what is warm already, from one reading of the clocks to the next. */
import type { RecordableHistogram } from 'node:perf_hooks'
import type { Target, Turn } from './load.js'
import { cpuTimes } from './process-usage.js'

/** What a load counts while it runs. */
export interface Counter {
  readonly count: number
  /** Nanoseconds. */
  readonly latencies: RecordableHistogram
}

/**
 * @param failure rejects when the load cannot go on.
 * @param needsOperations the time is extended until there is one.
 */
export async function measureTime(
  { pid, warmUp, seconds }: Target,
  counter: Counter,
  failure: Promise<never>,
  needsOperations = true,
): Promise<Omit<Turn, 'residentBefore' | 'residentWith'>> {
  await Promise.race([sleep(warmUp), failure])
  counter.latencies.reset()
  const before = snapshot(pid, counter)
  do await Promise.race([sleep(seconds), failure])
  while (
    // Without any there is no figure: on a busy machine, and of the longest messages.
    needsOperations &&
    counter.count === before.count
  )
  const after = snapshot(pid, counter)
  const { latencies } = counter
  return {
    operations: after.count - before.count,
    seconds: (after.now - before.now) / 1000,
    cpu: after.peer.ran - before.peer.ran,
    waited: after.peer.waited - before.peer.waited,
    ownCpu: after.own.ran - before.own.ran,
    p50: latencies.count === 0 ? undefined : latencies.percentile(50) / 1e6,
    p99: latencies.count === 0 ? undefined : latencies.percentile(99) / 1e6,
  }
}

function snapshot(pid: number, { count }: Counter) {
  return { count, now: performance.now(), peer: cpuTimes(pid), own: cpuTimes(process.pid) }
}

export function sleep(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000))
}
