/** Results that never were, and reports of them. */
import type { Case } from '../../src/conformance/case.js'
import { type ConformanceReport, reportOf } from '../../src/conformance/report/conformance-report.js'
import type { CaseResult } from '../../src/conformance/run-case.js'
import type { Segmentation } from '../../src/conformance/segmentation.js'
import { judge, type Verdict, worst } from '../../src/conformance/verdict.js'

/** What came of a run with this verdict. */
export function result(
  name: string,
  verdict: Verdict,
  segmentation: Segmentation = 'whole',
  parts: Partial<Case> = {},
): CaseResult {
  const one: Case = {
    id: `6455/${name}`,
    title: `the title of ${name}`,
    requirement: 'An endpoint MUST <do> "it".',
    level: 'MUST',
    autobahn: ['1.1.1'],
    steps: () => [],
    ...parts,
  }
  const behaviour = judge(verdict === 'PASS' ? [] : [{ verdict, reason: `the reason & more`, section: '5.1' }])
  const closing = judge(verdict === 'WARN' ? [{ verdict: 'WARN', reason: 'closed oddly' }] : [])
  return {
    run: { id: segmentation === 'whole' ? one.id : `${one.id}@${segmentation}`, case: one, segmentation },
    verdict: worst([behaviour.verdict]),
    behaviour,
    closing: verdict === 'ERROR' ? { verdict: 'SKIP', findings: [] } : closing,
    closeCode: verdict === 'ERROR' ? undefined : 1000,
    steps: [
      { kind: 'send', text: 'text "x"', state: 'done' },
      { kind: 'await', text: 'the message text "x"', state: verdict === 'PASS' ? 'done' : 'missed' },
      { kind: 'await', text: 'a Pong', state: verdict === 'PASS' ? 'done' : 'not reached' },
    ],
    transcript: [
      { at: 0.1234, from: 'us', kind: 'frame', text: 'text "x"', offset: 0, hex: '8101'.repeat(20), length: 40 },
      { at: 1, from: 'peer', kind: 'tcp', text: 'TCP ended (FIN)', offset: 0, hex: '', length: 0 },
    ],
    leftOut: verdict === 'FAIL' ? 3 : 0,
    duration: 1.23456,
  }
}

/** A report of these. */
export function report(results: readonly CaseResult[], name = 'ws://a/'): ConformanceReport {
  return reportOf(results, {
    tool: 'framewright 1.2.3',
    tested: { role: 'server', name },
    started: new Date(0),
    duration: 4321,
    seed: 7,
    reproduce: id => `run '${id}'`,
  })
}

/** One of each verdict, and one in two segmentations. */
export const mixed = report([
  result('5.1/good', 'PASS'),
  result('5.1/bad', 'FAIL'),
  result('5.1/bad', 'FAIL', 'octets'),
  result('5.2/odd', 'WARN'),
  result('5.2/skipped', 'SKIP'),
  result('5.2/known', 'INFO'),
  result('5.2/broken', 'ERROR', 'whole', { level: 'SHOULD', profile: 'strict', section: 'RFC 9112 §5' }),
])
