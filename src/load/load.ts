/** Loads a server, and reports what came of it: as a function, for those who write their own program. */
import { type LoadOptions, loadSettings } from './load-options.js'
import type { LoadReport } from './report.js'
import { RunningLoad } from './running-load.js'

/**
 * Loads an echo server from threads of its own.
 *
 * Connections that fail are counted (`counts.failed`, `errors`), also where all do: `counts.opened` is then 0.
 *
 * @param url - `ws:` or `wss:`.
 * @returns the report. Rejects with a UsageError, before anything is sent, for options that cannot be.
 */
export async function load(url: string | URL, options: LoadOptions = {}): Promise<LoadReport> {
  const running = new RunningLoad(loadSettings(url, options), options.onSecond)
  const { signal } = options
  const stop = () => running.stop()
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  return await running.report.finally(() => signal?.removeEventListener('abort', stop))
}
