/** What is said of a broken endpoint. */
import type { CaseResult } from '../../../src/conformance/run-case.js'
import { idsOf } from '../../../src/conformance/selection.js'
import { missed, type Verdict } from '../../../src/conformance/verdict.js'

export interface Mutant {
  /** The rule it breaks, as a switch of the naive endpoints. */
  readonly breaks: string
  /** Patterns of the ids of cases, as on the command line: each of them must see it. */
  readonly caughtBy: readonly string[]
  /**
   * What some of them say of it, by pattern. All others say what their level asks for: FAIL where it is a MUST, WARN where it is a
   * SHOULD, INFO where it is a MAY.
   */
  readonly verdicts?: Readonly<Record<string, Verdict>>
  /** Which side; both unless told. */
  readonly roles?: readonly ('server' | 'client')[]
}

/** What this run should say of the mutant. */
export function due({ run }: Pick<CaseResult, 'run'>, { verdicts = {} }: Mutant): Verdict {
  const other = Object.keys(verdicts).find(pattern => idsOf([run.case], pattern).has(run.id))
  return other === undefined ? missed(run.case.level) : verdicts[other]!
}

/** Whether it says all that it can: a case that only ever warns of a MUST does not prove that it can fail anybody. */
export function provesItsCase(result: CaseResult): boolean {
  return result.verdict === 'FAIL' || result.verdict === missed(result.run.case.level)
}

/** Cases that any wrong echo fails. */
export const someEchoes = ['6455/5.2/text-of-2-octets', '6455/5.2/binary-of-2-octets']
