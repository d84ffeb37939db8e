/** Telling GitHub Actions what came of a run: by itself where its runner is, elsewhere when asked to. */
import { appendFile } from 'node:fs/promises'
import type { Changes } from '../../conformance/report/baseline.js'
import type { ConformanceReport } from '../../conformance/report/conformance-report.js'
import { githubAnnotations, githubSummary } from '../../conformance/report/github.js'
import type { Arguments } from '../arguments.js'
import { print } from '../print.js'
import { systemReason } from '../system-reason.js'
import { type Terminal, tell } from '../terminal.js'
import { printed } from './outputs.js'

/**
 * Prints annotations, unless another format has standard output, and adds to the summary of the job.
 *
 * @param report - with nothing in it that may not stand on a terminal.
 */
export async function tellGitHub(
  report: ConformanceReport,
  changes: Changes,
  given: Arguments,
  terminal: Terminal,
): Promise<void> {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY: path = '' } = terminal.env
  if (!given.has('github') && GITHUB_ACTIONS !== 'true') return
  if (printed(given).length === 0) await print(terminal, githubAnnotations(report, changes))
  if (path === '') return
  await appendFile(path, githubSummary(report, changes)).catch(error => {
    tell(terminal, `GITHUB_STEP_SUMMARY: cannot write ${path}: ${systemReason(error)}`)
  })
}
