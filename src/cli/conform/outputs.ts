/** The files that a run of the suite writes. */
import { join } from 'node:path'
import { autobahnIndex } from '../../conformance/report/autobahn.js'
import { badgeOf } from '../../conformance/report/badge.js'
import type { Changes } from '../../conformance/report/baseline.js'
import type { ConformanceReport } from '../../conformance/report/conformance-report.js'
import { pcapngOf } from '../../conformance/report/pcapng.js'
import { sarifReport } from '../../conformance/report/sarif.js'
import { junitReport } from '../../conformance/report/test-events.js'
import type { Arguments } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { print } from '../print.js'
import type { Terminal } from '../terminal.js'
import { htmlReport } from './html-report.js'
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

/**
 * Checks before the run whether all can be written that is asked for.
 *
 * @throws CommandError (as a rejection)
 */
export async function checkOutputs(given: Arguments): Promise<void> {
  const printed = ['tap', 'github'].filter(name => given.has(name)).map(name => `--${name}`)
  if (given.get('json') === '-') printed.unshift('--json -')
  if (printed.length > 1) throw new CommandError(`${printed.join(' and ')}: only one of them can have standard output`)
  for (const [name, path] of filesOf(given)) await prepareOutput(`--${name}`, path)
  const baseline = given.get('update-baseline')
  if (baseline !== undefined) await prepareOutput('--update-baseline', baseline)
}

/** Writes all of them. */
export async function writeOutputs(
  report: ConformanceReport,
  given: Arguments,
  changes: Changes,
  terminal: Terminal,
): Promise<void> {
  if (given.get('json') === '-') await print(terminal, json(report))
  for (const [name, path, { content }] of filesOf(given)) {
    await writeOutput(`--${name}`, path, await content(report, changes))
  }
}

function filesOf(given: Arguments): (readonly [name: string, path: string, output: Output])[] {
  return Object.entries(outputs).flatMap(([name, all]) => {
    const value = given.get(name)
    if (value === undefined || (name === 'json' && value === '-')) return []
    return all.map(one => [name, one.within === undefined ? value : join(value, one.within), one] as const)
  })
}
