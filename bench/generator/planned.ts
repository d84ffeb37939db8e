/**
 * Messages that are due at the times of a plan, whether replies have come or not, and timed from then: what `framewright load
 * --rate` does, by its API. It tells of whole seconds; the CPU of the peer is read when it does.
 */
import { load as loadServer } from '../../src/load.js'
import type { PlannedLoad, Turn } from './load.js'
import { cpuTimes } from './process-usage.js'

/** Milliseconds behind the last second in which that is told. */
const slack = 100

export async function runPlanned(
  { pid, port, connections, size, rate, ...times }: PlannedLoad,
  begun: () => void,
): Promise<Omit<Turn, 'residentBefore' | 'residentWith'>> {
  // A server that has had another load is warm, and half a second is none.
  const first = Math.round(times.warmUp)
  const seconds = Math.max(1, Math.round(times.seconds))
  const readings: (ReturnType<typeof cpuTimes> & { readonly at: number })[] = []
  const exporter = {
    begin: async () => {},
    end: async () => {},
    // Once behind connecting, once behind each second, and once at the end.
    add() {
      readings.push({ ...cpuTimes(pid), at: performance.now() })
      if (readings.length === first + 1) begun()
    },
  }
  const report = await loadServer(`ws://127.0.0.1:${port}/`, {
    connections,
    size,
    rate,
    warmUp: first * 1000,
    duration: seconds * 1000 + slack,
    exporters: [exporter],
  })
  const { perSecond, times: timed, generator, verdict, counts } = report
  if (counts.failed + counts.lost + counts.wrong + counts.unanswered > 0) {
    throw new Error(
      `of ${counts.planned} messages ${counts.received} came back: ${report.errors[0]?.kind ?? 'no reply'}`,
    )
  }
  const [before, after] = [readings[first]!, readings[first + seconds]!]
  return {
    operations: perSecond.slice(first, first + seconds).reduce((sum, { counts }) => sum + counts.received, 0),
    seconds: (after.at - before.at) / 1000,
    cpu: after.ran - before.ran,
    waited: after.waited - before.waited,
    ownCpu: generator.cpu * 1e9,
    p50: timed.rtt?.p50,
    p99: timed.rtt?.p99,
    bound: verdict.generatorBound,
  }
}
