/** What is better, what is worse, and what is only noise. */
import t from 'tap'
import { type ComparedFigure, compareReports } from '../../src/load/compare-reports.js'
import { randomNumbers } from '../../src/load/random.js'
import { madeReport, steady } from './made-report.js'

function figure(figures: readonly ComparedFigure[], name: string): ComparedFigure {
  return figures.find(one => one.name === name)!
}

/** Round trips that scatter between 1 and 2 ms, and whose seconds differ. */
function noisy(seed: number, factor = 1): number[][] {
  const random = randomNumbers(seed)
  return Array.from({ length: 30 }, () => {
    const second = 1 + random() / 10
    return Array.from({ length: 200 }, () => factor * second * (1 + random()))
  })
}

t.test('the figures are those of all seconds together', async t => {
  const before = madeReport({ seconds: steady(10, 100, 1, 1) })
  const after = madeReport({ seconds: steady(10, 50, 2, 2), lost: 50 })
  const figures = compareReports([before], [after])
  const wanted: [string, number, number, number, string][] = [
    ['rtt.p50', 50, 50, 0, 'same'],
    ['rtt.p90', 90, 90, 0, 'same'],
    ['rtt.mean', 50.5, 51, 51 / 50.5 - 1, 'worse'],
    ['rate.received', 100, 50, -0.5, 'worse'],
    ['not answered', 0, 50, Number.POSITIVE_INFINITY, 'worse'],
  ]
  for (const [name, was, is, change, verdict] of wanted) {
    const found = figure(figures, name)
    t.ok(Math.abs(found.before - was) <= was / 1000, `${name}: ${found.before}`)
    t.ok(Math.abs(found.after - is) <= is / 1000, `${name}: ${found.after}`)
    t.ok(found.change === change || Math.abs(found.change - change) < 0.003, `${name}: ${found.change}`)
    t.equal(found.verdict, verdict, name)
  }
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

t.test('the same reports give the same figures', async t => {
  const sides = [[madeReport({ seconds: noisy(1) })], [madeReport({ seconds: noisy(2) })]] as const
  t.same(compareReports(...sides), compareReports(...sides))
  t.notSame(compareReports(...sides, 2), compareReports(...sides))
})
