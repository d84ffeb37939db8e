/** A load that Ctrl-C ends: at the first it closes its connections and tells what was measured, at the second it cuts them. */
import type { LoadReport } from '../../load/report.js'
import type { RunningLoad } from '../../load/running-load.js'
import type { Terminal } from '../terminal.js'

/** @param begin - the signals are listened to before: many threads take a while to begin. */
export async function interruptible(
  begin: () => RunningLoad,
  terminal: Terminal,
): Promise<{ readonly report: LoadReport; readonly interrupted: boolean }> {
  let running!: RunningLoad // nothing is heard before it has begun: that is one turn of the event loop
  let interrupted = false
  const ignore = terminal.onInterrupt(() => {
    if (interrupted) running.cut()
    else running.stop()
    interrupted = true
  })
  try {
    running = begin()
    const report = await running.report
    return { report, interrupted }
  } finally {
    ignore()
  }
}
