/** The end of a run of the suite: writes what was asked for, prints the report, and says what to exit with. */
import { join } from 'node:path'
import { allCases } from '../../conformance/cases/all-cases.js'
import { proxyCases } from '../../conformance/cases/proxy.js'
import { autobahnIndex } from '../../conformance/report/autobahn.js'
import { type Baseline, baselineOf, changesSince, parseBaseline, straysIn } from '../../conformance/report/baseline.js'
import type { ConformanceReport } from '../../conformance/report/conformance-report.js'
import { junitReport, tapReport } from '../../conformance/report/test-events.js'
import { textReport } from '../../conformance/report/text.js'
import { idsOf } from '../../conformance/selection.js'
import { visibleText } from '../../visible-text.js'
import type { Arguments } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import { type Terminal, tell } from '../terminal.js'
import { textFile } from '../text-file.js'
import { htmlReport } from './html-report.js'
import { paintFor } from './paint.js'
import { prepareOutput, writeOutput } from './write-output.js'

/** Checks what can be checked before the run: a baseline that cannot be read should not cost a minute. */
export async function readBaseline(given: Arguments): Promise<Baseline | undefined> {
  const path = given.get('baseline')
  if (path === undefined) return undefined
  if (given.has('update-baseline')) throw new CommandError('--baseline and --update-baseline: give one of them')
  const baseline = parseBaseline(await textFile('--baseline', path))
  if (baseline === undefined) throw new CommandError(`--baseline: ${path} is no baseline; --update-baseline writes one`)
  return baseline
}

/** What the options name: the file that each writes. */
const files: Readonly<Record<string, (value: string) => string>> = {
  json: path => path,
  junit: path => path,
  autobahn: folder => join(folder, 'index.json'),
  html: folder => join(folder, 'index.html'),
  'update-baseline': path => path,
}

/**
 * Checks before the run whether all can be written that is asked for.
 *
 * @throws CommandError (as a rejection)
 */
export async function checkOutputs(given: Arguments): Promise<void> {
  if (given.get('json') === '-' && given.has('tap')) {
    throw new CommandError('--json - and --tap: only one of them can have standard output')
  }
  for (const [name, fileOf] of Object.entries(files)) {
    const value = given.get(name)
    if (value !== undefined && value !== '-') await prepareOutput(`--${name}`, fileOf(value))
  }
}

/** Writes and prints; returns what to exit with. */
export async function conclude(
  report: ConformanceReport,
  given: Arguments,
  baseline: Baseline | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  if (given.has('tap')) await print(terminal, await tapReport(report))
  else if (given.get('json') !== '-') {
    await print(terminal, visibleLines(report, given.has('verbose'), terminal))
  }
  await writeFiles(report, given, terminal)
  if (given.has('update-baseline')) return ExitCode.ok
  const { failing, mended } = changesSince(report, baseline)
  if (baseline !== undefined && failing.length > 0) tell(terminal, `not expected to fail:\n  ${failing.join('\n  ')}`)
  if (mended.length > 0) {
    tell(
      terminal,
      `expected to fail, and passes now; --update-baseline ${given.get('baseline')}:\n  ${mended.join('\n  ')}`,
    )
  }
  const strays = straysIn(baseline, knownIds())
  if (strays.length > 0) {
    tell(
      terminal,
      `expected to fail, and no case; take them out of ${given.get('baseline')}:\n  ${strays.join('\n  ')}`,
    )
  }
  return failing.length + mended.length + strays.length > 0 ? ExitCode.failed : ExitCode.ok
}

function knownIds(): ReadonlySet<string> {
  return idsOf([...allCases, ...proxyCases])
}

/** What the endpoint sent may hold anything; what is printed may not. Colours come after. */
function visibleLines(report: ConformanceReport, verbose: boolean, terminal: Terminal): string {
  const paint = paintFor(terminal, 'stdout')
  const visible = JSON.parse(JSON.stringify(report), (_, value) => {
    return typeof value === 'string' ? visibleText(value) : value
  }) as ConformanceReport
  return textReport(visible, paint, verbose)
}

async function writeFiles(report: ConformanceReport, given: Arguments, terminal: Terminal): Promise<void> {
  const json = `${JSON.stringify(report, undefined, 1)}\n`
  const path = given.get('json')
  if (path === '-') await print(terminal, json)
  else if (path !== undefined) await writeOutput('--json', path, json)
  const junit = given.get('junit')
  if (junit !== undefined) await writeOutput('--junit', junit, await junitReport(report))
  const autobahn = given.get('autobahn')
  if (autobahn !== undefined) {
    await writeOutput(
      '--autobahn',
      join(autobahn, 'index.json'),
      `${JSON.stringify(autobahnIndex(report, 'report.json'), undefined, 1)}\n`,
    )
    await writeOutput('--autobahn', join(autobahn, 'report.json'), json)
  }
  const html = given.get('html')
  if (html !== undefined) await writeOutput('--html', join(html, 'index.html'), htmlReport([report]))
  const baseline = given.get('update-baseline')
  if (baseline !== undefined) {
    const before = parseBaseline(await textFile('--update-baseline', baseline).catch(() => ''))
    const after = baselineOf(report, before, straysIn(before, knownIds()))
    await writeOutput('--update-baseline', baseline, `${JSON.stringify(after, undefined, 2)}\n`)
  }
}
