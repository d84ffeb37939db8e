/** Reports that a command line names. */
import { parseReport } from '../../load/parse-report.js'
import type { LoadReport } from '../../load/report.js'
import { CommandError } from '../command-error.js'
import { textFile } from '../text-file.js'

/**
 * The reports in these files.
 *
 * @param command - names it in messages.
 * @throws CommandError (as a rejection)
 */
export async function reportFiles(command: string, paths: readonly string[]): Promise<LoadReport[]> {
  const reports: LoadReport[] = []
  for (const path of paths) {
    const report = parseReport(await textFile(command, path))
    if (report === undefined) {
      throw new CommandError(
        `${path} is no report of a load, or one of another version; framewright load URL --json FILE writes one`,
      )
    }
    reports.push(report)
  }
  return reports
}
