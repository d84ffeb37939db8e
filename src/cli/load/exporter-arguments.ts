/** `--prometheus`, `--otlp` and `--statsd`: whom a load tells what it measures while it runs. */
import type { LoadExporter } from '../../load/export/load-exporter.js'
import { otlpExporter } from '../../load/export/otlp-exporter.js'
import { prometheusExporter } from '../../load/export/prometheus-exporter.js'
import { statsdExporter } from '../../load/export/statsd-exporter.js'
import type { Arguments, OptionTable } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { parsePort } from '../quantity.js'
import { systemReason } from '../system-reason.js'

/** Where OpenTelemetry has the headers of its exporters: `name=value,name=value`, encoded as in URLs. */
const otlpHeaders = 'OTEL_EXPORTER_OTLP_HEADERS'

export const exporterOptions: OptionTable = {
  prometheus: { value: '[HOST]:PORT', help: 'serve the figures there while it runs, for Prometheus to scrape (:9464)' },
  otlp: {
    value: 'URL',
    help: `push the figures to an OpenTelemetry collector (http://127.0.0.1:4318), OTLP over HTTP;\nheaders, such as a token: ${otlpHeaders}`,
  },
  statsd: { value: 'HOST[:PORT]', help: 'send the figures of each second to StatsD by UDP (port 8125)' },
}

/**
 * Understands them.
 *
 * @param note - told what has to be said while the load runs.
 * @throws CommandError
 */
export function parseExporters(
  given: Arguments,
  env: Readonly<Record<string, string | undefined>>,
  note: (message: string) => void,
): LoadExporter[] {
  const exporters: LoadExporter[] = []
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
  const otlp = given.get('otlp')
  if (otlp !== undefined) {
    exporters.push(otlpExporter({ url: httpUrl(otlp), headers: headersOf(env[otlpHeaders] ?? ''), onTrouble: note }))
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

function httpUrl(text: string): URL {
  const url = /^https?:\/\//i.test(text) ? parsed(text) : undefined
  if (url !== undefined) return url
  throw new CommandError(`--otlp ${JSON.stringify(text)} is not the URL of a collector, such as http://127.0.0.1:4318`)
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').filter(pair => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map(pair => {
      const [, name, value] = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+)\s*=\s*(.*?)\s*$/i.exec(pair) ?? []
      if (name === undefined) throw new CommandError(`${otlpHeaders}: ${JSON.stringify(pair)} is not name=value`)
      return [name, decoded(value!)]
    }),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new CommandError(`${otlpHeaders}: ${JSON.stringify(text)} is not encoded as in a URL`)
  }
}
