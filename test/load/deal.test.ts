/** Things that are dealt out by shares: as exactly as whole things can be. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { deal } from '../../src/load/deal.js'

/** How many of the things from `first` on go to each share, and to none. */
function dealt(shares: readonly number[], count: number, first = 0): number[] {
  const counts = Array.from({ length: shares.length + 1 }, () => 0)
  for (let number = first; number < first + count; number++) counts[deal(number, shares)]!++
  return counts
}

t.test('known ones', async t => {
  const rows: [shares: number[], count: number, counts: number[]][] = [
    [[], 3, [3]],
    [[0, 0, 0], 3, [0, 0, 0, 3]],
    [[0.05], 100, [5, 95]],
    [[0.05], 20, [1, 19]],
    [[0.05], 19, [0, 19]],
    [[0.1, 0.2, 0.3], 1000, [100, 200, 300, 400]],
    [[0.5, 0.25], 4, [2, 1, 1]],
  ]
  for (const [shares, count, counts] of rows) t.same(dealt(shares, count), counts)
})

t.test('any of them: as many as the share says, less than one for each share before it', async t => {
  const shares = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 3 }).map(all => all.map(share => share / 100))
  fc.assert(
    fc.property(shares, fc.nat(500), fc.nat(500), (shares, count, first) => {
      for (const [i, number] of dealt(shares, count, first).slice(0, -1).entries()) {
        assert.ok(Math.abs(number - shares[i]! * count) <= i + 1 + 1e-6, `${number} of ${count}, ${shares[i]}`)
      }
    }),
  )
  t.pass()
})
