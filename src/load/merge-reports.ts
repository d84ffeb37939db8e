/**
 * Reports of the shards of a load, put together without loss: histograms and counts add up, whatever the order. What is
 * derived from them (rates, percentiles, the verdict) is derived again.
 */
import { UsageError } from '../errors.js'
import { addBadPeers } from './bad-peers.js'
import type { Fallen } from './condition.js'
import { type Interruption, type LoadReport, type LoadSecond, reportOn, secondOf } from './report.js'
import { tallyOf } from './reported-tally.js'
import type { SamplesReport } from './sample-writer.js'
import { mergePhases } from './scenario/phase-report.js'
import { fullestView } from './server/fullest-view.js'
import type { ServerReport, ServerSecond } from './server/server-report.js'
import { shardsOf } from './shards.js'
import { Tally } from './tally.js'

/** Shards may end each for a reason of its own: the first of these that one of them has. */
const gravest: readonly Interruption[] = ['disconnected', 'failIf', 'signal']

/**
 * Merges reports of runs that were told the same but for their shard.
 *
 * @param reports - at least one; only read. Their order says nothing.
 * @returns a report of all of them together; `shards` has which ones these are. Those that began more than a second apart are
 * put together, too, and the verdict says that it is no load that ever was.
 * @throws UsageError WS_INVALID_OPTION: there is none, they are of different loads, one is no shard, or one is there twice.
 */
export function mergeReports(reports: readonly LoadReport[]): LoadReport {
  // What only one of them can tell is told by the first shard, whichever file came first.
  const inOrder = reports.toSorted((a, b) => indexOf(a) - indexOf(b))
  const [first] = inOrder
  if (first === undefined) refuse('there is no report to merge')
  const differing = differencesOf(inOrder.map(asked))
  if (differing.length > 0) {
    refuse(
      `the reports are of different loads: only shards of one can be merged; they differ in ${differing.join(', ')}`,
    )
  }
  const shards = shardsOf(inOrder)
  const all = new Tally()
  for (const report of inOrder) all.add(tallyOf(report).take())
  const cpu = inOrder.reduce((sum, { generator }) => sum + generator.cpu, 0)
  return reportOn(all, {
    settings: { ...first.settings, shard: { index: 0, count: 1 }, url: first.url, connect: {} },
    connect: first.settings.connect,
    madeBy: first.madeBy,
    startedAt: new Date(Math.min(...inOrder.map(({ startedAt }) => Date.parse(startedAt)))),
    seconds: Math.max(...inOrder.map(({ seconds }) => seconds)),
    fallen: fallenIn(inOrder),
    interruptedBy: gravest.find(one => inOrder.some(({ interruptedBy }) => interruptedBy === one)),
    generator: {
      threads: inOrder.flatMap(({ generator }) => generator.threads).sort((a, b) => a.busy - b.busy),
      cpu: Math.round(cpu * 1e6) / 1e6,
    },
    badPeers: inOrder.reduce((sum, { badPeers }) => addBadPeers(sum, badPeers), {}),
    server: serverOf(inOrder, shards),
    shards,
    samples: addSamples(inOrder.map(({ samples }) => samples)),
    phases: mergePhases(inOrder.map(({ phases = [] }) => phases)),
    perSecond: mergeSeconds(
      inOrder.flatMap(({ perSecond }) => perSecond),
      first.settings.warmUp,
    ),
  })
}

/** Of several shards that of the first. */
function indexOf({ shards, settings }: LoadReport): number {
  return shards?.indexes[0] ?? settings.shard.index
}

/** What has ended one of the shards, though all together may have come to less; of several the worst value, which is the highest. */
function fallenIn(reports: readonly LoadReport[]): Fallen {
  const fallen = new Map<string, number | undefined>()
  for (const { text, value, endedRun } of reports.flatMap(({ conditions }) => conditions)) {
    if (endedRun) fallen.set(text, highest(fallen.get(text), value))
  }
  return fallen
}

/** Undefined where neither is known. */
function highest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)
}

/** It is one and the same, whoever looks; but what each connection takes of it none of several has known. */
function serverOf(reports: readonly LoadReport[], shards: LoadReport['shards']): ServerReport | undefined {
  const views = reports.map(({ server }) => server).filter(server => server !== undefined)
  return shards === undefined ? views[0] : fullestView(views.map(({ perConnection: _, ...rest }) => rest))
}

/** Undefined where none has written any; of several errors the first. */
function addSamples(parts: readonly (SamplesReport | undefined)[]): SamplesReport | undefined {
  const known = parts.filter(part => part !== undefined)
  const sum = (name: 'written' | 'dropped') => known.reduce((sum, part) => sum + part[name], 0)
  const error = known.map(part => part.error).find(error => error !== undefined)
  if (known.length === 0) return undefined
  return { written: sum('written'), dropped: sum('dropped'), ...(error !== undefined && { error }) }
}

function mergeSeconds(seconds: readonly LoadSecond[], warmUp: number): LoadSecond[] {
  const tallies = new Map<number, Tally>()
  const servers = new Map<number, ServerSecond[]>()
  for (const { number, server, ...counted } of seconds) {
    const tally = tallies.get(number) ?? new Tally()
    tally.add(tallyOf(counted).take())
    tallies.set(number, tally)
    if (server !== undefined) servers.set(number, [...(servers.get(number) ?? []), server])
  }
  return [...tallies]
    .sort(([a], [b]) => a - b)
    .map(([number, tally]) => secondOf(tally, number, warmUp, fullestView(servers.get(number) ?? [])))
}

/** What all of them together were told, and by what they were sent; the rest is of each shard. */
function asked({ url, settings, madeBy, phases }: LoadReport): Readonly<Record<string, unknown>> {
  const { shard: _, startAt: _at, sourceAddresses: _from, threads: _threads, ...told } = settings
  const { serverPid: _pid, serverCgroup: _group, serverMetrics: _metrics, segments: rate, ...rest } = told
  const inOrder = phases?.map(({ name, duration }) => [name, duration])
  return { url, rate, ...rest, phases: inOrder, 'the version of framewright': madeBy.framewright }
}

/** The names of what is not the same in all. */
function differencesOf(all: readonly Readonly<Record<string, unknown>>[]): string[] {
  const names = [...new Set(all.flatMap(one => Object.keys(one)))]
  return names.filter(name => new Set(all.map(one => JSON.stringify(one[name]))).size > 1)
}

function refuse(message: string): never {
  throw new UsageError('WS_INVALID_OPTION', '6.1', message)
}
