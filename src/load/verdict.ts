/** Whether the generator itself was what limited a run: then the figures are its own, and not those of the server. */
import type { LoadSettings } from './load-options.js'
import type { GeneratorReport } from './report.js'
import type { Tally } from './tally.js'

/** A thread of the closed model that waits less than this has no time left: the server could do more. */
const busiest = 0.95
/** Of all messages that were due, so many may be late beyond repair. */
const mostMissed = 0.005
/** Messages may be so late, in milliseconds, or by so much of the round trip: both are part of the figures. */
const latest = 1
const latestShare = 0.1

/** Whether the figures of a run can be trusted. */
export interface Verdict {
  /** The generator was the bottleneck: do not trust the figures. */
  readonly generatorBound: boolean
  /** Why; a sentence each. */
  readonly reasons: readonly string[]
}

export function verdictOn(tally: Tally, settings: LoadSettings, generator: GeneratorReport): Verdict {
  const reasons = settings.segments === undefined ? busyThreads(generator) : delays(tally)
  return { generatorBound: reasons.length > 0, reasons }
}

function busyThreads({ busy }: GeneratorReport): string[] {
  const full = busy.filter(share => share >= busiest).length
  if (full === 0) return []
  return [`${full} of ${busy.length} threads had no time left: use more threads, or a rate that they can keep`]
}

function delays(tally: Tally): string[] {
  const reasons: string[] = []
  const slow = tally.errors.get('not sent: the generator was too slow')?.count ?? 0
  if (slow > tally.counts.planned * mostMissed) {
    reasons.push(`${slow} of ${tally.counts.planned} messages were never sent, for their time was over`)
  }
  const late = tally.times('lateness').percentile(99)
  const whole = Math.max(...(['rtt', 'connect'] as const).map(name => tally.times(name).percentile(99)))
  if (late > Math.max(latest, whole * latestShare)) {
    reasons.push(`one of a hundred messages left more than ${late.toFixed(1)} ms after it was due`)
  }
  return reasons
}
