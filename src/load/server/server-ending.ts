/** What is said of a server that was watched and has ended, in the same words wherever that stands. */
import { period } from '../figures.js'
import type { ServerReport } from './server-report.js'

/** Undefined where it was there to the end. */
export function serverEnding({ endedAfter }: ServerReport): string | undefined {
  if (endedAfter === undefined) return undefined
  const seen = `it was last seen ${period(endedAfter * 1000)} into the measured time`
  return `${seen}, and ended before that was over: its CPU and memory are of until then`
}
