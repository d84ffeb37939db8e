/**
 * Whether a load went better or worse than another: the bootstrap. Each side is drawn again a thousand times, with
 * replacement: its runs, and of each run its seconds; what the figures then scatter over is how well they are known.
 * Seconds, and not messages, are drawn: messages of one second share its fate.
 */
import { randomNumbers } from './random.js'
import type { LoadReport, LoadSecond } from './report.js'
import { tallyOf } from './reported-tally.js'
import type { Tally } from './tally.js'

/** One figure of both sides. */
export interface ComparedFigure {
  /** Such as `rtt.p99` or `rate.received`. */
  readonly name: string
  /** Milliseconds, messages a second, or per cent. */
  readonly unit: 'ms' | '/s' | '%'
  /** Of all runs before. */
  readonly before: number
  /** Of all runs after. */
  readonly after: number
  /** By how much it has changed, as a share of what it was before: 0.05 is 5 per cent more. */
  readonly change: number
  /** Where the change is with 95 % confidence; undefined where there are too few seconds to say. */
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
  of(sample: Sample): number
}

const percentiles = [50, 90, 99, 99.9]
const figures: readonly Figure[] = [
  ...percentiles.map(percent => {
    const of = (sample: Sample) => sample.percentile(percent)
    return { name: `rtt.p${percent}`, unit: 'ms', lessIsBetter: true, of } as const
  }),
  { name: 'rtt.mean', unit: 'ms', lessIsBetter: true, of: sample => sample.mean },
  { name: 'rate.received', unit: '/s', lessIsBetter: false, of: sample => sample.rate },
  { name: 'not answered', unit: '%', lessIsBetter: true, of: sample => sample.unanswered },
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
  const random = randomNumbers(seed)
  const [old, now] = [new Side(before), new Side(after)]
  const draws = Array.from({ length: rounds }, () => [old.draw(random), now.draw(random), old.draw(random)] as const)
  return figures
    .map(figure => compared(figure, old, now, draws))
    .filter(({ before, after }) => Number.isFinite(before) && Number.isFinite(after))
}

function compared(
  { name, unit, lessIsBetter, of }: Figure,
  old: Side,
  now: Side,
  draws: readonly (readonly [Sample, Sample, Sample])[],
): ComparedFigure {
  const [before, after] = [of(old.all), of(now.all)]
  const change = changeOf(before, after)
  const facts = { name, unit, before, after, change }
  if (Math.min(old.seconds, now.seconds) < fewestSeconds) {
    return { ...facts, interval: undefined, noise: undefined, verdict: 'unknown' }
  }
  const changes = draws.map(([a, b]) => changeOf(of(a), of(b))).sort((a, b) => a - b)
  const interval = [changes[rounds * 0.025]!, changes[rounds * 0.975]!] as const
  const same = draws.map(([a, , b]) => Math.abs(changeOf(of(a), of(b)))).sort((a, b) => a - b)
  const noise = same[rounds * 0.95]!
  const changed = (interval[0] > 0 || interval[1] < 0) && Math.abs(change) > noise
  return { ...facts, interval, noise, verdict: !changed ? 'same' : change < 0 === lessIsBetter ? 'better' : 'worse' }
}

function changeOf(before: number, after: number): number {
  return before === after ? 0 : after / before - 1
}

/** What is known of one second. */
interface Second {
  /** Buckets of round trips, by their places among all there are. */
  readonly buckets: readonly (readonly [place: number, count: number])[]
  readonly sum: number
  readonly planned: number
  readonly received: number
}

/** All runs of one side, ready to be drawn from. */
class Side {
  readonly #runs: readonly (readonly Second[])[]
  readonly #times: readonly number[]
  readonly seconds: number
  /** Each second once. */
  readonly all: Sample

  constructor(reports: readonly LoadReport[]) {
    const runs = reports.map(({ perSecond }) => perSecond.filter(({ warmUp }) => !warmUp).map(countsOf))
    const times = [...new Set(runs.flat().flatMap(({ buckets }) => buckets.map(([time]) => time)))].sort(
      (a, b) => a - b,
    )
    const places = new Map(times.map((time, place) => [time, place]))
    this.#times = times
    this.#runs = runs.map(run => run.map(second => placed(second, places)))
    this.seconds = runs.flat().length
    this.all = new Sample(times, this.#runs.flat())
  }

  draw(random: () => number): Sample {
    const one = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!
    const runs = this.#runs.map(() => one(this.#runs))
    return new Sample(
      this.#times,
      runs.flatMap(run => run.map(() => one(run))),
    )
  }
}

interface Counted extends Omit<Second, 'buckets'> {
  readonly buckets: readonly (readonly [time: number, count: number])[]
}

function countsOf(second: LoadSecond): Counted {
  const tally: Tally = tallyOf(second)
  const rtt = tally.times('rtt')
  const { planned, received } = tally.counts
  return { buckets: [...rtt.buckets()], sum: rtt.mean * rtt.count, planned, received }
}

function placed(second: Counted, places: ReadonlyMap<number, number>): Second {
  return { ...second, buckets: second.buckets.map(([time, count]) => [places.get(time)!, count]) }
}

/** Seconds that were drawn, put together. */
class Sample {
  readonly #times: readonly number[]
  readonly #counts: Float64Array
  readonly mean: number
  readonly rate: number
  readonly unanswered: number
  #count = 0

  constructor(times: readonly number[], seconds: readonly Second[]) {
    this.#times = times
    this.#counts = new Float64Array(times.length)
    let [sum, planned, received] = [0, 0, 0]
    for (const second of seconds) {
      for (const [place, count] of second.buckets) {
        this.#counts[place]! += count
        this.#count += count
      }
      sum += second.sum
      planned += second.planned
      received += second.received
    }
    this.mean = sum / this.#count
    this.rate = received / seconds.length
    this.unanswered = planned === 0 ? Number.NaN : (Math.max(0, planned - received) * 100) / planned
  }

  percentile(percent: number): number {
    let left = Math.max(1, Math.ceil((this.#count * percent) / 100))
    const place = this.#counts.findIndex(count => {
      left -= count
      return left <= 0
    })
    return this.#times[place] ?? Number.NaN
  }
}
