/** `--prometheus`, `--remote-write`, `--otlp` and `--statsd`: whom a load tells what it measures while it runs. */
import type { LoadExporter } from '../../load/export/load-exporter.js'
import { otlpExporter } from '../../load/export/otlp-exporter.js'
import { prometheusExporter } from '../../load/export/prometheus-exporter.js'
import { remoteWriteExporter } from '../../load/export/remote-write-exporter.js'
import { statsdExporter } from '../../load/export/statsd-exporter.js'
import type { Arguments, OptionTable } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { parsePort } from '../quantity.js'
import { systemReason } from '../system-reason.js'
import { httpUrl } from './http-url.js'

/** Where OpenTelemetry has the headers of its exporters: `name=value,name=value`, encoded as in URLs. */
const otlpHeaders = 'OTEL_EXPORTER_OTLP_HEADERS'
/** The same of a remote write. */
const remoteWriteHeaders = 'PROMETHEUS_REMOTE_WRITE_HEADERS'

export const exporterOptions: OptionTable = {
  prometheus: { value: '[HOST]:PORT', help: 'serve the figures there while it runs, for Prometheus to scrape (:9464)' },
  'remote-write': {
    value: 'URL',
    help: `push them to Prometheus or what takes its remote write (http://127.0.0.1:9090); a user\nname and a password stand in the URL; headers: ${remoteWriteHeaders}`,
  },
  otlp: {
    value: 'URL',
    help: `push the figures to an OpenTelemetry collector (http://127.0.0.1:4318), OTLP over HTTP;\nheaders, such as a token: ${otlpHeaders}`,
  },
  statsd: { value: 'HOST[:PORT]', help: 'send the figures of each second to StatsD by UDP (port 8125)' },
}

/**
 * Understands them.
 *
 * @param note - told what has to be said while the load runs, and behind it.
 * @throws CommandError
 */
export function parseExporters(
  given: Arguments,
  env: Readonly<Record<string, string | undefined>>,
  note: (message: string) => void,
): LoadExporter[] {
  const exporters: LoadExporter[] = []
  const onWaiting = (message: string) => note(`${message}; Ctrl-C ends that`)
  const prometheus = given.get('prometheus')
  if (prometheus !== undefined) {
    const { host, port } = placeOf('--prometheus', prometheus, ':9464')
    const onListening = (url: string) => note(`the figures for Prometheus are at ${url}`)
    const exporter = prometheusExporter({ host, port, onListening })
    const begin: LoadExporter['begin'] = async settings => {
      await exporter.begin(settings).catch(error => {
        throw new CommandError(`--prometheus ${prometheus}: cannot listen there: ${systemReason(error)}`)
      })
    }
    exporters.push({ ...exporter, begin })
  }
  const remoteWrite = given.get('remote-write')
  if (remoteWrite !== undefined) {
    const url = httpUrl('--remote-write', remoteWrite, 'a URL such as http://127.0.0.1:9090/api/v1/write')
    exporters.push(
      remoteWriteExporter({ url, headers: headersOf(remoteWriteHeaders, env), onTrouble: note, onWaiting }),
    )
  }
  const otlp = given.get('otlp')
  if (otlp !== undefined) {
    const url = httpUrl('--otlp', otlp, 'the URL of a collector, such as http://127.0.0.1:4318')
    exporters.push(otlpExporter({ url, headers: headersOf(otlpHeaders, env), onTrouble: note, onWaiting }))
  }
  const statsd = given.get('statsd')
  if (statsd !== undefined) {
    const { host = '127.0.0.1', port } = placeOf('--statsd', statsd, '127.0.0.1:8125')
    exporters.push(statsdExporter({ host, port, onTrouble: note }))
  }
  return exporters
}

/** A host and a port, each of which may be left out; an IPv6 address stands in brackets. */
function placeOf(option: string, text: string, example: string): { host?: string; port?: number } {
  const [, six, name, port] = /^(?:\[([0-9a-f:.]+)\]|([^[\]:\s]*))(?::(\d+))?$/i.exec(text) ?? []
  const host = six ?? name
  if (host === undefined || text === '') {
    throw new CommandError(`${option} ${JSON.stringify(text)} is not a host and a port, such as ${example}`)
  }
  return { ...(host !== '' && { host }), ...(port !== undefined && { port: parsePort(option, port) }) }
}

/** @param variable - of the environment. */
function headersOf(variable: string, env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const pairs = (env[variable] ?? '').split(',').filter(pair => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map(pair => {
      const [, name, value] = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+)\s*=\s*(.*?)\s*$/i.exec(pair) ?? []
      if (name === undefined) throw new CommandError(`${variable}: ${JSON.stringify(pair)} is not name=value`)
      return [name, decoded(variable, value!)]
    }),
  )
}

function decoded(variable: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new CommandError(`${variable}: ${JSON.stringify(text)} is not encoded as in a URL`)
  }
}
