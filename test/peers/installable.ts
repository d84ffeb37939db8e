/** Programs and packages of other people that tests need, and what becomes of a test where one is missing. */
import type { Test } from 'tap'

export interface Installable {
  readonly name: string
  readonly installed: () => boolean
  /** The command that installs it. */
  readonly install: string
}

/**
 * A test that needs `programs`. Where one is missing it prints the command that installs it and counts as skipped; with
 * FRAMEWRIGHT_REQUIRE_PEERS=1, as in CI, it fails.
 */
export function testWith(
  t: Test,
  programs: readonly Installable[],
  name: string,
  run: (t: Test) => Promise<unknown>,
): Promise<unknown> {
  const missing = programs.find(program => !program.installed())
  if (missing === undefined) return t.test(name, run)
  const reason = `${missing.name} not found; install: ${missing.install}`
  if (process.env['FRAMEWRIGHT_REQUIRE_PEERS'] !== '1') return t.test(name, { skip: reason }, async () => {})
  return t.test(name, async t => t.fail(reason))
}
