/**
 * One side of a comparison: its runs, divided into seconds that can be drawn again. Nothing of a run is left out: the seconds of
 * each, together, are its report. What came behind the time that was measured, and before it, goes with the nearest second.
 */
import type { LoadReport } from './report.js'
import { type Reported, tallyOf } from './reported-tally.js'
import { Tally } from './tally.js'

/** What a figure is read from. What was never measured is NaN. */
export interface Figures {
  /** Of round trips, in milliseconds. */
  percentile(percent: number): number
  readonly mean: number
  /** Replies a second. */
  readonly rate: number
  /** Per cent of the replies that should have come. */
  readonly unanswered: number
  /** Per cent of the replies to what was sent that came. */
  readonly reach: number
  /** Octets on the wire for each message that was sent, and for each reply. */
  readonly sentOctets: number
  readonly receivedOctets: number
}

/** Less than this of a second is no second of its own. */
const shortest = 0.5

/** A second of a run, or what is left of one. */
interface Second {
  /** How much of it was measured. */
  length: number
  /** Buckets of round trips: times, and how often. */
  readonly buckets: Map<number, number>
  sum: number
  /** Replies that should have come: of messages that could not be sent, too. */
  expected: number
  /** Of messages that were sent only. */
  asked: number
  /** Of all of them, what is known not to have come. */
  missing: number
  received: number
  sent: number
  sentOctets: number
  receivedOctets: number
}

export class ComparedSide {
  /** How many seconds there are to draw from. */
  readonly seconds: number
  /** As the reports have them. */
  readonly figures: Figures
  readonly #runs: readonly (readonly Second[])[]
  /** Of all buckets, ascending. */
  readonly #times: readonly number[]
  readonly #places: ReadonlyMap<number, number>

  constructor(reports: readonly LoadReport[]) {
    this.#runs = reports.map(secondsOf)
    const all = this.#runs.flat()
    this.seconds = all.length
    this.#times = [...new Set(all.flatMap(({ buckets }) => [...buckets.keys()]))].sort((a, b) => a - b)
    this.#places = new Map(this.#times.map((time, place) => [time, place]))
    this.figures = figuresOf(reports)
  }

  /** As many runs as there are, and of each as many seconds as it has. */
  draw(random: () => number): Figures {
    const one = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!
    const runs = this.#runs.map(() => one(this.#runs))
    return new Sample(
      this.#times,
      this.#places,
      runs.flatMap(run => run.map(() => one(run))),
    )
  }
}

function figuresOf(reports: readonly LoadReport[]): Figures {
  const all = new Tally()
  for (const report of reports) all.add(tallyOf(report).take())
  const seconds = reports.reduce((sum, report) => sum + report.seconds, 0)
  const rtt = all.times('rtt')
  const { received, sent, sentWireOctets, receivedWireOctets } = all.counts
  const { expected, asked, missing } = repliesOf(all)
  return {
    percentile: percent => (rtt.count === 0 ? Number.NaN : rtt.percentile(percent)),
    mean: rtt.count === 0 ? Number.NaN : rtt.mean,
    rate: received / seconds,
    unanswered: (missing * 100) / expected,
    reach: (received * 100) / asked,
    sentOctets: sentWireOctets / sent,
    receivedOctets: receivedWireOctets / received,
  }
}

/** Seconds of which a part was measured. */
function secondsOf(report: LoadReport): Second[] {
  const from = report.settings.warmUp / 1000
  const end = from + report.seconds
  const rest = secondOf(report, 0)
  const seconds: Second[] = []
  let open: Second | undefined
  const add = (second: Second) => {
    open = open === undefined ? second : sumOf(open, second)
    if (open.length < shortest) return
    seconds.push(open)
    open = undefined
  }
  for (const counted of report.perSecond) {
    const { number } = counted
    const second = secondOf(counted, Math.max(0, Math.min(number + 1, end) - Math.max(number, from)))
    take(rest, second)
    add(second)
  }
  // What is in no whole second.
  const measured = [...seconds, ...(open === undefined ? [] : [open])].reduce((sum, { length }) => sum + length, 0)
  rest.length = Math.max(0, report.seconds - measured)
  add(rest)
  const last = seconds.pop()
  if (last === undefined) return []
  return [...seconds, open === undefined ? last : sumOf(last, open)]
}

function secondOf(counted: Reported, length: number): Second {
  const tally = tallyOf(counted)
  const rtt = tally.times('rtt')
  const { received, sent, sentWireOctets: sentOctets, receivedWireOctets: receivedOctets } = tally.counts
  const octets = { sentOctets, receivedOctets }
  return {
    length,
    buckets: new Map(rtt.buckets()),
    sum: rtt.mean * rtt.count,
    received,
    sent,
    ...octets,
    ...repliesOf(tally),
  }
}

function repliesOf({ counts }: Tally): Pick<Second, 'expected' | 'asked' | 'missing'> {
  const { expected, missed, lost, unanswered, wrong } = counts
  return { expected: expected + missed, asked: expected, missing: missed + lost + unanswered + wrong }
}

const sums = ['length', 'sum', 'expected', 'asked', 'missing', 'received', 'sent', 'sentOctets', 'receivedOctets'] as const

function sumOf(a: Second, b: Second): Second {
  const sum = { ...a, buckets: new Map(a.buckets) }
  for (const name of sums) sum[name] += b[name]
  for (const [time, count] of b.buckets) sum.buckets.set(time, (sum.buckets.get(time) ?? 0) + count)
  return sum
}

/** Takes a part from a whole. */
function take(whole: Second, part: Second): void {
  for (const name of sums) whole[name] -= part[name]
  for (const [time, count] of part.buckets) whole.buckets.set(time, whole.buckets.get(time)! - count)
}

/** Seconds that were drawn, put together. */
class Sample implements Figures {
  readonly #times: readonly number[]
  readonly #counts: Float64Array
  readonly mean: number
  readonly rate: number
  readonly unanswered: number
  readonly reach: number
  readonly sentOctets: number
  readonly receivedOctets: number
  #count = 0

  constructor(times: readonly number[], places: ReadonlyMap<number, number>, seconds: readonly Second[]) {
    this.#times = times
    this.#counts = new Float64Array(times.length)
    const all = Object.fromEntries(sums.map(name => [name, 0])) as Record<(typeof sums)[number], number>
    for (const second of seconds) {
      for (const [time, count] of second.buckets) {
        this.#counts[places.get(time)!]! += count
        this.#count += count
      }
      for (const name of sums) all[name] += second[name]
    }
    this.mean = all.sum / this.#count
    this.rate = all.received / all.length
    this.unanswered = (all.missing * 100) / all.expected
    this.reach = (all.received * 100) / all.asked
    this.sentOctets = all.sentOctets / all.sent
    this.receivedOctets = all.receivedOctets / all.received
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
