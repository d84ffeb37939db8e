/** Runs a load that is understood: with its exporters, until it is over or aborted. */
import { exportTo } from './export/export-to.js'
import type { LoadOptions } from './load-options.js'
import type { LoadReport } from './report.js'
import { type RunningListeners, RunningLoad } from './running-load.js'
import { SampleWriter } from './sample-writer.js'
import type { ThreadSettings } from './thread-settings.js'

/** Who is told of it, and who ends it. */
export type LoadListeners = Pick<LoadOptions, 'exporters' | 'onSecond' | 'samples' | 'signal' | 'serverMetrics'>

export async function runLoad(
  settings: ThreadSettings,
  { exporters = [], onSecond, samples, signal, serverMetrics }: LoadListeners,
): Promise<LoadReport> {
  const run = async (onPart: RunningListeners['onPart']) => {
    const names = settings.classes.map(({ name }) => name)
    const running = new RunningLoad(settings, {
      onSecond,
      onPart,
      samples: samples && new SampleWriter(samples, names),
      onServerTrouble: serverMetrics?.onTrouble,
    })
    const stop = () => running.stop()
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    return await running.report.finally(() => signal?.removeEventListener('abort', stop))
  }
  return await exportTo(exporters, settings, run, signal)
}
