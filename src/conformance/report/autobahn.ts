/** The index.json of Autobahn|Testsuite, for scripts that read it. */
import type { Judgement, Verdict } from '../verdict.js'
import type { ConformanceReport, ReportedCase } from './conformance-report.js'

const words: Readonly<Record<Verdict, string>> = {
  PASS: 'OK',
  INFO: 'INFORMATIONAL',
  SKIP: 'UNIMPLEMENTED',
  WARN: 'NON-STRICT',
  FAIL: 'FAILED',
  ERROR: 'FAILED',
}

/** Autobahn's word for how an endpoint behaved. */
export function autobahnBehaviour({ behaviour }: { readonly behaviour: Judgement }): string {
  return words[behaviour.verdict]
}

/**
 * The value of the file: by agent, by case. A case that Autobahn has too stands under its number as well.
 *
 * @param reportfile - where the details are: the name of a file beside it.
 */
export function autobahnIndex(report: ConformanceReport, reportfile: string): object {
  const cases: Record<string, object> = {}
  for (const reported of report.cases) {
    for (const name of namesOf(reported)) cases[name] = entry(reported, reportfile)
  }
  return { [report.tested.name]: cases }
}

function namesOf({ id, segmentation, autobahn }: ReportedCase): string[] {
  return segmentation === 'whole' ? [id, ...autobahn] : [id]
}

function entry(reported: ReportedCase, reportfile: string): object {
  const { closing, duration, closeCode } = reported
  return {
    behavior: autobahnBehaviour(reported),
    // Autobahn has no word for a closing that there was none of.
    behaviorClose: closing.verdict === 'SKIP' ? 'INFORMATIONAL' : words[closing.verdict],
    duration: Math.round(duration),
    remoteCloseCode: closeCode ?? null,
    reportfile,
  }
}
