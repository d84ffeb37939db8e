/**
 * Whether a load went better or worse than another: the bootstrap. Each side is drawn again a thousand times, with
 * replacement: its runs, and of each run its seconds; what the figures then scatter over is how well they are known.
 * Seconds, and not messages, are drawn: messages of one second share its fate.
 */
import { classFigures, type Figure, fewestSeconds, wholeFigures } from './compared-figures.js'
import { ComparedSide, runOf } from './compared-side.js'
import { randomNumbers } from './random.js'
import type { LoadReport } from './report.js'
import type { MemoryPerConnection } from './server/memory-per-connection.js'

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
  /** By how much it has changed, as a share of what it was before: 0.05 is 5 per cent more; Infinity where that was nothing. */
  readonly change: number
  /** Where the change is with 95 % confidence, as such a share; undefined where there are too few seconds to say. */
  readonly interval: readonly [low: number, high: number] | undefined
  /** Changes within this, up or down, are found between halves of the same thing: 95 % of them. */
  readonly noise: number | undefined
  /** In how many seconds it was measured, of the side that has fewer; undefined where it is no figure of seconds. */
  readonly seconds: number | undefined
  /** `better` and `worse`: it has changed with 95 % confidence, and by more than the noise. */
  readonly verdict: 'better' | 'worse' | 'same' | 'unknown'
}

const rounds = 1000
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
  const random = randomNumbers(seed, 'draws')
  const [old, now] = [sideOf(before), sideOf(after)]
  const whole = compared(wholeFigures(old, now), old, now, random)
  const classes = classesOf([...before, ...after]).flatMap(name => {
    const [old, now] = [sideOf(before, name), sideOf(after, name)]
    return compared(classFigures(name, old, now), old, now, random)
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

/** How much figures changed from draw to draw. */
interface Changes {
  /** From one side to the other. */
  readonly between: number[]
  /** From one draw of a side to another one. */
  readonly within: number[]
}

function compared(
  figures: readonly Figure[],
  old: ComparedSide,
  now: ComparedSide,
  random: () => number,
): ComparedFigure[] {
  const shown = figures.filter(({ of, hidesNone }) => {
    const [before, after] = [of(old.figures), of(now.figures)]
    return Number.isFinite(before) && Number.isFinite(after) && !(hidesNone && before === 0 && after === 0)
  })
  const isKnown = (figure: Figure) => secondsOf(figure, old, now) >= fewestSeconds
  const changes = new Map(shown.filter(isKnown).map(figure => [figure, { between: [], within: [] } as Changes]))
  for (let round = 0; changes.size > 0 && round < rounds; round++) {
    const [a, b, c] = [old.draw(random), now.draw(random), old.draw(random)]
    for (const [{ of }, { between, within }] of changes) {
      const was = of(a)
      between.push(of(b) - was)
      within.push(Math.abs(of(c) - was))
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
  const seconds = secondsOf(figure, old, now)
  const facts = { name, unit, before, after, change: shareOf(after - before, before), seconds }
  if (changes === undefined) return { ...facts, interval: undefined, noise: undefined, verdict: 'unknown' }
  const between = ascending(changes.between.map(change => shareOf(change, before)))
  const interval = [quantile(between, 0.025), quantile(between, 0.975)] as const
  const noise = quantile(ascending(changes.within.map(change => shareOf(change, before))), 0.95)
  return { ...facts, interval, noise, verdict: verdictOf(facts.change, interval, noise, lessIsBetter) }
}

function verdictOf(
  change: number,
  interval: readonly [number, number],
  noise: number,
  lessIsBetter: boolean,
): ComparedFigure['verdict'] {
  const changed = (interval[0] > 0 || interval[1] < 0) && Math.abs(change) > noise
  return !changed ? 'same' : change < 0 === lessIsBetter ? 'better' : 'worse'
}

/**
 * What is known with its error, so that nothing has to be drawn.
 *
 * @param error - of the difference: with 95 % it is off by no more.
 * @param noise - of the difference between two that are like the first.
 */
function known(
  name: string,
  unit: ComparedFigure['unit'],
  [before, after]: readonly [number, number],
  error: number,
  noise: number,
): ComparedFigure {
  const change = shareOf(after - before, before)
  const interval = [shareOf(after - before - error, before), shareOf(after - before + error, before)] as const
  const own = shareOf(noise, before)
  const verdict = verdictOf(change, interval, own, true)
  return { name, unit, before, after, change, interval, noise: own, seconds: undefined, verdict }
}

/** Connections are opened once, most of them: they are no seconds to draw from, but many. */
function failed(before: readonly LoadReport[], after: readonly LoadReport[]): ComparedFigure[] {
  const [old, now] = [attemptsOf(before), attemptsOf(after)]
  if (old.failed + now.failed === 0) return []
  const error = (share: number, parts: number) => 100 * errors95 * Math.sqrt(share * (1 - share) * parts)
  const both = (old.failed + now.failed) / (old.all + now.all)
  const shares = [old.failed / old.all, now.failed / now.all] as const
  const [was, is] = shares.map(share => 100 * share) as [number, number]
  if (Number.isNaN(was + is)) return []
  return [
    known('connections failed', '%', [was, is], error(both, 1 / old.all + 1 / now.all), error(shares[0], 2 / old.all)),
  ]
}

function attemptsOf(reports: readonly LoadReport[]): { readonly failed: number; readonly all: number } {
  const failed = reports.reduce((sum, { counts }) => sum + counts.failed, 0)
  return { failed, all: reports.reduce((sum, { counts }) => sum + counts.opened, failed) }
}

/** What each connection takes of the server's memory. */
function memoryPerConnection(before: readonly LoadReport[], after: readonly LoadReport[]): ComparedFigure[] {
  const [old, now] = [meanOf(before), meanOf(after)]
  if (old === undefined || now === undefined) return []
  const error = errors95 * Math.hypot(old.error, now.error)
  const noise = errors95 * Math.SQRT2 * old.error
  return [known('server.memoryPerConnection', 'octets', [old.octets, now.octets], error, noise)]
}

/** Undefined where one of them has none. */
function meanOf(reports: readonly LoadReport[]): Pick<MemoryPerConnection, 'octets' | 'error'> | undefined {
  const all = reports.flatMap(({ server }) => server?.perConnection ?? []).filter(one => 'octets' in one)
  if (all.length < reports.length) return undefined
  const octets = all.reduce((sum, { octets }) => sum + octets, 0) / all.length
  return { octets, error: Math.hypot(...all.map(({ error }) => error)) / all.length }
}

/** Of what was before, and not of what was drawn: that may be nothing. */
function shareOf(difference: number, before: number): number {
  return difference === 0 ? 0 : difference / before
}

/** Without draws in which there was nothing to measure. */
function ascending(values: readonly number[]): number[] {
  return values.filter(value => !Number.isNaN(value)).sort((a, b) => a - b)
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)]!
}
