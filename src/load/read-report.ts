/** Reports as they are kept in files, and what is wrong with those that are none. */
import type { LoadReport } from './report.js'
import { checkReport } from './report-shape.js'
import { tallyOf } from './reported-tally.js'
import { locate } from './scenario/located.js'

/**
 * Reads a report back.
 *
 * @param text - JSON, as a report becomes by `JSON.stringify`.
 * @throws {Error} it is none, or of a version that is not known; the message says what is wrong, and where.
 */
export function readReport(text: string): LoadReport {
  const report = JSON.parse(text) as LoadReport
  checkReport(locate(report, 'report'))
  // Histograms that are none.
  for (const part of [report, ...report.perSecond, ...(report.phases ?? [])]) tallyOf(part)
  return report
}
