/** What a load has come to: plain figures, as they are printed, kept as JSON and judged. Times are in milliseconds. */
import { deflateSync } from 'node:zlib'
import { type Backlog, backlogOf } from './backlog.js'
import type { BadPeersReport } from './bad-peers.js'
import { type ConditionReport, type Fallen, forbid, parseCondition } from './condition.js'
import type { ConnectReport } from './connect-report.js'
import type { Histogram } from './histogram.js'
import type { LoadSettings } from './load-settings.js'
import type { MadeBy } from './made-by.js'
import type { SamplesReport } from './sample-writer.js'
import type { PhaseReport } from './scenario/phase-report.js'
import type { ThreadReport } from './self-check.js'
import type { ServerMetricsSettings } from './server/server-options.js'
import type { ServerReport, ServerSecond } from './server/server-report.js'
import { judgedTogether, type ShardsReport } from './shards.js'
import { shownUrl } from './shown-url.js'
import { type CountName, type Tally, type TimeName, timeNames } from './tally.js'
import { type Verdict, verdictOn } from './verdict.js'

/** A distribution of times. Percentiles are exact to a thousandth; the others are exact. */
export interface TimeSummary {
  /** How many there are. */
  readonly count: number
  /** The shortest. */
  readonly min: number
  /** The average. */
  readonly mean: number
  /** Half of all took no longer. */
  readonly p50: number
  /** Nine of ten took no longer. */
  readonly p90: number
  /** All but one of a hundred took no longer. */
  readonly p99: number
  /** All but one of a thousand took no longer. */
  readonly 'p99.9': number
  /** The longest. */
  readonly max: number
}

/** All of a distribution. */
export interface TimeReport extends TimeSummary {
  /** Compressed V2 in base64, of microseconds: other implementations of HdrHistogram read it. */
  readonly histogram: string
}

/** What was counted and timed in a second. */
export interface SecondPart {
  /** What happened in it; replies count in the second in which they come. */
  readonly counts: Readonly<Record<CountName, number>>
  /** What was timed in it; what never happened is left out. */
  readonly times: Readonly<Partial<Record<TimeName, TimeReport>>>
  /**
   * What happened in it of what was due in the warm-up: to be shown, for it is part of no total, no condition and no
   * comparison. Left out where nothing did.
   */
  readonly ofWarmUp?: Pick<LoadPart, 'counts' | 'times'> | undefined
}

/** One second of a run. */
export interface LoadSecond extends SecondPart {
  /** From 0; the warm-up has the first ones. */
  readonly number: number
  /** It belongs to the warm-up, at least in part: `counts` and `times` have what follows that. */
  readonly warmUp: boolean
  /** Of a scenario or a mixed load: what each of its classes or parts has of it, by name. */
  readonly classes?: Readonly<Record<string, SecondPart>> | undefined
  /** What the server took and told in it; left out where it had ended, did not answer, or nobody was to look. */
  readonly server?: ServerSecond | undefined
}

/** A part of a run, as exporters are told of it. */
export interface LoadPart {
  /** What happened in it. */
  readonly counts: Readonly<Record<CountName, number>>
  /** What was timed in it; what never happened is left out. */
  readonly times: Readonly<Partial<Record<TimeName, TimeReport>>>
  /** What went wrong in it, the most frequent first. */
  readonly errors: readonly ErrorReport[]
  /** Of a scenario or a mixed load, for exporters: what each of its classes or parts has of it, by name; all of it together. */
  readonly classes?: Readonly<Record<string, LoadPart>> | undefined
  /** Of a second: what the server took and told in it. */
  readonly server?: ServerSecond | undefined
}

/** What went wrong, and how often. */
export interface ErrorReport {
  /** The same for all that count together: `tcp ECONNREFUSED`, `refused with 503`. */
  readonly kind: string
  /** How often. */
  readonly count: number
  /** What the first one said. */
  readonly example: string
}

/** How the generator itself fared. */
export interface GeneratorReport {
  /** Of each thread; none where the run was over before the warm-up was. */
  readonly threads: readonly ThreadReport[]
  /** Seconds of CPU that this process took, all threads together, from the end of the warm-up to the end of the load. */
  readonly cpu: number
}

/**
 * What ends a run before its time: `signal`, who asked for it; `failIf`, a condition that ends it; `disconnected`, the loss
 * of all connections, where none was opened or none comes back.
 */
export type Interruption = 'signal' | 'failIf' | 'disconnected'

/** What `load` resolves with. */
export interface LoadReport {
  /** What this is, for those who read it from a file. */
  readonly format: 'framewright-load'
  /** Of the format. */
  readonly version: 1
  /** Where the load went, without user name and password, and without the query: that may be a token. */
  readonly url: string
  /** When the load began, in ISO 8601. */
  readonly startedAt: string
  /** Seconds that were measured: less than was asked for if the run was interrupted. */
  readonly seconds: number
  /** It was ended before its time; of shards: one of them was. */
  readonly interrupted: boolean
  /** By what; left out where it was not. Of shards the gravest of theirs, though others may have gone on: `shards.ended` has which. */
  readonly interruptedBy?: Interruption | undefined
  /** By what this was made. */
  readonly madeBy: MadeBy
  /** What was asked for; of headers their names only, and without keys. */
  readonly settings: Omit<LoadSettings, 'connect' | 'url'> & {
    /** How it was connected. */
    readonly connect: ConnectReport
  }
  /** Of shards that were put together: which they are. */
  readonly shards?: ShardsReport | undefined
  /** What was counted. */
  readonly counts: Readonly<Record<CountName, number>>
  /** A second: messages, octets of their payload, and octets that TCP carried: what was due, and what came, within the measured time. */
  readonly rate: Readonly<Record<RateName, number>>
  /**
   * What the server was behind with at the end; left out where it is nothing to speak of, where the run was too short to tell (a
   * second before its last quarter, the warm-up included, has to be known), or where no rate was to be held.
   */
  readonly backlog?: Backlog | undefined
  /** Replies that came, as a share of those that were expected: 1 is all of them. Left out where none was expected. */
  readonly reach?: number | undefined
  /** What was timed; what never happened is left out. */
  readonly times: Readonly<Partial<Record<TimeName, TimeReport>>>
  /** What went wrong, the most frequent first, each with what the first of its kind said. */
  readonly errors: readonly ErrorReport[]
  /** How often connections ended with each status code; 1006: without a Close frame. */
  readonly closeCodes: Readonly<Record<string, number>>
  /** Of a scenario or a mixed load: what each of its classes or parts has of it, by name. */
  readonly classes?: Readonly<Record<string, LoadPart>> | undefined
  /** Of a scenario: what each of its phases has come to; replies count in the one in which their messages were due. */
  readonly phases?: readonly PhaseReport[] | undefined
  /** How the generator itself fared. */
  readonly generator: GeneratorReport
  /** What the connections have come to that were not to behave, by kind. All other figures are without them. */
  readonly badPeers: BadPeersReport
  /** What the server took and told, where somebody was to look. */
  readonly server?: ServerReport | undefined
  /** How many single times were written, where that was asked for. */
  readonly samples?: SamplesReport | undefined
  /** Whether the figures can be trusted. */
  readonly verdict: Verdict
  /** What `failIf` came to. */
  readonly conditions: readonly ConditionReport[]
  /** Each whole second, from the start of the warm-up to the last reply. */
  readonly perSecond: readonly LoadSecond[]
}

/** What is divided by the measured seconds: what was due within them, and what came. */
export const rated = {
  planned: 'plannedInTime',
  sent: 'sentInTime',
  received: 'receivedInTime',
  sentOctets: 'sentOctetsInTime',
  receivedOctets: 'receivedOctetsInTime',
  sentWireOctets: 'sentWireOctetsInTime',
  receivedWireOctets: 'receivedWireOctetsInTime',
} as const satisfies Readonly<Partial<Record<CountName, CountName>>>

/** What is told of a second, on average; see {@link CountName}. */
export type RateName = keyof typeof rated

/** What a report is made of besides the tally. */
export interface RunFacts {
  readonly settings: LoadSettings
  readonly connect: ConnectReport
  readonly madeBy: MadeBy
  readonly startedAt: Date
  readonly seconds: number
  readonly interruptedBy: Interruption | undefined
  readonly fallen?: Fallen
  readonly generator: GeneratorReport
  readonly server: ServerReport | undefined
  readonly badPeers: BadPeersReport
  readonly perSecond: readonly LoadSecond[]
  readonly phases?: readonly PhaseReport[]
  readonly shards?: ShardsReport | undefined
  readonly samples?: SamplesReport | undefined
}

export function reportOn(tally: Tally, facts: RunFacts): LoadReport {
  const { seconds, generator, perSecond, interruptedBy } = facts
  const { connect: _, url, serverMetrics, ...settings } = facts.settings
  const counts = { ...tally.counts }
  const times = timesOf(tally)
  const backlog = backlogOf({ counts, seconds, settings, perSecond })
  return {
    format: 'framewright-load',
    version: 1,
    url: shownUrl(url),
    madeBy: facts.madeBy,
    startedAt: facts.startedAt.toISOString(),
    seconds,
    interrupted: interruptedBy !== undefined,
    ...(interruptedBy && { interruptedBy }),
    settings: { ...settings, connect: facts.connect, serverMetrics: serverMetrics && withoutHeaders(serverMetrics) },
    ...(facts.shards && { shards: facts.shards }),
    counts,
    rate: Object.fromEntries(
      Object.entries(rated).map(([name, count]) => [name, seconds === 0 ? 0 : counts[count] / seconds]),
    ) as LoadReport['rate'],
    ...(backlog && { backlog }),
    ...(counts.expected > 0 && { reach: counts.received / counts.expected }),
    times,
    errors: errorsOf(tally),
    closeCodes: Object.fromEntries(tally.closeCodes),
    ...((settings.scenario ?? settings.mix) && { classes: classesOf(tally) }),
    ...(settings.scenario && { phases: facts.phases }),
    generator,
    ...(facts.server && { server: facts.server }),
    badPeers: facts.badPeers,
    ...(facts.samples && { samples: facts.samples }),
    verdict: judgedTogether(verdictOn(tally, facts), facts.shards),
    conditions: settings.failIf.map(text =>
      forbid(parseCondition(text), { tally, seconds, server: facts.server }, facts.fallen),
    ),
    perSecond,
  }
}

export function secondOf(tally: Tally, number: number, warmUp: number, server?: ServerSecond): LoadSecond {
  const classes = [...tally.classes].map(([name, part]) => [name, inSecond(part)] as const)
  return {
    number,
    warmUp: isWarmUp(number, warmUp),
    ...inSecond(tally),
    ...(classes.length > 0 && { classes: Object.fromEntries(classes) }),
    ...(server && { server }),
  }
}

/** As exporters are told of it. */
export function exportedPart(tally: Tally, server?: ServerSecond): LoadPart {
  return { ...partOf(tally), ...(tally.classes.size > 0 && { classes: classesOf(tally) }), server }
}

/** Whether a second belongs to it, at least in part. */
export function isWarmUp(number: number, warmUp: number): boolean {
  return number * 1000 < warmUp
}

export function partOf(tally: Tally): LoadPart {
  return { ...countedIn(tally), errors: errorsOf(tally) }
}

function classesOf({ classes }: Tally): Record<string, LoadPart> {
  return Object.fromEntries([...classes].map(([name, part]) => [name, partOf(part)]))
}

function inSecond(tally: Tally): SecondPart {
  const { warmUp } = tally
  return { ...countedIn(tally), ...(!warmUp.isEmpty && { ofWarmUp: countedIn(warmUp) }) }
}

function countedIn(tally: Tally): Pick<LoadPart, 'counts' | 'times'> {
  return { counts: { ...tally.counts }, times: timesOf(tally) }
}

function errorsOf(tally: Tally): ErrorReport[] {
  return [...tally.errors]
    .map(([kind, { count, example }]) => ({ kind, count, example }))
    .sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1))
}

function timesOf(tally: Tally): Partial<Record<TimeName, TimeReport>> {
  const found = timeNames.map(name => [name, tally.times(name)] as const).filter(([, { count }]) => count > 0)
  return Object.fromEntries(
    found.map(([name, histogram]) => [name, { ...summaryOf(histogram), histogram: encoded(histogram) }]),
  )
}

function summaryOf(histogram: Histogram): TimeSummary {
  const { count, min, mean, max } = histogram
  return {
    count,
    min,
    mean,
    p50: histogram.percentile(50),
    p90: histogram.percentile(90),
    p99: histogram.percentile(99),
    'p99.9': histogram.percentile(99.9),
    max,
  }
}

/** HdrHistogram's compressed V2: a cookie, a length, and the octets under zlib; in base64. */
function encoded(histogram: Histogram): string {
  const compressed = deflateSync(histogram.state.counts)
  const head = Buffer.alloc(8)
  head.writeInt32BE(0x1c849304 + 0x10, 0)
  head.writeInt32BE(compressed.length, 4)
  return Buffer.concat([head, compressed]).toString('base64')
}

function withoutHeaders({ url, metrics }: ServerMetricsSettings): ServerMetricsSettings {
  return { url: shownUrl(url), metrics }
}
