/** What is known of a server now, in the form that monitoring systems take: gauges. */
import type { ServerSecond } from '../server/server-report.js'
import type { Labels } from './metrics.js'

/** Goes up and down. */
export interface GaugeMetric {
  /** Parts with dots between: `server.eventLoopDelay`. */
  readonly name: string
  readonly help: string
  /** Seconds, octets, or a number of things. */
  readonly unit: 's' | 'By' | ''
  /** One, or several that differ in a label. */
  readonly values: readonly { readonly labels: Labels; readonly value: number }[]
}

/** What is not known is left out. */
export function gaugesOf({ cores, memory, threads, eventLoopDelay = {}, metrics = {} }: ServerSecond): GaugeMetric[] {
  const one = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }])
  const delays = Object.entries(eventLoopDelay) as [string, number][]
  const gauges: GaugeMetric[] = [
    { name: 'server.cores', help: 'Cores that the server had in use.', unit: '', values: one(cores) },
    { name: 'server.memory', help: 'Memory of the server.', unit: 'By', values: one(memory) },
    { name: 'server.threads', help: 'Threads of the server.', unit: '', values: one(threads) },
    {
      name: 'server.eventLoopDelay',
      help: 'How late the event loop of the server was in the last second, as it told.',
      unit: 's',
      values: delays.map(([figure, value]) => ({ labels: { figure }, value: value / 1000 })),
    },
    {
      name: 'server.metric',
      help: 'What the server told in the last second; of counters how much they grew.',
      unit: '',
      values: Object.entries(metrics).map(([name, value]) => ({ labels: { name }, value })),
    },
  ]
  return gauges.filter(({ values }) => values.length > 0)
}
