/** What is said of a broken endpoint. */

export interface Mutant {
  /** The rule it breaks, as a switch of the naive endpoints. */
  readonly breaks: string
  /** Patterns of the ids of cases, as on the command line: each of them must give another verdict than PASS. */
  readonly caughtBy: readonly string[]
  /** Which side; both unless told. */
  readonly roles?: readonly ('server' | 'client')[]
}

/** Cases that any wrong echo fails. */
export const someEchoes = ['6455/5.2/text-of-2-octets', '6455/5.2/binary-of-2-octets']
