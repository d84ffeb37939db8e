/** The times of messages: of a rate, of chance, and of a share of both. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Chance, randomNumbers } from '../../src/load/random.js'
import { RatePlan, type RateSegment } from '../../src/load/rate-plan.js'
import { type Arrival, Schedule, type Share } from '../../src/load/schedule.js'
import { segments } from './plan.js'

function timesOf(plan: readonly RateSegment[], arrival: Arrival, seed: number, share?: Share): number[] {
  const schedule = new Schedule(new RatePlan(plan), arrival, seed, share)
  const times: number[] = []
  for (let time = schedule.next(); time !== Number.POSITIVE_INFINITY; time = schedule.next()) times.push(time)
  return times
}

const second: RateSegment[] = [{ from: 1000, to: 1000, duration: 1000 }]

t.test('constant: evenly spaced, the first at once, as many as the rate says', async t => {
  const times = timesOf(second, 'constant', 1)
  t.equal(times.length, 1000)
  t.ok(times.every((time, i) => Math.abs(time - i) < 1e-6))
})

t.test('poisson: gaps are exponential, and the same for the same seed', async t => {
  const plan = [{ from: 1000, to: 1000, duration: 100_000 }]
  const times = timesOf(plan, 'poisson', 7)
  const gaps = times.map((time, i) => time - (times[i - 1] ?? 0))
  // A count of 100,000 events has a standard deviation of 316.
  t.ok(Math.abs(times.length - 100_000) < 5 * 317, `${times.length}`)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
  t.ok(Math.abs(variance / mean ** 2 - 1) < 0.05, `the deviation is the mean: ${variance / mean ** 2}`)
  for (const x of [0.1, 1, 3]) {
    const longer = gaps.filter(gap => gap > x).length / gaps.length
    t.ok(Math.abs(longer - Math.exp(-x)) < 0.01, `longer than ${x} ms: ${longer}`)
  }
  t.same(timesOf(plan, 'poisson', 7), times)
  t.not(timesOf(plan, 'poisson', 8)[0], times[0])
})

t.test('poisson: whatever the seed, so many messages as the rate says, from the first gap on', async t => {
  const seeds = Array.from({ length: 2001 }, (_, seed) => seed)
  const plans = seeds.map(seed => timesOf([{ from: 5, to: 5, duration: 10_000 }], 'poisson', seed))
  // Each has 50 on average, with a variance of 50; bounds are four standard errors, passed by one set of seeds in 16,000.
  const bound = 4 / Math.sqrt(seeds.length)
  const mean = plans.reduce((sum, times) => sum + times.length, 0) / seeds.length
  t.ok(Math.abs(mean - 50) < bound * Math.sqrt(50), `${mean}`)
  for (const at of [0, 1, 2]) {
    // In mean gaps: exponential ones have a mean and a deviation of 1.
    const gaps = plans.map(times => (times[at]! - (times[at - 1] ?? 0)) / 200)
    const average = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    t.ok(Math.abs(average - 1) < bound, `gap ${at}: ${average}`)
    for (const apart of [1, 2, 7]) {
      const products = gaps.slice(apart).map((gap, i) => (gap - 1) * (gaps[i]! - 1))
      const correlation = products.reduce((sum, product) => sum + product, 0) / products.length
      t.ok(Math.abs(correlation) < bound, `gap ${at} of seeds that are ${apart} apart: ${correlation}`)
    }
  }
})

t.test('what the same seed decides for others follows from none of it', async t => {
  const first = (chance: Chance, index: number) => randomNumbers(1, chance, index)()
  const chances: Chance[] = ['arrivals', 'connections', 'users', 'peers', 'returns', 'draws']
  const numbers = chances.flatMap(chance => [0, 1, 2].map(index => first(chance, index)))
  t.equal(new Set(numbers).size, 18)
  t.equal(first('users', 2), first('users', 2))
})

t.test('all shares together are the whole plan, in every model', async t => {
  const cases = fc.record({
    plan: segments,
    arrival: fc.constantFrom<Arrival>('constant', 'poisson'),
    seed: fc.integer(),
    count: fc.integer({ min: 1, max: 5 }),
  })
  fc.assert(
    fc.property(cases, ({ plan, arrival, seed, count }) => {
      const whole = timesOf(plan, arrival, seed)
      assert.ok(whole.every((time, i) => i === 0 || time >= whole[i - 1]!))
      const shares = Array.from({ length: count }, (_, index) => timesOf(plan, arrival, seed, { index, count }))
      assert.deepEqual(
        whole,
        whole.map((_, i) => shares[i % count]![Math.floor(i / count)]),
      )
    }),
    { numRuns: 50 },
  )
  t.pass()
})

t.test('those that are passed over are as many as one by one, and those behind them the same', async t => {
  const cases = fc.record({
    plan: segments,
    arrival: fc.constantFrom<Arrival>('constant', 'poisson'),
    seed: fc.integer(),
    share: fc.constantFrom<Share>({ index: 0, count: 1 }, { index: 1, count: 3 }),
    // Between whole milliseconds, so that nothing is due just then.
    places: fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(cases, ({ plan, arrival, seed, share, places }) => {
      const times = timesOf(plan, arrival, seed, share)
      const schedule = new Schedule(new RatePlan(plan), arrival, seed, share)
      let at = 0
      assert.equal(schedule.next(), times[0] ?? Number.POSITIVE_INFINITY)
      for (const from of places.map(place => place + Math.PI / 10).sort((a, b) => a - b)) {
        if (at >= times.length) break
        do at++
        while (times[at]! < from)
        assert.equal(schedule.next(from), times[at] ?? Number.POSITIVE_INFINITY)
        assert.equal(schedule.before, at)
      }
    }),
    { numRuns: 50 },
  )
  t.pass()
})
