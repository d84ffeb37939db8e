/** The report for a terminal. Colours are for whoever prints it: {@link Paint}. */
import type { TranscriptEntry } from '../transcript.js'
import type { Verdict } from '../verdict.js'
import { verdicts } from '../verdict.js'
import type { ConformanceReport, ReportedCase } from './conformance-report.js'

/** Sets text off by what it says; the identity where there are no colours. */
export type Paint = (as: Verdict | 'dim', text: string) => string

const plain: Paint = (_, text) => text

/** The whole report: what is not PASS with its details, then the sums. */
export function textReport(report: ConformanceReport, paint: Paint = plain, verbose = false): string {
  const lines: string[] = []
  const told = report.cases.filter(({ verdict }) => verbose || (verdict !== 'PASS' && verdict !== 'SKIP'))
  const shown = new Map<string, number>()
  const further = new Map<string, ReportedCase[]>()
  for (const [one, ...others] of sameFindings(told)) {
    const breach = breachOf(one!)
    const times = shown.get(breach) ?? 0
    shown.set(breach, times + 1)
    if (!verbose && times >= mostTold && breach !== '') {
      further.set(breach, [...(further.get(breach) ?? []), one!, ...others])
      continue
    }
    lines.push(...detailLines(one!, paint))
    if (others.length > 0) lines.push(`  the same:  ${others.map(({ segmentation }) => segmentation).join(', ')}`)
    lines.push('')
  }
  for (const cases of further.values()) lines.push(...furtherLines(cases, paint), '')
  if (!verbose) lines.push(...skipLines(report.cases, paint))
  lines.push(...sectionLines(report.cases, paint), '', totalLine(report, paint))
  return `${lines.join('\n')}\n`
}

/** `PASS 510, WARN 2, FAIL 1: ws://127.0.0.1:9001 in 4.2 s`. */
export function totalLine({ counts, tested, duration }: ConformanceReport, paint: Paint = plain): string {
  const sums = verdicts
    .filter(verdict => counts[verdict] > 0)
    .map(verdict => paint(verdict, `${verdict} ${counts[verdict]}`))
  return `${sums.join(', ')}: ${tested.role} ${tested.name} in ${(duration / 1000).toFixed(1)} s`
}

/** One case: what it asks for, what was done, what came, and how to run it again. */
export function detailLines(one: ReportedCase, paint: Paint = plain): string[] {
  const lines = [
    `${paint(one.verdict, one.verdict.padEnd(5))} ${one.id}`,
    `  ${one.title}`,
    `  ${one.section}, ${one.level}: "${one.requirement}"`,
  ]
  for (const [side, { verdict, findings }] of [
    ['behaviour', one.behaviour] as const,
    ['closing', one.closing] as const,
  ]) {
    for (const finding of findings) {
      const where = finding.section === undefined ? '' : ` (§${finding.section})`
      lines.push(`  ${side.padEnd(9)} ${paint(finding.verdict, finding.verdict)}: ${finding.reason}${where}`)
    }
    if (findings.length === 0 && verdict !== 'SKIP') lines.push(`  ${side.padEnd(9)} ${paint(verdict, verdict)}`)
  }
  for (const { kind, text, state } of one.steps) {
    const mark = state === 'done' ? '+' : state === 'missed' ? '!' : ' '
    const line = `  ${mark} ${kind === 'send' ? 'sent   ' : 'awaited'} ${text}`
    lines.push(state === 'not reached' ? paint('dim', `${line} (not reached)`) : line)
  }
  lines.push(...one.transcript.map(wireLine))
  if (one.leftOut > 0) lines.push(`    ${one.leftOut} more in the middle are not shown`)
  lines.push(`  again:     ${one.reproduce}`)
  return lines
}

/** So many cases with the same findings are told whole; --verbose tells all. */
const mostTold = 3

/** So many of the others are named. */
const mostNamed = 20

/** Findings, as text: what one breach looks like in every case that meets it. */
export function breachOf({ verdict, behaviour, closing }: ReportedCase): string {
  const findings = [...behaviour.findings, ...closing.findings]
  return findings.length === 0 ? '' : JSON.stringify([verdict, findings])
}

/** What was found, in sentences. */
export function reasonsOf({ behaviour, closing }: ReportedCase): string[] {
  return [...behaviour.findings, ...closing.findings].map(({ reason }) => reason)
}

/** Cases that found what others before them did. */
function furtherLines(cases: readonly ReportedCase[], paint: Paint): string[] {
  const [one] = cases as [ReportedCase]
  return [
    `${paint(one.verdict, one.verdict.padEnd(5))} ${cases.length} more: ${reasonsOf(one).join('; ')}`,
    ...cases.slice(0, mostNamed).map(({ id }) => `  ${id}`),
    ...(cases.length > mostNamed
      ? [`  and ${cases.length - mostNamed} others; --verbose and --json tell them all`]
      : []),
  ]
}

function wireLine({ at, from, text, hex, length }: TranscriptEntry): string {
  const octets = length === 0 ? '' : `  [${hex.slice(0, 64)}${length > 32 ? '…' : ''}]`
  return `    ${at.toFixed(1).padStart(8)} ms ${from === 'us' ? '->' : '<-'} ${text}${octets}`
}

/** Runs of one case in several segmentations that found the same stand together. */
function sameFindings(cases: readonly ReportedCase[]): ReportedCase[][] {
  const groups = new Map<string, ReportedCase[]>()
  for (const one of cases) {
    const key = JSON.stringify([one.case, one.verdict, one.behaviour.findings, one.closing.findings])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
}

function skipLines(cases: readonly ReportedCase[], paint: Paint): string[] {
  const reasons = new Map<string, number>()
  for (const { verdict, behaviour } of cases) {
    const reason = behaviour.findings[0]?.reason ?? ''
    if (verdict === 'SKIP') reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  return [...reasons].map(([reason, number]) => `${paint('SKIP', 'SKIP ')} ${number} cases: ${reason}\n`)
}

/** A row for each section: how many of each verdict. */
function sectionLines(cases: readonly ReportedCase[], paint: Paint): string[] {
  const sections = new Map<string, Map<Verdict, number>>()
  for (const { section, verdict } of cases) {
    const counts = sections.get(section) ?? new Map<Verdict, number>()
    sections.set(section, counts.set(verdict, (counts.get(verdict) ?? 0) + 1))
  }
  const width = Math.max(0, ...[...sections.keys()].map(({ length }) => length))
  return [...sections].map(([section, counts]) => {
    const sums = verdicts
      .filter(verdict => counts.has(verdict))
      .map(verdict => paint(verdict, `${verdict} ${counts.get(verdict)}`))
    return `${section.padEnd(width)}  ${sums.join(', ')}`
  })
}
