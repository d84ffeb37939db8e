/**
 * Lets Prometheus scrape a load while it runs: `GET /metrics` in its text format. The figures are those since the start of
 * the run; they go when it ends, so a run should last longer than the time between scrapes.
 */
import { createServer, type Server } from 'node:http'
import type { LoadSettings } from '../load-settings.js'
import { Gathered } from './gathered.js'
import type { LoadExporter } from './load-exporter.js'
import { type PrometheusFamily, type PrometheusSample, prometheusFamilies } from './prometheus-families.js'

/** Options of {@link prometheusExporter}. */
export interface PrometheusOptions {
  /** Default 9464, as OpenTelemetry's exporter has it; 0: any that is free. */
  readonly port?: number | undefined
  /** A local address; default: all. */
  readonly host?: string | undefined
  /** Called when it can be scraped. */
  readonly onListening?: ((url: string) => void) | undefined
}

/** In origin-form or absolute-form (RFC 9112 §3.2). */
const figuresTarget = /^(?:https?:\/\/[^/]+)?\/metrics(?:\?|$)/

/** Scrapers there may be at a time: what is beyond is refused. */
const mostScrapers = 16

/**
 * Serves the figures of a load to Prometheus.
 *
 * @returns an exporter for one load. Its `begin` rejects with the error of the system where the port cannot be had.
 */
export function prometheusExporter({ port = 9464, host, onListening }: PrometheusOptions = {}): LoadExporter {
  const figures = new Gathered()
  let settings: LoadSettings | undefined
  const server = createServer((request, response) => {
    // Anybody may ask for anything, also for what is no URL.
    if (!figuresTarget.test(request.url!)) {
      response.writeHead(404).end('the figures are at /metrics\n')
      return
    }
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    response.end(textOf(prometheusFamilies(figures, settings!)))
  })
  server.maxConnections = mostScrapers
  return {
    async begin(told) {
      settings = told
      figures.begin(told)
      await listening(server, port, host)
      onListening?.(urlOf(server, host))
    },
    add: part => figures.add(part),
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

function textOf(families: readonly PrometheusFamily[]): string {
  let text = ''
  for (const { name, type, help, samples } of families) {
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
    for (const sample of samples) text += `${sample.name}${labelsOf(sample)} ${sample.value}\n`
  }
  return text
}

function labelsOf({ labels }: PrometheusSample): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${quoted(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
