/** Reports as they are kept in files. */
import type { LoadReport } from './report.js'
import { tallyOf } from './reported-tally.js'

/**
 * Reads a report back.
 *
 * @param text - JSON, as a report becomes by `JSON.stringify`.
 * @returns undefined where it is none, or of a version that is not known.
 */
export function parseReport(text: string): LoadReport | undefined {
  try {
    const report = JSON.parse(text) as LoadReport
    if (report.format !== 'framewright-load' || report.version !== 1) return undefined
    // Of before there was a version that anybody could have: nothing says by what they were made.
    if (report.madeBy === undefined || report.settings.connect === undefined) return undefined
    for (const part of [report, ...report.perSecond]) tallyOf(part)
    return report
  } catch {
    return undefined
  }
}
