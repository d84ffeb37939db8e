/** Paths for unix sockets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Nothing is there yet; the folder is removed when the test is over. Not in the test's own folder: a path has 107 octets at most. */
export async function socketPath(t: { teardown(callback: () => unknown): unknown }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'framewright-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return join(folder, 'socket')
}
