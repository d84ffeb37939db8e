/**
 * What came of a run of the suite, as plain data: the value of `--json`, and what every other report is made of, at once or
 * from a file later. The schema is versioned: readers of version 1 may rely on every name here; names may be added.
 */
import { type Profile, sectionOf } from '../case.js'
import type { CaseResult, StepRecord } from '../run-case.js'
import type { Segmentation } from '../segmentation.js'
import type { TranscriptEntry } from '../transcript.js'
import { type Judgement, type Level, type Verdict, verdicts } from '../verdict.js'

const format = 'framewright conformance report'

/** One run of a case. */
export interface ReportedCase {
  /** The id of the run: that of the case, with `@` and the segmentation behind it unless it is `whole`. */
  readonly id: string
  readonly case: string
  readonly segmentation: Segmentation
  readonly title: string
  /** The words of the RFC. */
  readonly requirement: string
  /** `RFC 6455 §5.5.1`. */
  readonly section: string
  readonly level: Level
  readonly profile: Profile
  /** Autobahn|Testsuite's numbers for it. */
  readonly autobahn: readonly string[]
  readonly verdict: Verdict
  readonly behaviour: Judgement
  readonly closing: Judgement
  /** The status code of the Close frame that the endpoint sent; null without one. */
  readonly closeCode: number | null
  readonly steps: readonly StepRecord[]
  readonly transcript: readonly TranscriptEntry[]
  /** How many entries the transcript lacks in its middle. */
  readonly leftOut: number
  /** Milliseconds. */
  readonly duration: number
  /** The command that runs this alone. */
  readonly reproduce: string
}

export interface ConformanceReport {
  readonly format: typeof format
  readonly version: 1
  /** `framewright 0.1.0`. */
  readonly tool: string
  readonly tested: { readonly role: 'server' | 'client' | 'proxy'; readonly name: string }
  /** ISO 8601. */
  readonly started: string
  /** Milliseconds. */
  readonly duration: number
  readonly seed: number
  readonly counts: Readonly<Record<Verdict, number>>
  readonly cases: readonly ReportedCase[]
}

/** What the report says besides the results. */
export interface ReportAbout extends Pick<ConformanceReport, 'tool' | 'tested' | 'duration' | 'seed'> {
  readonly started: Date
  /** The command that runs one run alone. */
  readonly reproduce: (id: string) => string
}

/** Makes the report. */
export function reportOf(results: readonly CaseResult[], about: ReportAbout): ConformanceReport {
  const { tool, tested, seed } = about
  const cases = results.map(result => reportedCase(result, about))
  const started = about.started.toISOString()
  return {
    format,
    version: 1,
    tool,
    tested,
    started,
    duration: round(about.duration),
    seed,
    counts: count(cases),
    cases,
  }
}

/**
 * Reads the text of a report.
 *
 * @returns undefined when it is none, or of a version that is not known.
 */
export function parseReport(text: string): ConformanceReport | undefined {
  try {
    const value = JSON.parse(text) as Partial<ConformanceReport> | null
    return value?.format === format && value.version === 1 ? (value as ConformanceReport) : undefined
  } catch {
    return undefined
  }
}

function reportedCase(result: CaseResult, { reproduce }: ReportAbout): ReportedCase {
  const { run, verdict, behaviour, closing, closeCode, steps, transcript, leftOut, duration } = result
  const { id: name, title, requirement, level, profile = 'core', autobahn = [] } = run.case
  return {
    id: run.id,
    case: name,
    segmentation: run.segmentation,
    title,
    requirement,
    section: sectionOf(run.case),
    level,
    profile,
    autobahn,
    verdict,
    behaviour,
    closing,
    closeCode: closeCode ?? null,
    steps,
    transcript,
    leftOut,
    duration: round(duration),
    reproduce: reproduce(result.shrunkTo ?? run.id),
  }
}

function count(cases: readonly ReportedCase[]): Record<Verdict, number> {
  const number = (wanted: Verdict) => cases.filter(({ verdict }) => verdict === wanted).length
  return Object.fromEntries(verdicts.map(verdict => [verdict, number(verdict)])) as Record<Verdict, number>
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
