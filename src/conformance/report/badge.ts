/** A badge, as the JSON that shields.io draws one from (its endpoint badge, schema version 1). */
import { verdicts } from '../verdict.js'
import type { ConformanceReport } from './conformance-report.js'

/** The value of the file. */
export function badgeOf({ counts }: ConformanceReport): object {
  const { FAIL, ERROR, WARN, SKIP } = counts
  const all = verdicts.reduce((sum, verdict) => sum + counts[verdict], 0)
  const badge = (message: string, color: string) => {
    return { schemaVersion: 1, label: 'WebSocket conformance', message, color, isError: ERROR > 0 }
  }
  if (FAIL + ERROR > 0) {
    const failing = FAIL > 0 ? [`${FAIL} of ${all} fail`] : []
    return badge([...failing, ...(ERROR > 0 ? [`${ERROR} not judged`] : [])].join(', '), FAIL > 0 ? 'red' : 'lightgrey')
  }
  const warned = WARN > 0 ? `, ${WARN} with warnings` : ''
  return badge(`${all - SKIP} cases passed${warned}`, WARN > 0 ? 'yellow' : 'brightgreen')
}
