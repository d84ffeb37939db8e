/** Whether the generator itself was what limited a run: then the figures are its own, and not those of the server. */

import { count, milliseconds } from './figures.js'
import { noConnection } from './no-connection.js'
import type { RunFacts } from './report.js'
import type { ThreadReport } from './self-check.js'
import type { Tally } from './tally.js'
import { tooSlow } from './too-slow.js'

/** A thread of the closed model that sleeps for less than the rest of its time has none left: the server could do more. */
const busiest = 0.95
/** One that sleeps little, while the server takes so much less of a core, waits for itself rather than for the server. */
const almostFull = 0.8
const lessAtServer = 0.75
/** Of all messages that were due, so many may be late beyond repair. */
const mostMissed = 0.005
/** Messages may be late by so much of the round trip, or as much as is usual: both are part of the figures. */
const latestShare = 0.1
/** Of the time a thread may wait for a core that others have: nobody knows what the server would have done meanwhile. */
const mostWaited = 0.2
/** Of the time that was measured, a thread has to know of so much how it fared: who is held up cannot look at itself meanwhile. */
const leastKnown = 0.5
/** What comes in may be read so late, in milliseconds, or as a share of the round trip, which has that in it. */
const mostDelayed = 1
const mostDelayedShare = 0.25

/**
 * Of a distribution, what people look at, for each has to be the server's: which messages that is about, and how late they are on
 * a quiet machine, in milliseconds, at the most.
 */
const percentiles = [
  [50, 'half of all messages', 0.2],
  [90, 'one of ten messages', 0.2],
  [99, 'one of a hundred messages', 0.5],
] as const

/** Whether the figures of a run can be trusted. */
export interface Verdict {
  /** There is something to judge: somebody was connected, the warm-up came to its end, and something was due behind it. */
  readonly measured: boolean
  /** The generator was the bottleneck: do not trust the figures. */
  readonly generatorBound: boolean
  /** Why; a sentence each. */
  readonly reasons: readonly string[]
  /** Of a load without a rate that is sound: which of its round trips are longer than the server took, and by how much. */
  readonly caveat?: string | undefined
}

/** What is judged: all of a load, or one class of it, which must not hide behind the others. */
type Part = readonly [name: string, tally: Tally]

export function verdictOn(
  tally: Tally,
  facts: Pick<RunFacts, 'settings' | 'generator' | 'server' | 'seconds' | 'shards'>,
): Verdict {
  const { settings, generator, server, seconds } = facts
  if (seconds === 0 || tally.counts.opened === 0 || isEmpty(tally, settings)) {
    return { measured: false, generatorBound: false, reasons: [] }
  }
  const { threads } = generator
  const parts: Part[] = [['', tally], ...[...tally.classes].map(([name, part]) => [`${name}: `, part] as const)]
  const closed = settings.segments === undefined
  const own = closed ? occupied(threads, server?.cores) : [...unsent(tally), ...late(parts)]
  const [usually, rarely] = [delayed(parts, threads, 50), delayed(parts, threads, 99)]
  const read = closed ? usually : (usually ?? rarely)
  const reasons = [...heldUp(facts), ...own, ...crowded(threads), ...(read === undefined ? [] : [read])]
  if (reasons.length > 0) return { measured: true, generatorBound: true, reasons }
  return { measured: true, generatorBound: false, reasons, ...(rarely !== undefined && { caveat: rarely }) }
}

/**
 * Nothing was due but what found no connection, and no user came who only listened. Connections that are held, or come back when
 * they are lost, have no plan.
 */
function isEmpty(tally: Tally, { workload, segments }: RunFacts['settings']): boolean {
  if (workload === 'idle' || workload === 'storm' || (workload === 'steps' && segments === undefined)) return false
  const unserved = tally.errors.get(noConnection)?.count ?? 0
  return tally.counts.planned === unserved && tally.times('iteration').count === 0
}

/** The share of its time that a thread had something to do, whether it ran or others had the cores. */
function occupation({ busy, cpu, waited = 0, seconds }: ThreadReport): number {
  return cpu === undefined ? busy : Math.max(busy, cpu / seconds + waited)
}

/** What goes on in one turn of the event loop may last for longer than what is measured. Of shards each was judged by itself. */
function heldUp({ settings, generator, seconds, shards }: Parameters<typeof verdictOn>[1]): string[] {
  if (shards !== undefined) return []
  const known = generator.threads.filter(thread => thread.seconds >= seconds * leastKnown).length
  if (known >= settings.threads) return []
  const held = `${settings.threads - known} of ${settings.threads} threads`
  return [`${held} were held up for most of the time: use fewer threads, or shorter messages`]
}

/** @param cores - of the server that were in use, if that is known. */
function occupied(threads: readonly ThreadReport[], cores = Number.POSITIVE_INFINITY): string[] {
  const shares = threads.map(occupation)
  const full = shares.filter(share => share >= busiest).length
  if (full > 0) {
    return [`${full} of ${threads.length} threads had no time left: use more threads, or a rate that they can keep`]
  }
  const all = shares.reduce((sum, share) => sum + share, 0)
  if (cores >= all * lessAtServer || shares.some(share => share < almostFull)) return []
  const used = `${all.toFixed(2)} cores here, ${cores.toFixed(2)} at the server`
  return [`the threads had little time left, and the server much (${used}): use more threads`]
}

/** Others have the cores. */
function crowded(threads: readonly ThreadReport[]): string[] {
  const waited = Math.max(0, ...threads.map(({ waited = 0 }) => waited))
  if (waited <= mostWaited) return []
  const share = Math.round(waited * 100)
  return [`a thread waited for a core for ${share} % of the time: use fewer threads, or a machine that has less to do`]
}

/**
 * What came in lay there for long before it was read. Where messages have no time at which they are due, that is a matter of how
 * long half of them lay there: the rest of a hundred changes next to nothing in how many come, which is the figure of such a load.
 */
function delayed(parts: readonly Part[], threads: readonly ThreadReport[], percent: 50 | 99): string | undefined {
  const delay = Math.max(0, ...threads.map(({ delayP50, delayP99 }) => (percent === 50 ? delayP50 : delayP99)))
  const spoilt = parts.find(([, tally]) => {
    const whole = roundTrip(tally, percent)
    // Connections that are only held have no figures that could be spoilt.
    return whole > 0 && delay > Math.max(mostDelayed, whole * mostDelayedShare)
  })
  if (spoilt === undefined) return undefined
  const which = percent === 50 ? 'half' : 'a hundredth'
  return `${spoilt[0]}${which} of what came was read more than ${delay.toFixed(1)} ms late`
}

/** What is measured, but for some of a hundred. */
function roundTrip(tally: Tally, percent: number): number {
  return Math.max(...(['rtt', 'connect', 'reconnect'] as const).map(name => tally.times(name).percentile(percent)))
}

/** Their time was over. */
function unsent({ errors, counts }: Tally): string[] {
  const slow = errors.get(tooSlow)?.count ?? 0
  if (slow <= counts.planned * mostMissed) return []
  return [`${count(slow)} of ${count(counts.planned)} messages were never sent, for their time was over`]
}

function late(parts: readonly Part[]): string[] {
  for (const [name, tally] of parts) {
    for (const [percent, which, usual] of percentiles) {
      const by = tally.times('lateness').percentile(percent)
      if (by <= Math.max(usual, roundTrip(tally, percent) * latestShare)) continue
      return [`${name}${which} left ${milliseconds(by)} ms or more after the plan`]
    }
  }
  return []
}
