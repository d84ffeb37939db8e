/**
 * Of what a server exposes, what is known by its name: CPU and memory of its process, and the delay of its event loop, as
 * prom-client and OpenTelemetry name them, whatever prefix they have; and what is asked for besides.
 */
import { type ExposedSample, parseLabels } from './exposition.js'
import type { EventLoopDelay } from './server-report.js'

/** What one scrape has told. */
export interface Reading {
  /** Seconds of CPU since the process began. */
  readonly cpu: number | undefined
  /** Octets that are resident. */
  readonly memory: number | undefined
  readonly eventLoopDelay: EventLoopDelay | undefined
  /** What was asked for, by name. */
  readonly metrics: ReadonlyMap<string, { readonly value: number; readonly counter: boolean }>
}

/** The first of these that there is. */
const cpuNames = [/(?:^|_)process_cpu_seconds_total$/, /(?:^|_)process_cpu_time_seconds_total$/]
const memoryNames = [/(?:^|_)process_resident_memory_bytes$/, /(?:^|_)process_memory_usage_bytes$/]
const delayName = /(?:^|_)nodejs_eventloop_(?:lag|delay)_(?:(mean|p50|p90|p99|max)_)?seconds$/

/** So many are kept of what patterns match. */
const mostMetrics = 100

/** A metric, or several, that are asked for besides. */
export interface MetricSelector {
  /** By what name it is kept; undefined where it is not asked for. */
  nameOf(sample: ExposedSample): string | undefined
}

/**
 * Understands what is asked for: a name, in which * stands for anything, and perhaps labels: `http_requests_total{code="500"}`.
 *
 * @returns undefined where it is none.
 */
export function parseSelector(text: string): MetricSelector | undefined {
  const [, pattern, labelText] = /^([a-zA-Z_:*][\w:*]*)(?:\{(.*)\})?$/su.exec(text) ?? []
  const labels = parseLabels(labelText ?? '')
  if (pattern === undefined || labels === undefined) return undefined
  const name = new RegExp(`^${pattern.replaceAll('*', '.*')}$`)
  const suffix = labelText === undefined ? '' : `{${labelText}}`
  return {
    nameOf(sample) {
      const matches = Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
      return matches && name.test(sample.name) ? `${sample.name}${suffix}` : undefined
    },
  }
}

/** What is known of these, and what is asked for: lines that differ only in their labels are added up. */
export function readingOf(samples: readonly ExposedSample[], selectors: readonly MetricSelector[]): Reading {
  const finite = samples.filter(({ value }) => Number.isFinite(value))
  const metrics = new Map<string, { value: number; counter: boolean }>()
  for (const sample of finite) {
    for (const name of new Set(selectors.flatMap(selector => selector.nameOf(sample) ?? []))) {
      const known = metrics.get(name)
      if (known !== undefined) known.value += sample.value
      else if (metrics.size < mostMetrics) metrics.set(name, { value: sample.value, counter: sample.counter })
    }
  }
  return {
    cpu: sumOf(finite, cpuNames),
    memory: sumOf(finite, memoryNames),
    eventLoopDelay: delayIn(finite),
    metrics,
  }
}

function sumOf(samples: readonly ExposedSample[], names: readonly RegExp[]): number | undefined {
  for (const name of names) {
    const found = samples.filter(sample => name.test(sample.name))
    if (found.length > 0) return found.reduce((sum, { value }) => sum + value, 0)
  }
  return undefined
}

/** Of several processes behind one page, the worst. */
function delayIn(samples: readonly ExposedSample[]): EventLoopDelay | undefined {
  const delay: Partial<Record<keyof EventLoopDelay, number>> = {}
  for (const { name, value } of samples) {
    const found = delayName.exec(name)
    if (found === null) continue
    const figure = (found[1] ?? 'now') as keyof EventLoopDelay
    delay[figure] = Math.max(delay[figure] ?? 0, value * 1000)
  }
  return Object.keys(delay).length === 0 ? undefined : delay
}
