/** Those whom a load tells what it measures while it runs. */
import type { LoadSettings } from '../load-settings.js'
import type { LoadPart } from '../report.js'

/**
 * Takes figures elsewhere while a load runs. All parts that it is given add up to the report. It is called in the thread
 * that gathers, not in those that measure: what it takes is not part of the figures.
 */
export interface LoadExporter {
  /** Before anything is sent. Rejects where it cannot do its part on this machine; then there is no load. */
  begin(settings: LoadSettings): Promise<void>
  /** What has come since the last call: what connecting has come to, a second of the run, or its end. Returns at once. */
  add(part: LoadPart): void
  /**
   * The load is over. Resolves when all has been handed over, or given up; takes no longer than some seconds.
   *
   * @param hurry - when it aborts, what would take longer than a second is given up.
   */
  end(hurry?: AbortSignal): Promise<void>
}
