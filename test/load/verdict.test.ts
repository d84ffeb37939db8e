/** When figures are those of the generator. */
import t from 'tap'
import { loadSettings } from '../../src/load/load-options.js'
import { Tally } from '../../src/load/tally.js'
import { verdictOn } from '../../src/load/verdict.js'
import { madeThread } from './made-report.js'

const closed = loadSettings('ws://a', {})
const open = loadSettings('ws://a', { rate: 1000 })

/** A run of 1000 messages. */
function tallyOf({ late = 0, rtt = 5, given = 0 }): Tally {
  const tally = new Tally()
  tally.counts.planned = 1000
  tally.counts.opened = 10
  for (let i = 0; i < 1000; i++) {
    // Two of a hundred are that late.
    tally.times('lateness').record(i % 50 === 0 ? late : 0)
    tally.times('rtt').record(rtt)
  }
  if (given > 0) tally.error('not sent: the generator was too slow', '', given)
  return tally
}

const cases: [string, typeof open, Parameters<typeof tallyOf>[0], busy: number[], reason: RegExp | undefined][] = [
  ['closed: threads that wait now and then', closed, {}, [0.9, 0.94], undefined],
  ['closed: one thread has no time left', closed, {}, [0.5, 0.96], /^1 of 2 threads had no time left/],
  ['closed: lateness says nothing', closed, { late: 50 }, [0.1], undefined],
  ['open: a thread that never waits says nothing', open, {}, [1], undefined],
  ['open: as late as a millisecond', open, { late: 0.99, rtt: 0.1 }, [1], undefined],
  ['open: later', open, { late: 1.5 }, [1], /^one of a hundred messages left more than 1\.5 ms after it was due$/],
  ['open: late, but little of the round trip', open, { late: 15, rtt: 200 }, [1], undefined],
  ['open: few were given up', open, { given: 5 }, [1], undefined],
  ['open: many were given up', open, { given: 6 }, [1], /^6 of 1000 messages were never sent/],
]
for (const [name, settings, about, busy, reason] of cases) {
  t.test(name, async t => {
    const verdict = verdictOn(tallyOf(about), settings, { threads: busy.map(madeThread), cpu: 1 }, 1)
    t.equal(verdict.generatorBound, reason !== undefined)
    t.equal(verdict.reasons.length, reason === undefined ? 0 : 1)
    if (reason !== undefined) t.match(verdict.reasons[0], reason)
  })
}

const troubles: [string, typeof open, Partial<ReturnType<typeof madeThread>>, RegExp | undefined][] = [
  ['others have the cores now and then', closed, { waited: 0.2 }, undefined],
  ['others have the cores', closed, { waited: 0.31 }, /^a thread waited for a core for 31 % of the time: use fewer/],
  ['with a rate, too', open, { waited: 0.31 }, /^a thread waited for a core for 31 %/],
  ['an event loop that comes late by half of the round trip', closed, { delayP99: 2.5 }, undefined],
  ['by more', closed, { delayP99: 2.6 }, /^one of a hundred turns of the event loop came 2\.6 ms late/],
  ['by more, with a rate', open, { delayP99: 2.6 }, /^one of a hundred turns/],
  ['the longest says nothing', open, { delayMax: 1000 }, undefined],
  ['what waits in sockets says nothing: it is the server that does not read', open, { buffered: 1e9 }, undefined],
]
for (const [name, settings, trouble, reason] of troubles) {
  t.test(name, async t => {
    const threads = [madeThread(0.1), { ...madeThread(0.1), ...trouble }]
    const { generatorBound, reasons } = verdictOn(tallyOf({}), settings, { threads, cpu: 1 }, 1)
    t.equal(generatorBound, reason !== undefined)
    t.match(reasons, reason === undefined ? [] : [reason])
    t.equal(reasons.length, reason === undefined ? 0 : 1)
  })
}

t.test('where nothing was timed, nothing was late', async t => {
  const threads = [{ ...madeThread(0.1), delayP99: 50 }]
  const held = new Tally()
  held.counts.opened = 1
  t.same(verdictOn(held, closed, { threads, cpu: 1 }, 1), { measured: true, generatorBound: false, reasons: [] })
})

t.test('nobody was connected, or the warm-up was not over: nothing was measured', async t => {
  const nothing = { measured: false, generatorBound: false, reasons: [] }
  t.same(verdictOn(tallyOf({}), closed, { threads: [madeThread(1)], cpu: 1 }, 0), nothing)
  t.same(verdictOn(new Tally(), closed, { threads: [madeThread(1)], cpu: 1 }, 1), nothing)
})

t.test('of a round trip of less than two milliseconds, one of them is nothing', async t => {
  const verdict = (delayP99: number) =>
    verdictOn(tallyOf({ rtt: 0.1 }), closed, { threads: [{ ...madeThread(0.1), delayP99 }], cpu: 1 }, 1)
  t.same([verdict(1).generatorBound, verdict(1.01).generatorBound], [false, true])
})
