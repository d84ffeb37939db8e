/** Of a page of metrics, what is known by its name, and what is asked for besides. */
import t from 'tap'
import { parseExposition } from '../../../src/load/server/exposition.js'
import { parseSelector, readingOf } from '../../../src/load/server/known-metrics.js'

function read(text: string, ...asked: string[]) {
  const { metrics, ...known } = readingOf(
    parseExposition(text),
    asked.map(one => parseSelector(one)!),
  )
  return { ...known, metrics: Object.fromEntries(metrics) }
}

/** As prom-client 15 writes it, with a prefix and a label of its own. */
const promClient = `
# HELP shop_process_cpu_user_seconds_total Total user CPU time spent in seconds.
# TYPE shop_process_cpu_user_seconds_total counter
shop_process_cpu_user_seconds_total{app="shop"} 1.25
# TYPE shop_process_cpu_seconds_total counter
shop_process_cpu_seconds_total{app="shop"} 1.5
# TYPE shop_process_resident_memory_bytes gauge
shop_process_resident_memory_bytes{app="shop"} 70000000
# TYPE shop_nodejs_eventloop_lag_seconds gauge
shop_nodejs_eventloop_lag_seconds{app="shop"} 0.002
shop_nodejs_eventloop_lag_min_seconds{app="shop"} 0.009
shop_nodejs_eventloop_lag_max_seconds{app="shop"} 0.04
shop_nodejs_eventloop_lag_mean_seconds{app="shop"} 0.0105
shop_nodejs_eventloop_lag_stddev_seconds{app="shop"} 0.001
shop_nodejs_eventloop_lag_p50_seconds{app="shop"} 0.01
shop_nodejs_eventloop_lag_p90_seconds{app="shop"} 0.011
shop_nodejs_eventloop_lag_p99_seconds{app="shop"} 0.0125
`

t.test('prom-client', async t => {
  t.same(read(promClient), {
    cpu: 1.5,
    memory: 70e6,
    eventLoopDelay: { now: 2, max: 40, mean: 10.5, p50: 10, p90: 11, p99: 12.5 },
    metrics: {},
  })
})

t.test('OpenTelemetry: states of CPU are added up', async t => {
  const text = `
process_cpu_time_seconds_total{process_cpu_state="user"} 2
process_cpu_time_seconds_total{process_cpu_state="system"} 0.5
process_memory_usage_bytes 5000
nodejs_eventloop_delay_p99_seconds 0.02
nodejs_eventloop_delay_mean_seconds NaN
`
  t.same(read(text), { cpu: 2.5, memory: 5000, eventLoopDelay: { p99: 20 }, metrics: {} })
})

t.test('several processes behind one page: CPU and memory of all, and the delay of the worst', async t => {
  const of = (pid: number, cpu: number, late: number) =>
    `process_cpu_seconds_total{pid="${pid}"} ${cpu}\nnodejs_eventloop_lag_p99_seconds{pid="${pid}"} ${late}\n`
  t.match(read(of(1, 3, 0.25) + of(2, 4, 0.125)), { cpu: 7, memory: undefined, eventLoopDelay: { p99: 250 } })
})

t.test('nothing that is known', async t => {
  t.same(read('up 1\nmy_nodejs_eventloop_lag_p99 1'), {
    cpu: undefined,
    memory: undefined,
    eventLoopDelay: undefined,
    metrics: {},
  })
})

const requests = `
# TYPE requests_total counter
requests_total{code="200",path="/a"} 10
requests_total{code="200",path="/b"} 5
requests_total{code="500",path="/a"} 1
# TYPE queue gauge
queue 7
queue_max 9
broken NaN
`
const selections: [asked: string[], found: Record<string, { value: number; counter: boolean }>][] = [
  [['queue'], { queue: { value: 7, counter: false } }],
  [['queue*'], { queue: { value: 7, counter: false }, queue_max: { value: 9, counter: false } }],
  [['*_max', 'queue_max'], { queue_max: { value: 9, counter: false } }],
  [['requests_total'], { requests_total: { value: 16, counter: true } }],
  [['requests_total{code="200"}'], { 'requests_total{code="200"}': { value: 15, counter: true } }],
  [['requests_*{code="200",path="/b"}'], { 'requests_total{code="200",path="/b"}': { value: 5, counter: true } }],
  [['broken', 'nowhere'], {}],
]
for (const [asked, found] of selections)
  t.test(asked.join(' '), async t => t.same(read(requests, ...asked).metrics, found))

t.test('what is no metric', async t => {
  for (const text of ['', '1a', 'a b', 'a{', 'a{b}', 'a{b="c"', 'a{b="c"}x', '{b="c"}', 'a.b']) {
    t.equal(parseSelector(text), undefined, text)
  }
})

t.test('a pattern that matches everything: the first hundred', async t => {
  const text = Array.from({ length: 200 }, (_, i) => `a${i} ${i}\n`).join('')
  t.equal(Object.keys(read(text, '*').metrics).length, 100)
})
