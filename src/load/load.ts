/** Loads a server, and reports what came of it: as a function, for those who write their own program. */
import { type LoadOptions, loadSettings } from './load-options.js'
import type { LoadReport } from './report.js'
import { runLoad } from './run-load.js'

/**
 * Loads a server from threads of its own.
 *
 * Connections that fail are counted (`counts.failed`, `errors`), also where all do: `counts.opened` is then 0.
 *
 * @param url - `ws:` or `wss:`.
 * @returns the report. Rejects before anything is sent: with a UsageError for options that cannot be, with what an
 * exporter says that cannot begin. What `onSecond`, `onTrouble` of `serverMetrics` or an exporter throws ends the run, and it rejects with that.
 */
export async function load(url: string | URL, options: LoadOptions = {}): Promise<LoadReport> {
  return await runLoad(loadSettings(url, options), options)
}
