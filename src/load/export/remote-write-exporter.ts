/**
 * Pushes the figures of a load to Prometheus, or to whatever else takes its remote write, version 1.0: the series that it would
 * scrape. What fails is not sent again: the next push is newer, and has all that was counted.
 */
import { hostname } from 'node:os'
import { httpTarget } from '../http-call.js'
import type { LoadExporter } from './load-exporter.js'
import { prometheusFamilies } from './prometheus-families.js'
import { type PushOptions, pushExporter } from './push-exporter.js'
import { writeRequest } from './write-request.js'

/** Options of {@link remoteWriteExporter}. Times are in milliseconds. */
export interface RemoteWriteOptions extends PushOptions {
  /**
   * Of the receiver, `http:` or `https:`; where it has no path, `/api/v1/write` is meant. A user name and a password in it are
   * sent as Basic authorization.
   */
  readonly url: string | URL
  /** Of all series, besides their own. Default: `job="framewright-load"`, and an `instance` of this host and process. */
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** What is sent besides the body. */
const fields = {
  'Content-Type': 'application/x-protobuf',
  'Content-Encoding': 'snappy',
  'User-Agent': 'framewright-load',
  'X-Prometheus-Remote-Write-Version': '0.1.0',
}

/**
 * Pushes the figures of a load by Prometheus remote write. At its end all series are marked as ended.
 *
 * @returns an exporter for one load. Throws a TypeError for a URL that is none.
 */
export function remoteWriteExporter({ url, labels = {}, ...options }: RemoteWriteOptions): LoadExporter {
  const target = httpTarget(url, options.headers)
  if (target.url.pathname === '/') target.url.pathname = '/api/v1/write'
  const own = { job: 'framewright-load', instance: `${hostname()}:${process.pid}`, ...labels }
  let newest = 0
  return pushExporter(target, options, ({ figures, settings, last }) => {
    const series = prometheusFamilies(figures, settings).flatMap(({ samples }) =>
      samples.map(({ name, labels, value }) => ({ labels: sorted({ ...own, ...labels, __name__: name }), value })),
    )
    // Of one series no two values may have the same time.
    newest = Math.max(newest + 1, Date.now())
    return { body: writeRequest(series, newest, last), headers: fields }
  })
}

/** By their names; those without a value are none. */
function sorted(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
