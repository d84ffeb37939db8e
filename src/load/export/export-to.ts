/** Exporters beside a load: begun before it, told its parts, ended behind it, whatever becomes of it. */
import type { LoadSettings } from '../load-settings.js'
import type { LoadPart } from '../report.js'
import type { LoadExporter } from './load-exporter.js'

/**
 * Does something that has parts, and hands them to exporters.
 *
 * @param run - does it, and calls back with each part.
 * @param signal - exporters that end are not waited for when it aborts then; before, it ends what `run` does, if anything.
 * @returns what `run` resolves with, when the exporters have ended. Rejects as it does, or as an exporter that cannot begin.
 */
export async function exportTo<Result>(
  exporters: readonly LoadExporter[],
  settings: LoadSettings,
  run: (onPart: ((part: LoadPart) => void) | undefined) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const begun: LoadExporter[] = []
  try {
    for (const exporter of exporters) {
      await exporter.begin(settings)
      begun.push(exporter)
    }
    return await run(begun.length === 0 ? undefined : part => Promise.all(begun.map(exporter => exporter.add(part))))
  } finally {
    const hurry = signal?.aborted ? undefined : signal
    await Promise.all(begun.map(exporter => exporter.end(hurry)))
  }
}
