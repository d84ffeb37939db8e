/** Classes of a load, each with its series: what they add up to, at real receivers, is what the report says of all. */
import t, { type Test } from 'tap'
import { type LoadOptions, loadSettings } from '../../../src/load/load-options.js'
import type { MixedPart } from '../../../src/load/mix.js'
import { exportedPart } from '../../../src/load/report.js'
import { countNames, Tally } from '../../../src/load/tally.js'
import {
  type LoadExporter,
  type LoadReport,
  load,
  loadScenario,
  otlpExporter,
  prometheusExporter,
  type Scenario,
  statsdExporter,
} from '../../../src/load.js'
import { serve } from '../known-servers.js'
import { collector, freePort, statsd } from './receivers.js'

/** Values by what they are of: `sent`, `errors KIND`, `rtt count`, `rtt sum`; and by class, '' where they have none. */
type Series = Map<string, Map<string, number>>

function put(series: Series, name: string, value: number, ofClass = ''): void {
  const values = series.get(name) ?? new Map<string, number>()
  series.set(name, values.set(ofClass, (values.get(ofClass) ?? 0) + value))
}

interface Point {
  readonly attributes: { readonly key: string; readonly value: { readonly stringValue: string } }[]
  readonly asInt: string
  readonly count: string
  readonly sum: number
}

function seriesOfOtlp(body: string): Series {
  const series: Series = new Map()
  const { metrics } = JSON.parse(body).resourceMetrics[0].scopeMetrics[0]
  for (const { name, sum, histogram } of metrics as {
    name: string
    sum?: { dataPoints: Point[] }
    histogram?: { dataPoints: Point[] }
  }[]) {
    const own = name.replace('framewright.load.', '')
    for (const point of sum?.dataPoints ?? []) {
      const { class: ofClass, kind } = labelsOf(point)
      put(series, kind === undefined ? own : `errors ${kind}`, Number(point.asInt), ofClass)
    }
    for (const point of histogram?.dataPoints ?? []) {
      const { class: ofClass } = labelsOf(point)
      put(series, `${own} count`, Number(point.count), ofClass)
      put(series, `${own} sum`, point.sum, ofClass)
    }
  }
  return series
}

function labelsOf({ attributes }: Point): Partial<Record<string, string>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]))
}

function seriesOfPrometheus(text: string): Series {
  const series: Series = new Map()
  for (const line of text.split('\n')) {
    const [, metric, labelText = '', value] = /^framewright_load_(\w+?)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (metric === undefined || metric === 'info' || metric.endsWith('_bucket')) continue
    const labels = Object.fromEntries(
      [...labelText.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, label]) => [name, label]),
    )
    const name = metric
      .replace(/_total$/, '')
      .replace(/_seconds_(count|sum)$/, ' $1')
      .replaceAll(/_[a-z]/g, letter => letter[1]!.toUpperCase())
    put(series, labels['kind'] === undefined ? name : `errors ${labels['kind']}`, Number(value), labels['class'])
  }
  return series
}

function seriesOfStatsd(datagrams: readonly string[]): Series {
  const series: Series = new Map()
  for (const line of datagrams.join('\n').split('\n')) {
    const [, name, ofClass, value] = /^framewright\.load\.(\w+)(?:\.(\w+))?:(\d+)\|c$/.exec(line) ?? []
    if (name !== undefined) put(series, name, Number(value), ofClass)
  }
  return series
}

/** What the report has of all, or of a class. */
function expectedOf({ counts, errors, times }: Pick<LoadReport, 'counts' | 'errors' | 'times'>): Map<string, number> {
  return new Map<string, number>([
    ...Object.entries(counts),
    ...errors.map(({ kind, count }) => [`errors ${kind}`, count] as const),
    ...Object.entries(times).flatMap(([name, { count, mean }]) => [
      [`${name} count`, count] as const,
      [`${name} sum`, (mean * count) / 1000] as const,
    ]),
  ])
}

/** The same but for what is lost by adding up fractions in another order. */
function isNear(a = 0, b = 0): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
}

/** Runs a load beside all receivers, and compares what came there with its report. */
async function compare(t: Test, run: (exporters: readonly LoadExporter[]) => Promise<LoadReport>): Promise<LoadReport> {
  const otlp = await collector(t)
  const packets = await statsd(t)
  let url = ''
  let scraped = ''
  const prometheus = prometheusExporter({ port: 0, host: '127.0.0.1', onListening: at => (url = at) })
  const end = async () => {
    scraped = await (await fetch(url)).text()
    await prometheus.end()
  }
  const exporters = [{ ...prometheus, end }, otlpExporter({ url: otlp.url }), statsdExporter({ port: packets.port })]
  const report = await run(exporters)
  const classes = Object.entries(report.classes!)
  for (const [receiver, series] of [
    ['OTLP', seriesOfOtlp(otlp.pushed.at(-1)!.body)],
    ['Prometheus', seriesOfPrometheus(scraped)],
  ] as const) {
    const all = expectedOf(report)
    t.same([...series.keys()].sort(), [...all.keys()].sort(), receiver)
    for (const [name, total] of all) {
      const values = series.get(name)!
      t.equal(values.get(''), undefined, `${receiver}: ${name} is of a class`)
      const sum = [...values.values()].reduce((sum, value) => sum + value, 0)
      t.ok(isNear(sum, total), `${receiver}: ${name} is ${sum} of ${total}`)
    }
    for (const [ofClass, part] of classes) {
      for (const [name, value] of expectedOf(part)) {
        const told = series.get(name)?.get(ofClass)
        t.ok(told !== undefined && isNear(told, value), `${receiver}: ${name} of ${ofClass} is ${told} of ${value}`)
      }
    }
  }
  const summed = (name: string) => {
    const values = seriesOfStatsd(packets.datagrams).get(name) ?? new Map<string, number>()
    return [...values.values()].reduce((sum, value) => sum + value, 0)
  }
  // A name without a class for all, and one for each class.
  await packets.until(() => countNames.every(name => summed(name) >= 2 * report.counts[name]))
  const series = seriesOfStatsd(packets.datagrams)
  for (const name of countNames) {
    t.equal(series.get(name)?.get('') ?? 0, report.counts[name], `StatsD: ${name}`)
    for (const [ofClass, { counts }] of classes) {
      t.equal(series.get(name)?.get(ofClass) ?? 0, counts[name], `StatsD: ${name} of ${ofClass}`)
    }
  }
  return report
}

t.test('a scenario: users, a workload, connections that are only held, and some that nobody takes', async t => {
  const port = await freePort()
  // Of the readers every fifth one is never answered.
  const server = await serve(t, (connection, data, number) => {
    if (connection.request.path !== '/readers' || number % 5 !== 0) connection.send(data)
  })
  const at = (path: string) => server.url.replace(/\/?$/, path)
  const scenario: Scenario = {
    warmUp: 200,
    drain: 1000,
    phases: [
      { duration: 500, rate: 200 },
      { duration: 600, rate: 100 },
    ],
    classes: {
      writers: { url: at('/writers'), connections: 4, weight: 2, steps: [{ send: 'x{number}' }, { receive: {} }] },
      readers: { url: at('/readers'), connections: 20, steps: [{ send: 'y' }, { receive: { within: 300 } }] },
      files: { url: at('/files'), connections: 2, workload: 'echo', size: 700 },
      held: { url: at('/held'), connections: 3 },
      refused: { url: `ws://127.0.0.1:${port}`, connections: 2, steps: [{ send: 'z' }, { receive: {} }] },
    },
  }
  const report = await compare(t, exporters => loadScenario(scenario, { threads: 2, exporters }))
  t.match(report.classes, {
    held: { counts: { opened: 3, planned: 0 } },
    refused: { counts: { opened: 0, failed: 2, sent: 0 } },
  })
  const { writers, readers, refused } = report.classes!
  t.ok(writers!.counts.received > 0 && readers!.counts.lost > 0 && refused!.counts.missed > 0)
})

const mix: readonly MixedPart[] = [
  { share: 80, workload: 'echo', size: 20 },
  { share: 20, workload: 'upload', size: 5000, name: 'files' },
]
const mixed: LoadOptions = { workload: 'mixed', mix, connections: 10, rate: 200, duration: 1100, warmUp: 0 }

t.test('a mixed load: its parts', async t => {
  const server = await serve(t, (connection, data) => void (data.length < 1000 && connection.send(data)))
  const { counts } = await compare(t, exporters => load(server.url, { ...mixed, threads: 2, exporters }))
  t.match(counts, { planned: 220, received: 220 })
})

t.test('classes are there before anything is told of them', async t => {
  let url = ''
  const exporter = prometheusExporter({ port: 0, host: '127.0.0.1', onListening: at => (url = at) })
  await exporter.begin(loadSettings('ws://127.0.0.1:1/', mixed))
  const text = await (await fetch(url)).text()
  await exporter.end()
  t.same(text.match(/^framewright_load_opened_total.*$/gm), [
    'framewright_load_opened_total{class="echo"} 0',
    'framewright_load_opened_total{class="files"} 0',
  ])
})

t.test('names that have to be escaped', async t => {
  const name = 'a "b"\n\\c é'
  const tally = new Tally()
  for (const part of [tally, tally.classOf(name)]) {
    part.counts.sent = 3
    part.times('rtt').record(4)
    part.error('tcp ECONNREFUSED', '')
  }
  const part = exportedPart(tally)
  let url = ''
  const otlp = await collector(t)
  const packets = await statsd(t)
  const prometheus = prometheusExporter({ port: 0, host: '127.0.0.1', onListening: at => (url = at) })
  const pushing = [otlpExporter({ url: otlp.url }), statsdExporter({ port: packets.port })]
  for (const exporter of [prometheus, ...pushing]) {
    await exporter.begin(loadSettings('ws://127.0.0.1:1/', {}))
    exporter.add(part)
  }
  const lines = (await (await fetch(url)).text()).split('\n')
  for (const exporter of [prometheus, ...pushing]) await exporter.end()
  const escaped = 'class="a \\"b\\"\\n\\\\c é"'
  for (const line of [
    `framewright_load_sent_total{${escaped}} 3`,
    `framewright_load_errors_total{${escaped},kind="tcp ECONNREFUSED"} 1`,
    `framewright_load_rtt_seconds_bucket{${escaped},le="0.005"} 1`,
    `framewright_load_rtt_seconds_count{${escaped}} 1`,
  ]) {
    t.ok(lines.includes(line), line)
  }
  t.equal(seriesOfOtlp(otlp.pushed[0]!.body).get('sent')?.get(name), 3)
  const told = ['sent.a__b___c__:3|c', 'rtt.p99.a__b___c__:4|g', 'sent:3|c', 'rtt.p99:4|g']
  const all = () => packets.datagrams.flatMap(datagram => datagram.split('\n'))
  await packets.until(() => told.every(line => all().includes(`framewright.load.${line}`)))
})
