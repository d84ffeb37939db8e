/** Who thinks, in a world whose clock is the test's: timers come late by a millisecond, a turn takes half of one. */
import t from 'tap'
import { Alarms } from '../../../src/load/scenario/alarms.js'

function world() {
  const waiting = new Map<() => void, number>()
  const asked: number[] = []
  let time = 1000
  const wait = (call: () => void, at: number) => {
    // Of two calls with the same function both are to come.
    const once = () => call()
    waiting.set(once, at)
    return () => waiting.delete(once)
  }
  const rung: string[] = []
  const alarms = new Alarms({
    now: () => time,
    after: (milliseconds, call) => {
      asked.push(milliseconds)
      return wait(call, time + milliseconds + 1)
    },
    soon: call => void wait(call, time + 0.5),
  })
  return {
    alarms,
    asked,
    rung,
    waiting,
    set: (at: number, then = () => {}) =>
      alarms.set(1000 + at, due => {
        rung.push(`${due - 1000} at ${time - 1000}`)
        then()
      }),
    /** Nothing happens until then, and what was to happen comes then. */
    stall: (until: number) => {
      time = 1000 + until
    },
    /** Until nobody waits. */
    run: () => {
      for (; waiting.size > 0; ) {
        const [call, at] = [...waiting].reduce((first, one) => (one[1] < first[1] ? one : first))
        waiting.delete(call)
        time = Math.max(time, at)
        call()
      }
    },
  }
}

t.test('each is woken at his time, though timers come late, and told when that was', async t => {
  const { set, run, asked, rung, waiting } = world()
  for (const at of [1500, 20.25, 0, 1, -3]) set(at)
  t.same(asked, [1498, 18])
  t.same(rung, [], 'never from within')
  t.equal(waiting.size, 3, 'one turn for all that are near')
  run()
  t.same(rung, ['0 at 0.5', '-3 at 0.5', '1 at 1', '20.25 at 20.5', '1500 at 1500'])
})

t.test('behind a stall each is told his own time', async t => {
  const { set, run, stall, rung } = world()
  for (const at of [100, 200, 900]) set(at)
  stall(700)
  run()
  t.same(rung, ['100 at 700.5', '200 at 700.5', '900 at 900'])
})

t.test('what is taken back does not come, near or far; who is woken may think again', async t => {
  const { set, run, rung, waiting } = world()
  const far = set(50)
  far()
  set(0, () => {
    set(0.75)
    t.equal(waiting.size, 0, 'in the turns that there are')
  })
  run()
  const near = set(3)
  set(2, () => near())
  run()
  t.same(rung, ['0 at 0.5', '0.75 at 1', '2 at 2'])
})
