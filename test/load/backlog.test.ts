/** What comes only behind the measured time is no part of a rate, and is told. */
import t from 'tap'
import { backlogOf } from '../../src/load/backlog.js'
import { DueParts } from '../../src/load/due-parts.js'
import { findRateOf } from '../../src/load/find-rate.js'
import { htmlReport } from '../../src/load/html-report.js'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { randomNumbers } from '../../src/load/random.js'
import { Tally } from '../../src/load/tally.js'
import { textReport } from '../../src/load/text-report.js'
import { serve } from './known-servers.js'
import { madeReport } from './made-report.js'
import { delays, type Message, queue, type Server, simulated } from './simulated-load.js'

t.test('a server that answers half of all behind the end has half the rate', async t => {
  const server = await serve(t, (connection, data, number) => {
    if (number < 10) connection.send(data)
    else setTimeout(() => connection.send(data), 450)
  })
  const report = await load(server.url, {
    connections: 1,
    rate: 50,
    duration: 400,
    warmUp: 0,
    failIf: ['rate.received < 49', 'reach < 100%', 'receivedInTime < 51%'],
  })
  t.match(report.counts, { received: 20, receivedInTime: 10, receivedOctets: 2560, receivedOctetsInTime: 1280 })
  t.match(report.rate, { sent: 50, received: 25, receivedOctets: 3200, receivedWireOctets: (10 * 132) / 0.4 })
  t.same(
    report.conditions.map(({ failed, value }) => [failed, value]),
    [
      [true, 25],
      [false, 100],
      [true, 50],
    ],
  )
})

t.test('replies count where they come, whatever they answer', async t => {
  const tally = new Tally()
  const parts = new DueParts(loadSettings('ws://a', { warmUp: 0 }), tally)
  parts.begin(100)
  parts.until = 200
  for (const time of [50, 100, 150, 199, 200, 201]) {
    parts.replied(time)
    parts.came(7, time)
  }
  t.match(tally.counts, { receivedInTime: 3, receivedOctets: 35, receivedOctetsInTime: 21 })
  t.match(tally.warmUp.counts, { receivedInTime: 1, receivedOctets: 7, receivedOctetsInTime: 7 })
})

t.test(
  'what is sent counts by when it was due: what users send in the middle of their steps behind the end is in no rate',
  async t => {
    const tally = new Tally()
    const parts = new DueParts(loadSettings('ws://a', { warmUp: 0 }), tally)
    parts.begin(100)
    parts.until = 200
    for (const due of [50, 100, 150, 199, 200, 201]) {
      t.equal(parts.plan(due).tally, due < 100 ? tally.warmUp : tally)
      if (due !== 150) parts.sent(due, 7)
    }
    t.match(tally.counts, {
      planned: 5,
      plannedInTime: 3,
      sent: 4,
      sentInTime: 2,
      sentOctets: 28,
      sentOctetsInTime: 14,
    })
    t.match(tally.warmUp.counts, { planned: 1, plannedInTime: 1, sent: 1, sentInTime: 1 })
    const failIf = ['rate.sent > 500', 'rate.planned > 500', 'plannedInTime > 94%', 'sentInTime > 93%']
    const options = { rate: 50, duration: 6000, warmUp: 2000, failIf }
    const report = simulated(steps(10, 100), options)
    // Of 45 users who came in the last nine tenths of a second, each had 4.5 or so of his ten messages before him.
    t.match(report.counts, { planned: 3225, sent: 3225, plannedInTime: 3000, sentInTime: 3000 })
    t.match(report.rate, { planned: 500, sent: 500, received: 500 })
    t.match(report.conditions, [{ failed: false }, { failed: false }, { failed: false }, { failed: true }])
  },
)

/** Poisson numbers and the like need one that is the same each time. */
const random = () => randomNumbers(7, 'arrivals')

/** Goes through steps of so many milliseconds each, without a pause. */
const steps =
  (number: number, took: number): Server =>
  due =>
    Array.from({ length: number }, (_, i) => ({ due: due + i * took, came: due + (i + 1) * took }))

const oneInFive: Server = delays(number => (number % 5 === 0 ? 2500 : 0))

/** One in five takes 2.5 s, by chance. */
function sometimes(): Server {
  const chance = random()
  return delays(() => (chance() < 0.2 ? 2500 : 0))
}

/** It does nothing for the first milliseconds of each second, and then all that waits. */
const stalling: Server = due => [{ due, came: Math.max(due, Math.floor(due / 1000) * 1000 + 80) }]

const ramp = (from: number, to: number, duration: number) => ({ from, to, duration })

const sound: [name: string, server: Server, options: LoadOptions][] = [
  ['at once', delays(() => 0), { rate: 1000, duration: 10_000 }],
  ['a ramp, 300 ms', delays(() => 300), { rate: [ramp(0, 200, 6000)], warmUp: 1000 }],
  ['a steep ramp, 300 ms', delays(() => 300), { rate: [ramp(0, 5000, 5000)] }],
  ['a ramp that falls, 300 ms', delays(() => 300), { rate: [ramp(1000, 0, 10_000)], warmUp: 1000 }],
  ['up and down, one in five 2.5 s', oneInFive, { rate: [ramp(0, 1000, 10_000), ramp(1000, 0, 10_000)] }],
  ['a rate that ends before the end', oneInFive, { rate: [ramp(1000, 1000, 5000), ramp(0, 0, 1000)] }],
  ['a peak at the end, 300 ms', delays(() => 300), { rate: [ramp(100, 100, 8000), ramp(2000, 2000, 2000)] }],
  ['a peak that is over', queue(1000), { rate: [ramp(100, 100, 4000), ramp(2000, 2000, 1000), ramp(100, 100, 5000)] }],
  ['two classes, 0 and 1,600 ms', delays(number => (number % 2) * 1600), { rate: 100, duration: 6000, warmUp: 1000 }],
  ['one in five 2.5 s, 30/s', oneInFive, { rate: 30, duration: 5000, warmUp: 1000 }],
  ['one in five 2.5 s, 60/s', oneInFive, { rate: 60, duration: 5000, warmUp: 1000 }],
  ['one in five 2.5 s, 5,000/s', oneInFive, { rate: 5000, duration: 5000, warmUp: 1000 }],
  ['by chance one in five 2.5 s, 50/s', sometimes(), { rate: 50, duration: 6000, warmUp: 1000 }],
  ['the same, of Poisson', sometimes(), { rate: 50, duration: 6000, warmUp: 1000, arrival: 'poisson' }],
  ['Poisson, 3 s, 5/s', delays(() => 3000), { rate: 5, duration: 20_000, arrival: 'poisson' }],
  ['longer than three quarters of it', delays(() => 5000), { rate: 100, duration: 5000, warmUp: 1000 }],
  ['steps, 100 ms each', steps(10, 100), { rate: 50, duration: 6000, warmUp: 2000 }],
  ['steps, 100 ms each, no warm-up', steps(10, 100), { rate: 50, duration: 6000 }],
  ['a slow step behind a long think time', think, { rate: 50, duration: 60_000 }],
  ['stalls', stalling, { rate: 1000, duration: 10_500 }],
  ['one in ten never', delays(number => (number % 10 === 0 ? 1e9 : 20)), { rate: 1000, duration: 20_000 }],
  ['of a queue, at its rate', queue(1000, 40), { rate: 1000, duration: 30_000 }],
  ['it has caught up with half a second', queue(1000), { rate: [ramp(1500, 1500, 1000), ramp(900, 900, 9000)] }],
]

/** After half a minute, a request that takes 3 s. */
function think(due: number): Message[] {
  return [
    { due, came: due + 5 },
    { due: due + 30_005, came: due + 33_005 },
  ].filter(({ due }) => due < 60_000)
}

t.test('what is under way at the end is no backlog where it is what was usual at that rate', async t => {
  for (const [name, server, options] of sound) t.equal(simulated(server, options).backlog, undefined, name)
})

/** By how many replies, from the end of the first second on: what was due, less what it can do. */
const grown: [name: string, server: Server, options: LoadOptions, replies: number][] = [
  ['twice as many as it can', queue(1000), { rate: 2000, duration: 3000 }, 2000],
  ['twice as many, with a warm-up', queue(1000), { rate: 2000, duration: 4000, warmUp: 1000 }, 4000],
  ['a tenth more', queue(1000), { rate: 1100, duration: 5000, warmUp: 1000 }, 500],
  ['a hundredth more, for a minute', queue(1000), { rate: 1010, duration: 60_000, warmUp: 1000 }, 600],
  ['of a slow one', queue(1000, 300), { rate: 1500, duration: 8000, warmUp: 1000 }, 4000],
  ['of few a second', queue(30), { rate: 50, duration: 5000, warmUp: 1000 }, 100],
  ['of a class of two', half, { rate: 1000, duration: 10_000, warmUp: 1000 }, 1000],
  ['where a ramp ends', queue(4500), { rate: [ramp(0, 5000, 20_000)], warmUp: 1000 }, 500],
  ['a peak at the end', queue(1000), { rate: [ramp(500, 500, 8000), ramp(2000, 2000, 2000)] }, 2000],
  [
    'a peak that it has not got over',
    queue(1100),
    { rate: [ramp(1000, 1000, 10_000), ramp(5000, 5000, 2000), ramp(1000, 1000, 10_000)], drain: 10_000 },
    6800,
  ],
  ['more than it can answer while the last ones are waited for', queue(1000), { rate: 2000, duration: 20_000 }, 5000],
]

/** Every second message goes to a queue of 400 a second, and there come 500. */
function half(due: number, number: number): readonly Message[] {
  return number % 2 === 0 ? [{ due, came: due }] : few(due, number)
}
const few = queue(400)

t.test('what has grown beyond that is: the server has not held the rate', async t => {
  for (const [name, server, options, replies] of grown) {
    const { backlog, seconds, counts } = simulated(server, options)
    t.ok(backlog !== undefined, name)
    if (backlog === undefined) continue
    t.ok(Math.abs(backlog.replies - replies) <= replies * 0.12 + 10, `${name}: ${backlog.replies} of ${replies}`)
    t.equal(backlog.time, backlog.replies * ((seconds * 1000) / counts.expected), name)
  }
})

t.test('what is found to be wrong only behind the end was under way no longer than other replies', async t => {
  const server = delays(number => (number < 450 ? 0 : 1e9))
  const report = simulated(server, { rate: 100, duration: 5000 })
  const { unanswered } = report.counts
  t.equal(unanswered, 50)
  t.equal(backlogOf({ ...report, counts: { ...report.counts, unanswered: 0, wrong: unanswered } }), undefined)
  t.match(backlogOf({ ...report, counts: { ...report.counts, unanswered: 0 } }), { replies: 50 })
})

t.test('nothing is said of what is too short to tell, or where no rate was to be held', async t => {
  const of = (options: LoadOptions) => simulated(queue(1000), { rate: 4000, ...options }).backlog
  t.equal(of({ duration: 1500 }), undefined, 'one second')
  t.equal(of({ duration: 900, warmUp: 1000 }), undefined, 'and that is the warm-up')
  t.ok(of({ duration: 1000, warmUp: 1000 }), 'two')
  t.ok(of({ duration: 2800 }), 'two, and most of a third')
  t.equal(of({ duration: 400 }), undefined, 'none')
  const none = simulated(
    delays(() => 0),
    { rate: 1, duration: 1 },
  )
  t.equal(backlogOf({ ...none, counts: { ...none.counts, expected: 0 } }), undefined)
  const behind = simulated(queue(1000), { rate: 4000, duration: 5000 })
  t.equal(backlogOf({ ...behind, settings: { warmUp: 0, segments: undefined } }), undefined, 'closed model')
})

t.test(
  'load find refuses what a server of 1,000 messages a second does not hold, and no rate for round trips that last',
  async t => {
    const find = async (server: () => Server, to: number) =>
      await findRateOf(
        'ws://127.0.0.1:1',
        async ({ rate, duration }) => {
          const report = simulated(server(), { rate: rate!, duration: duration!, warmUp: 1000, drain: 60_000 })
          return { ...report, counts: { ...report.counts, opened: 1 } }
        },
        { slo: ['rtt.p99 < 10s'], from: to / 4, to },
      )
    const limited = await find(() => queue(1000), 4000)
    t.equal(limited.limit, 'server')
    t.ok(limited.rate > 950 && limited.rate < 1050, `${limited.rate}`)
    t.match(limited.steps.find(({ rate }) => rate === 2000)?.reasons, [
      'the server did not keep up: 5,000 replies more than usual were under way at the end: it was 2.5 s of the rate behind',
    ])
    for (const server of [() => oneInFive, sometimes, () => delays(() => 3000), () => steps(10, 100)]) {
      for (const to of [60, 4000]) t.match(await find(server, to), { rate: to, limit: 'maximum' })
    }
  },
)

t.test('the text does not say that all is well', async t => {
  const options = { rate: 4, duration: undefined }
  const backlog = { replies: 2, time: 500 }
  const green = 'it kept up: the figures are those of the server'
  const made = madeReport({ seconds: [[1, 1]], options })
  t.match(textReport(made), green)
  const behind =
    'the server did not: 2 replies more than usual were under way at the end: it was 500 ms of the rate behind'
  const late = textReport({ ...made, backlog })
  t.match(late, `  it kept up, and ${behind}\n`)
  t.notMatch(late, green)
  t.match(htmlReport({ ...made, backlog }), '2 replies more than usual were under way')
  const bound = { ...madeReport({ seconds: [[1, 1]], options, stages: { lateness: [900] } }), backlog }
  t.match(textReport(bound), `generator-bound: do not trust these figures\n`)
  // It may be the generator that has not read them.
  t.notMatch(textReport(bound), 'under way at the end')
})
