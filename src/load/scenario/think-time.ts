/** How long users of a scenario think: a time, or one of a distribution. */
import { expected, fields, type Located, time, timeRange, wrong } from './located.js'

/**
 * In milliseconds: evenly between two; exponential, of a mean; normal, of a mean and a standard deviation; or log-normal, which
 * half of them and all but one of a hundred do not exceed.
 */
export type ThinkTime =
  | { readonly from: number; readonly to: number }
  | { readonly mean: number; readonly deviation?: number | undefined }
  | { readonly p50: number; readonly p99: number }

/** What timers take. */
const longest = 2 ** 31 - 1
/** Of a hundred values of the standard normal distribution all but one are below. */
const normalP99 = 2.326348

/**
 * Understands it.
 *
 * @throws UsageError that names the place.
 */
export function readThinkTime(node: Located): ThinkTime {
  if (!(node.value instanceof Map)) return timeRange(node)
  const { mean, deviation, p50, p99 } = fields(node, ['mean', 'deviation', 'p50', 'p99'])
  if (mean !== undefined && (p50 ?? p99) === undefined) {
    return { mean: time(mean), ...(deviation && { deviation: time(deviation) }) }
  }
  if (p50 === undefined || p99 === undefined || (mean ?? deviation) !== undefined) {
    throw wrong(`${node.place}: expected mean, mean and deviation, or p50 and p99, each a time`)
  }
  const both = { p50: time(p50, 1), p99: time(p99, 1) }
  return both.p50 <= both.p99 ? both : expected(p99, 'a time that is not below p50')
}

/**
 * One of them, in milliseconds.
 *
 * @param random - from 0 to 1.
 */
export function thinkTime(of: ThinkTime, random: () => number): number {
  return Math.min(longest, Math.max(0, drawn(of, random)))
}

function drawn(of: ThinkTime, random: () => number): number {
  if ('from' in of) return of.from + random() * (of.to - of.from)
  if ('p50' in of) return of.p50 * (of.p99 / of.p50) ** (normal(random) / normalP99)
  return of.deviation === undefined ? -Math.log(1 - random()) * of.mean : of.mean + of.deviation * normal(random)
}

/** Of the standard normal distribution (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
