/**
 * What GitHub Actions shows of a run: annotations, which are lines on standard output that its runner reads (workflow
 * commands), and the summary of the job, which is Markdown in a file that the runner names.
 */
import { markdownCell } from '../../markdown-cell.js'
import { verdicts } from '../verdict.js'
import type { Changes } from './baseline.js'
import type { ConformanceReport, ReportedCase } from './conformance-report.js'
import { sectionLink } from './section-link.js'
import { breachOf, reasonsOf, totalLine } from './text.js'

/** GitHub shows no more of a kind in a step. */
const mostAnnotations = 10

/** The rows of the summary; GitHub takes a mebibyte. */
const mostRows = 200

/**
 * The annotations, a line each: errors for what is not as expected, warnings for other WARN. What many cases find alike is told
 * once.
 */
export function githubAnnotations(report: ConformanceReport, { failing, expected, mended }: Changes): string {
  const unexpected = new Set(failing)
  const told = new Set([...failing, ...expected])
  const passing = mended.length === 0 ? [] : [command('error', 'expected to fail, and passes now', mended.join('\n'))]
  const broken = grouped(report.cases.filter(({ id }) => unexpected.has(id)))
  const errors = [...passing, ...broken.map(cases => annotation('error', cases))]
  const warnings = grouped(report.cases.filter(({ id, verdict }) => verdict === 'WARN' && !told.has(id)))
  return [
    ...few('error', errors),
    ...few(
      'warning',
      warnings.map(cases => annotation('warning', cases)),
    ),
  ].join('')
}

/** The summary of the job: the sums, and the worst. */
export function githubSummary(report: ConformanceReport, { expected }: Changes): string {
  const known = new Set(expected)
  const worst = report.cases
    .filter(({ verdict }) => verdict === 'FAIL' || verdict === 'ERROR' || verdict === 'WARN')
    .sort((a, b) => verdicts.indexOf(b.verdict) - verdicts.indexOf(a.verdict))
  const rows = worst.slice(0, mostRows).map(one => {
    const marked = known.has(one.id) ? ', as expected' : ''
    const law = `[${one.section}](${sectionLink(one.section)}), ${one.level}`
    return `| ${one.verdict}${marked} | \`${one.id}\` | ${law} | ${markdownCell(reasonsOf(one).join('; '))} |\n`
  })
  const more = worst.length > mostRows ? `\nand ${worst.length - mostRows} more\n` : ''
  const table = rows.length === 0 ? '' : `| | case | | |\n| --- | --- | --- | --- |\n${rows.join('')}${more}`
  return `### WebSocket conformance\n\n${markdownCell(totalLine(report))}\n\n${table}\n`
}

/** Cases that found the same, together. */
function grouped(cases: readonly ReportedCase[]): (readonly [ReportedCase, ...ReportedCase[]])[] {
  const groups = new Map<string, [ReportedCase, ...ReportedCase[]]>()
  for (const one of cases) {
    const group = groups.get(breachOf(one))
    if (group === undefined) groups.set(breachOf(one), [one])
    else group.push(one)
  }
  return [...groups.values()]
}

function annotation(kind: 'error' | 'warning', [one, ...others]: readonly [ReportedCase, ...ReportedCase[]]): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  const lines = [
    reasonsOf(one).join('; '),
    `${one.section}, ${one.level}: "${one.requirement}"`,
    `again: ${one.reproduce}`,
  ]
  return command(kind, `${one.verdict} ${one.id}${more}`, lines.join('\n'))
}

/** The last of too many says how many are not told. */
function few(kind: 'error' | 'warning', commands: readonly string[]): readonly string[] {
  if (commands.length <= mostAnnotations) return commands
  const left = commands.length - mostAnnotations + 1
  return [...commands.slice(0, mostAnnotations - 1), command(kind, `${left} more findings`, 'the log tells them all')]
}

function command(kind: 'error' | 'warning', title: string, message: string): string {
  return `::${kind} title=${escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escaped(message)}\n`
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
