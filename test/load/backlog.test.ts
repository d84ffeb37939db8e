/** What comes only behind the measured time is no part of a rate, and is told. */
import t from 'tap'
import { backlogOf } from '../../src/load/backlog.js'
import { DueParts } from '../../src/load/due-parts.js'
import { htmlReport } from '../../src/load/html-report.js'
import { load } from '../../src/load/load.js'
import { loadSettings } from '../../src/load/load-options.js'
import { Tally } from '../../src/load/tally.js'
import { textReport } from '../../src/load/text-report.js'
import { serve } from './known-servers.js'
import { madeReport } from './made-report.js'

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
  t.same(report.backlog, { replies: 10, time: 200 })
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
  const parts = new DueParts(loadSettings('ws://a', {}), tally)
  parts.begin(100)
  parts.until = 200
  for (const time of [50, 100, 150, 199, 200, 201]) {
    parts.replied(time)
    parts.came(7, time)
  }
  t.match(tally.counts, { receivedInTime: 3, receivedOctets: 35, receivedOctetsInTime: 21 })
  t.match(tally.warmUp.counts, { receivedInTime: 1, receivedOctets: 7, receivedOctetsInTime: 7 })
})

t.test('nothing to speak of: little, a short time, what is under way anyway, or no rate to hold', async t => {
  const of = (received: number, late: number, min = 0, options = {}) => {
    const report = madeReport({ seconds: [[min]], options: { rate: 1, duration: undefined, ...options } })
    const counts = { ...report.counts, expected: received, received, receivedInTime: received - late }
    return backlogOf({ ...report, counts, seconds: 10 })
  }
  t.equal(of(1000, 0), undefined)
  t.equal(of(1000, 10), undefined)
  t.same(of(1000, 11), { replies: 11, time: 110 })
  t.equal(of(1000, 11, 10), undefined, 'a round trip')
  t.same(of(1000, 11, 9), { replies: 11, time: 110 })
  t.same(of(1000, 11, 1009, { warmUp: 1000 }), { replies: 11, time: 110 }, 'the warm-up has had it')
  t.equal(of(0, 0), undefined)
  const untimed = madeReport({ seconds: [[], []], behind: 2, options: { rate: 1, duration: undefined } })
  t.same(untimed.backlog, { replies: 2, time: 2000 })
  t.equal(of(1000, 1000, 0, { rate: undefined }), undefined, 'closed model')
})

t.test('the text does not say that all is well', async t => {
  const options = { rate: 4, duration: undefined }
  const green = 'it kept up: the figures are those of the server'
  t.match(textReport(madeReport({ seconds: [[1, 1]], options })), green)
  const behind = 'the server did not: 2 replies came only behind the measured time: it was 500 ms of the rate behind'
  const late = textReport(madeReport({ seconds: [[1, 1]], behind: 2, options }))
  t.match(late, `  it kept up, and ${behind}\n`)
  t.notMatch(late, green)
  t.match(htmlReport(madeReport({ seconds: [[1, 1]], behind: 2, options })), '2 replies came only behind the measured')
  const bound = madeReport({ seconds: [[1, 1]], behind: 2, options, stages: { lateness: [900] } })
  t.match(textReport(bound), `generator-bound: do not trust these figures\n`)
  t.match(textReport(bound), `  - ${behind}\n`)
})
