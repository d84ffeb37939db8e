/** When figures are those of the generator. */
import t from 'tap'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import type { ThreadReport } from '../../src/load/self-check.js'
import { Tally } from '../../src/load/tally.js'
import { verdictOn } from '../../src/load/verdict.js'
import { madeThread } from './made-report.js'

const closed: LoadOptions = {}
const open: LoadOptions = { rate: 1000 }

interface Told {
  /** How late messages left, in milliseconds: one of so many. */
  late?: number
  of?: number
  /** Round trips, and those of two of a hundred. */
  rtt?: number
  slow?: number
  /** Messages that were given up. */
  given?: number
}

/** A run of 1000 messages. */
function tallyOf({ late = 0, of = 50, rtt = 5, slow = rtt, given = 0 }: Told): Tally {
  const tally = new Tally()
  tally.counts.planned = 1000
  tally.counts.opened = 10
  for (let i = 0; i < 1000; i++) {
    tally.times('lateness').record(i % of === 0 ? late : 0)
    tally.times('rtt').record(i % 50 === 0 ? slow : rtt)
  }
  if (given > 0) tally.error('not sent: the generator was too slow', '', given)
  return tally
}

/** @param cores - of the server. */
function verdictOf(tally: Tally, options: LoadOptions, threads: readonly ThreadReport[], cores?: number, seconds = 1) {
  const settings = loadSettings('ws://a', options)
  return verdictOn(tally, { settings, generator: { threads, cpu: 1 }, server: { cores }, seconds })
}

const cases: [string, LoadOptions, Told, busy: number[], reason: RegExp | undefined][] = [
  ['closed: threads that wait now and then', closed, {}, [0.9, 0.94], undefined],
  ['closed: one thread has no time left', closed, {}, [0.5, 0.96], /^1 of 2 threads had no time left/],
  ['closed: lateness says nothing', closed, { late: 50 }, [0.1], undefined],
  ['open: a thread that never waits says nothing', open, {}, [1], undefined],
  ['open: as late as half a millisecond', open, { late: 0.5, rtt: 0.1 }, [1], undefined],
  [
    'open: later',
    open,
    { late: 0.6, rtt: 1 },
    [1],
    /^one of a hundred messages left 0\.600 ms or more after the plan$/,
  ],
  ['open: all are as late as a fifth of one', open, { late: 0.2, of: 1, rtt: 0.3 }, [1], undefined],
  ['open: all are later', open, { late: 0.3, of: 1, rtt: 0.3 }, [1], /^half of all messages left 0\.300 ms or more/],
  ['open: late, but little of the round trip', open, { late: 15, slow: 200 }, [1], undefined],
  ['open: as little of it as can be', open, { late: 0.5 }, [1], undefined],
  ['open: more of it', open, { late: 0.6 }, [1], /^one of a hundred messages left 0\.6/],
  [
    'open: all are late, and that is little of the longest round trips only',
    open,
    { late: 15, of: 1, rtt: 15.2, slow: 200 },
    [1],
    /^half of all messages left 15\.\d ms or more after the plan$/,
  ],
  ['open: some more than a tenth are late', open, { late: 1, of: 8, slow: 20 }, [1], /^one of ten messages left 1\.00/],
  ['open: few were given up', open, { given: 5 }, [1], undefined],
  ['open: many were given up', open, { given: 6 }, [1], /^6 of 1,000 messages were never sent/],
]
for (const [name, options, told, busy, reason] of cases) {
  t.test(name, async t => {
    const { generatorBound, reasons } = verdictOf(tallyOf(told), options, busy.map(madeThread))
    t.equal(generatorBound, reason !== undefined)
    t.match(reasons, reason === undefined ? [] : [reason])
    t.equal(reasons.length, reason === undefined ? 0 : 1)
  })
}

const troubles: [string, LoadOptions, Partial<ThreadReport>, RegExp | undefined][] = [
  ['others have the cores now and then', closed, { waited: 0.2 }, undefined],
  ['others have the cores', closed, { waited: 0.31 }, /^a thread waited for a core for 31 % of the time: use fewer/],
  ['with a rate, too', open, { waited: 0.31 }, /^a thread waited for a core for 31 %/],
  ['who runs, or would if there was a core, has no time left', closed, { cpu: 1.7, waited: 0.11 }, /^1 of 2 threads/],
  ['who sleeps for a tenth of it has', closed, { cpu: 1.6, waited: 0.1 }, undefined],
  ['where the system does not tell who would run', closed, { cpu: 1.8 }, undefined],
  ['half of what comes is read late by a quarter of the round trip', closed, { delayP50: 1.25 }, undefined],
  ['by more', closed, { delayP50: 1.3 }, /^half of what came was read more than 1\.3 ms late$/],
  ['by more, with a rate', open, { delayP50: 1.3, delayP99: 9 }, /^half of what came was read more than 1\.3 ms late$/],
  ['a hundredth of what comes, with a rate', open, { delayP99: 1.25 }, undefined],
  ['by more of it, with a rate', open, { delayP99: 1.3 }, /^a hundredth of what came was read more than 1\.3 ms late$/],
  ['the longest says nothing', open, { delayMax: 1000 }, undefined],
  ['what waits in sockets says nothing: it is the server that does not read', open, { buffered: 1e9 }, undefined],
]
for (const [name, options, trouble, reason] of troubles) {
  t.test(name, async t => {
    const threads = [madeThread(0.1), { ...madeThread(0.1), seconds: 2, ...trouble }]
    const { generatorBound, reasons } = verdictOf(tallyOf({}), options, threads)
    t.equal(generatorBound, reason !== undefined)
    t.match(reasons, reason === undefined ? [] : [reason])
    t.equal(reasons.length, reason === undefined ? 0 : 1)
  })
}

t.test('a server that is watched, and has time left where the threads have little, could do more', async t => {
  const rows: [busy: number[], cores: number | undefined, bound: boolean][] = [
    [[0.9], 0.4, true],
    [[0.8, 0.9], 1.2, true],
    [[0.8, 0.9], 1.3, false],
    [[0.7, 0.9], 0.1, false],
    [[0.9], 0.95, false],
    [[0.9], undefined, false],
  ]
  for (const [busy, cores, bound] of rows) {
    const { generatorBound } = verdictOf(tallyOf({}), closed, busy.map(madeThread), cores)
    t.equal(generatorBound, bound, `${busy} ${cores}`)
  }
  const { reasons } = verdictOf(tallyOf({}), closed, [madeThread(0.9)], 0.4)
  t.match(reasons, [/^the threads had little time left, and the server much \(0\.90 cores here, 0\.40 at the server\)/])
  t.same(verdictOf(tallyOf({}), open, [madeThread(0.9)], 0.4).reasons, [], 'with a rate they turn without sleeping')
})

t.test('a class does not hide behind a slower one', async t => {
  const all = (quick: Told) => {
    const tally = tallyOf({ rtt: 500 })
    tally.classOf('slow').add(tallyOf({ rtt: 500 }).take())
    tally.classOf('quick').add(tallyOf(quick).take())
    return tally
  }
  const threads = [{ ...madeThread(0.1), delayP99: 1.1 }]
  t.same(verdictOf(all({ late: 0.5, rtt: 5 }), open, threads).reasons, [])
  t.match(verdictOf(all({ late: 2, rtt: 5 }), open, threads).reasons, [/^quick: one of a hundred messages left 2\.00/])
  t.match(verdictOf(all({ rtt: 1 }), open, threads).reasons, [/^quick: a hundredth of what came/])
})

t.test('where nothing was timed, nothing was late', async t => {
  const held = new Tally()
  held.counts.opened = 1
  const verdict = verdictOf(held, { workload: 'idle' }, [{ ...madeThread(0.1), delayP99: 50 }])
  t.same(verdict, { measured: true, generatorBound: false, reasons: [] })
})

t.test('nobody was connected, or the warm-up was not over: nothing was measured', async t => {
  const nothing = { measured: false, generatorBound: false, reasons: [] }
  t.same(verdictOf(tallyOf({}), closed, [madeThread(1)], undefined, 0), nothing)
  t.same(verdictOf(new Tally(), closed, [madeThread(1)]), nothing)
})

t.test('nothing was due: nothing was measured, but of loads that have no plan', async t => {
  const of = (options: LoadOptions, told = new Tally(), asked = {}) => {
    told.counts.opened = 1
    const settings = { ...loadSettings('ws://a', options), ...asked }
    return verdictOn(told, { settings, generator: { threads: [madeThread(0.1)], cpu: 1 }, seconds: 1, server: {} })
  }
  const steps = { workload: 'steps' } as const
  for (const options of [open, closed, { workload: 'connect' }, { workload: 'connect', rate: 1 }] as const) {
    t.equal(of(options).measured, false, JSON.stringify(options))
    const one = new Tally()
    one.counts.planned = 1
    t.equal(of(options, one).measured, true, JSON.stringify(options))
  }
  t.equal(of({ workload: 'idle' }).measured, true)
  t.equal(of({ workload: 'storm' }).measured, true)
  t.equal(of(closed, new Tally(), steps).measured, true, 'users who come again and again')
  t.equal(of(open, new Tally(), steps).measured, false, 'users with a rate: none came')
  const unserved = new Tally()
  unserved.counts.planned = unserved.counts.missed = 5
  unserved.error('not sent: no connection', '', 5)
  t.equal(of(open, unserved, steps).measured, false, 'for those who came there was no connection')
  unserved.counts.planned++
  t.equal(of(open, unserved, steps).measured, true, 'for one there was')
  const listened = new Tally()
  listened.times('iteration').record(1)
  t.equal(of(open, listened, steps).measured, true, 'one did, and said nothing')
})

t.test('of a round trip of less than four milliseconds, one of them is nothing', async t => {
  const verdict = (delayP50: number) => verdictOf(tallyOf({ rtt: 0.1 }), closed, [{ ...madeThread(0.1), delayP50 }])
  t.same([verdict(1).generatorBound, verdict(1.01).generatorBound], [false, true])
})

t.test('without a rate, what was read late now and then is said of the longest times, and of nothing else', async t => {
  const sound = { measured: true, generatorBound: false, reasons: [] }
  const verdict = (delayP99: number, busy: number) => {
    return verdictOf(tallyOf({}), closed, [{ ...madeThread(busy), delayP99 }])
  }
  t.same(verdict(1.25, 0.1), sound)
  t.same(verdict(1.3, 0.1), { ...sound, caveat: 'a hundredth of what came was read more than 1.3 ms late' })
  const { reasons, ...bound } = verdict(1.3, 1)
  t.match([bound, reasons], [{ measured: true, generatorBound: true, caveat: undefined }, [/^1 of 1 threads/]])
})

t.test('of threads that were held up nobody knows how they fared, and that is no good sign', async t => {
  const verdict = (seconds: readonly number[], threads = 2) =>
    verdictOn(tallyOf({}), {
      settings: { ...loadSettings('ws://a', open), threads },
      generator: { threads: seconds.map(known => ({ ...madeThread(0.1), seconds: known })), cpu: 1 },
      server: undefined,
      seconds: 4,
    })
  t.same(verdict([4, 2]).reasons, [])
  for (const seconds of [[4], [4, 1.9]]) {
    const { generatorBound, reasons } = verdict(seconds)
    t.equal(generatorBound, true)
    t.match(reasons, [/^1 of 2 threads were held up for most of the time: use fewer threads/])
  }
  t.match(verdict([], 1), { measured: true, generatorBound: true, reasons: [/^1 of 1 threads/] })
})
