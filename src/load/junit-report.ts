/** A report as JUnit XML, by Node's own reporter: a test for each condition, and one for the generator itself. */
import { Readable } from 'node:stream'
import { junit } from 'node:test/reporters'
import type { LoadReport } from './report.js'

interface Test {
  readonly name: string
  /** Why it fails. */
  readonly failure: string | undefined
}

/** JUnit XML, as CI systems read it. */
export async function junitReport(report: LoadReport): Promise<string> {
  const chunks: string[] = []
  // The reporter is a generator function, which the types of `compose` do not know.
  const stream = Readable.from(events(report)).compose(junit as unknown as NodeJS.ReadWriteStream)
  for await (const chunk of stream as AsyncIterable<Buffer | string>) chunks.push(String(chunk))
  return chunks.join('')
}

function* events(report: LoadReport): Generator<{ readonly type: string; readonly data: object }> {
  const tests = testsOf(report)
  const duration_ms = report.seconds * 1000
  const suite = `load ${report.url}`
  yield { type: 'test:start', data: { nesting: 0, name: suite } }
  for (const [i, { name, failure }] of tests.entries()) {
    yield { type: 'test:start', data: { nesting: 1, name } }
    yield ended(1, name, i + 1, { duration_ms, type: 'test' }, failure)
  }
  yield { type: 'test:plan', data: { nesting: 1, count: tests.length } }
  const failed = tests.filter(({ failure }) => failure !== undefined).length
  yield ended(0, suite, 1, { duration_ms, type: 'suite' }, failed === 0 ? undefined : `${failed} failed`)
  yield { type: 'test:plan', data: { nesting: 0, count: 1 } }
}

function testsOf({ conditions, verdict, counts }: LoadReport): Test[] {
  const reached = counts.opened > 0 ? undefined : `none of ${counts.failed} connections could be opened`
  const bound = verdict.generatorBound ? verdict.reasons.join('; ') : undefined
  return [
    { name: 'the server was reached', failure: reached },
    { name: 'the generator kept up', failure: bound },
    ...conditions.map(({ text, value, failed }) => ({
      name: `not ${text}`,
      failure: failed ? (value === undefined ? 'it was never measured' : `it was ${value}`) : undefined,
    })),
  ]
}

function ended(nesting: number, name: string, testNumber: number, details: object, failure: string | undefined) {
  const data = { nesting, name, testNumber, file: undefined }
  if (failure === undefined) return { type: 'test:pass', data: { ...data, details } }
  const error = Object.assign(new Error(failure), { code: 'ERR_TEST_FAILURE', failureType: 'testCodeFailure' })
  // Where it was made says nothing about the load.
  error.cause = Object.assign(new Error(failure), { stack: failure })
  error.stack = failure
  return { type: 'test:fail', data: { ...data, details: { ...details, error } } }
}
