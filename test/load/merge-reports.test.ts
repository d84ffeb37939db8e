/** Reports of shards, put together: what comes out is what one run of all of it would have told. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { mergeReports } from '../../src/load/merge-reports.js'
import { parseReport } from '../../src/load/parse-report.js'
import type { Interruption, LoadReport } from '../../src/load/report.js'
import { headOf } from '../../src/load/report-head.js'
import type { ServerReport } from '../../src/load/server/server-report.js'
import { type Made, madeReport, madeThread } from './made-report.js'

const milliseconds = fc.double({ min: 0, max: 5000, noNaN: true })
const shards = fc.record({
  seconds: fc.array(fc.array(milliseconds, { maxLength: 20 }), { minLength: 3, maxLength: 3 }),
  lost: fc.nat(3),
  cpu: fc.integer({ min: 0, max: 1e6 }).map(microseconds => microseconds / 1e6),
  busy: fc.double({ min: 0, max: 1, noNaN: true }),
  startedAt: fc.nat(1e6),
  errors: fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }),
  interruptedBy: fc.constantFrom<(Interruption | undefined)[]>('signal', 'failIf', 'disconnected', undefined),
  server: fc.option(
    fc.record(
      {
        seconds: fc.nat(3),
        cores: fc.nat(3),
        memoryMax: fc.nat(3),
        eventLoopDelay: fc.record({ mean: fc.nat(3), p99: fc.nat(3) }, { requiredKeys: [] }),
        scrapes: fc.record({ answered: fc.nat(3), failed: fc.nat(3) }),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
})

const options = { connections: 6, failIf: ['rtt.p50 > 10s', 'lost > 100%'] }

function shard(made: Omit<Made, 'options'>, index: number, count: number): LoadReport {
  return madeReport({ ...made, options: { ...options, shard: { index, count } } })
}

type Three = [LoadReport, LoadReport, LoadReport]

/** Each machine may ask the server at an address of its own, and end by itself. */
function of(url: string, { interruptedBy, ...made }: Omit<Made, 'options'> & Ending, index: number): LoadReport {
  const report = shard(made, index, 3)
  return { ...report, interruptedBy, settings: { ...report.settings, serverMetrics: { url, metrics: [] } } }
}

type Ending = Pick<LoadReport, 'interruptedBy'>

t.test('merging is associative and commutative, and the same as one run of everything', async t => {
  fc.assert(
    fc.property(fc.tuple(shards, shards, shards), made => {
      const [a, b, c] = made.map((one, i) => of(`http://machine-${i}/`, one, i)) as Three
      const all = mergeReports([a, b, c])
      assert.deepEqual(mergeReports([mergeReports([a, b]), c]), all)
      assert.deepEqual(mergeReports([a, mergeReports([b, c])]), all)
      assert.deepEqual(mergeReports([b, mergeReports([c, a])]), all)
      assert.deepEqual(mergeReports([c, a, b]), all)
      assert.deepEqual(mergeReports([b, a, c]), all)
      const seconds = [0, 1, 2].map(second => made.flatMap(one => one.seconds[second]!))
      const whole = madeReport({ options, seconds })
      for (const part of ['p50', 'p99', 'max', 'count', 'histogram'] as const) {
        assert.equal(all.times.rtt?.[part], whole.times.rtt?.[part])
        for (const at of [0, 1, 2]) {
          assert.equal(all.perSecond[at]!.times.rtt?.[part], whole.perSecond[at]!.times.rtt?.[part])
        }
      }
      assert.equal(all.counts.lost, 3 * made.reduce((sum, { lost }) => sum + lost, 0))
      assert.equal(all.counts.opened, 6)
      assert.deepEqual(all.closeCodes, { 1000: 6 })
    }),
    { numRuns: 30 },
  )
  t.pass()
})

t.test('what was of the warm-up adds up, and stays beside the figures', async t => {
  const made = { seconds: [[1, 2], [3]], warmUp: 1 }
  const merged = mergeReports([shard(made, 0, 2), shard({ ...made, seconds: [[5], [7]] }, 1, 2)])
  t.equal(merged.counts.received, 2)
  t.match(merged.perSecond[0], { counts: { received: 0 }, times: { rtt: undefined } })
  t.match(merged.perSecond[0]?.ofWarmUp, { counts: { received: 3 }, times: { rtt: { count: 3, max: 5 } } })
  t.equal(merged.perSecond[1]?.ofWarmUp, undefined)
})

t.test('what is derived is derived again', async t => {
  const merged = mergeReports([
    shard({ seconds: [[1, 2]], startedAt: 5900, cpu: 0.5, busy: 0.96 }, 0, 2),
    shard({ seconds: [[3, 4]], startedAt: 5000, cpu: 0.25, busy: 0.1, lost: 4 }, 1, 2),
  ])
  t.equal(merged.startedAt, new Date(5000).toISOString())
  t.same(merged.generator, { threads: [madeThread(0.1), madeThread(0.96)], cpu: 0.75 })
  t.match(merged.rate, { planned: 8, sent: 8, received: 4, sentOctets: 0, sentWireOctets: 0, receivedWireOctets: 0 })
  t.match(merged.verdict, { generatorBound: true, reasons: [/^1 of 2 threads/] })
  t.match(merged.conditions, [{ failed: false }, { value: 50, failed: false }])
  t.same(merged.settings.shard, { index: 0, count: 1 })
  const first = shard({ seconds: [] }, 0, 2)
  t.same([merged.settings.connect, merged.madeBy], [first.settings.connect, first.madeBy])
})

t.test(
  'a condition that has ended a shard has fallen, though all together came to less; its worst value is told',
  async t => {
    const ended = (value: number | undefined, index: number) =>
      shard({ seconds: [[1]], fallen: new Map([['rtt.p50 > 10s', value]]) }, index, 3)
    const [a, b, c] = [ended(11_000, 0), ended(12_000, 1), shard({ seconds: [[1, 1, 1]] }, 2, 3)]
    const fell = (value: number | undefined) => [
      { text: 'rtt.p50 > 10s', value, unit: 'ms', failed: true, endedRun: true },
      { text: 'lost > 100%', value: 0, unit: '%', failed: false },
    ]
    t.same(mergeReports([c, a]).conditions, fell(11_000))
    t.same(mergeReports([a, b, c]).conditions, fell(12_000))
    t.same(mergeReports([mergeReports([b, c]), a]).conditions, fell(12_000))
    t.same(mergeReports([mergeReports([a])]).conditions, fell(11_000), 'and where it is only shown again')
    const unknown = ended(undefined, 2)
    t.same(mergeReports([a, unknown]).conditions, fell(11_000))
    t.same(mergeReports([mergeReports([unknown]), a]).conditions, fell(11_000))
    t.same(mergeReports([unknown]).conditions, fell(undefined))
  },
)

t.test('which shards are there is known, however they were put together', async t => {
  const [a, b, c] = [0, 1, 2].map(index => shard({ seconds: [[1]] }, index, 3)) as [LoadReport, LoadReport, LoadReport]
  t.equal(a.shards, undefined)
  t.same(mergeReports([c, a]).shards, { count: 3, indexes: [0, 2], apart: 0 })
  t.same(mergeReports([mergeReports([c, a])]).shards, { count: 3, indexes: [0, 2], apart: 0 })
  t.same(mergeReports([mergeReports([c, a]), b]).shards, { count: 3, indexes: [0, 1, 2], apart: 0 })
  t.same(mergeReports([mergeReports([b])]).shards, { count: 3, indexes: [1], apart: 0 })
  t.equal(mergeReports([madeReport({ seconds: [[1]] })]).shards, undefined)
})

t.test('shards that did not run together: what they add up to never was', async t => {
  const shards = [5000, 6000, 8300].map((startedAt, index) => shard({ seconds: [[1]], startedAt, busy: 0 }, index, 3))
  const [a, b, c] = shards as [LoadReport, LoadReport, LoadReport]
  t.match(mergeReports([a, b]), { shards: { apart: 1000 }, verdict: { generatorBound: false, reasons: [] } })
  const reasons = ['the shards began 3.3 s apart: the load that they add up to never was']
  const late = { shards: { apart: 3300 }, verdict: { measured: true, generatorBound: true, reasons } }
  t.match(mergeReports(shards), late)
  t.match(mergeReports([mergeReports([b, c]), a]), late, 'however they are put together')
  t.match(mergeReports([mergeReports([a, c])]), late)
  const nobody = shards.map(one => ({ ...one, counts: { ...one.counts, opened: 0 } }))
  t.match(mergeReports(nobody).verdict, { measured: false, generatorBound: false })
})

t.test('shards that ended each for a reason of its own: the gravest is told, whatever their order', async t => {
  const [one, other] = [0, 1].map(index => shard({ seconds: [[1]] }, index, 2)) as [LoadReport, LoadReport]
  const rows = [
    ['signal', 'disconnected', 'disconnected'],
    ['signal', 'failIf', 'failIf'],
    ['failIf', 'disconnected', 'disconnected'],
    ['signal', undefined, 'signal'],
    [undefined, undefined, undefined],
  ] as const
  for (const [a, b, told] of rows) {
    const [ended, and] = [
      { ...one, interruptedBy: a },
      { ...other, interruptedBy: b },
    ]
    t.equal(mergeReports([ended, and]).interruptedBy, told)
    t.equal(mergeReports([and, ended]).interruptedBy, told)
  }
})

t.test('which of the shards ended before their time is told, where not all did so alike', async t => {
  const made = (by: Interruption | undefined, seconds: number, index: number) => ({
    ...shard({ seconds: [[1]], measured: seconds }, index, 3),
    interruptedBy: by,
  })
  const [lost, also, stopped, fell] = [
    made('disconnected', 0, 1),
    made('disconnected', 0.5, 2),
    made('signal', 3.1, 0),
    made('failIf', 2, 0),
  ]
  const [first, last] = [made(undefined, 6, 0), made(undefined, 6, 2)]
  const nobody = 'ended before its time: not one connection was open, and none was to come'
  const rows: [LoadReport[], string | undefined][] = [
    [[first, last], undefined],
    [[lost, also], nobody],
    [[lost], nobody],
    [[first, lost], `shard 2/3 (after 0 ms) ${nobody}`],
    [[first, lost, also], `shards 2/3 (after 0 ms), 3/3 (after 500 ms) each ${nobody}`],
    [[stopped, last], 'shard 1/3 (after 3.1 s) ended before its time'],
    [[stopped, lost], `shard 1/3 (after 3.1 s) ended before its time; shard 2/3 (after 0 ms) ${nobody}`],
    [[fell, last], 'shard 1/3 (after 2 s) ended by a condition that it was not to come to'],
  ]
  for (const [reports, told] of rows) {
    t.equal(headOf(mergeReports(reports)).ended, told)
    t.equal(headOf(mergeReports([mergeReports(reports.toReversed())])).ended, told)
  }
  t.same(mergeReports([lost, first]).shards?.ended, [{ index: 1, by: 'disconnected', seconds: 0 }])
  const many = Array.from({ length: 30 }, (_, index) => ({
    ...madeReport({ seconds: [[1]], options: { connections: 30, shard: { index, count: 30 } } }),
    ...(index > 4 && { interruptedBy: 'signal' as const }),
  }))
  const told = headOf(mergeReports(many)).ended
  t.match(told, /^shards 6\/30 \(after 1 s\), .*, 25\/30 \(after 1 s\), and 5 more each ended before its time$/)
})

t.test('single times that were written add up', async t => {
  const shards = [0, 1, 2].map(index => shard({ seconds: [[1]] }, index, 3))
  const written = shards.map((one, i) => (i === 0 ? one : { ...one, samples: { written: i, dropped: 10 * i } }))
  t.same(mergeReports(written).samples, { written: 3, dropped: 30 })
  t.equal(mergeReports(shards).samples, undefined)
  const failed = written.map((one, i) => (i === 2 ? { ...one, samples: { ...one.samples!, error: 'no space' } } : one))
  t.same(mergeReports(failed).samples, { written: 3, dropped: 30, error: 'no space' }, 'the file was not too slow')
})

t.test('the process of the server is one and the same, whoever looks', async t => {
  const server = { pid: 7, cores: 1, memoryBefore: 1, memoryMax: 2, threads: 3 }
  const seconds = [[1], [2]]
  const perConnection = { octets: 5000, error: 1, samples: 9 }
  const other = { ...server, memoryMax: 9 }
  const merged = mergeReports([
    shard({ seconds }, 0, 3),
    shard({ seconds, server: { ...server, perConnection } }, 1, 3),
    shard({ seconds, server: other }, 2, 3),
  ])
  t.same(merged.server, server, 'a shard has seen its own connections only, and the memory that is for all')
  const whole = madeReport({ seconds, server: { ...server, perConnection } })
  t.same(mergeReports([whole]).server?.perConnection, perConnection)
  t.same(
    merged.perSecond.map(second => second.server?.memory),
    [2, 2],
  )
})

t.test('a shard that could not have the metrics of the server hides nothing from one that could', async t => {
  const failIf = ['server.cores > 2']
  const serverMetrics = { url: 'http://127.0.0.1:1/metrics' }
  const made = (server: ServerReport, index: number) => {
    const told = { ...options, failIf, serverMetrics, shard: { index, count: 2 } }
    return madeReport({ seconds: [[1], [2]], server, options: told })
  }
  const live = { cores: 0.5, memoryMax: 9, scrapes: { answered: 7, failed: 0 } }
  const lame = { cores: 0.3, scrapes: { answered: 6, failed: 1 } }
  const dead = { cores: 0.1, scrapes: { answered: 0, failed: 7 } }
  for (const [a, b] of [
    [dead, live],
    [live, dead],
    [lame, live],
    [{ ...live, cores: 0.7 }, live],
    [live, { ...live, cores: 0.7 }],
  ] as const) {
    const both = [made(a, 0), made(b, 1)]
    for (const reports of [both, both.toReversed()]) {
      const { server, conditions } = mergeReports(reports)
      t.same(server, live)
      t.match(conditions, [{ value: 0.5, failed: false }])
    }
  }
  for (const reports of [
    [made(dead, 0), made(live, 1)],
    [made(live, 0), made(dead, 1)],
  ]) {
    const memory = mergeReports(reports).perSecond.map(second => second.server?.memory)
    t.same(memory, [9, 9], 'nor does it of any second')
  }
})

t.test(
  'a shard that ended early hides nothing that one saw which did not, however long it had waited for its start',
  async t => {
    const whole = { seconds: 12, cores: 0.166, memoryMax: 2, scrapes: { answered: 18, failed: 0 } }
    const early = { seconds: 3, cores: 0.057, memoryMax: 1, scrapes: { answered: 26, failed: 0 } }
    const told = { ...options, failIf: ['server.cores > 0.1'], serverMetrics: { url: 'http://127.0.0.1:1/' } }
    const made = (server: ServerReport, index: number, count: number) =>
      madeReport({ seconds: [[1], [2]], server, options: { ...told, shard: { index, count } } })
    for (const [a, b] of [
      [whole, early],
      [early, whole],
      [whole, { ...early, threads: 3, eventLoopDelay: { p99: 1 } }],
    ] as const) {
      const { server, conditions } = mergeReports([made(a, 0, 2), made(b, 1, 2)])
      t.same(server, whole)
      t.match(conditions, [{ value: 0.166, failed: true }])
    }
    const blind = madeReport({ seconds: [[1], [2]], options: { ...told, shard: { index: 1, count: 3 } } })
    const both = mergeReports([made(early, 0, 3), blind])
    t.same(both.server, early)
    t.same(mergeReports([both, made(whole, 2, 3)]).server, whole)
  },
)

t.test('what cannot be merged', async t => {
  const one = shard({ seconds: [[1]] }, 0, 2)
  const two = shard({ seconds: [[1]] }, 1, 2)
  const whole = madeReport({ seconds: [[1]], options })
  const phase = (name: string) => ({ name, duration: 1000, counts: one.counts, times: {}, errors: [] })
  const [first, second] = [phase('a'), phase('b')]
  const rows: [string, LoadReport[], RegExp][] = [
    [
      'phases in another order',
      [
        { ...one, phases: [first, second] },
        { ...two, phases: [second, first] },
      ],
      /they differ in phases$/,
    ],
    ['phases, and none', [{ ...one, phases: [first] }, two], /they differ in phases$/],
    ['nothing', [], /no report to merge/],
    ['another URL', [one, madeReport({ seconds: [[1]], url: 'ws://b/', options })], /of different loads/],
    ['another load', [one, madeReport({ seconds: [[1]], options: { ...options, size: 7 } })], /they differ in size$/],
    ['another rate', [one, madeReport({ seconds: [[1]], options: { ...options, rate: 7 } })], /they differ in rate/],
    [
      'connected differently',
      [one, madeReport({ seconds: [[1]], options: { ...options, connect: { perMessageDeflate: true } } })],
      /they differ in connect$/,
    ],
    [
      'another version',
      [one, { ...two, madeBy: { ...two.madeBy, framewright: '0.0.9' } }],
      /they differ in the version of framewright$/,
    ],
    ['the same twice', [one, one], /shard 1 of 2 is there twice/],
    ['what has it already', [mergeReports([one, two]), two], /shard 2 of 2 is there twice/],
    ['a whole run, twice', [whole, whole], /one of the reports is of a whole run, and no shard/],
    ['a whole run and a shard', [one, whole], /one of the reports is of a whole run, and no shard/],
    ['halves and thirds', [one, shard({ seconds: [[1]] }, 1, 3)], /divided differently/],
  ]
  for (const [name, reports, message] of rows) {
    t.throws(() => mergeReports(reports), { code: 'WS_INVALID_OPTION', message }, name)
  }
})

t.test('of errors the most frequent come first, and of those that are as frequent it goes by name', async t => {
  const { errors } = madeReport({ seconds: [[1]], errors: ['b', 'd', 'a', 'c', 'd'] })
  t.same(
    errors.map(({ kind, count }) => [kind, count]),
    [
      ['d', 2],
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ],
  )
})

t.test('reports come back from files as they were', async t => {
  const report = madeReport({ seconds: [[1, 2], [], [3]], errors: ['a', 'a'] })
  t.same(parseReport(JSON.stringify(report)), JSON.parse(JSON.stringify(report)))
  t.same(mergeReports([parseReport(JSON.stringify(report))!]).times, report.times)
  const bad: [string, string][] = [
    ['no JSON', '{'],
    ['no report', '{}'],
    ['nothing', 'null'],
    ['another version', JSON.stringify({ ...report, version: 2 })],
    ['by nobody knows what', JSON.stringify({ ...report, madeBy: undefined })],
    ['connected nobody knows how', JSON.stringify({ ...report, settings: { ...report.settings, connect: undefined } })],
    ['no seconds', JSON.stringify({ ...report, perSecond: undefined })],
    ['no histogram', JSON.stringify({ ...report, times: { rtt: { ...report.times.rtt, histogram: 'AAAA' } } })],
    ['another kind', JSON.stringify({ ...report, times: { rtt: { ...report.times.rtt, histogram: 'A'.repeat(40) } } })],
  ]
  for (const [name, text] of bad) t.equal(parseReport(text), undefined, name)
})
