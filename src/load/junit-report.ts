/** A report as JUnit XML, by Node's own reporter: a test for each condition, and one for the generator itself. */
import { Readable } from 'node:stream'
import { junit } from 'node:test/reporters'
import { inspect } from 'node:util'
import { conditionText } from './condition.js'
import type { LoadReport } from './report.js'
import { headOf } from './report-head.js'

interface Test {
  readonly name: string
  /** Why it fails. */
  readonly failure: string | undefined
  /** Why it says nothing. */
  readonly skipped?: string | undefined
  /** What there is to say where it passes. */
  readonly said?: string | undefined
}

/**
 * JUnit XML, as CI systems read it: a test for each condition, with what it came to, one for whether the server was reached, and
 * one for whether the generator kept up, which is skipped where nothing was measured.
 *
 * @param strict - where it did not, that one fails; else it is skipped, and says so. Default false.
 */
export async function junitReport(report: LoadReport, { strict = false } = {}): Promise<string> {
  const chunks: string[] = []
  // The reporter is a generator function, which the types of `compose` do not know.
  const stream = Readable.from(events(report, strict)).compose(junit as unknown as NodeJS.ReadWriteStream)
  for await (const chunk of stream as AsyncIterable<Buffer | string>) chunks.push(String(chunk))
  // What the reporter is told beside a test becomes a comment, which CI systems do not show.
  return chunks.join('').replaceAll(/<!-- (.*) -->/g, '<system-out>$1</system-out>')
}

function* events(report: LoadReport, strict: boolean): Generator<{ readonly type: string; readonly data: object }> {
  const tests = testsOf(report, strict)
  const duration_ms = report.seconds * 1000
  const suite = `load ${report.url}`
  yield { type: 'test:start', data: { nesting: 0, name: suite } }
  for (const [i, { name, failure, skipped, said }] of tests.entries()) {
    yield { type: 'test:start', data: { nesting: 1, name } }
    if (said !== undefined) yield { type: 'test:diagnostic', data: { nesting: 1, message: said } }
    const { type, data } = ended(1, name, i + 1, { duration_ms, type: 'test' }, failure)
    yield { type, data: skipped === undefined ? data : { ...data, skip: skipped } }
  }
  yield { type: 'test:plan', data: { nesting: 1, count: tests.length } }
  const failed = tests.filter(({ failure }) => failure !== undefined).length
  yield ended(0, suite, 1, { duration_ms, type: 'suite' }, failed === 0 ? undefined : `${failed} failed`)
  yield { type: 'test:plan', data: { nesting: 0, count: 1 } }
}

function testsOf(report: LoadReport, strict: boolean): Test[] {
  const { conditions, verdict, counts, interruptedBy } = report
  const lost = interruptedBy === 'disconnected' ? headOf(report).ended : undefined
  const reached = counts.opened > 0 ? lost : `none of ${counts.failed} connections could be opened`
  const bound = verdict.generatorBound
    ? `generator-bound, do not trust these figures: ${verdict.reasons.join('; ')}`
    : undefined
  const doubt = verdict.measured ? bound : 'nothing was measured'
  const fails = strict && bound !== undefined
  return [
    { name: 'the server was reached', failure: reached },
    { name: 'the generator kept up', failure: fails ? bound : undefined, skipped: fails ? undefined : doubt },
    ...conditions.map(condition => {
      const told = condition.failed ? 'failure' : condition.notJudged ? 'skipped' : 'said'
      return { name: `not ${condition.text}`, failure: undefined, [told]: conditionText(condition) }
    }),
  ]
}

function ended(nesting: number, name: string, testNumber: number, details: object, failure: string | undefined) {
  const data = { nesting, name, testNumber, file: undefined }
  if (failure === undefined) return { type: 'test:pass', data: { ...data, details } }
  const error = Object.assign(new Error(failure), { code: 'ERR_TEST_FAILURE', failureType: 'testCodeFailure' })
  // The reporter inspects it; where it was made says nothing about the load.
  Object.defineProperty(error, inspect.custom, { value: () => failure })
  return { type: 'test:fail', data: { ...data, details: { ...details, error } } }
}
