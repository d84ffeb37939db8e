/** What can be said of a server in a condition: `server.cores`, `server.eventLoopDelay.p99`, `server.http_requests_total.max`. */
import { parseLabels } from './exposition.js'
import { parseSelector } from './known-metrics.js'
import type { ServerSettings } from './server-options.js'
import type { ServerReport } from './server-report.js'

/** One figure of a report. */
export interface ServerFigure {
  /** Undefined where it is not known. */
  readonly read: (server: ServerReport) => number | undefined
  readonly measuredIn: 'ms' | 'octets' | ''
  /** Of a server that has ended it is known until then only. */
  readonly endsWithIt?: boolean
  /** It is of all connections, of which a shard knows its own only. */
  readonly ofConnections?: boolean
  /** Whether a load that was told this may come to know it; else what has to be said, an option. */
  readonly missing: (settings: ServerSettings) => string | undefined
}

const delays = ['now', 'mean', 'p50', 'p90', 'p99', 'max'] as const
const metricFigures = ['min', 'mean', 'max'] as const

const figures: Readonly<Record<string, ServerFigure>> = {
  cores: { read: ({ cores }) => cores, measuredIn: '', endsWithIt: true, missing: notWatched },
  memory: { read: ({ memoryMax }) => memoryMax, measuredIn: 'octets', endsWithIt: true, missing: notWatched },
  memoryPerConnection: {
    read: ({ perConnection }) => (perConnection && 'octets' in perConnection ? perConnection.octets : undefined),
    measuredIn: 'octets',
    ofConnections: true,
    missing: notWatched,
  },
  threads: {
    read: ({ threads }) => threads,
    measuredIn: '',
    endsWithIt: true,
    missing: ({ serverPid, serverCgroup }) =>
      (serverPid ?? serverCgroup) === undefined ? '`serverPid` or `serverCgroup`' : undefined,
  },
  ...Object.fromEntries(
    delays.map(name => [
      `eventLoopDelay.${name}`,
      {
        read: ({ eventLoopDelay }: ServerReport) => eventLoopDelay?.[name],
        measuredIn: 'ms',
        missing: notAsked,
      } as const,
    ]),
  ),
}

/** All that are known by themselves. */
export const serverFigureNames: readonly string[] = Object.keys(figures)

/**
 * Understands one.
 *
 * @param name - what stands behind `server.`
 * @returns undefined where it is none.
 */
export function serverFigure(name: string): ServerFigure | undefined {
  if (Object.hasOwn(figures, name)) return figures[name]
  const [, metric = '', figure] = /^(.+)\.(\w+)$/su.exec(name) ?? []
  const known = metricFigures.find(one => one === figure)
  const [, bare = '', labelText = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?$/su.exec(metric) ?? []
  const labels = parseLabels(labelText)
  if (known === undefined || bare === '' || labels === undefined) return undefined
  const sample = { name: bare, labels, value: 0, counter: false }
  return {
    read: ({ metrics }) => metrics?.[metric]?.[known],
    measuredIn: '',
    missing: ({ serverMetrics }) =>
      serverMetrics?.metrics.some(selector => parseSelector(selector)?.nameOf(sample) === metric)
        ? undefined
        : `\`serverMetrics\` with ${metric} among its metrics`,
  }
}

function notWatched({ serverPid, serverCgroup, serverMetrics }: ServerSettings): string | undefined {
  const watched = (serverPid ?? serverCgroup ?? serverMetrics) !== undefined
  return watched ? undefined : '`serverPid`, `serverCgroup` or `serverMetrics`'
}

function notAsked({ serverMetrics }: ServerSettings): string | undefined {
  return serverMetrics === undefined ? '`serverMetrics`' : undefined
}
