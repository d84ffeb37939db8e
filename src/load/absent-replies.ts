/** What no percentile has: messages without their replies. A server that answers a few, and those at once, looks fast. */
import { count, several } from './figures.js'
import type { Workload } from './load-options.js'
import type { LoadReport } from './report.js'

/** A sentence to stand beside the percentiles; undefined where they have all. */
export function absentFrom({ counts, settings }: Pick<LoadReport, 'counts' | 'settings'>): string | undefined {
  const { expected, lost, unanswered, wrong, missed } = counts
  const without = lost + unanswered + wrong
  const { workload } = settings
  const unsent =
    workload === 'connect'
      ? `${several(missed, 'connection')} that could not be begun`
      : `${several(missed, 'message')} that could not be sent`
  const parts = [
    ...(without === 0 ? [] : [withoutWords(workload, without, expected)]),
    ...(missed === 0 ? [] : [unsent]),
  ]
  return parts.length === 0 ? undefined : `in none of these: ${parts.join('; ')}`
}

/** Of workloads that are about connections, and of all others about replies. */
function withoutWords(workload: Workload, without: number, expected: number): string {
  const share = `${((without * 100) / expected).toFixed(2)} %`
  if (workload === 'connect')
    return `${several(without, 'connection')} that failed (${share} of ${count(expected)} begun)`
  if (workload === 'storm')
    return `${several(without, 'connection')} that had not come back (${share} of ${count(expected)})`
  return `${count(without)} without a reply, or with a wrong one (${share} of ${count(expected)} expected)`
}
