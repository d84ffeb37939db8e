/** The figures of a load as Prometheus has them: families of series, whether it asks for them or they are written to it. */
import type { LoadSettings } from '../load-settings.js'
import { shownUrl } from '../shown-url.js'
import type { Gathered } from './gathered.js'
import { gaugesOf } from './gauges.js'
import { bounds, countersOf, type Distribution, type HistogramMetric, histogramsOf, type Labels } from './metrics.js'

/** One series, and its value now. */
export interface PrometheusSample {
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

/** Series that are told of together. */
export interface PrometheusFamily {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: readonly PrometheusSample[]
}

const units = { s: '_seconds', By: '_bytes', '': '' } as const

/** All that is known now. */
export function prometheusFamilies(
  { parts, server }: Gathered,
  { url, workload }: Pick<LoadSettings, 'url' | 'workload'>,
): PrometheusFamily[] {
  const plain = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    values: readonly Omit<PrometheusSample, 'name'>[],
  ) => {
    return { name, type, help, samples: values.map(value => ({ name, ...value })) }
  }
  const about = { url: shownUrl(url), workload }
  return [
    plain('framewright_load_info', 'gauge', 'What is loaded.', [{ labels: about, value: 1 }]),
    ...countersOf(parts).map(({ name, help, values }) =>
      plain(`framewright_load_${snake(name)}_total`, 'counter', help, values),
    ),
    ...histogramsOf(parts).map(histogramFamily),
    ...gaugesOf(server).map(({ name, help, unit, values }) =>
      plain(`framewright_load_${snake(name)}${units[unit]}`, 'gauge', help, values),
    ),
  ]
}

function histogramFamily(metric: HistogramMetric): PrometheusFamily {
  const name = `framewright_load_${snake(metric.name)}_seconds`
  return { name, type: 'histogram', help: metric.help, samples: metric.values.flatMap(one => samplesOf(name, one)) }
}

function samplesOf(name: string, { labels, buckets, sum, count }: Distribution): PrometheusSample[] {
  let below = 0
  const cumulative = [...bounds, '+Inf'].map((bound, i) => {
    below += buckets[i]!
    return { name: `${name}_bucket`, labels: { ...labels, le: String(bound) }, value: below }
  })
  return [...cumulative, { name: `${name}_sum`, labels, value: sum }, { name: `${name}_count`, labels, value: count }]
}

/** `server.rttFromSend` is `server_rtt_from_send`. */
function snake(name: string): string {
  return name.replaceAll('.', '_').replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
