/** Scrapes of a made server, by a made clock: the figures of each second and of all, computed by hand. */
import t from 'tap'
import type { Reading } from '../../../src/load/server/known-metrics.js'
import { ServerMetrics } from '../../../src/load/server/server-metrics.js'

function reading(told: Partial<Reading> = {}): Reading {
  return { cpu: undefined, memory: undefined, eventLoopDelay: undefined, metrics: new Map(), ...told }
}

const gauge = (value: number) => ({ value, counter: false })
const counter = (value: number) => ({ value, counter: true })

t.test('seconds, and what was measured of all: without what came before, and the warm-up', async t => {
  const it = new ServerMetrics()
  it.add(
    reading({ cpu: 1, memory: 100, eventLoopDelay: { p99: 500, mean: 90 }, metrics: new Map([['queue', gauge(99)]]) }),
    0,
  )
  it.begin()
  it.add(
    reading({ cpu: 2, memory: 900, eventLoopDelay: { p99: 70, mean: 50 }, metrics: new Map([['all', counter(10)]]) }),
    1000,
  )
  t.same(it.second('warmUp'), { cores: 1, memory: 900, eventLoopDelay: { p99: 70, mean: 50 } }, 'a counter begins')
  it.add(
    reading({
      cpu: 2.5,
      memory: 400,
      eventLoopDelay: { p99: 20, mean: 4 },
      metrics: new Map([
        ['queue', gauge(3)],
        ['all', counter(30)],
      ]),
    }),
    2000,
  )
  t.same(it.second('measured'), {
    cores: 0.5,
    memory: 400,
    eventLoopDelay: { p99: 20, mean: 4 },
    metrics: { queue: 3, all: 20 },
  })
  t.equal(it.second('measured'), undefined, 'nothing was told')
  it.add(
    reading({
      cpu: 4.5,
      memory: 500,
      eventLoopDelay: { p99: 30, mean: 8, max: 31 },
      metrics: new Map([
        ['queue', gauge(5)],
        ['all', counter(40)],
      ]),
    }),
    4000,
  )
  t.same(it.second('measured'), {
    cores: 1,
    memory: 500,
    eventLoopDelay: { p99: 30, mean: 8, max: 31 },
    metrics: { queue: 5, all: 5 },
  })
  it.add(reading({ cpu: 9, memory: 600, eventLoopDelay: { p99: 99 }, metrics: new Map([['queue', gauge(0)]]) }), 5000)
  t.same(
    it.second('rest'),
    { cores: 4.5, memory: 600, eventLoopDelay: { p99: 99 }, metrics: { queue: 0 } },
    'behind what is measured',
  )
  t.same(it.report(), {
    cores: 2.5 / 3,
    memoryBefore: 100,
    memoryMax: 900,
    eventLoopDelay: { p99: 30, mean: 6, max: 31 },
    metrics: {
      queue: { min: 3, mean: 4, max: 5, counter: false },
      all: { min: 5, mean: 12.5, max: 20, counter: true },
    },
  })
})

t.test('a run that is shorter than a second: the one that it has a part of', async t => {
  const it = new ServerMetrics()
  it.add(reading({ cpu: 1 }), 0)
  it.begin()
  it.add(reading({ cpu: 1.5 }), 1000)
  t.same(it.second('rest'), { cores: 0.5 })
  it.add(reading({ cpu: 4 }), 2000)
  t.same(it.second('rest'), { cores: 2.5 })
  t.match(it.report(), { cores: 0.5 })
})

t.test('a server that begins anew: what it has counted since', async t => {
  const it = new ServerMetrics()
  it.add(reading({ cpu: 50, metrics: new Map([['all', counter(1000)]]) }), 0)
  it.begin()
  it.add(reading({ cpu: 0.5, metrics: new Map([['all', counter(7)]]) }), 1000)
  t.same(it.second('measured'), { cores: 0.5, metrics: { all: 7 } })
  it.add(reading({ cpu: 1.5 }), 2000)
  t.same(it.second('measured'), { cores: 1 })
  t.match(it.report(), { cores: 0.75, restarts: 1 })
})

t.test('one that begins anew between two answers of a second, and one that did so in the warm-up', async t => {
  const it = new ServerMetrics()
  it.add(reading({ cpu: 50 }), 0)
  it.begin()
  it.add(reading({ cpu: 1 }), 1000)
  it.second('warmUp')
  t.equal(it.report().restarts, undefined)
  it.add(reading({ cpu: 0.25 }), 1500)
  it.add(reading({ cpu: 2 }), 2000)
  t.same(it.second('measured'), { cores: 2 })
  t.match(it.report(), { cores: 2, restarts: 1 })
})

t.test('a server that tells nothing, or nothing that is known', async t => {
  const it = new ServerMetrics()
  it.begin()
  t.equal(it.second('measured'), undefined)
  t.same(it.report(), {})
  it.add(reading(), 1000)
  it.add(reading({ cpu: 1 }), 2000)
  t.same(it.second('measured'), {})
  t.same(it.report(), {})
})

t.test('two answers at the same moment: no rate is made up', async t => {
  const it = new ServerMetrics()
  it.add(reading({ cpu: 1, metrics: new Map([['all', counter(1)]]) }), 5)
  it.begin()
  it.add(reading({ cpu: 2, metrics: new Map([['all', counter(2)]]) }), 5)
  t.same(it.second('measured'), {})
})

t.test('one that answers only when it is measured already: its CPU from then on, and nothing of before', async t => {
  const it = new ServerMetrics()
  it.opened(3)
  it.begin()
  t.equal(it.second('warmUp'), undefined)
  t.equal(it.second('measured'), undefined)
  it.add(reading({ cpu: 7, memory: 500 }), 3000)
  t.same(it.second('measured'), { memory: 500 })
  it.add(reading({ cpu: 7.5, memory: 600 }), 4000)
  t.same(it.second('measured'), { cores: 0.5, memory: 600 })
  it.add(reading({ cpu: 8.5, memory: 400 }), 5000)
  t.same(it.second('measured'), { cores: 1, memory: 400 })
  t.same(it.report(), { cores: 0.75, memoryMax: 600 })
})

t.test('memory before the first connection: none that was read behind it, nor once the load has begun', async t => {
  const opening = new ServerMetrics()
  opening.opened(1)
  opening.add(reading({ memory: 500 }), 0)
  t.same(opening.report(), { memoryMax: 500 })
  const begun = new ServerMetrics()
  begun.begin()
  begun.add(reading({ memory: 500 }), 0)
  t.same(begun.report(), { memoryMax: 500 })
})

t.test('what each connection takes, while they are opened', async t => {
  const it = new ServerMetrics()
  for (let n = 0; n < 10; n++) {
    it.opened(n * 100)
    it.add(reading({ memory: 5000 + n * 100 * 64 }), n * 1000)
  }
  it.begin()
  it.add(reading({ memory: 1 }), 20_000)
  t.match(it.report().perConnection, { octets: 64, samples: 10 })
})
