/** What is better, what is worse, and what is only noise. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { compareCaveats } from '../../src/load/compare-caveats.js'
import { type ComparedFigure, compareReports } from '../../src/load/compare-reports.js'
import { load } from '../../src/load/load.js'
import { randomNumbers } from '../../src/load/random.js'
import type { LoadReport } from '../../src/load/report.js'
import { echo, serve } from './known-servers.js'
import { type Made, madeReport, steady } from './made-report.js'

function figure(figures: readonly ComparedFigure[], name: string): ComparedFigure {
  return figures.find(one => one.name === name)!
}

/** Round trips that scatter between 1 and 2 ms, and whose seconds differ. */
function noisy(seed: number, factor = 1): number[][] {
  const random = randomNumbers(seed, 'draws')
  return Array.from({ length: 30 }, () => {
    const second = 1 + random() / 10
    return Array.from({ length: 200 }, () => factor * second * (1 + random()))
  })
}

t.test('the figures are those of all seconds together', async t => {
  const before = madeReport({ seconds: steady(10, 100, 1, 1), octets: 100 })
  const after = madeReport({ seconds: steady(10, 50, 2, 2), lost: 50, octets: 20 })
  const figures = compareReports([before], [after])
  const wanted: [string, number, number, number, string][] = [
    ['rtt.p50', 50, 50, 0, 'same'],
    ['rtt.p90', 90, 90, 0, 'same'],
    ['rtt.mean', 50.5, 51, 51 / 50.5 - 1, 'worse'],
    ['rate.received', 100, 50, -0.5, 'worse'],
    ['not answered', 0, 50, Number.POSITIVE_INFINITY, 'worse'],
    ['reach', 100, 50, -0.5, 'worse'],
    ['sent on the wire', 100, 20, -0.8, 'better'],
    ['received on the wire', 100, 20, -0.8, 'better'],
  ]
  for (const [name, was, is, change, verdict] of wanted) {
    const found = figure(figures, name)
    t.ok(Math.abs(found.before - was) <= was / 1000, `${name}: ${found.before}`)
    t.ok(Math.abs(found.after - is) <= is / 1000, `${name}: ${found.after}`)
    t.ok(found.change === change || Math.abs(found.change - change) < 0.003, `${name}: ${found.change}`)
    t.equal(found.verdict, verdict, name)
  }
})

t.test('what was never answered is of the seconds in which it was asked', async t => {
  // As runs have it: all of it is counted when they are over.
  const silent = (seconds: number[][], lost: number) => {
    const report = madeReport({ seconds, lost })
    const unanswered = report.counts.lost
    const of = (counts: LoadReport['counts']) => ({ ...counts, lost: 0 })
    const perSecond = report.perSecond.map(second => ({ ...second, counts: of(second.counts) }))
    const last = perSecond.at(-1)!
    perSecond[perSecond.length - 1] = { ...last, counts: { ...last.counts, unanswered } }
    return { ...report, perSecond, counts: { ...of(report.counts), unanswered } }
  }
  const [good, never] = [silent(steady(6, 100, 1, 0.01), 0), silent(steady(6, 0, 1, 1), 100)]
  const name = 'not answered'
  const appears = figure(compareReports([good], [never]), name)
  t.match(appears, { before: 0, after: 100, interval: [Number.POSITIVE_INFINITY], verdict: 'worse' })
  t.match(figure(compareReports([never], [never]), name), { interval: [0, 0], noise: 0, verdict: 'same' })
  t.match(figure(compareReports([never], [good]), name), { change: -1, interval: [-1, -1], verdict: 'better' })
  // Of two seconds that had none it knows which they are, and that one in five of the others had.
  const late = silent([...steady(4, 80, 1, 0.01), [], []], 20)
  const { before, noise } = figure(compareReports([late], [late]), name)
  t.ok(Math.abs(before - (100 * 120) / 440) < 1e-9)
  t.ok(noise! > 0.2 && noise! < 3, `${noise}`)
})

t.test('a change for the better is seen as well as its opposite, and nothing becomes less than nothing', async t => {
  // Stalls of some seconds, and none: the slow side scatters by several times what the other is at all.
  const stalls = [60, 90, 400, 60, 100, 300, 60, 200].map(most => noisySecond(5, most))
  const [slow, fast] = [madeReport({ seconds: stalls }), madeReport({ seconds: stalls.map(() => noisySecond(5, 6)) })]
  const better = figure(compareReports([slow], [fast]), 'rtt.p90')
  const worse = figure(compareReports([fast], [slow]), 'rtt.p90')
  t.ok(better.change < -0.9, `${better.change}`)
  t.ok(
    better.interval!.every(change => change > -1 && change < -0.5),
    `${better.interval}`,
  )
  t.same([better.verdict, worse.verdict], ['better', 'worse'])
})

function noisySecond(least: number, most: number): number[] {
  return Array.from({ length: 50 }, (_, i) => least + ((most - least) * i) / 50)
}

t.test('swapped, everything is the other way round', async t => {
  const time = fc.double({ min: 0.1, max: 1000, noNaN: true })
  const side = fc.record({
    seconds: fc.array(fc.array(time, { maxLength: 6 }), { minLength: 4, maxLength: 8 }),
    lost: fc.nat(3),
    timed: fc.constantFrom('rtt', 'iteration'),
    stages: fc.constant({ ping: [1], upgrade: [2] }),
    opened: fc.integer({ min: 1, max: 50 }),
    failed: fc.nat(20),
    memory: fc.record({ octets: fc.integer({ min: 1000, max: 9000 }), error: fc.nat(900), samples: fc.constant(9) }),
  })
  const other = { better: 'worse', worse: 'better', same: 'same', unknown: 'unknown' } as const
  fc.assert(
    fc.property(side, side, (...made) => {
      const [a, b] = made.map(({ failed, memory, ...rest }) => {
        const report = madeReport({ ...rest, server: { cores: 1, memoryMax: 1, perConnection: memory } })
        return [{ ...report, counts: { ...report.counts, failed } }]
      }) as [LoadReport[], LoadReport[]]
      const [there, back] = [compareReports(a, b), compareReports(b, a)]
      assert.deepEqual(
        back.map(({ name, noise, seconds, verdict }) => ({ name, noise, seconds, verdict: other[verdict] })),
        there.map(({ name, noise, seconds, verdict }) => ({ name, noise, seconds, verdict })),
      )
      for (const [i, { name, interval }] of there.entries()) {
        if (interval === undefined) continue
        const [low, high] = interval
        const [otherLow, otherHigh] = back[i]!.interval!
        assert.ok(low >= -1 && low <= high, `${name} ${interval}`)
        for (const [one, inverse] of [
          [low, otherHigh],
          [high, otherLow],
        ] as const) {
          const product = (1 + one) * (1 + inverse)
          assert.ok(Number.isNaN(product) || Math.abs(product - 1) < 1e-6, `${name} ${interval}`)
        }
      }
    }),
    { numRuns: 10 },
  )
  t.pass()
})

/** What a report says itself, figure by figure. */
function saidBy({ times, counts, rate }: LoadReport): Record<string, number> {
  const { p50, p90, p99, mean } = times.rtt!
  const all = counts.expected + counts.missed
  return {
    reach: (counts.received * 100) / counts.expected,
    'rtt.p50': p50,
    'rtt.p90': p90,
    'rtt.p99': p99,
    'rtt.p99.9': times.rtt!['p99.9'],
    'rtt.mean': mean,
    'rate.received': rate.received,
    'not answered': ((all - counts.received) * 100) / all,
  }
}

/** The figures before are those of that report, and those after of the other one. */
function sameAsSaid(t: Test, before: LoadReport, after: LoadReport): readonly ComparedFigure[] {
  const figures = compareReports([before], [after])
  for (const [side, report] of [['before', before] as const, ['after', after] as const]) {
    for (const [name, value] of Object.entries(saidBy(report))) {
      t.ok(Math.abs(figure(figures, name)[side] - value) < 1e-9, `${name} ${side}: ${value}`)
    }
  }
  return figures
}

t.test(
  'what came behind the last whole second, and behind the end, counts: a drain is no second, and no loss',
  async t => {
    const seconds = steady(8, 50, 1, 0.1)
    const whole = madeReport({ seconds })
    // Its last replies came two seconds behind the end, one of them in no whole second.
    const times = (count: number, time: number) => Array.from({ length: count }, () => time)
    const drained: Made = { seconds: [...seconds.slice(0, 7), times(20, 1), [], times(29, 2000)], late: 2500 }
    const late = { ...madeReport({ ...drained, measured: 8 }) }
    t.equal(late.counts.received, 400)
    const figures = sameAsSaid(t, whole, late)
    // But the server has not held the rate.
    t.match(figure(figures, 'rate.received'), { before: 50, after: (7 * 50 + 20) / 8 })
    t.match(figure(figures, 'not answered'), { change: 0, verdict: 'same' })
    t.equal(figure(figures, 'not answered').noise, 0)
  },
)

t.test('a real run: the figures are those of its report, whatever the seconds cut', async t => {
  const server = await serve(t, (connection, data, number) => {
    if (number % 10 !== 9) echo(connection, data, number)
  })
  const options = { connections: 2, rate: 200, duration: 1300, warmUp: 300, drain: 100 }
  const [one, other] = await Promise.all([load(server.url, options), load(server.url, { ...options, warmUp: 0 })])
  t.ok(one.counts.lost + one.counts.unanswered > 0)
  sameAsSaid(t, one, other)
})

t.test('noise is no difference, a difference is none of the noise', async t => {
  const before = madeReport({ seconds: noisy(1) })
  const again = compareReports([before], [madeReport({ seconds: noisy(2) })])
  t.same(
    again.filter(({ verdict }) => verdict !== 'same').map(({ name }) => name),
    [],
  )
  for (const [factor, verdict] of [
    [1.2, 'worse'],
    [0.8, 'better'],
  ] as const) {
    const { change, interval, noise, ...rest } = figure(
      compareReports([before], [madeReport({ seconds: noisy(3, factor) })]),
      'rtt.p50',
    )
    t.equal(rest.verdict, verdict)
    t.ok(Math.abs(change - (factor - 1)) < 0.02, `${change}`)
    t.ok(interval![0] <= factor - 1 && factor - 1 <= interval![1], `${interval}`)
    t.ok(noise! < 0.1)
  }
})

t.test('octets on the wire are compared where both sides have them', async t => {
  const [old, now] = [0, 100].map(octets => madeReport({ seconds: steady(10, 20, 1, 1), octets }))
  t.same(
    compareReports([old!], [now!]).filter(({ unit }) => unit === 'octets'),
    [],
  )
})

t.test('several runs of a side: what differs from run to run is part of the noise', async t => {
  // Each run is steady, but no two are alike: one pair alone would look like a sure difference.
  const runs = (...factors: number[]) => factors.map(factor => madeReport({ seconds: steady(10, 20, factor, 0.01) }))
  t.equal(figure(compareReports(runs(1), runs(1.1)), 'rtt.p50').verdict, 'worse')
  t.equal(figure(compareReports(runs(1, 1.2, 0.9), runs(1.1, 0.95, 1.15)), 'rtt.p50').verdict, 'same')
})

t.test('few seconds, and none', async t => {
  const short = madeReport({ seconds: steady(4, 10, 1, 1) })
  const found = figure(compareReports([short], [short]), 'rtt.p99')
  t.match(found, { interval: undefined, noise: undefined, verdict: 'unknown', change: 0 })
  t.same(compareReports([madeReport({ seconds: [] })], [short]), [], 'there is nothing to compare')
})

t.test('few seconds of one of its times: it is drawn from these, and there are none', async t => {
  const seconds = [[1, 2, 3], [], [], [], [], [], []]
  const figures = compareReports([madeReport({ seconds })], [madeReport({ seconds })])
  t.match(figure(figures, 'rtt.p50'), { before: 2, interval: undefined, verdict: 'unknown' })
  t.match(figure(figures, 'rate.received'), { verdict: 'same' })
})

/** Each name that there is, and its verdict. */
function verdicts(before: LoadReport | LoadReport[], after: LoadReport | LoadReport[]): Record<string, string> {
  const figures = compareReports([before].flat(), [after].flat())
  return Object.fromEntries(figures.map(({ name, verdict }) => [name, verdict]))
}

t.test('what a workload is about is compared', async t => {
  for (const timed of [
    'connect',
    'reconnect',
    'lastReceiver',
    'firstReply',
    'firstOctet',
    'iteration',
    'ping',
  ] as const) {
    const [old, now] = [1, 10].map(least => madeReport({ seconds: steady(10, 50, least, 0.001), timed }))
    const found = verdicts(old!, now!)
    t.match(found, { [`${timed}.p50`]: 'worse', [`${timed}.p99`]: 'worse', 'rate.received': 'same' }, timed)
    t.notOk('rtt.p50' in found)
  }
})

t.test(
  'of what opening takes, only where connections are opened all the time; of Pings, where there is nothing better',
  async t => {
    const stages = { upgrade: [1, 2], tls: [3], ping: [4] }
    const names = (made: Made) => Object.keys(verdicts(madeReport(made), madeReport(made)))
    t.notMatch(names({ seconds: steady(10, 5, 1, 1), stages }).join(), /upgrade|tls|ping/)
    t.same(
      names({ seconds: steady(10, 5, 1, 1), timed: 'upgrade', stages: { rtt: [1] } }).filter(
        name => !name.startsWith('r'),
      ),
      ['upgrade.p50', 'upgrade.p99', 'not answered'],
    )
    const idle = { seconds: steady(10, 0, 0, 0), stages }
    t.same(verdicts(madeReport(idle), madeReport(idle)), { 'upgrade.p50': 'unknown', 'upgrade.p99': 'unknown' })
  },
)

t.test('what only one side has does not stand in the place of what both have', async t => {
  const made = (stages: NonNullable<Made['stages']>) =>
    madeReport({ seconds: steady(10, 5, 1, 1), timed: 'ping', stages })
  const [answered, silent] = [made({ upgrade: [1], rtt: [1] }), made({ upgrade: [1] })]
  const times = (...sides: [LoadReport, LoadReport]) =>
    Object.keys(verdicts(...sides)).filter(name => /\.p50/.test(name))
  t.same(times(answered, silent), ['upgrade.p50', 'ping.p50'])
  t.same(times(silent, answered), ['upgrade.p50', 'ping.p50'])
})

t.test('connections that fail, and that are dropped', async t => {
  const good = madeReport({ seconds: steady(10, 5, 1, 1), opened: 100 })
  const failing = (failed: number, opened = 100) => ({ ...good, counts: { ...good.counts, opened, failed } })
  t.notOk('connections failed' in verdicts(good, good))
  t.match(verdicts(good, failing(1)), { 'connections failed': 'same' }, 'by chance')
  t.match(verdicts(good, failing(10)), { 'connections failed': 'worse' })
  t.match(verdicts(failing(10), good), { 'connections failed': 'better' })
  t.match(figure(compareReports([failing(25, 75)], [failing(50, 50)]), 'connections failed'), {
    ...{ before: 25, after: 50, change: 1, verdict: 'worse' },
  })
  t.notOk('connections failed' in verdicts(failing(0, 0), failing(1)), 'of nobody who tried')
  const perSecond = good.perSecond.map(second => ({ ...second, counts: { ...second.counts, dropped: 2 } }))
  const dropping = { ...good, perSecond, counts: { ...good.counts, dropped: 20 } }
  t.match(figure(compareReports([good], [dropping]), 'connections dropped'), { before: 0, after: 2, verdict: 'worse' })
  t.notOk('connections dropped' in verdicts(good, good))
})

t.test('what the server takes', async t => {
  const made = (count: number, memoryMax: number, cores: number, delay: number) => {
    const report = madeReport({ seconds: steady(10, count, 1, 1), warmUp: 2 })
    const server = { cores, memory: memoryMax, eventLoopDelay: { p99: delay } }
    // Of the warm-up it is no figure.
    const perSecond = report.perSecond.map((second, i) => ({
      ...second,
      server: i < 2 ? { cores: 99, memory: 1 } : server,
    }))
    return { ...report, perSecond, server: { memoryMax } }
  }
  const after = made(50, 2000, 0.5, 3)
  // Replies that were waited for when the time was over are answered with CPU that is none of it.
  const found = compareReports([made(100, 1000, 0.5, 1)], [{ ...after, counts: { ...after.counts, received: 9999 } }])
  t.match(figure(found, 'server.cpu a reply'), { unit: 'µs', before: 5000, after: 10_000, verdict: 'worse' })
  t.match(figure(found, 'server.memory'), { before: 1000, after: 2000, verdict: 'worse' })
  t.match(figure(found, 'server.eventLoopDelay.p99'), { unit: 'ms', before: 1, after: 3, verdict: 'worse' })
  t.equal(figure(found, 'server.cores'), undefined)
  const idle = compareReports([made(0, 1, 0.5, 1)], [made(0, 1, 0.25, 1)])
  t.match(figure(idle, 'server.cores'), { unit: 'cores', before: 0.5, after: 0.25, verdict: 'better' })
  t.equal(figure(idle, 'server.cpu a reply'), undefined)
  const whole = made(100, 1, 0.5, 1)
  const shard = { ...whole, settings: { ...whole.settings, shard: { index: 0, count: 3 } } }
  for (const [before, after] of [
    [shard, shard],
    [whole, { ...shard, settings: whole.settings, shards: { count: 3, indexes: [0, 2], apart: 0 } }],
  ] as const) {
    const shared = compareReports([before], [after])
    t.equal(figure(shared, 'server.cpu a reply'), undefined, 'it has answered others, too')
    t.match(figure(shared, 'server.cores'), { before: 0.5, after: 0.5, verdict: 'same' })
  }
})

t.test('what was known of the server in a few seconds only is shown, and not judged', async t => {
  const made = (memory: number, known: number) => {
    const report = madeReport({ seconds: steady(10, 100, 1, 1) })
    return {
      ...report,
      perSecond: report.perSecond.map((second, i) => (i < known ? { ...second, server: { memory } } : second)),
    }
  }
  const compared = (known: number) => figure(compareReports([made(1000, known)], [made(1100, 10)]), 'server.memory')
  t.match(compared(4), { before: 1000, after: 1100, interval: undefined, verdict: 'unknown' })
  t.match(compared(5), { before: 1000, after: 1100, verdict: 'worse' })
})

t.test('what each connection takes of its memory: with the errors of both', async t => {
  const made = (octets: number, error: number) =>
    madeReport({ seconds: [[1]], server: { cores: 1, memoryMax: 1, perConnection: { octets, error, samples: 65 } } })
  const name = 'server.memoryPerConnection'
  const { interval, noise, ...rest } = figure(compareReports([made(5000, 30)], [made(6000, 40)]), name)
  t.match(rest, { unit: 'octets', before: 5000, after: 6000, change: 0.2, verdict: 'worse' })
  t.same(
    [...interval!, noise!].map(value => value.toFixed(4)),
    ['0.1791', '0.2213', '0.0187'],
  )
  t.match(verdicts(made(5000, 400), made(6000, 400)), { [name]: 'same' })
  t.match(verdicts([made(5000, 30), made(7000, 40)], made(6000, 9)), { [name]: 'same' })
  t.notOk(name in verdicts(made(1, 1), madeReport({ seconds: [[1]] })))
})

t.test('classes: a small one that has become slow is seen, though the sum hardly shows it', async t => {
  const classes = ['small', 'large']
  const options = {
    workload: 'mixed',
    mix: [
      { share: 1, workload: 'echo', name: 'small' },
      { share: 1, workload: 'echo', name: 'large' },
    ],
  } as const
  const made = (factor: number) => {
    // Those of the first class are every second one.
    const seconds = steady(10, 100, 1, 0.001).map(times =>
      times.map((time, at) => (at % 2 === 0 ? factor * time : time)),
    )
    return madeReport({ seconds, classes, options })
  }
  const found = verdicts(made(1), made(2))
  t.match(found, { 'small: rtt.p50': 'worse', 'small: rtt.p99': 'worse', 'large: rtt.p99': 'same' })
  t.match(found, { 'small: rate.received': 'same', 'large: reach': 'same', 'small: not answered': 'same' })
  const { small } = made(1).classes!
  const fewer = {
    ...made(1),
    classes: { small: small! },
    perSecond: made(1).perSecond.map(({ classes: _, ...one }) => one),
  }
  t.notOk('large: rtt.p50' in verdicts(made(1), fewer), 'those that all have')
  t.match(verdicts(made(1), fewer), { 'small: rtt.p50': 'unknown' }, 'not second by second')
})

t.test('the same reports give the same figures', async t => {
  const sides = [[madeReport({ seconds: noisy(1) })], [madeReport({ seconds: noisy(2) })]] as const
  t.same(compareReports(...sides), compareReports(...sides))
  t.notSame(compareReports(...sides, 2), compareReports(...sides))
})

t.test('from nothing to nothing, and to something', async t => {
  const good = madeReport({ seconds: steady(10, 20, 1, 1) })
  const bad = madeReport({ seconds: steady(10, 20, 1, 1), lost: 1 })
  t.match(figure(compareReports([good], [good]), 'not answered'), {
    before: 0,
    after: 0,
    change: 0,
    interval: [0, 0],
    noise: 0,
    verdict: 'same',
  })
  t.match(figure(compareReports([good], [bad]), 'not answered'), {
    change: Number.POSITIVE_INFINITY,
    interval: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    noise: 0,
    verdict: 'worse',
  })
})

t.test('seconds in which nothing was timed', async t => {
  const seconds = [[1, 2, 3], [], [2], [], [3], [], [1], [], [2, 3], []]
  const { interval, noise } = figure(compareReports([madeReport({ seconds })], [madeReport({ seconds })]), 'rtt.p50')
  for (const value of [...interval!, noise!]) t.ok(Number.isFinite(value))
})

t.test('what speaks against comparing', async t => {
  const made = (options: Made['options'] = {}, more: Partial<Made> = {}) =>
    madeReport({ seconds: [[1]], options, ...more })
  const rows: [name: string, LoadReport[], LoadReport[], (string | RegExp)[]][] = [
    ['nothing', [made()], [made({ duration: 3000, seed: 7, failIf: ['lost > 0'] })], []],
    ['a rate', [made()], [made({ rate: 5 })], ['the loads differ: rate as fast as it goes and 5/s']],
    [
      'a ramp, and another warm-up',
      [made({ rate: [{ from: 1, to: 9, duration: 1000 }], duration: undefined })],
      [made({ rate: 9, warmUp: 0 }), made({ rate: 9, warmUp: 100 })],
      ['the loads differ: rate 1..9/s and 9/s', 'the loads differ: warm-up 0 ms and 100 ms'],
    ],
    ['one of several', [made(), made({ connections: 7 })], [made()], ['the loads differ: connections 10 and 7']],
    [
      'more than can be said',
      [made({ workload: 'request', request: { message: 'x'.repeat(99) } })],
      [made({ workload: 'request', request: { message: 'y' } })],
      ['the loads differ: request'],
    ],
    [
      'how it was connected',
      [made()],
      [
        made({
          connect: {
            ...{ perMessageDeflate: true, protocols: ['a'], headers: { b: 'c' }, origin: 'd', host: 'e' },
            ...{ socketPath: '/f', family: 4, limits: { maxMessageSize: 7 } },
          },
        }),
      ],
      [
        'the loads differ: compression false and true',
        'the loads differ: number of subprotocols 0 and 1',
        'the loads differ: header fields [] and ["b"]',
        'the loads differ: Origin none and d',
        'the loads differ: Host none and e',
        'the loads differ: socket none and /f',
        'the loads differ: family of addresses none and 4',
        'the loads differ: limits none and {"maxMessageSize":7}',
      ],
    ],
    [
      'TLS',
      [made(), made({}, { url: 'wss://a' }), made({ connect: { http: true } }, { url: 'https://a' })],
      [
        made(
          { connect: { tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ciphers: 'AES128-SHA' } } },
          { url: 'wss://a' },
        ),
      ],
      ['the loads differ: TLS off and on and on from TLSv1.2 to TLSv1.3 AES128-SHA'],
    ],
    [
      'by what it was made',
      [made()],
      [{ ...made(), madeBy: { framewright: '9.0.0', node: '99.0.0', system: 'a b', cores: 99 } }],
      [
        'the loads differ: version of framewright 0.1.0 and 9.0.0',
        'the loads differ: version of Node 22.0.0 and 99.0.0',
        'the loads differ: system linux x64 and a b',
        'the loads differ: cores 2 and 99',
      ],
    ],
    [
      'the generator',
      [made({}, { busy: 1 })],
      [made()],
      [/^generator-bound \(before\): do not trust its figures; 1 of 1 thr/],
    ],
    ['a share', [made({ shard: { index: 0, count: 3 } })], [made()], ['the loads differ: shards 1/3 and all']],
    [
      'shards that are missing',
      [made()],
      [{ ...made(), shards: { count: 3, indexes: [0, 2], apart: 0 } }],
      ['the loads differ: shards all and 1/3 3/3', 'a run after has 2 of 3 shards: the others are missing'],
    ],
    ['all shards', [made()], [{ ...made(), shards: { count: 2, indexes: [0, 1], apart: 0 } }], []],
    [
      'what could not be told',
      [{ ...made(), server: { perConnection: { unknown: 'for a reason', samples: 9 } } }],
      [made()],
      ['what each connection takes of the server (before) cannot be told: for a reason'],
    ],
    [
      'a server that was restarted, and one that ended',
      [{ ...made(), server: { restarts: 2 } }],
      [{ ...made(), server: { endedAfter: 3 } }],
      [
        /^the server \(before\) was not there all the time: its CPU was seen to begin anew 2 times/,
        /^the server \(after\) was not there all the time: it was last seen 3 s into the measured time/,
      ],
    ],
    ['an end', [made()], [{ ...made(), interrupted: true }], ['a run after was ended before its time']],
  ]
  for (const [name, before, after, caveats] of rows) t.match(compareCaveats(before, after), caveats, name)
  t.same(compareCaveats([made()], [made()]), [])
})
