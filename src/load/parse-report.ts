/** Reports as they are kept in files. */
import { readReport } from './read-report.js'
import type { LoadReport } from './report.js'

/**
 * Reads a report back.
 *
 * @param text - JSON, as a report becomes by `JSON.stringify`.
 * @returns undefined where it is none, or of a version that is not known.
 */
export function parseReport(text: string): LoadReport | undefined {
  try {
    return readReport(text)
  } catch {
    return undefined
  }
}
