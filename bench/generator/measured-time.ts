/** The part of a turn that counts: what is warm already, from one reading of the clocks to the next. */
import type { RecordableHistogram } from 'node:perf_hooks'
import type { Target, Turn } from './load.js'
import { cpuTimes } from './process-usage.js'

/** Fewer operations are no figure: with the longest messages the time is extended. */
const fewestOperations = 20

/** Where the peer has less of a core, because others have them all, the time is extended, but not for ever. */
const enoughOfCore = 0.4
const longestExtension = 4

/** What a load counts while it runs. */
export interface Counter {
  readonly count: number
  /** Nanoseconds. */
  readonly latencies: RecordableHistogram
}

export interface Watch {
  /** Rejects when the load cannot go on. */
  readonly failure: Promise<never>
  /** Called when everything is open and warm: what comes now is measured. */
  readonly begun: () => void
}

/** @param idle the peer has next to nothing to do, and needs no more time for it. */
export async function measureTime(
  { pid, warmUp, seconds }: Pick<Target, 'pid' | 'warmUp' | 'seconds'>,
  counter: Counter,
  { failure, begun }: Watch,
  idle = false,
): Promise<Omit<Turn, 'residentBefore' | 'residentWith'>> {
  const run = async (time: number, fewest: number) => {
    const before = snapshot(pid, counter)
    let after = before
    do {
      await Promise.race([sleep(time), failure])
      after = snapshot(pid, counter)
    } while (!idle && (after.count < before.count + fewest || isStarved(before, after, time)))
    return [before, after] as const
  }
  await run(warmUp, 0)
  begun()
  counter.latencies.reset()
  const [before, after] = await run(seconds, fewestOperations)
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

type Snapshot = ReturnType<typeof snapshot>

function isStarved(before: Snapshot, after: Snapshot, seconds: number): boolean {
  const ran = (after.peer.ran - before.peer.ran) / 1e9
  return ran < seconds * enoughOfCore && after.now - before.now < seconds * 1000 * longestExtension
}

function snapshot(pid: number, { count }: Counter) {
  return { count, now: performance.now(), peer: cpuTimes(pid), own: cpuTimes(process.pid) }
}

function sleep(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000))
}
