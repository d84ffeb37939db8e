/** `framewright load merge`: the reports of shards as one. */
import type { UsageError } from '../../errors.js'
import { mergeReports } from '../../load/merge-reports.js'
import type { LoadReport } from '../../load/report.js'
import { parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { CommandError } from '../command-error.js'
import type { ExitCode } from '../exit-code.js'
import { complain, type Terminal } from '../terminal.js'
import { conclude, conclusionOptions } from './conclude.js'
import { checkOutputs } from './outputs.js'
import { reportFiles } from './report-files.js'

export const loadMerge: Command = {
  name: 'load merge',
  summary: 'puts the reports of shards together, without loss; or shows one again',
  usage: 'FILE… [options]',
  about: [
    'Reads what --json of several shards of one load wrote, and tells of them as of one run. Which shards are missing\nis said on stderr. Of shards that began more than a second apart the verdict says: do not trust these figures.\nA FILE that is - is stdin.',
  ],
  options: { ...conclusionOptions, help: { short: 'h', help: 'this text' } },
  parts: [
    [
      'Exit codes',
      [
        '0    they were put together, and came to nothing that --fail-if of the runs forbids',
        '1    they came to something that it forbids, or a file could not be written',
        '2    a file cannot be read or is no report, or they are not different shards of one load',
        '3    with --strict: the generator was the bottleneck, or the shards did not run together',
        '4    not one connection had been opened, or all were lost before the end, be it in one of the shards',
        '5    stdout cannot be written to: the disk is full, … (a closed pipe is no error)',
      ],
    ],
    [
      'Examples',
      ['framewright load merge shard-1.json shard-2.json --json all.json', 'framewright load merge run.json'],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, loadMerge.options)
  if (given.positionals.length === 0) throw new CommandError('which reports? framewright load merge 1.json 2.json')
  const reports = await reportFiles('merge', given.positionals, terminal)
  await checkOutputs(given, given.positionals)
  const report = merged(reports)
  const missing = missingFrom(report)
  if (missing.length > 0) complain(terminal, `careful: shards are missing: ${missing.join(', ')}`)
  return await conclude(report, given, terminal)
}

/** More of them are not named. */
const mostNamed = 20

/** Such as `2/3`. */
function missingFrom({ shards }: LoadReport): string[] {
  if (shards === undefined) return []
  const { count, indexes } = shards
  const names: string[] = []
  for (let index = 0; index < count && names.length < mostNamed; index++) {
    if (!indexes.includes(index)) names.push(`${index + 1}/${count}`)
  }
  const more = count - indexes.length - names.length
  return more > 0 ? [...names, `and ${more} more`] : names
}

function merged(reports: readonly LoadReport[]): LoadReport {
  try {
    return mergeReports(reports)
  } catch (error) {
    throw new CommandError((error as UsageError).message)
  }
}
