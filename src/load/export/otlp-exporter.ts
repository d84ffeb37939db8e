/**
 * Pushes the figures of a load to an OpenTelemetry collector, or to anything else that takes OTLP over HTTP as JSON
 * (Prometheus does: `/api/v1/otlp/v1/metrics`).
 */
import { httpTarget } from '../http-call.js'
import { gaugesOf } from './gauges.js'
import type { LoadExporter } from './load-exporter.js'
import { bounds, countersOf, histogramsOf, type Labels } from './metrics.js'
import { type Pushed, type PushOptions, pushExporter } from './push-exporter.js'

/** Options of {@link otlpExporter}. Times are in milliseconds. */
export interface OtlpOptions extends PushOptions {
  /** Of the collector, `http:` or `https:`; where it has no path, `/v1/metrics` is meant. */
  readonly url: string | URL
}

/** `AGGREGATION_TEMPORALITY_CUMULATIVE` */
const cumulative = 2

/** What a collector says of what it rejects. */
const longestMessage = 120

/**
 * Pushes the figures of a load by OTLP.
 *
 * @returns an exporter for one load. Throws a TypeError for a URL that is none.
 */
export function otlpExporter({ url, ...options }: OtlpOptions): LoadExporter {
  const target = httpTarget(url, options.headers)
  if (target.url.pathname === '/') target.url.pathname = '/v1/metrics'
  const encode = (pushed: Pushed) => ({
    body: JSON.stringify(bodyOf(pushed)),
    headers: { 'Content-Type': 'application/json' },
  })
  return pushExporter(target, options, encode, rejected)
}

/** A collector that takes a part only says so in an answer of 200, its `partialSuccess`; what is no JSON says nothing of it. */
function rejected(body: string): string | undefined {
  try {
    const { rejectedDataPoints, errorMessage = '' } = JSON.parse(body).partialSuccess
    if (!(Number(rejectedDataPoints) > 0)) return undefined
    const [why] = String(errorMessage).slice(0, longestMessage).split('\n')
    return `it has rejected ${rejectedDataPoints} of them${why === '' ? '' : `: ${why}`}`
  } catch {
    return undefined
  }
}

function bodyOf({ figures, settings, began }: Pushed): unknown {
  const { parts, server } = figures
  const { url, workload } = settings
  const times = { startTimeUnixNano: nanoseconds(began), timeUnixNano: nanoseconds(Date.now()) }
  const counters = countersOf(parts).map(({ name, help, values }) => ({
    name: `framewright.load.${name}`,
    description: help,
    sum: {
      aggregationTemporality: cumulative,
      isMonotonic: true,
      dataPoints: values.map(({ labels, value }) => ({
        attributes: attributesOf(labels),
        asInt: String(value),
        ...times,
      })),
    },
  }))
  const histograms = histogramsOf(parts).map(({ name, help, values }) => ({
    name: `framewright.load.${name}`,
    description: help,
    unit: 's',
    histogram: {
      aggregationTemporality: cumulative,
      dataPoints: values.map(({ labels, count, sum, min, max, buckets }) => ({
        attributes: attributesOf(labels),
        ...{ count: String(count), sum, min, max },
        ...{ bucketCounts: buckets.map(String), explicitBounds: bounds },
        ...times,
      })),
    },
  }))
  const gauges = gaugesOf(server).map(({ name, help, unit, values }) => ({
    name: `framewright.load.${name}`,
    description: help,
    unit,
    gauge: {
      dataPoints: values.map(({ labels, value }) => ({
        attributes: attributesOf(labels),
        asDouble: value,
        timeUnixNano: times.timeUnixNano,
      })),
    },
  }))
  const { hostname, pathname } = new URL(url)
  const about = { 'service.name': 'framewright-load', 'server.address': hostname, 'url.path': pathname, workload }
  const attributes = attributesOf(about)
  const metrics = [...counters, ...histograms, ...gauges]
  return {
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope: { name: 'framewright/load' }, metrics }] }],
  }
}

function attributesOf(labels: Labels) {
  return Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

/** 64-bit numbers are text in JSON. */
function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds)) * 1_000_000n)
}
