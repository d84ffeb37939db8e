/**
 * JUnit XML and TAP, by Node's own reporters (node:test/reporters): the results are told to them as the events of a test
 * run, a suite for each section of the RFC. What they say is what the exit code says: a failure that the baseline expects is
 * none, and one that it expects in vain is one.
 */
import { Readable } from 'node:stream'
import { junit, tap } from 'node:test/reporters'
import { type Changes, changesSince } from './baseline.js'
import type { ConformanceReport, ReportedCase } from './conformance-report.js'
import { detailLines, reasonsOf } from './text.js'

/**
 * JUnit XML, as CI systems read it. Node's reporter writes attributes that the schema of Jenkins (junit-10.xsd) does not
 * know: they are left out. What is expected to fail is a test that was skipped, with the reason.
 *
 * @param changes - how the report compares with a baseline. Default: there is none.
 */
export async function junitReport(report: ConformanceReport, changes = changesSince(report)): Promise<string> {
  const xml = await written(events(report, changes, 'skip'), junit)
  return xml.replaceAll(/<(?:testsuite|testcase)(?: \w+="[^"]*")+/g, tag =>
    tag.replaceAll(/ (?:disabled|failure)="[^"]*"/g, ''),
  )
}

/** TAP 13. What is expected to fail is `not ok`, with `# TODO` and the reason, which no reader of TAP counts as failed. */
export async function tapReport(report: ConformanceReport, changes = changesSince(report)): Promise<string> {
  return await written(events(report, changes, 'todo'), tap)
}

async function written(events: Iterable<TestEvent>, reporter: unknown): Promise<string> {
  const chunks: string[] = []
  // The reporters are generator functions, which the types of `compose` do not know.
  const stream = Readable.from(events).compose(reporter as NodeJS.ReadWriteStream)
  for await (const chunk of stream as AsyncIterable<Buffer | string>) chunks.push(String(chunk))
  return chunks.join('')
}

interface TestEvent {
  readonly type: 'test:start' | 'test:pass' | 'test:fail' | 'test:plan'
  readonly data: object
}

/** How a test, or a suite, has ended. */
interface Ended {
  readonly type: 'test:pass' | 'test:fail'
  readonly name: string
  /** Why; true where nothing is known of it. */
  readonly skip?: string | boolean
  readonly todo?: string
  readonly details: { readonly duration_ms: number; readonly type: string; readonly error?: Error }
}

function* events(report: ConformanceReport, changes: Changes, known: 'skip' | 'todo'): Generator<TestEvent> {
  let number = 0
  for (const [name, tests] of suites(report, changes, known)) {
    yield { type: 'test:start', data: { nesting: 0, name } }
    for (const [at, test] of tests.entries()) {
      yield { type: 'test:start', data: { nesting: 1, name: test.name } }
      yield ended(test, 1, at + 1)
    }
    yield { type: 'test:plan', data: { nesting: 1, count: tests.length } }
    yield ended(whole(name, tests), 0, ++number)
  }
  yield { type: 'test:plan', data: { nesting: 0, count: number } }
}

function ended({ type, ...data }: Ended, nesting: number, testNumber: number): TestEvent {
  return { type, data: { ...data, nesting, testNumber } }
}

/** The tests, by the names of their suites. */
function suites(report: ConformanceReport, changes: Changes, known: 'skip' | 'todo'): Map<string, Ended[]> {
  const found = new Map<string, Ended[]>()
  const add = (suite: string, test: Ended) => found.set(suite, [...(found.get(suite) ?? []), test])
  const failing = new Set(changes.failing)
  const mended = new Set(changes.mended)
  const expected = new Set(changes.expected)
  for (const one of report.cases) {
    const { id, section } = one
    if (failing.has(id)) add(section, failed(one, reasonsOf(one).join('; ')))
    else if (mended.has(id)) add(section, failed(one, 'expected to fail, and passes now'))
    else if (expected.has(id)) add(section, failedAsExpected(one, known))
    else add(section, passed(one))
  }
  for (const name of changes.strays) {
    const details = { duration_ms: 0, type: 'test', error: failure('expected to fail, and no case') }
    add('the baseline', { type: 'test:fail', name, details })
  }
  return found
}

function passed({ id, verdict, behaviour, duration }: ReportedCase): Ended {
  const skip = verdict === 'SKIP' ? { skip: behaviour.findings[0]?.reason ?? true } : {}
  return { type: 'test:pass', name: id, ...skip, details: { duration_ms: duration, type: 'test' } }
}

function failed(one: ReportedCase, message: string): Ended {
  const details = { duration_ms: one.duration, type: 'test', error: failure(message, one) }
  return { type: 'test:fail', name: one.id, details }
}

function failedAsExpected(one: ReportedCase, known: 'skip' | 'todo'): Ended {
  const reason = `expected to fail: ${reasonsOf(one).join('; ')}`
  return known === 'skip' ? { ...passed(one), skip: reason } : { ...failed(one, reason), todo: reason }
}

function whole(name: string, tests: readonly Ended[]): Ended {
  const failures = tests.filter(({ type, todo }) => type === 'test:fail' && todo === undefined).length
  const details = { duration_ms: tests.reduce((sum, { details }) => sum + details.duration_ms, 0), type: 'suite' }
  if (failures === 0) return { type: 'test:pass', name, details }
  return { type: 'test:fail', name, details: { ...details, error: failure(`${failures} failed`) } }
}

/** The details stand where a test has its stack. */
function failure(message: string, one?: ReportedCase): Error {
  const stack = one === undefined ? message : detailLines(one).join('\n')
  const cause = Object.defineProperty(new Error(message), 'stack', { value: stack, enumerable: false })
  const error = Object.assign(new Error(message), { code: 'ERR_TEST_FAILURE', failureType: 'testCodeFailure' })
  Object.defineProperty(error, 'cause', { value: cause, enumerable: false })
  return Object.defineProperty(error, 'stack', { value: stack, enumerable: false })
}
