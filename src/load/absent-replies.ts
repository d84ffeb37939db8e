/** What no percentile has: messages without their replies. A server that answers a few, and those at once, looks fast. */
import { count, several } from './figures.js'
import type { LoadReport } from './report.js'

/** A sentence to stand beside the percentiles; undefined where they have all. */
export function absentFrom({ counts, settings }: Pick<LoadReport, 'counts' | 'settings'>): string | undefined {
  const { expected, lost, unanswered, wrong, missed } = counts
  const without = lost + unanswered + wrong
  const share = `${((without * 100) / expected).toFixed(2)} %`
  const parts =
    settings.workload === 'connect'
      ? [
          ...(without === 0
            ? []
            : [`${several(without, 'connection')} that failed (${share} of ${count(expected)} begun)`]),
          ...(missed === 0 ? [] : [`${several(missed, 'connection')} that could not be begun`]),
        ]
      : [
          ...(without === 0
            ? []
            : [`${count(without)} without a reply, or with a wrong one (${share} of ${count(expected)} expected)`]),
          ...(missed === 0 ? [] : [`${several(missed, 'message')} that could not be sent`]),
        ]
  return parts.length === 0 ? undefined : `in none of these: ${parts.join('; ')}`
}
