/** Whether the generator itself was what limited a run: then the figures are its own, and not those of the server. */
import type { LoadSettings } from './load-settings.js'
import type { GeneratorReport } from './report.js'
import type { Tally } from './tally.js'

/** A thread of the closed model that waits less than this has no time left: the server could do more. */
const busiest = 0.95
/** Of all messages that were due, so many may be late beyond repair. */
const mostMissed = 0.005
/** Messages may be so late, in milliseconds, or by so much of the round trip: both are part of the figures. */
const latest = 1
const latestShare = 0.1
/** Of the time a thread may wait for a core that others have: nobody knows what the server would have done meanwhile. */
const mostWaited = 0.2
/** What comes in may be read so late, as a share of the round trip: above, most of that is the generator's own. */
const mostDelayed = 0.5

/** Whether the figures of a run can be trusted. */
export interface Verdict {
  /** There is something to judge: somebody was connected, and the warm-up came to its end. */
  readonly measured: boolean
  /** The generator was the bottleneck: do not trust the figures. */
  readonly generatorBound: boolean
  /** Why; a sentence each. */
  readonly reasons: readonly string[]
}

/** @param seconds - that were measured. */
export function verdictOn(tally: Tally, settings: LoadSettings, generator: GeneratorReport, seconds: number): Verdict {
  if (seconds === 0 || tally.counts.opened === 0) return { measured: false, generatorBound: false, reasons: [] }
  const own = settings.segments === undefined ? busyThreads(generator) : delays(tally)
  const reasons = [...own, ...crowded(generator), ...delayed(tally, generator)]
  return { measured: true, generatorBound: reasons.length > 0, reasons }
}

function busyThreads({ threads }: GeneratorReport): string[] {
  const full = threads.filter(({ busy }) => busy >= busiest).length
  if (full === 0) return []
  return [`${full} of ${threads.length} threads had no time left: use more threads, or a rate that they can keep`]
}

/** Others have the cores. */
function crowded({ threads }: GeneratorReport): string[] {
  const waited = Math.max(0, ...threads.map(({ waited = 0 }) => waited))
  if (waited <= mostWaited) return []
  const share = Math.round(waited * 100)
  return [`a thread waited for a core for ${share} % of the time: use fewer threads, or a machine that has less to do`]
}

/** What came in lay there for long before it was read. */
function delayed(tally: Tally, { threads }: GeneratorReport): string[] {
  const delay = Math.max(0, ...threads.map(({ delayP99 }) => delayP99))
  const whole = roundTrip(tally)
  // Connections that are only held have no figures that could be spoilt.
  if (whole === 0 || delay <= Math.max(latest, whole * mostDelayed)) return []
  return [`one of a hundred turns of the event loop came ${delay.toFixed(1)} ms late, and so did what was read in it`]
}

/** What is measured, but for one of a hundred. */
function roundTrip(tally: Tally): number {
  return Math.max(...(['rtt', 'connect', 'reconnect'] as const).map(name => tally.times(name).percentile(99)))
}

function delays(tally: Tally): string[] {
  const reasons: string[] = []
  const slow = tally.errors.get('not sent: the generator was too slow')?.count ?? 0
  if (slow > tally.counts.planned * mostMissed) {
    reasons.push(`${slow} of ${tally.counts.planned} messages were never sent, for their time was over`)
  }
  const late = tally.times('lateness').percentile(99)
  if (late > Math.max(latest, roundTrip(tally) * latestShare)) {
    reasons.push(`one of a hundred messages left more than ${late.toFixed(1)} ms after it was due`)
  }
  return reasons
}
