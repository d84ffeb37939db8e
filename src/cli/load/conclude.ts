/** The end of a load: its summary, its files, and what to exit with. */
import type { LoadReport } from '../../load/report.js'
import { textReport } from '../../load/text-report.js'
import type { Arguments, OptionTable } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import { styled, type Terminal, tell } from '../terminal.js'
import { outputOptions, summaryStream, writeOutputs } from './outputs.js'

/** The options of commands that end with a report. */
export const conclusionOptions: OptionTable = {
  ...outputOptions,
  strict: { help: 'exit with 3 where the generator was the bottleneck' },
}

/**
 * The summary first: what was measured should not be lost where a file cannot be written, nor the files where that cannot.
 *
 * @param interrupted - by Ctrl-C.
 * @param hints - what to do about errors of it, told behind the summary.
 * @returns what to exit with.
 * @throws CommandError (as a rejection): what could not be written. It has the exit code of the run where that says more.
 */
export async function conclude(
  report: LoadReport,
  given: Arguments,
  terminal: Terminal,
  interrupted = false,
  hints: readonly string[] = [],
): Promise<ExitCode> {
  const to = summaryStream(given)
  const text = textReport(report, (style, text) => styled(terminal, to, style, text))
  const faults: CommandError[] = []
  const keep = (error: unknown) => void faults.push(error as CommandError)
  if (to === 'stderr') terminal.stderr.write(text)
  else await print(terminal, text).catch(keep)
  for (const hint of hints) tell(terminal, hint)
  await writeOutputs(report, given, terminal).catch(keep)
  const { error } = report.samples ?? {}
  const samples = given.get('samples')
  // Of reports that are merged, each run has told it.
  if (error !== undefined && samples !== undefined) {
    keep(new CommandError(`--samples: cannot write ${samples}: ${error}`, ExitCode.failed))
  }
  const code = interrupted ? ExitCode.interrupted : codeOf(report, given)
  const [fault] = faults
  if (fault === undefined) return code
  // Of a run that was ended, reached nobody or cannot be trusted that is known first; what fell, from the summary.
  const said = code === ExitCode.ok || code === ExitCode.failed ? fault.exitCode : code
  throw new CommandError(faults.map(({ message }) => message).join('; '), said)
}

/** What has come of the run. */
function codeOf({ counts, conditions, verdict, interruptedBy }: LoadReport, given: Arguments): ExitCode {
  if (counts.opened === 0 || interruptedBy === 'disconnected') return ExitCode.unreachable
  if (given.has('strict') && verdict.generatorBound) return ExitCode.untrusted
  return conditions.some(({ failed }) => failed) ? ExitCode.failed : ExitCode.ok
}
