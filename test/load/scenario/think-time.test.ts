/** How long users think: what is drawn has the distribution that was asked for. */
import t from 'tap'
import { randomNumbers } from '../../../src/load/random.js'
import { locate } from '../../../src/load/scenario/located.js'
import { readThinkTime, thinkTime } from '../../../src/load/scenario/think-time.js'

const draws = 100_000

// Quantiles of the distributions, from tables: exponential -ln(1-p), normal 0, 0.8416, 2.3263 deviations.
const rows: [asked: unknown, p50: number, p80: number, p99: number][] = [
  ['2s', 2000, 2000, 2000],
  ['1s..3s', 2000, 2600, 2980],
  [{ mean: '2s' }, 1386, 3219, 9210],
  [{ mean: '2s', deviation: '200ms' }, 2000, 2168, 2465],
  [{ mean: '100ms', deviation: '1s' }, 100, 942, 2426],
  [{ p50: '2s', p99: '20s' }, 2000, 4600, 20_000],
]

for (const [asked, ...quantiles] of rows) {
  t.test(JSON.stringify(asked), async t => {
    const random = randomNumbers(1, 'users')
    const of = readThinkTime(locate(asked, 'think'))
    const times = Array.from({ length: draws }, () => thinkTime(of, random)).sort((a, b) => a - b)
    for (const [i, share] of [0.5, 0.8, 0.99].entries()) {
      const found = times[draws * share]!
      t.ok(Math.abs(found - quantiles[i]!) <= Math.max(quantiles[i]! * 0.03, 10), `${share}: ${found}`)
    }
    t.ok(times[0]! >= 0)
  })
}

t.test('no longer than timers take', async t => {
  t.equal(
    thinkTime({ p50: 1, p99: 1e9 }, () => 0),
    1,
  )
  const [low, high] = [0.999_999_999, 0]
  const random = [low, high].values()
  t.equal(
    thinkTime({ p50: 1, p99: 1e9 }, () => random.next().value!),
    2 ** 31 - 1,
  )
})

t.test('what cannot be', async t => {
  const which = 'think: expected mean, mean and deviation, or p50 and p99, each a time'
  const refused: [unknown, string][] = [
    [{}, which],
    [{ deviation: '1s' }, which],
    [{ p50: '1s' }, which],
    [{ mean: '1s', p99: '1s' }, which],
    [{ p50: '1s', p99: '2s', deviation: '1s' }, which],
    [{ p50: '2s', p99: '1s' }, 'think.p99: expected a time that is not below p50, got "1s"'],
    [{ p50: '0', p99: '1s' }, 'think.p50: expected a time such as 500ms, 2s or 1min, above 0, got "0"'],
    [{ median: '2s' }, 'think.median: there is no such key; there are mean, deviation, p50, p99'],
  ]
  for (const [asked, message] of refused) t.throws(() => readThinkTime(locate(asked, 'think')), { message })
})
