/**
 * What a server tells of itself while it is loaded, scrape by scrape: made into figures of seconds and of the whole run. A
 * scrape counts in the second in which it was answered.
 */
import type { Reading } from './known-metrics.js'
import { type MemoryPoint, memoryPerConnection } from './memory-per-connection.js'
import { RisingCount } from './rising-count.js'
import type { SecondOf } from './second-of.js'
import type { EventLoopDelay, MetricReport, ServerReport, ServerSecond } from './server-report.js'

/** Its CPU never falls: what processes took that are no more is in it. */
interface Scrape extends Reading {
  /** Milliseconds. */
  readonly at: number
  /** How often the server had been restarted. */
  readonly restarts: number
}

/** Figures of seconds, put together. */
class Figures {
  #sum = 0
  #count = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY

  add(value: number): void {
    this.#sum += value
    this.#count++
    this.min = Math.min(this.min, value)
    this.max = Math.max(this.max, value)
  }

  get mean(): number {
    return this.#sum / this.#count
  }
}

export class ServerMetrics {
  #connections = 0
  #opening = true
  readonly #points: MemoryPoint[] = []
  readonly #cpu = new RisingCount()
  #memoryBefore: number | undefined
  #memoryMax: number | undefined
  /** Where what is measured begins and ends, that of the second before, and the newest. */
  #from: Scrape | undefined
  #to: Scrape | undefined
  #before: Scrape | undefined
  #last: Scrape | undefined
  readonly #delays = new Map<keyof EventLoopDelay, Figures>()
  readonly #metrics = new Map<string, { readonly figures: Figures; readonly counter: boolean }>()

  /** A scrape was answered, at a time in milliseconds. */
  add(reading: Reading, at: number): void {
    const { memory } = reading
    const cpu = reading.cpu === undefined ? undefined : this.#cpu.next(reading.cpu)
    this.#last = { ...reading, cpu, at, restarts: this.#cpu.restarts }
    if (memory === undefined) return
    this.#memoryMax = Math.max(this.#memoryMax ?? 0, memory)
    if (!this.#opening) return
    if (this.#connections === 0) this.#memoryBefore ??= memory
    this.#points.push([this.#connections, memory])
  }

  /** So many connections are open now. */
  opened(connections: number): void {
    this.#connections = connections
  }

  /** The load begins. */
  begin(): void {
    this.#opening = false
    this.#from = this.#last
    this.#before = this.#last
  }

  /** A second is over. Undefined when nothing was told in it. */
  second(of: SecondOf): ServerSecond | undefined {
    const before = this.#before
    const scrape = this.#last
    if (scrape === undefined || scrape === before) return undefined
    this.#before = scrape
    if (of === 'warmUp') this.#from = scrape
    else {
      // It may answer from later on only.
      this.#from ??= scrape
      // A run that is shorter than a second has nothing else.
      if (of === 'measured' || this.#to === undefined) this.#to = scrape
    }
    const { memory, eventLoopDelay } = scrape
    const cores = before && coresBetween(before, scrape)
    const metrics = metricsBetween(before, scrape)
    if (of === 'measured') this.#count(scrape, metrics)
    return {
      ...(cores !== undefined && { cores }),
      ...(memory !== undefined && { memory }),
      ...(eventLoopDelay && { eventLoopDelay }),
      ...(metrics.size > 0 && { metrics: Object.fromEntries(metrics) }),
    }
  }

  /** What it has told until now. */
  report(): ServerReport {
    const from = this.#from
    const to = this.#to ?? this.#last
    const cores = from && to && coresBetween(from, to)
    const restarts = from && to && to.restarts - from.restarts
    const perConnection = memoryPerConnection(this.#points)
    return {
      ...(restarts && { restarts }),
      ...(cores !== undefined && { cores }),
      ...(this.#memoryBefore !== undefined && { memoryBefore: this.#memoryBefore }),
      ...(this.#memoryMax !== undefined && { memoryMax: this.#memoryMax }),
      ...(perConnection && { perConnection }),
      ...(this.#delays.size > 0 && { eventLoopDelay: this.#delay }),
      ...(this.#metrics.size > 0 && { metrics: Object.fromEntries(this.#reports) }),
    }
  }

  #count({ eventLoopDelay = {}, metrics: told }: Scrape, metrics: ReadonlyMap<string, number>): void {
    for (const [figure, value] of Object.entries(eventLoopDelay) as [keyof EventLoopDelay, number][]) {
      const figures = this.#delays.get(figure) ?? new Figures()
      this.#delays.set(figure, figures)
      figures.add(value)
    }
    for (const [name, value] of metrics) {
      const { counter } = told.get(name)!
      const known = this.#metrics.get(name) ?? { figures: new Figures(), counter }
      this.#metrics.set(name, known)
      known.figures.add(value)
    }
  }

  get #delay(): EventLoopDelay {
    return Object.fromEntries(
      [...this.#delays].map(([figure, { mean, max }]) => [figure, figure === 'mean' ? mean : max]),
    )
  }

  get #reports(): [string, MetricReport][] {
    return [...this.#metrics].map(([name, { figures, counter }]) => {
      const { min, mean, max } = figures
      return [name, { min, mean, max, counter }]
    })
  }
}

/** How much a counter grew, a second; where it has become less, it began anew. */
function growth(before: number, after: number, milliseconds: number): number {
  return ((after < before ? after : after - before) * 1000) / milliseconds
}

/** Undefined where nobody tells, or no time has passed. */
function coresBetween(before: Scrape, after: Scrape): number | undefined {
  if (before.cpu === undefined || after.cpu === undefined || after.at <= before.at) return undefined
  return ((after.cpu - before.cpu) * 1000) / (after.at - before.at)
}

/** Those of a second; a counter has none where nothing was told before. */
function metricsBetween(before: Scrape | undefined, after: Scrape): Map<string, number> {
  const metrics = new Map<string, number>()
  for (const [name, { value, counter }] of after.metrics) {
    const earlier = before?.metrics.get(name)
    if (!counter) metrics.set(name, value)
    else if (before !== undefined && earlier !== undefined && after.at > before.at) {
      metrics.set(name, growth(earlier.value, value, after.at - before.at))
    }
  }
  return metrics
}
