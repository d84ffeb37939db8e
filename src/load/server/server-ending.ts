/** What is said of a server that was watched and has ended or was restarted, in the same words wherever that stands. */
import { period, several } from '../figures.js'
import type { ServerReport } from './server-report.js'

/** Undefined where it was there to the end, all the time. */
export function serverEnding({ endedAfter, restarts = 0 }: ServerReport): string | undefined {
  const said: string[] = []
  if (restarts > 0) {
    const seen = `its CPU was seen to begin anew ${several(restarts, 'time')} while it was measured`
    said.push(`${seen}: it was restarted, and what it took last before that is not in its CPU`)
  }
  if (endedAfter !== undefined) {
    const seen = `it was last seen ${period(endedAfter * 1000)} into the measured time`
    said.push(`${seen}, and ended before that was over: its CPU and memory are of until then`)
  }
  return said.length === 0 ? undefined : said.join('; ')
}
