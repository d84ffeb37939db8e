/** The end of a load: its summary, its files, and what to exit with. */
import type { LoadReport } from '../../load/report.js'
import { textReport } from '../../load/text-report.js'
import type { Arguments, OptionTable } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import { styled, type Terminal } from '../terminal.js'
import { outputOptions, summaryStream, writeOutputs } from './outputs.js'

/** The options of commands that end with a report. */
export const conclusionOptions: OptionTable = {
  ...outputOptions,
  strict: { help: 'exit with 3 where the generator was the bottleneck' },
}

/** The summary first: what was measured should not be lost where a file cannot be written, nor the files where that cannot. */
export async function conclude(report: LoadReport, given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const to = summaryStream(given)
  const text = textReport(report, (style, text) => styled(terminal, to, style, text))
  try {
    if (to === 'stderr') terminal.stderr.write(text)
    else await print(terminal, text)
  } finally {
    await writeOutputs(report, given, terminal)
  }
  const { counts, conditions, verdict, samples, interruptedBy } = report
  if (samples?.error !== undefined) {
    throw new CommandError(`--samples: cannot write ${given.get('samples')}: ${samples.error}`, ExitCode.failed)
  }
  if (counts.opened === 0 || interruptedBy === 'disconnected') return ExitCode.unreachable
  if (given.has('strict') && verdict.generatorBound) return ExitCode.untrusted
  return conditions.some(({ failed }) => failed) ? ExitCode.failed : ExitCode.ok
}
