/**
 * Whether a load went better or worse than another: the bootstrap. Each side is drawn again a thousand times, with
 * replacement: its runs, and of each run its seconds; what the figures then scatter over is how well they are known.
 * Seconds, and not messages, are drawn: messages of one second share its fate.
 */
import { classFigures, type Figure, fewestSeconds, wholeFigures } from './compared-figures.js'
import { ComparedSide, type Figures, runOf } from './compared-side.js'
import { randomNumbers } from './random.js'
import type { LoadReport } from './report.js'
import type { MemoryPerConnection } from './server/memory-per-connection.js'
import { hasAllShards } from './shards.js'

/** One figure of both sides. */
export interface ComparedFigure {
  /** Such as `rtt.p99` or `rate.received`; of a class of a scenario, or a part of a mixed load: `writers: rtt.p99`. */
  readonly name: string
  /** Milliseconds, microseconds, a second, per cent, octets, or cores in use. */
  readonly unit: 'ms' | 'µs' | '/s' | '%' | 'octets' | 'cores'
  /** Of all runs before: as their report has it, where there is one. */
  readonly before: number
  /** Of all runs after, likewise. */
  readonly after: number
  /** By how much it has changed, as a share of what it was before: 0.05 is 5 per cent more, -1 nothing any more; Infinity where that was nothing. */
  readonly change: number
  /** Where the change is with 95 % confidence, as such shares; undefined where there are too few seconds to say. */
  readonly interval: readonly [low: number, high: number] | undefined
  /**
   * Changes within this are found between draws of one side, 95 % of them, and of the side with more: 0.25 is as much as 1.25 times of
   * it, or a 1.25th. Infinity where it may be nothing.
   */
  readonly noise: number | undefined
  /** In how many seconds it was measured, of the side that has fewer; undefined where it is no figure of seconds. */
  readonly seconds: number | undefined
  /** `better` and `worse`: it has changed with 95 % confidence, and by more than the noise. */
  readonly verdict: 'better' | 'worse' | 'same' | 'unknown'
}

/** Each draws both sides twice, and compares them twice. */
const rounds = 500
/** 95 % of a normal distribution are within so many standard errors. */
const errors95 = 1.96

/**
 * Compares what was before with what came after: one report each, or several of the same load, which is better: whatever
 * differs from run to run is then seen too.
 *
 * @param before - at least one; only read.
 * @param after - at least one; only read.
 * @param seed - of the drawing: the same reports with the same seed give the same figures.
 * @returns what the load is about: round trips or connections, the other times of its workload, replies, octets, connections
 * that were lost, and what the server took; then of each class or part that all reports have.
 */
export function compareReports(
  before: readonly LoadReport[],
  after: readonly LoadReport[],
  seed = 1,
): readonly ComparedFigure[] {
  const [old, now] = [sideOf(before), sideOf(after)]
  const all = [...before, ...after]
  const whole = compared(wholeFigures(old, now, all.every(hasAllShards)), old, now, seed)
  const classes = classesOf(all).flatMap(name => {
    const [old, now] = [sideOf(before, name), sideOf(after, name)]
    return compared(classFigures(name, old, now), old, now, seed)
  })
  return [...whole, ...failed(before, after), ...memoryPerConnection(before, after), ...classes]
}

function sideOf(reports: readonly LoadReport[], className?: string): ComparedSide {
  return new ComparedSide(reports.map(report => runOf(report, className)))
}

/** Those that all have. */
function classesOf(reports: readonly LoadReport[]): string[] {
  const [first, ...others] = reports.map(({ classes = {} }) => Object.keys(classes))
  return first!.filter(name => others.every(names => names.includes(name)))
}

/** By what factor figures changed from draw to draw: its logarithm, for which half and twice are equally far. */
interface Changes {
  /** From the side before to the one after. */
  readonly between: number[]
  /** From one draw of a side to another one of it. */
  readonly withinOld: number[]
  readonly withinNow: number[]
}

function compared(figures: readonly Figure[], old: ComparedSide, now: ComparedSide, seed: number): ComparedFigure[] {
  const shown = figures.filter(({ of, hidesNone }) => {
    const [before, after] = [of(old.figures), of(now.figures)]
    return Number.isFinite(before) && Number.isFinite(after) && !(hidesNone && before === 0 && after === 0)
  })
  const isKnown = (figure: Figure) => secondsOf(figure, old, now) >= fewestSeconds
  const changes = new Map(
    shown.filter(isKnown).map(figure => [figure, { between: [], withinOld: [], withinNow: [] } as Changes]),
  )
  for (let round = 0; changes.size > 0 && round < rounds; round++) {
    // Both sides are drawn by the same two series of numbers, so that all is the same, the other way round, when they are swapped.
    const series = [2 * round, 2 * round + 1] as const
    const [a, c] = series.map(index => old.draw(randomNumbers(seed, 'draws', index))) as [Figures, Figures]
    const [d, b] = series.map(index => now.draw(randomNumbers(seed, 'draws', index))) as [Figures, Figures]
    for (const [{ of }, { between, withinOld, withinNow }] of changes) {
      const [was, wasAgain, is, isAgain] = [of(a), of(c), of(b), of(d)]
      between.push(growth(was, is), growth(wasAgain, isAgain))
      withinOld.push(Math.abs(growth(was, wasAgain)))
      withinNow.push(Math.abs(growth(is, isAgain)))
    }
  }
  return shown.map(figure => judged(figure, old, now, changes.get(figure)))
}

function secondsOf({ seconds }: Figure, old: ComparedSide, now: ComparedSide): number {
  return Math.min(seconds(old), seconds(now))
}

/** @param changes - undefined where there are too few seconds. */
function judged(figure: Figure, old: ComparedSide, now: ComparedSide, changes: Changes | undefined): ComparedFigure {
  const { name, unit, lessIsBetter, of } = figure
  const [before, after] = [of(old.figures), of(now.figures)]
  const facts = { name, unit, before, after, change: changeOf(before, after) }
  const seconds = secondsOf(figure, old, now)
  if (changes === undefined) return { ...facts, interval: undefined, noise: undefined, seconds, verdict: 'unknown' }
  const { between, withinOld, withinNow } = changes
  const noise = Math.max(most(withinOld), most(withinNow))
  return { ...facts, ...told(growth(before, after), middle(between), noise, lessIsBetter), seconds }
}

/** @param change - like the others the logarithm of a factor. */
function told(
  change: number,
  [low, high]: readonly [number, number],
  noise: number,
  lessIsBetter: boolean,
): Pick<ComparedFigure, 'interval' | 'noise' | 'verdict'> {
  const changed = (low > 0 || high < 0) && Math.abs(change) > noise
  const verdict = !changed ? 'same' : change < 0 === lessIsBetter ? 'better' : 'worse'
  return { interval: [shareOf(low), shareOf(high)], noise: shareOf(noise), verdict }
}

/**
 * What is known with its error, so that nothing has to be drawn; less of it is better.
 *
 * @param estimated - the logarithm of the factor by which it has changed, and the standard error of that.
 * @param noise - the standard error of such a factor between two that are alike.
 */
function known(
  name: string,
  unit: ComparedFigure['unit'],
  [before, after]: readonly [number, number],
  [estimated, error]: readonly [number, number],
  noise: number,
): ComparedFigure {
  const interval = [estimated - errors95 * error, estimated + errors95 * error] as const
  const judged = told(growth(before, after), interval, errors95 * noise, true)
  return { name, unit, before, after, change: changeOf(before, after), ...judged, seconds: undefined }
}

/**
 * Connections are opened once, most of them: they are no seconds to draw from, but many. Where none failed that is no proof that
 * none can, so half a failure is added to each side.
 */
function failed(before: readonly LoadReport[], after: readonly LoadReport[]): ComparedFigure[] {
  const [old, now] = [attemptsOf(before), attemptsOf(after)]
  if (old.failed + now.failed === 0 || old.all === 0 || now.all === 0) return []
  const [was, is] = [old, now].map(({ failed, all }) => (failed + 0.5) / (all + 1)) as [number, number]
  const error = Math.hypot(...[old, now].map(({ failed, all }) => Math.sqrt(1 / (failed + 0.5) - 1 / (all + 1))))
  const both = (old.failed + now.failed) / (old.all + now.all)
  const noise = Math.sqrt((1 / both - 1) * (1 / old.all + 1 / now.all))
  const shares = [(100 * old.failed) / old.all, (100 * now.failed) / now.all] as const
  return [known('connections failed', '%', shares, [growth(was, is), error], noise)]
}

function attemptsOf(reports: readonly LoadReport[]): { readonly failed: number; readonly all: number } {
  const failed = reports.reduce((sum, { counts }) => sum + counts.failed, 0)
  return { failed, all: reports.reduce((sum, { counts }) => sum + counts.opened, failed) }
}

/** What each connection takes of the server's memory. */
function memoryPerConnection(before: readonly LoadReport[], after: readonly LoadReport[]): ComparedFigure[] {
  const [old, now] = [meanOf(before), meanOf(after)]
  if (old === undefined || now === undefined) return []
  const [was, is] = [old.error / old.octets, now.error / now.octets]
  const pair = [old.octets, now.octets] as const
  const change = [growth(...pair), Math.hypot(was, is)] as const
  return [known('server.memoryPerConnection', 'octets', pair, change, Math.SQRT2 * Math.max(was, is))]
}

/** Undefined where one of them has none. */
function meanOf(reports: readonly LoadReport[]): Pick<MemoryPerConnection, 'octets' | 'error'> | undefined {
  const all = reports.flatMap(({ server }) => server?.perConnection ?? []).filter(one => 'octets' in one)
  if (all.length < reports.length) return undefined
  const octets = all.reduce((sum, { octets }) => sum + octets, 0) / all.length
  return { octets, error: Math.hypot(...all.map(({ error }) => error)) / all.length }
}

/** The logarithm of the factor, which is as much below 0 the other way round; NaN where one of them is unknown. */
function growth(before: number, after: number): number {
  return before === after ? 0 : Math.log(after) - Math.log(before)
}

/** By what a factor changes what was before, as a share of that. */
function shareOf(growth: number): number {
  return Math.expm1(growth)
}

function changeOf(before: number, after: number): number {
  return before === after ? 0 : (after - before) / before
}

/** Without draws in which there was nothing to measure. */
function ascending(values: readonly number[]): number[] {
  return values.filter(value => !Number.isNaN(value)).sort((a, b) => a - b)
}

/** What 95 % are within: as many are below as are above. */
function middle(values: readonly number[]): [low: number, high: number] {
  const sorted = ascending(values)
  const outside = Math.floor(sorted.length * 0.025)
  return [sorted[outside]!, sorted[sorted.length - 1 - outside]!]
}

/** What 95 % do not exceed. */
function most(values: readonly number[]): number {
  const sorted = ascending(values)
  return sorted[Math.floor(sorted.length * 0.95)]!
}
