/**
 * Lets Prometheus scrape a load while it runs: `GET /metrics` in its text format. The figures are those since the start of
 * the run; they go when it ends, so a run should last longer than the time between scrapes.
 */
import { createServer, type Server } from 'node:http'
import { tallyOf } from '../reported-tally.js'
import { Tally } from '../tally.js'
import type { LoadExporter } from './load-exporter.js'
import { bounds, countersOf, histogramsOf } from './metrics.js'

/** Options of {@link prometheusExporter}. */
export interface PrometheusOptions {
  /** Default 9464, as OpenTelemetry's exporter has it; 0: any that is free. */
  readonly port?: number | undefined
  /** A local address; default: all. */
  readonly host?: string | undefined
  /** Called when it can be scraped. */
  readonly onListening?: ((url: string) => void) | undefined
}

/** Scrapers there may be at a time: what is beyond is refused. */
const mostScrapers = 16

/**
 * Serves the figures of a load to Prometheus.
 *
 * @returns an exporter for one load. Its `begin` rejects with the error of the system where the port cannot be had.
 */
export function prometheusExporter({ port = 9464, host, onListening }: PrometheusOptions = {}): LoadExporter {
  const tally = new Tally()
  let info = ''
  const server = createServer((request, response) => {
    if (new URL(request.url!, 'http://localhost').pathname !== '/metrics') {
      response.writeHead(404).end('the figures are at /metrics\n')
      return
    }
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    response.end(info + textOf(tally))
  })
  server.maxConnections = mostScrapers
  return {
    async begin({ url, workload }) {
      info = described('info', 'gauge', 'What is loaded.')
      info += `framewright_load_info{url="${quoted(withoutSecrets(url))}",workload="${workload}"} 1\n`
      await listening(server, port, host)
      onListening?.(urlOf(server, host))
    },
    add: part => tally.add(tallyOf(part).take()),
    async end() {
      const closed = new Promise(resolve => server.close(resolve))
      // A scrape that is under way is answered; one that stays open is not waited for.
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), 1000)
      await closed
      clearTimeout(timer)
    },
  }
}

async function listening(server: Server, port: number, host: string | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, resolve)
  })
}

function urlOf(server: Server, host = 'localhost'): string {
  const { port } = server.address() as { port: number }
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`
}

function textOf(tally: Tally): string {
  let text = ''
  for (const { name, help, value } of countersOf(tally)) {
    const metric = `${snake(name)}_total`
    text += `${described(metric, 'counter', help)}framewright_load_${metric} ${value}\n`
  }
  text += described('errors_total', 'counter', 'What went wrong, by kind.')
  for (const [kind, { count }] of tally.errors) {
    text += `framewright_load_errors_total{kind="${quoted(kind)}"} ${count}\n`
  }
  for (const { name, help, count, sum, buckets } of histogramsOf(tally)) {
    const metric = `${snake(name)}_seconds`
    text += described(metric, 'histogram', help)
    let below = 0
    for (const [i, bound] of [...bounds, '+Inf'].entries()) {
      below += buckets[i]!
      text += `framewright_load_${metric}_bucket{le="${bound}"} ${below}\n`
    }
    text += `framewright_load_${metric}_sum ${sum}\nframewright_load_${metric}_count ${count}\n`
  }
  return text
}

function described(metric: string, type: string, help: string): string {
  return `# HELP framewright_load_${metric} ${help}\n# TYPE framewright_load_${metric} ${type}\n`
}

/** `rttFromSend` is `rtt_from_send`. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** A query may be a token. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
