/** The end of a run of the suite: writes what was asked for, prints the report, and says what to exit with. */
import { declaredLimitCases } from '../../conformance/cases/10.4-declared-limit.js'
import { allCases } from '../../conformance/cases/all-cases.js'
import { proxyCases } from '../../conformance/cases/proxy.js'
import {
  type Baseline,
  baselineOf,
  changesSince,
  type FailOn,
  parseBaseline,
  straysIn,
} from '../../conformance/report/baseline.js'
import type { ConformanceReport } from '../../conformance/report/conformance-report.js'
import { tapReport } from '../../conformance/report/test-events.js'
import { textReport } from '../../conformance/report/text.js'
import { idsOf } from '../../conformance/selection.js'
import { visibleText } from '../../visible-text.js'
import type { Arguments } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import { parseWord } from '../quantity.js'
import { type Terminal, tell } from '../terminal.js'
import { textFile } from '../text-file.js'
import { tellGitHub } from './github.js'
import { printed, writeOutputs } from './outputs.js'
import { paintFor } from './paint.js'

/** What a run is measured by. */
export interface Expectation {
  /** What is known to fail; undefined: nothing. */
  readonly baseline: Baseline | undefined
  readonly failOn: FailOn
}

/** Checks what can be checked before the run: a baseline that cannot be read should not cost a minute. */
export async function readExpectation(given: Arguments): Promise<Expectation> {
  const failOn = parseWord('--fail-on', given.get('fail-on') ?? 'fail', ['fail', 'warn'])
  return { baseline: await readBaseline(given), failOn: failOn === 'warn' ? 'WARN' : 'FAIL' }
}

async function readBaseline(given: Arguments): Promise<Baseline | undefined> {
  const path = given.get('baseline')
  if (path === undefined) return undefined
  if (given.has('update-baseline')) throw new CommandError('--baseline and --update-baseline: give one of them')
  const baseline = parseBaseline(await textFile('--baseline', path))
  if (baseline === undefined) throw new CommandError(`--baseline: ${path} is no baseline; --update-baseline writes one`)
  return baseline
}

/** Writes and prints; returns what to exit with. */
export async function conclude(
  report: ConformanceReport,
  given: Arguments,
  { baseline, failOn }: Expectation,
  terminal: Terminal,
): Promise<ExitCode> {
  const visible = visibleReport(report)
  const update = given.get('update-baseline')
  const updated = update === undefined ? undefined : await updatedBaseline(update, report, failOn)
  // What is written down as known is expected from now on.
  const changes = changesSince(report, updated ?? baseline, { known: knownIds(), failOn })
  try {
    if (given.has('tap')) await print(terminal, await tapReport(visible, changes))
    else if (printed(given).length === 0) {
      await print(terminal, textReport(visible, paintFor(terminal, 'stdout'), given.has('verbose')))
    }
  } finally {
    // What has come of it is not lost where it cannot be printed.
    await writeOutputs(report, given, changes, updated, terminal)
  }
  await tellGitHub(visible, changes, given, terminal)
  const { failing, mended, unjudged, strays } = changes
  const list = (what: string, ids: readonly string[]) => {
    if (ids.length > 0) tell(terminal, `${what}:\n  ${ids.join('\n  ')}`)
  }
  if (baseline !== undefined) list('not expected to fail', failing)
  list(`expected to fail, and passes now; --update-baseline ${given.get('baseline')}`, mended)
  list('expected to fail, and was not judged (SKIP)', unjudged)
  list(`expected to fail, and no case; take them out of ${given.get('baseline')}`, strays)
  return failing.length + mended.length + strays.length > 0 ? ExitCode.failed : ExitCode.ok
}

function knownIds(): ReadonlySet<string> {
  return idsOf([...allCases, ...proxyCases, ...declaredLimitCases(1, 'core')])
}

/** What the endpoint sent may hold anything; what is printed may not. Colours come after. */
function visibleReport(report: ConformanceReport): ConformanceReport {
  return JSON.parse(JSON.stringify(report), (_, value) => {
    return typeof value === 'string' ? visibleText(value) : value
  }) as ConformanceReport
}

async function updatedBaseline(path: string, report: ConformanceReport, failOn: FailOn): Promise<Baseline> {
  const before = parseBaseline(await textFile('--update-baseline', path).catch(() => ''))
  return baselineOf(report, before, { strays: straysIn(before, knownIds()), failOn })
}
