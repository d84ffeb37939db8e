/** The matrix: several implementations side by side, as Markdown. */
import type { Verdict } from '../verdict.js'
import { verdicts } from '../verdict.js'
import type { ConformanceReport } from './conformance-report.js'

const notRun = '–'

/** The sums, and a row for each case that is not PASS wherever it was run; `–` where it was not. */
export function matrixMarkdown(reports: readonly ConformanceReport[]): string {
  const names = reports.map(({ tested }) => `${tested.name} (${tested.role})`)
  const byId = reports.map(({ cases }) => new Map(cases.map(one => [one.id, one.verdict])))
  const ids = [...new Set(reports.flatMap(({ cases }) => cases.map(({ id }) => id)))]
  const rows = ids
    .map(id => [`\`${id}\``, ...byId.map(verdictsById => verdictsById.get(id) ?? notRun)])
    .filter(([, ...found]) => found.some(verdict => verdict !== 'PASS' && verdict !== notRun))
  const sums = verdicts.map(verdict => [verdict, ...reports.map(({ counts }) => String(counts[verdict as Verdict]))])
  const row = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = row(['---', ...names.map(() => '---')])
  return `${[row(['', ...names]), rule, ...sums.map(row), '', row(['case', ...names]), rule, ...rows.map(row)].join('\n')}\n`
}
