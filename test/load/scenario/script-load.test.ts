/** Who begins when, in a world whose clock is the test's. */
import t from 'tap'
import { ScriptLoad } from '../../../src/load/scenario/script-load.js'
import type { Step } from '../../../src/load/scenario/step.js'
import { Tally } from '../../../src/load/tally.js'
import { Told } from '../told.js'

const send: Step = { kind: 'send', template: ['x'], json: false, binary: false, replies: 0 }
const think: Step = { kind: 'think', time: { from: 10, to: 10 } }

function users(steps: readonly Step[], measuredFrom = 0) {
  const tally = new Tally()
  const calls: (() => void)[] = []
  const dues: number[] = []
  const lates: number[] = []
  const clock = { now: 0 }
  const outlet = Object.assign(new Told(), {
    open: true,
    send(due: number, _: number, late: number): boolean {
      dues.push(due)
      lates.push(late)
      return outlet.open
    },
    leave: async () => {},
  })
  const load = new ScriptLoad({
    script: { opening: [], steps, values: [] },
    tally,
    world: {
      now: () => clock.now,
      after(_, call) {
        calls.push(call)
        return () => {}
      },
      soon: call => void calls.push(call),
    },
    random: () => 0.5,
    tallyOf: due => (due >= measuredFrom ? tally : tally.warmUp),
    plan(due) {
      const planned = due >= measuredFrom ? tally : tally.warmUp
      planned.counts.planned++
      return planned
    },
    settled: () => {},
  })
  return { load, tally, calls, dues, lates, clock, outlet }
}

t.test('users without anything to wait for begin one after the other, not within each other', async t => {
  const { load, tally, dues, outlet } = users([send])
  load.due(1)
  t.match(tally.counts, { planned: 1, missed: 1 })
  await load.seat(0).join(outlet)
  load.start(100, false)
  for (let due = 2; due < 1000; due++) load.due(due)
  t.equal(dues.length, 998)
  t.equal(tally.times('iteration').count, 998)
})

t.test('so many wait, and no more; those of the warm-up are missed in it', async t => {
  const { load, tally, dues, outlet } = users([send, think], 3)
  load.due(2)
  t.same([tally.counts.missed, tally.warmUp.counts.missed], [0, 1])
  await load.seat(0).join(outlet)
  for (let i = 0; i < 100_003; i++) load.due(5)
  t.same([dues.length, load.waiting, tally.counts.missed], [1, 100_000, 2])
  load.end()
  t.equal(tally.counts.missed, 100_002)
})

t.test('a connection that could not send rests before it begins again, unless it has gone', async t => {
  const { load, calls, dues, outlet } = users([send, think])
  outlet.open = false
  const visitor = load.seat(0)
  await visitor.join(outlet)
  load.start(100, true)
  t.same([dues.length, calls.length], [1, 1])
  calls.shift()!()
  t.same([dues.length, calls.length], [2, 1])
  visitor.giveUp(() => {})
  calls.shift()!()
  t.same([dues.length, calls.length], [2, 0])
})

t.test('what follows a think is due when that was over; where nothing is due at any time, when it leaves', async t => {
  for (const again of [false, true]) {
    const { load, calls, dues, clock, outlet } = users([send, think, send])
    await load.seat(0).join(outlet)
    load.start(100, again)
    load.due(0)
    clock.now = 50
    for (; dues.length === 1; ) calls.shift()!()
    t.same(dues.slice(0, 2), again ? [0, 50] : [0, 10])
  }
})

t.test('the rest of a connection on which something failed is no lateness of the generator', async t => {
  const { load, calls, dues, lates, clock, outlet } = users([send, think])
  outlet.open = false
  await load.seat(0).join(outlet)
  load.start(100, false)
  load.due(0)
  clock.now = 4
  load.due(4)
  clock.now = 10.5
  calls.shift()!()
  t.same(
    [dues, lates],
    [
      [0, 4],
      [0, 0],
    ],
  )
})
