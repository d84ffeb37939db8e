/**
 * One side of a comparison: its runs, divided into seconds that can be drawn again. Nothing of a run is left out: the seconds of
 * each, together, are its report. What came behind the time that was measured, and before it, goes with the nearest second.
 */
import type { LoadReport } from './report.js'
import { type Reported, tallyOf } from './reported-tally.js'
import { type CountName, countNames, Tally, type TimeName, timeNames } from './tally.js'

/** A distribution, in milliseconds; NaN where there is none. */
export interface ComparedTime {
  percentile(percent: number): number
  readonly mean: number
}

/** What figures are read from. */
export interface Figures {
  /** So many were measured. */
  readonly seconds: number
  readonly counts: Readonly<Record<CountName, number>>
  times(name: TimeName): ComparedTime
  /** The average of its seconds; NaN where nobody knows. */
  server(name: ServerName): number
}

/** Of a server: cores, octets of memory, and how late its event loop was at p99, in milliseconds. */
export type ServerName = 'cores' | 'memory' | 'delay'

/** A run, or a class of it. */
export interface ComparedRun {
  readonly seconds: number
  /** Milliseconds. */
  readonly warmUp: number
  readonly whole: Reported
  readonly perSecond: readonly (Reported & Pick<LoadReport['perSecond'][number], 'number' | 'server'>)[]
}

/** Of a class: what it has of the run. */
export function runOf(report: LoadReport, className?: string): ComparedRun {
  const { seconds, settings, perSecond } = report
  const { warmUp } = settings
  if (className === undefined) return { seconds, warmUp, whole: report, perSecond }
  const { counts } = new Tally()
  return {
    seconds,
    warmUp,
    whole: report.classes![className]!,
    perSecond: perSecond.map(({ number, classes }) => ({ number, ...(classes?.[className] ?? { counts, times: {} }) })),
  }
}

/** Less than this of a second is no second of its own. */
const shortest = 0.5
const serverNames: readonly ServerName[] = ['cores', 'memory', 'delay']

/** Times, and how often. */
type Buckets = Map<number, number>

/** A second of a run, or what is left of one. */
interface Second {
  /** How much of it was measured. */
  length: number
  readonly counts: Record<CountName, number>
  readonly times: Map<TimeName, { readonly buckets: Buckets; sum: number }>
  /** For how long it was known, and what it was, times that. */
  readonly server: Record<ServerName, { length: number; sum: number }>
}

/** The buckets of a second: places among all times that there are, and how often. */
interface Bins {
  readonly places: Int32Array
  readonly often: Float64Array
  readonly sum: number
}

type Drawable = Pick<Second, 'length' | 'counts' | 'server'> & { readonly bins: ReadonlyMap<TimeName, Bins> }

export class ComparedSide {
  /** How many seconds there are to draw from. */
  readonly seconds: number
  /** As the reports have them. */
  readonly figures: Figures
  readonly #runs: readonly (readonly Drawable[])[]
  /** Of all buckets, ascending. */
  readonly #times: ReadonlyMap<TimeName, readonly number[]>

  constructor(runs: readonly ComparedRun[]) {
    const divided = runs.map(secondsOf)
    const all = divided.flat()
    this.seconds = all.length
    this.#times = new Map(timeNames.map(name => [name, timesOf(all, name)]))
    const places = new Map(
      [...this.#times].map(([name, times]) => [name, new Map(times.map((time, at) => [time, at]))]),
    )
    this.#runs = divided.map(run => run.map(second => drawable(second, places)))
    this.figures = new Whole(runs, new Sample(this.#times, this.#runs.flat()))
  }

  /** In how many of its seconds that was timed. */
  secondsWith(name: TimeName): number {
    return this.#runs.flat().filter(({ bins }) => bins.has(name)).length
  }

  /** In how many of its seconds that was known of the server. */
  secondsKnown(name: ServerName): number {
    return this.#runs.flat().filter(({ server }) => server[name].length > 0).length
  }

  /** As many runs as there are, and of each as many seconds as it has. */
  draw(random: () => number): Figures {
    const one = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!
    const runs = this.#runs.map(() => one(this.#runs))
    return new Sample(
      this.#times,
      runs.flatMap(run => run.map(() => one(run))),
    )
  }
}

function timesOf(seconds: readonly Second[], name: TimeName): number[] {
  const all = new Set(seconds.flatMap(({ times }) => [...(times.get(name)?.buckets.keys() ?? [])]))
  return [...all].sort((a, b) => a - b)
}

function drawable(
  { length, counts, server, times }: Second,
  places: ReadonlyMap<TimeName, ReadonlyMap<number, number>>,
): Drawable {
  const bins = new Map<TimeName, Bins>()
  for (const [name, { buckets, sum }] of times) {
    const filled = [...buckets].filter(([, often]) => often > 0)
    if (filled.length === 0) continue
    const at = places.get(name)!
    bins.set(name, {
      places: Int32Array.from(filled, ([time]) => at.get(time)!),
      often: Float64Array.from(filled, ([, often]) => often),
      sum,
    })
  }
  return { length, counts, server, bins }
}

/** What the reports say; what is of a server, as their seconds say it. */
class Whole implements Figures {
  readonly seconds: number
  readonly #all = new Tally()
  readonly #seconds: Figures

  constructor(runs: readonly ComparedRun[], seconds: Figures) {
    for (const { whole } of runs) this.#all.add(tallyOf(whole).take())
    this.seconds = runs.reduce((sum, { seconds }) => sum + seconds, 0)
    this.#seconds = seconds
  }

  get counts(): Readonly<Record<CountName, number>> {
    return this.#all.counts
  }

  times(name: TimeName): ComparedTime {
    const histogram = this.#all.times(name)
    return histogram.count === 0 ? none : histogram
  }

  server(name: ServerName): number {
    return this.#seconds.server(name)
  }
}

const none: ComparedTime = { percentile: () => Number.NaN, mean: Number.NaN }

/** Seconds of which a part was measured. */
function secondsOf(run: ComparedRun): Second[] {
  const from = run.warmUp / 1000
  const end = from + run.seconds
  const rest = secondOf(run.whole, 0)
  const seconds: Second[] = []
  let open: Second | undefined
  const add = (second: Second) => {
    if (open === undefined) open = second
    else put(open, second, 1)
    if (open.length < shortest) return
    seconds.push(open)
    open = undefined
  }
  for (const { number, server, ...counted } of run.perSecond) {
    const second = secondOf(counted, Math.max(0, Math.min(number + 1, end) - Math.max(number, from)), server)
    put(rest, second, -1)
    add(second)
  }
  // What is in no whole second.
  const measured = [...seconds, ...(open === undefined ? [] : [open])].reduce((sum, { length }) => sum + length, 0)
  rest.length = Math.max(0, run.seconds - measured)
  for (const name of serverNames) rest.server[name] = { length: 0, sum: 0 }
  add(rest)
  const last = seconds.at(-1)
  if (last === undefined) return []
  if (open !== undefined) put(last, open, 1)
  spreadUnanswered(seconds)
  return seconds
}

/**
 * What was never answered is counted when the run is over; it goes to the seconds whose messages had fewer replies than were
 * expected of them. Left in the last one, it would be missing in each draw that has not got that.
 */
function spreadUnanswered(seconds: readonly Second[]): void {
  const open = seconds.map(({ counts }) => {
    const { expected, received, lost, wrong } = counts
    return Math.max(0, expected - received - lost - wrong)
  })
  const all = open.reduce((sum, count) => sum + count, 0)
  if (all === 0) return
  const unanswered = seconds.reduce((sum, { counts }) => sum + counts.unanswered, 0)
  for (const [at, { counts }] of seconds.entries()) counts.unanswered = (unanswered * open[at]!) / all
}

function secondOf(counted: Reported, length: number, server: LoadReport['perSecond'][number]['server'] = {}): Second {
  const tally = tallyOf(counted)
  const { cores, memory, eventLoopDelay } = server
  const known = (value: number | undefined) =>
    value === undefined ? { length: 0, sum: 0 } : { length, sum: value * length }
  const times = timeNames.flatMap(name => {
    const histogram = tally.times(name)
    if (histogram.count === 0) return []
    return [[name, { buckets: new Map(histogram.buckets()), sum: histogram.mean * histogram.count }] as const]
  })
  return {
    length,
    counts: { ...tally.counts },
    times: new Map(times),
    server: { cores: known(cores), memory: known(memory), delay: known(eventLoopDelay?.p99) },
  }
}

/** Adds one to another, or (-1) takes it from that. */
function put(whole: Second, part: Second, sign: 1 | -1): void {
  whole.length += sign * part.length
  for (const name of countNames) whole.counts[name] += sign * part.counts[name]
  for (const name of serverNames) {
    whole.server[name].length += sign * part.server[name].length
    whole.server[name].sum += sign * part.server[name].sum
  }
  for (const [name, { buckets, sum }] of part.times) {
    const into = whole.times.get(name) ?? { buckets: new Map<number, number>(), sum: 0 }
    whole.times.set(name, into)
    into.sum += sign * sum
    for (const [time, often] of buckets) into.buckets.set(time, (into.buckets.get(time) ?? 0) + sign * often)
  }
}

/** Seconds that were drawn, put together; of times only those that are asked for. */
class Sample implements Figures {
  readonly #times: ReadonlyMap<TimeName, readonly number[]>
  readonly #drawn: readonly Drawable[]
  readonly #asked = new Map<TimeName, ComparedTime>()
  readonly counts = new Tally().counts
  readonly seconds: number

  constructor(times: ReadonlyMap<TimeName, readonly number[]>, drawn: readonly Drawable[]) {
    this.#times = times
    this.#drawn = drawn
    this.seconds = drawn.reduce((sum, { length }) => sum + length, 0)
    for (const { counts } of drawn) for (const name of countNames) this.counts[name] += counts[name]
  }

  times(name: TimeName): ComparedTime {
    const known = this.#asked.get(name)
    if (known !== undefined) return known
    const time = new SampleTime(
      this.#times.get(name)!,
      this.#drawn.flatMap(({ bins }) => bins.get(name) ?? []),
    )
    this.#asked.set(name, time)
    return time
  }

  server(name: ServerName): number {
    const sum = (part: 'length' | 'sum') => this.#drawn.reduce((sum, { server }) => sum + server[name][part], 0)
    return sum('sum') / sum('length')
  }
}

class SampleTime implements ComparedTime {
  readonly mean: number
  readonly #times: readonly number[]
  /** How many took so long or less. */
  readonly #upTo: Float64Array
  readonly #count: number

  constructor(times: readonly number[], drawn: readonly Bins[]) {
    this.#times = times
    this.#upTo = new Float64Array(times.length)
    let sum = 0
    for (const bins of drawn) {
      const { places, often } = bins
      sum += bins.sum
      for (let i = 0; i < places.length; i++) this.#upTo[places[i]!]! += often[i]!
    }
    let count = 0
    for (let place = 0; place < times.length; place++) {
      count += this.#upTo[place]!
      this.#upTo[place] = count
    }
    this.mean = sum / count
    this.#count = count
  }

  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((this.#count * percent) / 100))
    let [from, to] = [0, this.#times.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#upTo[middle]! < rank) from = middle + 1
      else to = middle
    }
    return this.#times[from] ?? Number.NaN
  }
}
