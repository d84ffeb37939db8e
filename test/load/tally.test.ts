/** Tallies of threads, seconds and machines: whatever is added in whatever order is the same. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { countNames, Tally, timeNames } from '../../src/load/tally.js'

const events = fc.array(
  fc.oneof(
    fc.record({ count: fc.constantFrom(...countNames) }),
    fc.record({ time: fc.constantFrom(...timeNames), took: fc.double({ min: 0, max: 100, noNaN: true }) }),
    fc.record({ kind: fc.constantFrom('a', 'b') }),
    fc.record({ code: fc.constantFrom(1000, 1006) }),
    fc.record({ warmUp: fc.constantFrom(...countNames) }),
    fc.record({ late: fc.constantFrom(...countNames), phase: fc.nat(2) }),
  ),
  { maxLength: 60 },
)
type Events = typeof events extends fc.Arbitrary<infer Value> ? Value : never

function tallyOf(list: Events): Tally {
  const tally = new Tally()
  for (const event of list) {
    if ('count' in event) tally.counts[event.count]++
    else if ('late' in event) tally.ofPhase(event.phase).counts[event.late]++
    else if ('warmUp' in event) tally.warmUp.counts[event.warmUp]++
    else if ('time' in event) tally.times(event.time).record(event.took)
    else if ('kind' in event) tally.error(event.kind, 'first')
    else tally.closeCode(event.code)
  }
  return tally
}

/** Everything that is in it, in an order of its own. */
function allOf(tally: Tally): unknown {
  const { counts, times, errors, closeCodes, warmUp, ofPhases = [] } = tally.take()
  const late = [...ofPhases].map(([phase, { counts }]) => [phase, counts]).sort()
  const encoded = timeNames.map(
    name => times[name] && { ...times[name], counts: Buffer.from(times[name].counts).toString('hex') },
  )
  return {
    counts,
    encoded,
    errors: [...errors].sort(),
    closeCodes: [...closeCodes].sort(),
    warmUp: warmUp?.counts,
    late,
  }
}

t.test('adding is associative and commutative, and loses nothing', async t => {
  fc.assert(
    fc.property(events, events, events, (a, b, c) => {
      const sum = (...lists: Events[]) => {
        const all = new Tally()
        for (const list of lists) all.add(tallyOf(list).take())
        return all
      }
      const whole = allOf(tallyOf([...a, ...b, ...c]))
      const right = new Tally()
      right.add(tallyOf(a).take())
      right.add(sum(b, c).take())
      const left = sum(a, b)
      left.add(tallyOf(c).take())
      for (const one of [left, right, sum(c, a, b)]) assert.deepEqual(allOf(one), whole)
    }),
  )
  t.pass()
})

t.test('what is of other phases stays apart until all is put together, of each class, too', async t => {
  const told = new Tally()
  const part = told.classOf('a')
  for (const tally of [told, part]) {
    tally.counts.received = 1
    tally.ofPhase(0).counts.received = 2
    tally.ofPhase(1).counts.received = 4
    tally.ofPhase(1).times('rtt').record(7)
    tally.ofPhase(1).error('wrong', 'x')
  }
  const state = told.take()
  t.notOk('ofPhases' in told.take())
  const apart = new Tally()
  apart.add(state)
  t.same([apart.counts.received, apart.ofPhase(0).counts.received, apart.ofPhase(1).times('rtt').max], [1, 2, 7])
  const all = new Tally()
  all.settle(state)
  all.settle(state)
  for (const tally of [all, all.classOf('a')]) {
    t.same([tally.counts.received, tally.times('rtt').count, tally.errors.get('wrong')?.count], [14, 2, 2])
  }
  t.notOk('ofPhases' in all.take())
})

t.test('what was taken is gone', async t => {
  const tally = tallyOf([{ count: 'sent' }, { time: 'rtt', took: 5 }, { kind: 'a' }, { code: 1000 }])
  tally.take()
  t.same(allOf(tally), allOf(new Tally()))
})
