/**
 * Whether a load went better or worse than another: the bootstrap. Each side is drawn again a thousand times, with
 * replacement: its runs, and of each run its seconds; what the figures then scatter over is how well they are known.
 * Seconds, and not messages, are drawn: messages of one second share its fate.
 */
import { ComparedSide, type Figures } from './compared-side.js'
import { randomNumbers } from './random.js'
import type { LoadReport } from './report.js'

/** One figure of both sides. */
export interface ComparedFigure {
  /** Such as `rtt.p99` or `rate.received`. */
  readonly name: string
  /** Milliseconds, messages a second, per cent, or octets for each message. */
  readonly unit: 'ms' | '/s' | '%' | 'octets'
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
  /** `better` and `worse`: it has changed with 95 % confidence, and by more than the noise. */
  readonly verdict: 'better' | 'worse' | 'same' | 'unknown'
}

const rounds = 1000
/** Fewer seconds of a side say nothing about their scatter. */
const fewestSeconds = 5

interface Figure {
  readonly name: string
  readonly unit: ComparedFigure['unit']
  readonly lessIsBetter: boolean
  of(figures: Figures): number
}

const percentiles = [50, 90, 99, 99.9]
const figures: readonly Figure[] = [
  ...percentiles.map(percent => {
    const of = (figures: Figures) => figures.percentile(percent)
    return { name: `rtt.p${percent}`, unit: 'ms', lessIsBetter: true, of } as const
  }),
  { name: 'rtt.mean', unit: 'ms', lessIsBetter: true, of: ({ mean }) => mean },
  { name: 'rate.received', unit: '/s', lessIsBetter: false, of: ({ rate }) => rate },
  { name: 'reach', unit: '%', lessIsBetter: false, of: ({ reach }) => reach },
  { name: 'not answered', unit: '%', lessIsBetter: true, of: ({ unanswered }) => unanswered },
  { name: 'sent on the wire', unit: 'octets', lessIsBetter: true, of: ({ sentOctets }) => sentOctets },
  { name: 'received on the wire', unit: 'octets', lessIsBetter: true, of: ({ receivedOctets }) => receivedOctets },
]

/**
 * Compares what was before with what came after: one report each, or several of the same load, which is better: whatever
 * differs from run to run is then seen too.
 *
 * @param before - at least one; only read.
 * @param after - at least one; only read.
 * @param seed - of the drawing: the same reports with the same seed give the same figures.
 */
export function compareReports(
  before: readonly LoadReport[],
  after: readonly LoadReport[],
  seed = 1,
): readonly ComparedFigure[] {
  const random = randomNumbers(seed, 'draws')
  const [old, now] = [new ComparedSide(before), new ComparedSide(after)]
  const draws = Array.from({ length: rounds }, () => [old.draw(random), now.draw(random), old.draw(random)] as const)
  return figures
    .map(figure => compared(figure, old, now, draws))
    .filter(({ before, after, unit }) => {
      const known = Number.isFinite(before) && Number.isFinite(after)
      // No message takes no octets: it is a report without them.
      return known && (unit !== 'octets' || Math.min(before, after) > 0)
    })
}

function compared(
  { name, unit, lessIsBetter, of }: Figure,
  old: ComparedSide,
  now: ComparedSide,
  draws: readonly (readonly [Figures, Figures, Figures])[],
): ComparedFigure {
  const [before, after] = [of(old.figures), of(now.figures)]
  const change = shareOf(after - before, before)
  const facts = { name, unit, before, after, change }
  if (Math.min(old.seconds, now.seconds) < fewestSeconds) {
    return { ...facts, interval: undefined, noise: undefined, verdict: 'unknown' }
  }
  const changes = ascending(draws.map(([a, b]) => shareOf(of(b) - of(a), before)))
  const interval = [quantile(changes, 0.025), quantile(changes, 0.975)] as const
  const noise = quantile(ascending(draws.map(([a, , b]) => Math.abs(shareOf(of(b) - of(a), before)))), 0.95)
  const changed = (interval[0] > 0 || interval[1] < 0) && Math.abs(change) > noise
  return { ...facts, interval, noise, verdict: !changed ? 'same' : change < 0 === lessIsBetter ? 'better' : 'worse' }
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
