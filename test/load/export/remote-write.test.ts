/** Prometheus remote write: what arrives, decoded by other code, is what a scrape would have had. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { writeRequest } from '../../../src/load/export/write-request.js'
import { type LoadOptions, loadSettings } from '../../../src/load/load-options.js'
import { partOf } from '../../../src/load/report.js'
import { Tally } from '../../../src/load/tally.js'
import { load, prometheusExporter, remoteWriteExporter } from '../../../src/load.js'
import { echo, serve } from '../known-servers.js'
import { decodeWrite, double, type ReadSeries } from './decode-write.js'
import { collector } from './receivers.js'

const brief: LoadOptions = { connections: 4, warmUp: 0, size: 20, rate: 500, duration: 100 }
const settings = loadSettings('ws://user:secret@127.0.0.1:1/path?token=1', brief)
const stale = 0x7ff0000000000002n

/** As the text format has them: `name{a="b"} 1`. */
function linesOf(series: readonly ReadSeries[], without: readonly string[]): string[] {
  return series.map(({ labels, samples }) => {
    const pairs = labels.filter(([name]) => name !== '__name__' && !without.includes(name))
    const name = labels.find(([name]) => name === '__name__')![1]
    const text = pairs.map(([label, value]) => `${label}="${value}"`).join(',')
    return `${name}${text === '' ? '' : `{${text}}`} ${double(samples[0]!.value)}`
  })
}

t.test('the series of a scrape, with their labels in order, and at the end what says that they have ended', async t => {
  const receiver = await collector(t)
  let url = ''
  const scraped = prometheusExporter({ port: 0, host: '127.0.0.1', onListening: at => (url = at) })
  const written = remoteWriteExporter({
    url: receiver.url,
    headers: { Authorization: 'Bearer x' },
    labels: { run: '7' },
  })
  const tally = new Tally()
  for (const time of [0.05, 3, 20_000]) tally.times('rtt').record(time)
  tally.counts.sent = 3
  tally.error('tcp ECONNREFUSED', '')
  const server = {
    cores: 0.5,
    memory: 2 ** 20,
    threads: 7,
    eventLoopDelay: { p99: 12 },
    metrics: { 'queue{a="b"}': 9 },
  }
  const before = Date.now()
  for (const exporter of [scraped, written]) {
    await exporter.begin(settings)
    exporter.add({ ...partOf(tally), server })
    exporter.add(partOf(new Tally()))
  }
  const text = await (await fetch(url)).text()
  await scraped.end()
  await written.end()
  const [{ path, headers, octets }] = receiver.pushed as [(typeof receiver.pushed)[0]]
  t.equal(path, '/api/v1/write')
  t.match(headers, {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
    'user-agent': 'framewright-load',
    authorization: 'Bearer x',
  })
  const series = decodeWrite(octets)
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  t.same(linesOf(series, ['job', 'instance', 'run']).sort(), lines.map(line => line.replaceAll('\\"', '"')).sort())
  for (const line of [
    'framewright_load_server_cores 0.5',
    'framewright_load_server_memory_bytes 1048576',
    'framewright_load_server_threads 7',
    'framewright_load_server_event_loop_delay_seconds{figure="p99"} 0.012',
    'framewright_load_server_metric{name="queue{a=\\"b\\"}"} 9',
  ]) {
    t.ok(lines.includes(line), line)
  }
  for (const { labels, samples } of series) {
    const names = labels.map(([name]) => name)
    t.same(names, [...names].sort())
    t.match(Object.fromEntries(labels), { job: 'framewright-load', instance: /.+:\d+$/, run: '7' })
    const [{ time }, { value, time: end }] = samples as [(typeof samples)[0], (typeof samples)[0]]
    t.equal(value, stale)
    t.equal(end, time + 1)
    t.ok(time >= before && time <= Date.now())
  }
  t.notMatch(JSON.stringify(linesOf(series, [])), /secret|token/)
})

t.test('while it runs, and at its end all of it', async t => {
  const server = await serve(t, echo)
  // As Prometheus answers.
  const receiver = await collector(t, response => void response.writeHead(204).end())
  const { port } = new URL(receiver.url)
  const url = `http://me:secret@127.0.0.1:${port}/push`
  const exporters = [remoteWriteExporter({ url, interval: 1 })]
  const report = await load(server.url, { ...brief, duration: 1100, exporters })
  t.ok(receiver.pushed.length >= 2)
  const times: number[] = []
  for (const [i, { path, headers, octets }] of receiver.pushed.entries()) {
    t.same([path, headers.authorization], ['/push', `Basic ${Buffer.from('me:secret').toString('base64')}`])
    const series = decodeWrite(octets)
    const last = i === receiver.pushed.length - 1
    t.ok(series.every(({ samples }) => samples.length === (last ? 2 : 1)))
    times.push(series[0]!.samples[0]!.time)
    if (!last) continue
    const lines = linesOf(series, ['job', 'instance'])
    t.ok(lines.includes(`framewright_load_received_total ${report.counts.received}`))
    t.ok(lines.includes(`framewright_load_rtt_seconds_count ${report.counts.received}`))
  }
  t.same(times, [...new Set(times)].sort(), 'no two at the same time')
})

t.test('what is refused is told with what the receiver says, and the load goes on', async t => {
  const server = await serve(t, echo)
  const receiver = await collector(t, response => void response.writeHead(400).end('out of order sample\n'))
  const troubles: string[] = []
  const exporters = [remoteWriteExporter({ url: receiver.url, onTrouble: message => troubles.push(message) })]
  const { counts } = await load(server.url, { ...brief, exporters })
  t.equal(counts.received, 50)
  t.same(troubles, [`the figures cannot be pushed to ${receiver.url}: it answered 400: out of order sample`])
  for (const url of ['nowhere', 'ftp://a']) t.throws(() => remoteWriteExporter({ url }), TypeError)
})

t.test('whatever the labels and values are, other code reads them back', async t => {
  const label = fc.tuple(fc.string({ minLength: 1 }), fc.string({ maxLength: 300, unit: 'grapheme' }))
  const series = fc.record({ labels: fc.array(label, { minLength: 1 }), value: fc.double({ noNaN: true }) })
  fc.assert(
    fc.property(fc.array(series), fc.nat(2 ** 31), fc.boolean(), (all, offset, last) => {
      const time = 1.7e12 + offset
      const read = decodeWrite(Buffer.from(writeRequest(all, time, last)))
      assert.deepEqual(
        read.map(({ labels, samples }) => [labels, double(samples[0]!.value), samples.map(({ time }) => time)]),
        all.map(({ labels, value }) => [labels, value, last ? [time, time + 1] : [time]]),
      )
      assert.ok(read.every(({ samples: [, end] }) => end === undefined || end.value === stale))
    }),
  )
  t.pass()
})

t.test('more than a block of Snappy holds', async t => {
  const all = Array.from({ length: 3000 }, (_, i) => ({
    labels: [['name', `a label that is ${i % 7} of many, ${Math.sin(i)}`]] as [string, string][],
    value: i,
  }))
  const body = Buffer.from(writeRequest(all, 1.7e12, false))
  t.ok(body.length < 200_000 && body.length > 65_536, `${body.length}`)
  t.same(
    decodeWrite(body).map(({ labels, samples }) => ({ labels, value: double(samples[0]!.value) })),
    all,
  )
})
