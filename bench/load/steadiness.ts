/** Whether a long load was steady: its rate kept, in all and in each second, and its memory flat. */
import { atLeast, atMost, type Goal, within } from './goal.js'

/** What was seen of one that ran. */
export interface SteadyRun {
  /** Messages a second. */
  readonly rate: number
  /** Messages that came to the server in each whole second from the first one on, by the server's clock. */
  readonly perSecond: readonly number[]
  readonly samples: readonly MemorySample[]
  /** Of a run that is long enough: what the heaps of all threads had without garbage, when it had settled and at the end. */
  readonly heaps?: readonly [settled: HeapSample, end: HeapSample] | undefined
  /** Octets that the report grows by in a second: what was measured in it, which is what was asked for. */
  readonly report: number
}

export interface MemorySample {
  /** Seconds since the start. */
  readonly at: number
  /** Octets of the process. */
  readonly resident: number
}

export interface HeapSample {
  /** Seconds since the start. */
  readonly at: number
  /** Octets. */
  readonly heap: number
}

/** The rate may be off the plan by so much, as a share of it. */
const off = 0.005
/** So many seconds of a hundred have to have it: 5 ms that the machine stands still between two of them are 0.5 % of each. */
const mostSeconds = 99
/** Seconds: the first are not looked at, for code is compiled in them, and pools and young generations grow. */
export const settling = 60
/** Seconds behind those: with fewer, a line through what the collector takes and gives back says nothing. */
export const longEnough = 240
/** Octets that the heaps may grow by: of 10,000 messages a second over nine minutes, a fifth of an octet each. */
const heapGrowth = 2 ** 20
/** In hundredths of what is resident: V8 gives pages back and takes them again, which makes more than half of this. */
const residentGrowth = 5

/** Those of a line through points: how much it rises in all, from the first to the last. */
export function rise(points: readonly (readonly [at: number, value: number])[]): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  const slope = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread
  return slope * (points.at(-1)![0] - points[0]![0])
}

/** Seconds in which the rate was that of the plan, in hundredths of all. */
function kept({ perSecond, rate }: SteadyRun): number {
  return (perSecond.filter(count => Math.abs(count - rate) <= rate * off).length / perSecond.length) * 100
}

/** What it is held to. */
export function steadiness(run: SteadyRun): Goal[] {
  const { rate, perSecond, samples, heaps, report } = run
  const seconds = perSecond.length
  const sum = perSecond.reduce((sum, count) => sum + count, 0)
  const goals = [
    within('messages that came', sum / seconds, rate, off, '/s'),
    atLeast(`seconds within ${off * 100} % of the plan`, kept(run), mostSeconds, '%'),
  ]
  if (heaps === undefined) return goals
  const [settled, end] = heaps
  const heap = end.heap - settled.heap - report * (end.at - settled.at)
  const seen = samples.filter(({ at }) => at >= settled.at && at <= end.at)
  const resident = rise(seen.map(({ at, resident }) => [at, resident])) - report * (end.at - settled.at)
  const share = (resident / seen[0]!.resident) * 100
  return [
    ...goals,
    atMost(
      'growth of the heaps behind the first minute, without garbage and the report',
      heap / 2 ** 20,
      heapGrowth / 2 ** 20,
      'MiB',
    ),
    atMost('growth of what is resident behind the first minute, without the report', share, residentGrowth, '%'),
  ]
}
