/**
 * Pushes the figures of a load to an OpenTelemetry collector, or to anything else that takes OTLP over HTTP as JSON
 * (Prometheus does: `/api/v1/otlp/v1/metrics`). What is pushed is what has come since the start, so that a push that fails
 * loses nothing as long as a later one arrives; one is under way at a time.
 */
import type { LoadSettings } from '../load-settings.js'
import { tallyOf } from '../reported-tally.js'
import { Tally } from '../tally.js'
import type { LoadExporter } from './load-exporter.js'
import { bounds, countersOf, histogramsOf } from './metrics.js'

/** Options of {@link otlpExporter}. Times are in milliseconds. */
export interface OtlpOptions {
  /** Of the collector, `http:` or `https:`; where it has no path, `/v1/metrics` is meant. */
  readonly url: string | URL
  /** Fields of the requests, such as a token. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How often. Default 5 s. */
  readonly interval?: number | undefined
  /** How long an answer is waited for. Default 5 s. */
  readonly timeout?: number | undefined
  /** Called when a push fails and the one before did not, with a sentence. The load goes on. */
  readonly onTrouble?: ((message: string) => void) | undefined
}

/** `AGGREGATION_TEMPORALITY_CUMULATIVE` */
const cumulative = 2

/**
 * Pushes the figures of a load by OTLP.
 *
 * @returns an exporter for one load. Throws a TypeError for a URL that is none.
 */
export function otlpExporter({
  url,
  headers = {},
  interval = 5000,
  timeout = 5000,
  onTrouble,
}: OtlpOptions): LoadExporter {
  const target = new URL(url)
  if (target.pathname === '/') target.pathname = '/v1/metrics'
  const tally = new Tally()
  let settings: LoadSettings | undefined
  let began = 0
  let last = 0
  let underWay: Promise<void> | undefined
  let failing = false

  const push = async () => {
    last = performance.now()
    const body = JSON.stringify(bodyOf(tally, settings!, began))
    const trouble = await post(target, headers, body, timeout)
    if (trouble !== undefined && !failing) onTrouble?.(`the figures cannot be pushed to ${target.origin}: ${trouble}`)
    failing = trouble !== undefined
    underWay = undefined
  }
  return {
    async begin(told) {
      settings = told
      began = Date.now()
      last = performance.now()
    },
    add(part) {
      tally.add(tallyOf(part).take())
      if (performance.now() - last >= interval) underWay ??= push()
    },
    async end() {
      await underWay
      await push()
    },
  }
}

/** What went wrong, if anything. */
async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeout: number,
): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(timeout)
    const all = { ...headers, 'Content-Type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers: all, body, signal })
    await response.body?.cancel()
    return response.ok ? undefined : `it answered ${response.status}`
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') return `no answer within ${timeout / 1000} s`
    // What fetch says is "fetch failed"; why is its cause.
    const { cause = error } = error as Error
    return String((cause as NodeJS.ErrnoException).code ?? (cause as Error).message)
  }
}

function bodyOf(tally: Tally, { url, workload }: LoadSettings, began: number): unknown {
  const times = { startTimeUnixNano: nanoseconds(began), timeUnixNano: nanoseconds(Date.now()) }
  const sum = (dataPoints: readonly unknown[]) => ({
    aggregationTemporality: cumulative,
    isMonotonic: true,
    dataPoints,
  })
  const counters = countersOf(tally).map(({ name, help, value }) => ({
    name: `framewright.load.${name}`,
    description: help,
    sum: sum([{ asInt: String(value), ...times }]),
  }))
  const errors = {
    name: 'framewright.load.errors',
    description: 'What went wrong, by kind.',
    sum: sum(
      [...tally.errors].map(([kind, { count }]) => ({
        attributes: [attribute('kind', kind)],
        asInt: String(count),
        ...times,
      })),
    ),
  }
  const histograms = histogramsOf(tally).map(({ name, help, count, sum, min, max, buckets }) => ({
    name: `framewright.load.${name}`,
    description: help,
    unit: 's',
    histogram: {
      aggregationTemporality: cumulative,
      dataPoints: [
        { count: String(count), sum, min, max, bucketCounts: buckets.map(String), explicitBounds: bounds, ...times },
      ],
    },
  }))
  const { hostname, pathname } = new URL(url)
  const about = { 'service.name': 'framewright-load', 'server.address': hostname, 'url.path': pathname, workload }
  const attributes = Object.entries(about).map(([key, value]) => attribute(key, value))
  const metrics = [...counters, errors, ...histograms]
  return {
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope: { name: 'framewright/load' }, metrics }] }],
  }
}

function attribute(key: string, stringValue: string) {
  return { key, value: { stringValue } }
}

/** 64-bit numbers are text in JSON. */
function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds)) * 1_000_000n)
}
