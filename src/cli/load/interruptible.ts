/**
 * A load that Ctrl-C ends: at the first it closes its connections and tells what was measured, at the second it cuts them. Once
 * all is measured, nobody who is to take the figures is waited for any longer.
 */
import type { LoadReport } from '../../load/report.js'
import type { RunningLoad } from '../../load/running-load.js'
import type { Terminal } from '../terminal.js'

/** Begins a load and waits for its report. The signals are listened to before: many threads take a while to begin. */
type Follow = (begin: () => RunningLoad) => Promise<LoadReport>

/**
 * Listens to Ctrl-C from when a load begins until what surrounds it is over.
 *
 * @param act - runs one load, with what has to be done before and behind it.
 */
export async function interruptible(
  terminal: Terminal,
  act: (follow: Follow, hurry: AbortSignal) => Promise<LoadReport>,
): Promise<{ readonly report: LoadReport; readonly interrupted: boolean }> {
  const hurry = new AbortController()
  let running: RunningLoad | undefined
  let interrupted = false
  let ignore = () => {}
  const follow: Follow = async begin => {
    // Nothing is heard before it has begun: that is one turn of the event loop.
    ignore = terminal.onInterrupt(() => {
      if (running === undefined) hurry.abort()
      else if (interrupted) running.cut()
      else running.stop()
      interrupted = true
    })
    running = begin()
    const report = await running.report
    running = undefined
    return report
  }
  try {
    const report = await act(follow, hurry.signal)
    return { report, interrupted }
  } finally {
    ignore()
  }
}
