/** Loads a server, and reports what came of it: as a function, for those who write their own program. */
import { exportTo } from './export/export-to.js'
import { type LoadOptions, loadSettings } from './load-options.js'
import type { LoadReport } from './report.js'
import { RunningLoad } from './running-load.js'

/**
 * Loads an echo server from threads of its own.
 *
 * Connections that fail are counted (`counts.failed`, `errors`), also where all do: `counts.opened` is then 0.
 *
 * @param url - `ws:` or `wss:`.
 * @returns the report. Rejects before anything is sent: with a UsageError for options that cannot be, with what an
 * exporter says that cannot begin.
 */
export async function load(url: string | URL, options: LoadOptions = {}): Promise<LoadReport> {
  const settings = loadSettings(url, options)
  const { signal, onSecond, exporters = [] } = options
  return await exportTo(exporters, settings, async onPart => {
    const running = new RunningLoad(settings, onSecond, onPart)
    const stop = () => running.stop()
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    return await running.report.finally(() => signal?.removeEventListener('abort', stop))
  })
}
