/** Exporters, each against a real receiver: what arrives there is what the report says. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { WebSocketConnection } from '../../../src/index.js'
import { bounds } from '../../../src/load/export/metrics.js'
import { type LoadOptions, loadSettings } from '../../../src/load/load-options.js'
import { partOf } from '../../../src/load/report.js'
import { tallyOf } from '../../../src/load/reported-tally.js'
import { Tally } from '../../../src/load/tally.js'
import {
  type LoadExporter,
  type LoadPart,
  load,
  otlpExporter,
  prometheusExporter,
  remoteWriteExporter,
  statsdExporter,
} from '../../../src/load.js'
import { echo, serve } from '../known-servers.js'
import { collector, freePort, statsd } from './receivers.js'

const brief: LoadOptions = { connections: 4, warmUp: 0, size: 20, rate: 500, duration: 100 }
const settings = loadSettings('ws://user:secret@127.0.0.1:1/path?token=1', brief)

/** A part with round trips of so many milliseconds. */
function part(rtt: readonly number[], errors: readonly string[] = []): LoadPart {
  const tally = new Tally()
  for (const time of rtt) tally.times('rtt').record(time)
  Object.assign(tally.counts, { planned: rtt.length, sent: rtt.length, received: rtt.length })
  for (const kind of errors) tally.error(kind, '')
  return partOf(tally)
}

t.test('what exporters are told adds up to the report, also of several threads', async t => {
  // One connection is never answered: its thread waits, and tells of a second of which the other one knows nothing.
  const first: WebSocketConnection[] = []
  const server = await serve(t, (connection, data) => {
    if (first.length === 0) first.push(connection)
    if (connection !== first[0]) connection.send(data)
  })
  const all = new Tally()
  const calls: string[] = []
  const exporter: LoadExporter = {
    begin: async ({ url }) => void calls.push(`begin ${url}`),
    add: part => all.add(tallyOf(part).take()),
    end: async () => void calls.push('end'),
  }
  const report = await load(server.url, { ...brief, connections: 2, threads: 2, drain: 1500, exporters: [exporter] })
  t.same(calls, [`begin ${server.url}`, 'end'])
  t.same(all.counts, report.counts)
  t.match(all.counts, { opened: 2, sent: server.seen.length, received: 25, unanswered: 25 })
  t.same(report.perSecond, [], 'no second of both')
  t.same(all.times('rtt').state, tallyOf(report).times('rtt').state)
})

t.test('one that cannot begin keeps the load from beginning, and those before it are ended', async t => {
  const calls: string[] = []
  const first: LoadExporter = { begin: async () => {}, add: () => {}, end: async () => void calls.push('end') }
  const second: LoadExporter = { ...first, begin: () => Promise.reject(new Error('not today')) }
  const server = await serve(t, echo)
  await t.rejects(load(server.url, { ...brief, exporters: [first, second] }), { message: 'not today' })
  t.same([calls, server.seen], [['end'], []])
})

t.test('Prometheus: scraped while it runs, in the text format', async t => {
  let url = ''
  const exporter = prometheusExporter({ port: 0, host: '127.0.0.1', onListening: at => (url = at) })
  await exporter.begin(settings)
  exporter.add(part([0.05, 0.1, 3, 20_000], ['tcp ECONNREFUSED', 'a "quoted"\n\\one']))
  exporter.add(part([0.3]))
  const response = await fetch(url)
  t.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const lines = (await response.text()).split('\n')
  const expected = [
    'framewright_load_info{url="ws://127.0.0.1:1/path",workload="echo"} 1',
    '# HELP framewright_load_sent_total Messages that were sent.',
    '# TYPE framewright_load_sent_total counter',
    'framewright_load_sent_total 5',
    'framewright_load_failed_total 0',
    'framewright_load_errors_total{kind="tcp ECONNREFUSED"} 1',
    'framewright_load_errors_total{kind="a \\"quoted\\"\\n\\\\one"} 1',
    '# TYPE framewright_load_rtt_seconds histogram',
    'framewright_load_rtt_seconds_bucket{le="0.0001"} 2',
    'framewright_load_rtt_seconds_bucket{le="0.00025"} 2',
    'framewright_load_rtt_seconds_bucket{le="0.0005"} 3',
    'framewright_load_rtt_seconds_bucket{le="0.0025"} 3',
    'framewright_load_rtt_seconds_bucket{le="0.005"} 4',
    'framewright_load_rtt_seconds_bucket{le="10"} 4',
    'framewright_load_rtt_seconds_bucket{le="+Inf"} 5',
    'framewright_load_rtt_seconds_count 5',
  ]
  t.same(
    expected.filter(line => !lines.includes(line)),
    [],
  )
  const sum = lines.find(line => line.startsWith('framewright_load_rtt_seconds_sum '))
  t.match(Number(sum?.split(' ')[1]), 20.00345)
  t.notMatch(lines.join('\n'), /secret|token|lateness/)
  t.equal((await fetch(new URL('/', url))).status, 404)
  await exporter.end()
  await t.rejects(fetch(url))
})

t.test('Prometheus: a scraper that stays does not keep the run from ending; a port that is taken does', async t => {
  let url = ''
  const exporter = prometheusExporter({ port: 0, onListening: at => (url = at) })
  await exporter.begin(settings)
  t.match(url, /^http:\/\/localhost:\d+\/metrics$/)
  const port = Number(new URL(url).port)
  await t.rejects(prometheusExporter({ port }).begin(settings), { code: 'EADDRINUSE' })
  const scraper = connect(port, 'localhost')
  scraper.write('GET /met')
  await once(scraper, 'connect')
  const gone = once(scraper.resume(), 'close')
  await exporter.end()
  await gone
  const six = prometheusExporter({ port: 0, host: '::1', onListening: at => (url = at) })
  await six.begin(settings)
  t.match(url, /^http:\/\/\[::1\]:\d+\/metrics$/)
  t.equal((await fetch(url)).status, 200)
  await six.end()
})

t.test('Prometheus: what is asked for may be no URL, as of those who look for open ports', async t => {
  let url = ''
  const exporter = prometheusExporter({ port: 0, host: '127.0.0.1', onListening: at => (url = at) })
  await exporter.begin(settings)
  const rows: [target: string, status: string][] = [
    ['//', '404'],
    ['http://[', '404'],
    ['/metrics/', '404'],
    ['/metrics?name=a', '200'],
    [url, '200'],
  ]
  for (const [target, status] of rows) {
    const scraper = connect(Number(new URL(url).port), '127.0.0.1')
    scraper.end(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    t.match(await text(scraper), new RegExp(`^HTTP/1\\.1 ${status} `), target)
  }
  await exporter.end()
})

interface DataPoint {
  readonly asInt?: string
  readonly count?: string
  readonly sum?: number
  readonly bucketCounts?: string[]
  readonly explicitBounds?: number[]
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
  readonly attributes?: unknown[]
}

function pointsOf(body: string): Map<string, DataPoint[]> {
  const { resourceMetrics } = JSON.parse(body)
  const points = new Map<string, DataPoint[]>()
  for (const { name, sum, histogram } of resourceMetrics[0].scopeMetrics[0].metrics) {
    assert.equal((sum ?? histogram).aggregationTemporality, 2)
    points.set(name, (sum ?? histogram).dataPoints)
  }
  return points
}

t.test('OTLP: pushed while it runs, and at its end all of it', async t => {
  const server = await serve(t, echo)
  const receiver = await collector(t)
  const exporter = otlpExporter({ url: receiver.url, headers: { authorization: 'Bearer x' }, interval: 1 })
  const report = await load(server.url, { ...brief, duration: 1100, exporters: [exporter] })
  t.ok(receiver.pushed.length >= 2)
  for (const { path, headers } of receiver.pushed) {
    t.match([path, headers['content-type'], headers.authorization], ['/v1/metrics', 'application/json', 'Bearer x'])
  }
  const { body } = receiver.pushed.at(-1)!
  const points = pointsOf(body)
  t.match(JSON.parse(body).resourceMetrics[0].resource.attributes, [
    { key: 'service.name', value: { stringValue: 'framewright-load' } },
    { key: 'server.address', value: { stringValue: '127.0.0.1' } },
  ])
  for (const [name, count] of Object.entries(report.counts)) {
    t.equal(points.get(`framewright.load.${name}`)?.[0]?.asInt, String(count), name)
  }
  const [rtt] = points.get('framewright.load.rtt')!
  t.same([rtt!.count, rtt!.explicitBounds], ['550', [...bounds]])
  t.equal(rtt!.bucketCounts?.length, bounds.length + 1)
  t.equal(
    rtt!.bucketCounts?.reduce((sum, count) => sum + Number(count), 0),
    550,
  )
  const exact = (report.times.rtt!.mean * 550) / 1000
  t.ok(Math.abs(rtt!.sum! - exact) < 1e-6, `${rtt!.sum} and ${exact}`)
  t.ok(BigInt(rtt!.timeUnixNano) - BigInt(rtt!.startTimeUnixNano) > 1_000_000_000n)
})

t.test('OTLP: a collector that is slow: one push at a time, and the last one has all', async t => {
  const answers: (() => void)[] = []
  const receiver = await collector(t, response => void answers.push(() => response.end('{}')))
  const exporter = otlpExporter({ url: `${receiver.url}/other/path`, interval: 0 })
  await exporter.begin(settings)
  for (let i = 0; i < 100; i++) exporter.add(part([1], ['tcp ECONNREFUSED']))
  const ended = exporter.end()
  while (receiver.pushed.length < 1) await new Promise(setImmediate)
  answers.shift()!()
  while (receiver.pushed.length < 2) await new Promise(setImmediate)
  answers.shift()!()
  await ended
  t.same(
    receiver.pushed.map(({ path }) => path),
    ['/other/path', '/other/path'],
  )
  const [first, last] = receiver.pushed.map(({ body }) => pointsOf(body))
  t.equal(first!.get('framewright.load.received')![0]!.asInt, '1')
  t.equal(last!.get('framewright.load.received')![0]!.asInt, '100')
  t.match(last!.get('framewright.load.errors'), [
    { asInt: '100', attributes: [{ key: 'kind', value: { stringValue: 'tcp ECONNREFUSED' } }] },
  ])
})

t.test('OTLP: what goes wrong is told once, and the load goes on', async t => {
  const server = await serve(t, echo)
  const port = await freePort()
  const silent = await collector(t, () => {})
  const refusing = await collector(t, (response, number) => void response.writeHead(number === 1 ? 200 : 500).end())
  const rows: [string, RegExp, number?][] = [
    [`http://127.0.0.1:${port}`, /^the figures cannot be pushed to http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/],
    ['http://127.0.0.1:1', /^the figures cannot be pushed to http:\/\/127\.0\.0\.1:1: bad port$/],
    [silent.url, /: no answer within 0\.05 s$/, 50],
    [refusing.url, /: it answered 500$/],
  ]
  for (const [url, pattern, timeout] of rows) {
    const troubles: string[] = []
    const exporter = otlpExporter({ url, interval: 0, timeout, onTrouble: message => troubles.push(message) })
    const { counts } = await load(server.url, { ...brief, exporters: [exporter] })
    t.equal(counts.received, 50)
    t.match(troubles[0], pattern)
    t.ok(troubles.length <= 2)
  }
  t.throws(() => otlpExporter({ url: 'nowhere' }), TypeError)
})

t.test('OTLP: a collector that takes nothing: whoever waits is told, and may give up', async t => {
  const silent = await collector(t, () => {})
  const gaveUp = `the figures cannot be pushed to ${silent.url}: its answer was not waited for`
  const told: string[] = []
  const begun = async () => {
    const exporter = otlpExporter({
      url: silent.url,
      interval: 0,
      timeout: 3_600_000,
      onTrouble: message => told.push(message),
      onWaiting: message => {
        told.push(message)
        over.abort()
      },
    })
    await exporter.begin(settings)
    exporter.add(part([1]))
    return exporter
  }
  const over = new AbortController()
  // One push is under way, for an hour; the last one would take another.
  await (await begun()).end(over.signal)
  t.same(told.splice(0), [`waiting for ${silent.url} to take the last figures`, gaveUp])
  await (await begun()).end(over.signal)
  t.same(told, [gaveUp], 'nobody waits from the beginning')
})

t.test('the signal of a load: at its end exporters are not waited for; what it ended before has time', async t => {
  const server = await serve(t, echo)
  const later = new AbortController()
  const before = new AbortController()
  const hurried: unknown[] = []
  const exporter = (signal: AbortController): LoadExporter => ({
    begin: async () => {},
    add: () => {},
    end: async hurry => {
      signal.abort()
      hurried.push(hurry?.aborted)
    },
  })
  const report = await load(server.url, { ...brief, signal: later.signal, exporters: [exporter(later)] })
  t.equal(report.interruptedBy, undefined)
  before.abort()
  const ended = await load(server.url, { ...brief, signal: before.signal, exporters: [exporter(before)] })
  t.equal(ended.interruptedBy, 'signal')
  t.same(hurried, [true, undefined])
})

t.test('OTLP: a collector that takes a part only, in an answer that is no error', async t => {
  const rows: [answer: object | string, told: RegExp | undefined][] = [
    [
      { partialSuccess: { rejectedDataPoints: '9999', errorMessage: 'quota\nexceeded' } },
      /: it has rejected 9999 of them: quota$/,
    ],
    [{ partialSuccess: { rejectedDataPoints: 7 } }, /: it has rejected 7 of them$/],
    [{ partialSuccess: { rejectedDataPoints: 7, errorMessage: 'x'.repeat(1000) } }, /: x{120}$/],
    [{ partialSuccess: { rejectedDataPoints: '0', errorMessage: 'use another name' } }, undefined],
    [{ partialSuccess: {} }, undefined],
    [{}, undefined],
    ['', undefined],
  ]
  for (const [answer, told] of rows) {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer)
    const { url } = await collector(t, response => void response.end(body))
    const troubles: string[] = []
    const exporter = otlpExporter({ url, onTrouble: message => troubles.push(message) })
    await exporter.begin(settings)
    await exporter.end()
    if (told === undefined) t.same(troubles, [], body)
    else t.match(troubles, [told], body)
  }
})

t.test('what is posted is not sent on: a redirection is told', async t => {
  const server = await collector(t)
  const rows: [status: number, headers: Record<string, string>, told: string][] = [
    [301, { Location: `${server.url}/login?token=secret` }, `301: what is posted goes to ${server.url}/login`],
    [308, { Location: '/elsewhere' }, '308: what is posted goes to /elsewhere'],
    [302, {}, '302: over there'],
  ]
  for (const [status, headers, told] of rows) {
    const { url } = await collector(t, response => void response.writeHead(status, headers).end('over there\r\nor not'))
    for (const make of [otlpExporter, remoteWriteExporter]) {
      const troubles: string[] = []
      const exporter = make({ url, onTrouble: message => troubles.push(message) })
      await exporter.begin(settings)
      await exporter.end()
      t.same(troubles, [`the figures cannot be pushed to ${url}: it answered ${told}`])
    }
  }
  t.same(server.pushed, [], 'nobody has asked for the page')
})

t.test('StatsD: counters and gauges, in datagrams that are not cut', async t => {
  const receiver = await statsd(t)
  const exporter = statsdExporter({ port: receiver.port, prefix: 'a.long.prefix.' })
  await exporter.begin(settings)
  const tally = new Tally()
  for (const name of [
    'dns',
    'tcp',
    'tls',
    'upgrade',
    'rtt',
    'rttFromSend',
    'lateness',
    'ping',
    'close',
    'connect',
  ] as const) {
    for (let i = 1; i <= 1000; i++) tally.times(name).record(i)
  }
  tally.counts.sent = 7
  const told = partOf(tally)
  exporter.add(told)
  await exporter.end()
  const lines = () => receiver.datagrams.flatMap(datagram => datagram.split('\n'))
  await receiver.until(() => lines().length >= 61)
  t.ok(receiver.datagrams.length > 1)
  t.ok(receiver.datagrams.every(({ length }) => length <= 1432))
  t.equal(lines().length, 61)
  t.ok(lines().includes('a.long.prefix.sent:7|c'))
  t.ok(lines().includes(`a.long.prefix.rtt.p99_9:${told.times.rtt!['p99.9']}|g`))
  t.ok(lines().includes('a.long.prefix.rtt.mean:500.5|g'))
})

t.test('OTLP and StatsD: what is known of the server, as gauges', async t => {
  const server = { cores: 0.5, eventLoopDelay: { p99: 12, mean: 3 }, metrics: { 'queue{a="b"}': 9, offset: -4 } }
  const pushes = await collector(t)
  const datagrams = await statsd(t)
  for (const exporter of [otlpExporter({ url: pushes.url }), statsdExporter({ port: datagrams.port })]) {
    await exporter.begin(settings)
    exporter.add({ ...part([1]), server })
    await exporter.end()
  }
  const { metrics } = JSON.parse(pushes.pushed[0]!.body).resourceMetrics[0].scopeMetrics[0]
  const gauges = metrics.flatMap(
    ({
      name,
      unit,
      gauge,
    }: {
      name: string
      unit: string
      gauge?: { dataPoints: { asDouble: number; attributes: { key: string; value: object }[] }[] }
    }) => (gauge?.dataPoints ?? []).map(({ asDouble, attributes }) => [name, unit, asDouble, attributes]),
  )
  const attribute = (key: string, stringValue: string) => [{ key, value: { stringValue } }]
  t.same(gauges, [
    ['framewright.load.server.cores', '', 0.5, []],
    ['framewright.load.server.eventLoopDelay', 's', 0.012, attribute('figure', 'p99')],
    ['framewright.load.server.eventLoopDelay', 's', 0.003, attribute('figure', 'mean')],
    ['framewright.load.server.metric', '', 9, attribute('name', 'queue{a="b"}')],
    ['framewright.load.server.metric', '', -4, attribute('name', 'offset')],
  ])
  const lines = () => datagrams.datagrams.flatMap(datagram => datagram.split('\n'))
  const queue = 'server.metric.queue_a__b__:9|g'
  const told = ['server.cores:0.5|g', 'server.eventLoopDelay.p99:12|g', queue, 'server.metric.offset:-4|g']
  await datagrams.until(() => told.every(line => lines().includes(`framewright.load.${line}`)))
  t.ok(lines().includes('framewright.load.server.eventLoopDelay.mean:3|g'))
  // What has a sign is added to what was there.
  const offset = 'framewright.load.server.metric.offset'
  t.ok(datagrams.datagrams.some(text => text.includes(`${offset}:0|g\n${offset}:-4|g`)))
})

t.test('StatsD: all counters of a load add up', async t => {
  const server = await serve(t, echo)
  const receiver = await statsd(t)
  const exporters = [statsdExporter({ host: 'localhost', port: receiver.port })]
  const { counts } = await load(server.url, { ...brief, duration: 1050, exporters })
  const sent = () => {
    const found = receiver.datagrams.join('\n').matchAll(/^framewright\.load\.sent:(\d+)\|c$/gm)
    return [...found].reduce((sum, [, count]) => sum + Number(count), 0)
  }
  await receiver.until(() => sent() >= counts.sent)
  t.equal(sent(), counts.sent)
})

t.test('StatsD: nobody there, no such host, no such socket: told once, and the load goes on', async t => {
  const port = await freePort()
  const rows: [string, RegExp][] = [
    ['127.0.0.1', /^the figures cannot be sent to StatsD at 127\.0\.0\.1:\d+: .*ECONNREFUSED/],
    // No label of a name is that long: nobody is asked for it.
    [`${'x'.repeat(64)}.invalid`, /StatsD at x+\.invalid:\d+: .*ENOTFOUND/],
  ]
  for (const [host, pattern] of rows) {
    const troubles: string[] = []
    const exporter = statsdExporter({ host, port, onTrouble: message => troubles.push(message) })
    await exporter.begin(settings)
    // More than may wait: what is beyond is left out.
    for (let i = 0; i < 100; i++) exporter.add(part([1]))
    while (troubles.length === 0) await new Promise(setImmediate)
    exporter.add(part([1]))
    await exporter.end()
    t.equal(troubles.length, 1)
    t.match(troubles[0], pattern)
  }
})
