/**
 * Baselines: what is known to fail, kept in a file beside the code under test, so that only what changes is told. A known
 * failure that passes is told too, lest the file go stale.
 */
import { type Verdict, verdicts } from '../verdict.js'
import type { ConformanceReport } from './conformance-report.js'

const format = 'framewright conformance baseline'

export interface Baseline {
  readonly format: typeof format
  readonly version: 1
  /** The ids of runs and their verdicts: FAIL or ERROR, or WARN where that was to count as a failure. */
  readonly expected: Readonly<Record<string, string>>
}

/** The verdict from which on a case counts as failed. */
export type FailOn = 'FAIL' | 'WARN'

/** How a report compares with a baseline. */
export interface Changes {
  /** They fail, as they are expected to. */
  readonly expected: readonly string[]
  /** They fail and should not, or not in this way: a FAIL that has become an ERROR hides what it was. */
  readonly failing: readonly string[]
  /** They should fail and do not. */
  readonly mended: readonly string[]
  /** They should fail, and nothing can be said of them: SKIP. */
  readonly unjudged: readonly string[]
  /** They should fail, and are no cases. */
  readonly strays: readonly string[]
}

/** The ids in a baseline that are those of no run: of cases that have gone, or slips of the pen. They would stay for ever. */
export function straysIn(baseline: Baseline | undefined, known: ReadonlySet<string>): string[] {
  return Object.keys(baseline?.expected ?? {}).filter(id => !known.has(id))
}

/** The baseline that this report fulfils. Runs that were not selected keep what `before` says of them, but for `strays`. */
export function baselineOf(
  report: ConformanceReport,
  before?: Baseline,
  { strays = [], failOn = 'FAIL' }: { strays?: readonly string[]; failOn?: FailOn } = {},
): Baseline {
  const run = new Set([...report.cases.map(({ id }) => id), ...strays])
  const kept = Object.entries(before?.expected ?? {}).filter(([id]) => !run.has(id))
  const failures = report.cases.filter(({ verdict }) => fails(verdict, failOn))
  const found = failures.map(({ id, verdict }) => [id, verdict] as const)
  return { format, version: 1, expected: Object.fromEntries([...kept, ...found].sort()) }
}

/**
 * Compares with a baseline; without one nothing is expected to fail.
 *
 * @param known - the ids of all runs that there can be. Default: whatever the baseline names.
 */
export function changesSince(
  report: ConformanceReport,
  baseline?: Baseline,
  { known, failOn = 'FAIL' }: { known?: ReadonlySet<string>; failOn?: FailOn } = {},
): Changes {
  const expected = new Map(Object.entries(baseline?.expected ?? {}))
  const changed = report.cases.filter(({ id, verdict }) => expected.get(id) !== verdict)
  const others = changed.filter(({ id, verdict }) => !fails(verdict, failOn) && expected.has(id))
  const ids = (cases: ConformanceReport['cases']) => cases.map(({ id }) => id)
  return {
    expected: ids(report.cases.filter(({ id, verdict }) => expected.get(id) === verdict)),
    failing: ids(changed.filter(({ verdict }) => fails(verdict, failOn))),
    mended: ids(others.filter(({ verdict }) => verdict !== 'SKIP')),
    unjudged: ids(others.filter(({ verdict }) => verdict === 'SKIP')),
    strays: known === undefined ? [] : straysIn(baseline, known),
  }
}

/** Reads the text of a baseline; undefined when it is none. */
export function parseBaseline(text: string): Baseline | undefined {
  try {
    const value = JSON.parse(text) as Partial<Baseline> | null
    return value?.format === format && value.version === 1 ? (value as Baseline) : undefined
  } catch {
    return undefined
  }
}

function fails(verdict: Verdict, failOn: FailOn): boolean {
  return verdicts.indexOf(verdict) >= verdicts.indexOf(failOn)
}
