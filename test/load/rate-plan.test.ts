/** When messages are due under a rate that changes. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { RatePlan } from '../../src/load/rate-plan.js'
import { messagesBefore, segments } from './plan.js'

t.test('a message is due when the integral of the rate has come to its number, wherever that is asked', async t => {
  fc.assert(
    fc.property(segments, fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (plan, parts) => {
      const rates = new RatePlan(plan)
      for (const part of parts) {
        const count = part * rates.messages
        const time = rates.timeOf(count)
        assert.ok(Math.abs(messagesBefore(plan, time) - count) < 1e-6 * Math.max(1, count), `${count} at ${time}`)
      }
      for (const part of parts) {
        const time = part * rates.duration * 1.1
        const before = messagesBefore(plan, time)
        assert.ok(Math.abs(rates.messagesBefore(time) - before) < 1e-6 * Math.max(1, before), `before ${time}`)
      }
      const total = plan.reduce((sum, { duration }) => sum + duration, 0)
      assert.equal(rates.duration, total)
      assert.ok(Math.abs(rates.messages - messagesBefore(plan, total)) < 1e-6)
    }),
  )
  t.pass()
})

const shapes: [string, ConstructorParameters<typeof RatePlan>[0], [count: number, time: number][]][] = [
  [
    'constant',
    [{ from: 100, to: 100, duration: 1000 }],
    [
      [0, 0],
      [1, 10],
      [99, 990],
      [100, Number.POSITIVE_INFINITY],
    ],
  ],
  [
    'a ramp from nothing',
    [{ from: 0, to: 200, duration: 1000 }],
    [
      [0, 0],
      [25, 500],
      [81, 900],
    ],
  ],
  [
    'a ramp to nothing',
    [{ from: 200, to: 0, duration: 1000 }],
    [
      [75, 500],
      [99, 900],
    ],
  ],
  [
    'a spike',
    [
      { from: 10, to: 10, duration: 1000 },
      { from: 1000, to: 1000, duration: 100 },
      { from: 10, to: 10, duration: 1000 },
    ],
    [
      [9, 900],
      [10, 1000],
      [60, 1050],
      [110, 1100],
      [111, 1200],
      [5, 500],
    ],
  ],
]
for (const [name, plan, times] of shapes) {
  t.test(name, async t => {
    const rates = new RatePlan(plan)
    for (const [count, time] of times) {
      const found = rates.timeOf(count)
      t.ok(found === time || Math.abs(found - time) < 1e-6, `${count}: ${found} is ${time}`)
      const before = rates.messagesBefore(time)
      t.ok(Math.abs(before - count) < 1e-6, `before ${time}: ${before} is ${count}`)
    }
  })
}
