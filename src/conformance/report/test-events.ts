/**
 * JUnit XML and TAP, by Node's own reporters (node:test/reporters): the results are told to them as the events of a test
 * run, a suite for each section of the RFC.
 */
import { Readable } from 'node:stream'
import { junit, tap } from 'node:test/reporters'
import type { ConformanceReport, ReportedCase } from './conformance-report.js'
import { detailLines, reasonsOf } from './text.js'

/**
 * JUnit XML, as CI systems read it. Node's reporter writes attributes that the schema of Jenkins (junit-10.xsd) does not
 * know: they are left out.
 */
export async function junitReport(report: ConformanceReport): Promise<string> {
  const xml = await written(report, junit)
  return xml.replaceAll(/<(?:testsuite|testcase)(?: \w+="[^"]*")+/g, tag =>
    tag.replaceAll(/ (?:disabled|failure)="[^"]*"/g, ''),
  )
}

/** TAP 13. */
export async function tapReport(report: ConformanceReport): Promise<string> {
  return await written(report, tap)
}

async function written(report: ConformanceReport, reporter: unknown): Promise<string> {
  const chunks: string[] = []
  // The reporters are generator functions, which the types of `compose` do not know.
  const stream = Readable.from(events(report)).compose(reporter as NodeJS.ReadWriteStream)
  for await (const chunk of stream as AsyncIterable<Buffer | string>) chunks.push(String(chunk))
  return chunks.join('')
}

interface TestEvent {
  readonly type: 'test:start' | 'test:pass' | 'test:fail' | 'test:plan'
  readonly data: Readonly<Record<string, unknown>>
}

function* events(report: ConformanceReport): Generator<TestEvent> {
  const sections = new Map<string, ReportedCase[]>()
  for (const one of report.cases) sections.set(one.section, [...(sections.get(one.section) ?? []), one])
  let number = 0
  for (const [name, cases] of sections) {
    yield { type: 'test:start', data: { nesting: 0, name } }
    for (const [at, one] of cases.entries()) {
      yield { type: 'test:start', data: { nesting: 1, name: one.id } }
      yield ended(one, at + 1)
    }
    yield { type: 'test:plan', data: { nesting: 1, count: cases.length } }
    yield suiteEnded(name, cases, ++number)
  }
  yield { type: 'test:plan', data: { nesting: 0, count: number } }
}

function ended(one: ReportedCase, testNumber: number): TestEvent {
  const details = { duration_ms: one.duration, type: 'test' }
  const data = { nesting: 1, name: one.id, testNumber, file: undefined }
  if (isFailure(one)) {
    const error = failure(reasonsOf(one).join('; '), one)
    return { type: 'test:fail', data: { ...data, details: { ...details, error } } }
  }
  const skip = one.verdict === 'SKIP' ? { skip: one.behaviour.findings[0]?.reason ?? true } : {}
  return { type: 'test:pass', data: { ...data, ...skip, details } }
}

function suiteEnded(name: string, cases: readonly ReportedCase[], testNumber: number): TestEvent {
  const failed = cases.filter(isFailure).length
  const details = { duration_ms: cases.reduce((sum, { duration }) => sum + duration, 0), type: 'suite' }
  const data = { nesting: 0, name, testNumber, file: undefined }
  if (failed === 0) return { type: 'test:pass', data: { ...data, details } }
  return { type: 'test:fail', data: { ...data, details: { ...details, error: failure(`${failed} failed`) } } }
}

function isFailure({ verdict }: ReportedCase): boolean {
  return verdict === 'FAIL' || verdict === 'ERROR'
}

/** The details stand where a test has its stack. */
function failure(message: string, one?: ReportedCase): Error {
  const stack = one === undefined ? message : detailLines(one).join('\n')
  const cause = Object.defineProperty(new Error(message), 'stack', { value: stack, enumerable: false })
  const error = Object.assign(new Error(message), { code: 'ERR_TEST_FAILURE', failureType: 'testCodeFailure' })
  Object.defineProperty(error, 'cause', { value: cause, enumerable: false })
  return Object.defineProperty(error, 'stack', { value: stack, enumerable: false })
}
