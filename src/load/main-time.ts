/** What a load is about. */
import type { Workload } from './load-options.js'
import type { LoadReport } from './report.js'
import type { TimeName } from './tally.js'

const ofWorkload: Readonly<Partial<Record<Workload, TimeName>>> = {
  connect: 'connect',
  storm: 'reconnect',
  idle: 'upgrade',
}

interface Timed {
  readonly times: LoadReport['times']
  /** Left out: it is a phase, a class or a part. */
  readonly settings?: Pick<LoadReport['settings'], 'workload'>
}

/**
 * The time that the workload is about, also where there are none of it: no other one may stand in its place. Of what may have
 * several, and of parts: round trips, or connections where there are none.
 */
export function mainTime({ times, settings }: Timed): TimeName {
  const own = settings && ofWorkload[settings.workload]
  return own ?? (['rtt', 'connect', 'reconnect'] as const).find(name => times[name] !== undefined) ?? 'rtt'
}

/** @param isTimed - whether there are any of it. */
export function mainTimeWhere(isTimed: (name: TimeName) => boolean): TimeName {
  return (['rtt', 'connect', 'reconnect', 'firstMessage', 'upgrade'] as const).find(isTimed) ?? 'rtt'
}
