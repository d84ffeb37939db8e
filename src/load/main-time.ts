/** What a load is about. */
import type { LoadReport } from './report.js'
import type { TimeName } from './tally.js'

/** The time that the workload is about: round trips, or connections where there are none. */
export function mainTime({ times }: Pick<LoadReport, 'times'>): TimeName {
  return (['rtt', 'connect', 'reconnect', 'firstMessage', 'upgrade'] as const).find(name => times[name]) ?? 'rtt'
}
