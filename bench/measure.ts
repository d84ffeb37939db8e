/**
 * Measures a point: rounds in which each contestant runs in turn, so that whatever else the machine does falls on all of
 * them alike. CPU time of the whole process counts, its helper threads included, not the wall clock.
 */
import Benchmark from 'benchmark'
import type { Contestant, Point } from './question.js'
import type { Rounds } from './rounds.js'
import { median, spread } from './statistics.js'

export interface Figure {
  readonly contestant: string
  /** Median of the rounds: nanoseconds of CPU for one operation. */
  readonly nanoseconds: number
  /** (slowest - fastest) / median of the rounds. */
  readonly noise: number
  /** How many times as much CPU ws takes: the median of the ratios within each round; undefined without ws. */
  readonly againstWs: number | undefined
}

export async function measure(point: Point, { rounds, seconds }: Rounds): Promise<Figure[]> {
  const { contestants, operations } = point
  const times = contestants.map((): number[] => [])
  for (const contestant of contestants) await measureOnce(contestant, Math.min(seconds, 0.1))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (turn + round) % contestants.length
      times[index]!.push((await measureOnce(contestants[index]!, seconds)) / operations)
    }
  }
  return figuresOf(
    contestants.map(({ name }) => name),
    times,
  )
}

/** What the times of each contestant, round by round, come to. */
export function figuresOf(names: readonly string[], times: ReadonlyArray<readonly number[]>): Figure[] {
  const ws = times[names.indexOf('ws')]
  return names.map((contestant, index) => {
    const own = times[index]!
    return {
      contestant,
      nanoseconds: median(own),
      noise: spread(own),
      againstWs: ws && median(own.map((time, round) => ws[round]! / time)),
    }
  })
}

/** Nanoseconds of CPU for one run. */
function measureOnce(contestant: Contestant, seconds: number): number | Promise<number> {
  const first = contestant.run()
  if (first !== undefined) return measureAsynchronously(contestant, seconds, first)
  let runs = 0
  const benchmark = new Benchmark({
    fn: () => {
      // Nothing to wait for: the first run has shown that.
      void contestant.run()
      runs++
    },
    maxTime: seconds,
    minSamples: 1,
  })
  const before = process.cpuUsage()
  benchmark.run({ async: false })
  const { user, system } = process.cpuUsage(before)
  // benchmark swallows what is thrown: a contestant that fails would look fast.
  if (benchmark.error !== undefined) throw benchmark.error as Error
  return ((user + system) * 1000) / runs
}

/** Of what goes on in the thread pool, and so cannot be run by `benchmark` without its own promises. */
async function measureAsynchronously(contestant: Contestant, seconds: number, first: Promise<void>): Promise<number> {
  await first
  let runs = 0
  const end = performance.now() + seconds * 1000
  const before = process.cpuUsage()
  do {
    await contestant.run()
    runs++
  } while (performance.now() < end)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / runs
}
