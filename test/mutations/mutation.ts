/**
 * Where the ledger's rows are honoured, to the line: for a row the expression that does it, and what to put in its place
 * so that it is no longer done. `run.ts` does so and expects the test that the ledger names to fail.
 */

import type { Proof } from '../ledger/ledger.js'

/** One way to break one row. */
export interface Mutation {
  /** Id of the row in spec-notes.md; its first proof must fail, or the one whose file is `test`. Or the rule, with `proof`. */
  readonly row: string
  /** Of a rule that no row of the ledger has: the test that must fail. */
  readonly proof?: Proof
  /** The honouring file. */
  readonly file: string
  /** Stands exactly once in that file. */
  readonly find: string
  readonly replace: string
  /** Which of the row's test files, where it names several. */
  readonly test?: string
}
