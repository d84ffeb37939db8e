/** The files that a run of the suite writes. */
import { join } from 'node:path'
import { autobahnIndex } from '../../conformance/report/autobahn.js'
import { badgeOf } from '../../conformance/report/badge.js'
import type { Baseline, Changes } from '../../conformance/report/baseline.js'
import type { ConformanceReport } from '../../conformance/report/conformance-report.js'
import { pcapngOf } from '../../conformance/report/pcapng.js'
import { sarifReport } from '../../conformance/report/sarif.js'
import { junitReport } from '../../conformance/report/test-events.js'
import type { Arguments } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { print } from '../print.js'
import type { Terminal } from '../terminal.js'
import { htmlReport } from './html-report.js'
import { namedPath } from './named-path.js'
import { prepareOutput, writeOutput } from './write-output.js'

interface Output {
  /** Its name in the folder that the option's value is; where that is the file itself there is none. */
  readonly within?: string
  readonly content: (report: ConformanceReport, changes: Changes) => string | Buffer | Promise<string>
}

const json = (value: object) => `${JSON.stringify(value, undefined, 1)}\n`

/** By the names of the options. */
const outputs: Readonly<Record<string, readonly Output[]>> = {
  json: [{ content: json }],
  junit: [{ content: junitReport }],
  sarif: [{ content: (report, changes) => json(sarifReport(report, changes)) }],
  badge: [{ content: report => json(badgeOf(report)) }],
  pcap: [{ content: pcapngOf }],
  autobahn: [
    { within: 'index.json', content: report => json(autobahnIndex(report, 'report.json')) },
    { within: 'report.json', content: json },
  ],
  html: [{ within: 'index.html', content: report => htmlReport([report]) }],
}

/** Those that have standard output, in the place of the report: as they were typed. */
export function printed(given: Arguments): readonly string[] {
  const files = filesOf(given).filter(([, path]) => path === '-')
  return [...files.map(([name]) => `--${name} -`), ...(given.has('tap') ? ['--tap'] : [])]
}

/**
 * Checks before the run whether all can be written that is asked for.
 *
 * @throws CommandError (as a rejection)
 */
export async function checkOutputs(given: Arguments): Promise<void> {
  const all = [...printed(given), ...(given.has('github') ? ['--github'] : [])]
  if (all.length > 1) throw new CommandError(`${all.join(' and ')}: only one of them can have standard output`)
  for (const [name, path] of filesOf(given)) if (path !== '-') await prepareOutput(`--${name}`, path)
  const baseline = given.get('update-baseline')
  if (baseline !== undefined) await prepareOutput('--update-baseline', namedPath('--update-baseline', baseline))
}

/**
 * Writes all of them; what goes to standard output last, as that may not be possible.
 *
 * @param baseline - what `--update-baseline` writes, where it is given.
 * @throws CommandError (as a rejection): one could not be written, or several; the others have been.
 */
export async function writeOutputs(
  report: ConformanceReport,
  given: Arguments,
  changes: Changes,
  baseline: Baseline | undefined,
  terminal: Terminal,
): Promise<void> {
  const failed: CommandError[] = []
  const keep = (error: CommandError) => failed.push(error)
  if (baseline !== undefined) {
    const text = `${JSON.stringify(baseline, undefined, 2)}\n`
    await writeOutput('--update-baseline', given.get('update-baseline')!, text).catch(keep)
  }
  const files = filesOf(given)
  for (const [name, path, { content }] of files) {
    if (path !== '-') await writeOutput(`--${name}`, path, await content(report, changes)).catch(keep)
  }
  for (const [, path, { content }] of files) {
    if (path === '-') await print(terminal, await content(report, changes)).catch(keep)
  }
  const [first] = failed
  if (first !== undefined) throw new CommandError(failed.map(({ message }) => message).join('; '), first.exitCode)
}

function filesOf(given: Arguments): (readonly [name: string, path: string, output: Output])[] {
  return Object.entries(outputs).flatMap(([name, all]) => {
    const value = given.get(name)
    if (value === undefined) return []
    const pathOf = ({ within }: Output) => (within === undefined ? value : join(namedPath(`--${name}`, value), within))
    return all.map(one => [name, pathOf(one), one] as const)
  })
}
