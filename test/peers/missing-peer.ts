/**
 * What becomes of a test whose peer (a browser, nginx, a package) is not on this machine: it says what installs the peer
 * and is skipped; with FRAMEWRIGHT_REQUIRE_PEERS=1, as in CI, it fails.
 */
import type { Test } from 'tap'

/** A program or package that tests talk to. */
export interface Installable {
  readonly name: string
  readonly installed: () => boolean
  /** The command that installs it. */
  readonly install: string
}

/** A test that runs only where all of `peers` are installed. */
export function peerTest(t: Test, peers: readonly Installable[], name: string, run: (t: Test) => Promise<void>): void {
  const missing = peers.filter(peer => !peer.installed())
  if (missing.length === 0) {
    t.test(name, run)
    return
  }
  const names = missing.map(peer => peer.name).join(', ')
  const commands = missing.map(peer => peer.install).join(' && ')
  const reason = `${names} not found; install: ${commands}`
  if (process.env['FRAMEWRIGHT_REQUIRE_PEERS'] === '1') t.fail(`${name}: ${reason}`)
  else t.test(name, { skip: reason }, async () => {})
}
