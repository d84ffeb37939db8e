/** What a load is about. */
import type { LoadReport } from './report.js'
import type { TimeName } from './tally.js'

/** The time that the workload is about: round trips, or connections where there are none. */
export function mainTime({ times }: Pick<LoadReport, 'times'>): TimeName {
  return mainTimeWhere(name => times[name] !== undefined)
}

/** @param isTimed - whether there are any of it. */
export function mainTimeWhere(isTimed: (name: TimeName) => boolean): TimeName {
  return (['rtt', 'connect', 'reconnect', 'firstMessage', 'upgrade'] as const).find(isTimed) ?? 'rtt'
}
