/** The verdict in the same words wherever it stands. */
import { backlogText } from './backlog.js'
import type { LoadReport } from './report.js'

export interface VerdictWords {
  readonly sentence: string
  /** Where the figures are not the server's: why. */
  readonly reasons: readonly string[]
  /** The figures are those of a server that kept up. */
  readonly good: boolean
}

/** @param generator - what the sentence calls it. */
export function verdictWords(
  { verdict, backlog }: Pick<LoadReport, 'verdict' | 'backlog'>,
  generator: string,
): VerdictWords {
  if (!verdict.measured) return { sentence: 'nothing was measured', reasons: [], good: false }
  // What is under way then may have been answered, and not been read: that the server was behind nobody can say.
  if (verdict.generatorBound) {
    return { sentence: 'generator-bound: do not trust these figures', reasons: verdict.reasons, good: false }
  }
  if (backlog !== undefined) {
    const sentence = `${generator} kept up, and the server did not: ${backlogText(backlog)}`
    return { sentence, reasons: [], good: false }
  }
  const but = verdict.caveat === undefined ? '' : `, but for the longest times: ${verdict.caveat}`
  return { sentence: `${generator} kept up: the figures are those of the server${but}`, reasons: [], good: true }
}
