/** What has changed, as a table in Markdown: for pull requests. */
import { markdownCell } from '../markdown-cell.js'
import { visibleText } from '../visible-text.js'
import type { ComparedFigure } from './compare-reports.js'

/**
 * The table that `framewright load compare` prints: each figure before and after, by how much it has changed, where that change is
 * with 95 % confidence, and what the same thing differs by from itself.
 *
 * @param figures - of `compareReports`; only read.
 */
export function compareMarkdown(figures: readonly ComparedFigure[]): string {
  const rows = figures.map(({ name, unit, before, after, change, interval, noise, verdict }) => {
    const between = interval === undefined ? 'too short to say' : `${share(interval[0])} … ${share(interval[1])}`
    const own = noise === undefined ? '' : Number.isFinite(noise) ? `± ${(noise * 100).toFixed(1)} %` : 'any'
    // Parts of a load have any name, and reports come from anywhere.
    const cells = [
      markdownCell(visibleText(name)),
      figure(before, unit),
      figure(after, unit),
      share(change),
      between,
      own,
      marks[verdict],
    ]
    return `| ${cells.join(' | ')} |`
  })
  const head = [
    '| figure | before | after | change | with 95 % confidence | noise | |',
    '|---|--:|--:|--:|--:|--:|---|',
  ]
  return `${[...head, ...rows].join('\n')}\n`
}

const marks: Readonly<Record<ComparedFigure['verdict'], string>> = {
  better: '**better**',
  worse: '**worse**',
  same: 'no difference shown',
  unknown: '',
}

function figure(value: number, unit: ComparedFigure['unit']): string {
  const text = value.toLocaleString('en-GB', { maximumSignificantDigits: value < 1000 ? 3 : 6 })
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`
}

function share(change: number): string {
  if (!Number.isFinite(change)) return 'from nothing'
  return `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`
}
