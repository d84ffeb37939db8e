/** A server that tells of itself, asked while it is loaded; and one that does not. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { httpCall, httpTarget } from '../../../src/load/http-call.js'
import { load } from '../../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../../src/load/load-options.js'
import { mergeReports } from '../../../src/load/merge-reports.js'
import type { LoadSecond } from '../../../src/load/report.js'
import { parseSelector } from '../../../src/load/server/known-metrics.js'
import { Scraper } from '../../../src/load/server/scraper.js'
import { echo, serve } from '../known-servers.js'

type Answer = (response: ServerResponse, number: number, request: IncomingMessage) => void

/** A page of metrics. */
async function exposed(t: { teardown(callback: () => unknown): unknown }, answer: Answer): Promise<string> {
  let asked = 0
  const server = createServer((request, response) => answer(response, asked++, request)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
}

const page = (number: number) =>
  `process_cpu_seconds_total ${number / 4}\nprocess_resident_memory_bytes ${2 ** 20 * (number + 1)}\n` +
  `nodejs_eventloop_lag_p99_seconds ${0.01 * (number + 1)}\nqueue ${number}\n`

const brief: LoadOptions = { rate: 100, connections: 2, warmUp: 0 }

t.test('in the report: by the second and in all, without the secret, and a condition on it', async t => {
  const server = await serve(t, echo)
  const secrets = new Set<string | undefined>()
  const url = await exposed(t, (response, number, { headers }) => {
    secrets.add(headers.authorization)
    response.end(page(number))
  })
  const { port } = new URL(url)
  const seconds: LoadSecond[] = []
  const report = await load(server.url, {
    ...brief,
    duration: 2100,
    serverMetrics: { url: `http://me:p%40ss@127.0.0.1:${port}/metrics`, metrics: ['queue'] },
    failIf: ['server.eventLoopDelay.p99 > 15ms', 'server.queue.max > 100', 'server.memory > 1GiB', 'server.cores > 60'],
    onSecond: second => seconds.push(second),
  })
  t.same([...secrets], [`Basic ${Buffer.from('me:p@ss').toString('base64')}`])
  t.match(report.settings.serverMetrics, { url, metrics: ['queue'] })
  t.notMatch(JSON.stringify(report), /p@ss|p%40ss|Basic/)
  const { server: found } = report
  t.ok(found!.scrapes!.answered >= 2 && found!.scrapes!.failed === 0)
  t.match(found, { memoryBefore: 2 ** 20, pid: undefined, threads: undefined })
  const told = seconds.flatMap(second => second.server ?? [])
  t.ok(told.length >= 1)
  // Of each scrape all figures follow from its number.
  for (const { memory, metrics, eventLoopDelay } of told) {
    const number = metrics!['queue']!
    t.same([memory, eventLoopDelay], [2 ** 20 * (number + 1), { p99: 0.01 * (number + 1) * 1000 }])
  }
  t.equal(found!.metrics!['queue']!.max, Math.max(...told.map(({ metrics }) => metrics!['queue']!)))
  t.same(
    report.conditions.map(({ failed, unit }) => [failed, unit]),
    [
      [true, 'ms'],
      [false, ''],
      [false, 'octets'],
      [false, ''],
    ],
  )
  t.same(mergeReports([report]).server, found)
})

const troubles: [what: string, answer: Answer, message: RegExp][] = [
  [
    'not there',
    response => void response.writeHead(404).end('no such page\nat all'),
    /: it answered 404: no such page$/,
  ],
  [
    'something else',
    response => void response.end('<p>hello'),
    /: what it answered is not in the text format of Prometheus: line 1: "<p>hello"$/,
  ],
  [
    'cut',
    response => void response.writeHead(200, { 'Content-Length': 9 }).write('a 1', () => response.socket!.end()),
    /: the connection was ended before the answer was whole$/,
  ],
  ['reset', response => void response.socket!.resetAndDestroy(), /: the connection was reset \(ECONNRESET\)$/],
  ['not HTTP', response => void response.socket!.end('hello\r\n\r\n'), /: HPE_INVALID_CONSTANT$/],
]
for (const [what, answer, message] of troubles) {
  t.test(`a page that is ${what}: told once, and the load goes on`, async t => {
    const server = await serve(t, echo)
    const url = await exposed(t, answer)
    const told: string[] = []
    const serverMetrics = { url, onTrouble: (message: string) => told.push(message) }
    const report = await load(server.url, { ...brief, duration: 1100, serverMetrics })
    t.equal(report.counts.received, 110)
    t.equal(told.length, 1)
    t.ok(told[0]?.startsWith(`the server's metrics at ${url} cannot be had: `), String(told[0]))
    t.match(told[0], message)
    t.match(report.server, { scrapes: { answered: 0 } })
    t.ok(report.server!.scrapes!.failed >= 1)
  })
}

t.test('a page that is much too long, however long that takes', async t => {
  const url = await exposed(t, response => void response.end('a 1\n'.repeat(2 ** 23 + 1)))
  const { signal } = new AbortController()
  t.same(await httpCall(httpTarget(url), 60_000, { signal }), { trouble: 'its answer is longer than 32 MiB' })
})

t.test('once a second by the clock, one at a time; told again when it fails anew; nothing behind the end', async t => {
  const answers: ServerResponse[] = []
  const url = await exposed(t, response => void answers.push(response))
  const later: { milliseconds: number; call: () => void; gone: boolean }[] = []
  let now = 0
  const after = (milliseconds: number, call: () => void) => {
    const timer = { milliseconds, call, gone: false }
    later.push(timer)
    return () => {
      timer.gone = true
    }
  }
  const readings: number[] = []
  const told: string[] = []
  const scraper = new Scraper({
    target: httpTarget(url),
    selectors: [parseSelector('queue')!],
    onReading: (_, at) => readings.push(at),
    onTrouble: message => told.push(message),
    world: { now: () => now, after, soon: () => {} },
  })
  /** The next answer, that many milliseconds behind its question. */
  const round = async (milliseconds: number, status: number) => {
    while (answers.length === 0) await new Promise(setImmediate)
    now += milliseconds
    answers.shift()!.writeHead(status).end('queue 1\n')
    while (later.length === 0) await new Promise(setImmediate)
    const timer = later.shift()!
    now += timer.milliseconds
    return timer
  }
  for (const [milliseconds, status, wait, count] of [
    [10, 200, 990, 0],
    [0, 500, 1000, 1],
    [0, 500, 1000, 1],
    [2500, 200, 0, 1],
    [0, 503, 1000, 2],
  ] as const) {
    const timer = await round(milliseconds, status)
    t.equal(timer.milliseconds, wait)
    t.equal(told.length, count)
    timer.call()
  }
  t.same(readings, [10, 5500])
  t.same(scraper.scrapes, { answered: 2, failed: 3 })
  // One is under way: its answer is for nobody.
  while (answers.length === 0) await new Promise(setImmediate)
  const gone = once(answers[0]!.socket!, 'close')
  scraper.end()
  await gone
  t.same(scraper.scrapes, { answered: 2, failed: 3 })
  t.equal(later.length, 0)
})

t.test('a server that never answers does not keep a run from ending', async t => {
  const server = await serve(t, echo)
  const url = await exposed(t, () => {})
  const began = performance.now()
  const report = await load(server.url, { ...brief, duration: 100, serverMetrics: { url } })
  t.ok(performance.now() - began < 4000)
  t.same(report.server, { scrapes: { answered: 0, failed: 0 } })
})

const refused: [options: LoadOptions, message: RegExp][] = [
  [{ serverMetrics: { url: 'ftp://a' } }, /^serverMetrics is an object with a URL of HTTP/],
  [{ serverMetrics: { url: 'nowhere' } }, /^serverMetrics is an object with a URL of HTTP/],
  [{ serverMetrics: { url: 'http://a', metrics: ['a b'] } }, /^`serverMetrics`: "a b" is no metric such as/],
  [{ serverMetrics: { url: 'http://a', headers: { a: 1 } } as never }, /^serverMetrics is an object/],
  [{ serverMetrics: { url: 'http://a', other: 1 } as never }, /^serverMetrics is an object/],
  [{ serverMetrics: 'http://a' as never }, /^serverMetrics is an object/],
]
for (const [options, message] of refused) {
  t.test(`refused: ${JSON.stringify(options)}`, async t => {
    t.throws(() => loadSettings('ws://a', options), { code: 'WS_INVALID_OPTION', message })
  })
}
