/** Loads that are told when to begin, and begin later: that time was over, or their connections took longer to open. */
import { period } from './figures.js'
import type { LoadReport } from './report.js'

/** `began 3.3 s after it was to`; undefined where it did not. */
export function lateStart({ settings, startedAt }: Pick<LoadReport, 'settings' | 'startedAt'>): string | undefined {
  const { startAt } = settings
  const late = Date.parse(startedAt) - Math.ceil(startAt)
  return startAt === 0 || late <= 0 ? undefined : `began ${period(late)} after it was to`
}
