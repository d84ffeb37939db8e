/** Reports that a command line names. */
import { text as textOf } from 'node:stream/consumers'
import { readReport } from '../../load/read-report.js'
import type { LoadReport } from '../../load/report.js'
import { CommandError } from '../command-error.js'
import { systemReason } from '../system-reason.js'
import type { Terminal } from '../terminal.js'
import { textFile } from '../text-file.js'

/**
 * The reports in these files; `-` is stdin.
 *
 * @param command - names it in messages.
 * @throws CommandError (as a rejection)
 */
export async function reportFiles(
  command: string,
  paths: readonly string[],
  { stdin }: Terminal,
): Promise<LoadReport[]> {
  const reports: LoadReport[] = []
  for (const path of paths) {
    const text = path === '-' ? await inputText(command, stdin) : await textFile(command, path)
    try {
      reports.push(readReport(text))
    } catch (error) {
      const reason = (error as Error).message
      throw new CommandError(
        `${path} is no report of a load, or one of another version (${reason}); framewright load URL --json FILE writes one`,
      )
    }
  }
  return reports
}

async function inputText(command: string, stdin: Terminal['stdin']): Promise<string> {
  if (stdin.readableEnded) throw new CommandError(`${command}: only one of the files can be -, for there is one stdin`)
  try {
    return await textOf(stdin)
  } catch (error) {
    throw new CommandError(`${command}: cannot read stdin: ${systemReason(error)}`)
  }
}
