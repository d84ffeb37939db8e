/** Connections that come back: by a clock and a chance that the test decides on. */
import t from 'tap'
import { DueParts } from '../../src/load/due-parts.js'
import type { LoadConnection } from '../../src/load/load-connection.js'
import { loadSettings } from '../../src/load/load-options.js'
import { Reconnections } from '../../src/load/reconnections.js'
import { Tally } from '../../src/load/tally.js'

/** A connection that opens at its n-th attempt, and a world whose waits are over at once, or never. */
function story({ opensAt = 1, random = 0.5, measuredFrom = 0, patient = true }) {
  const tally = new Tally()
  const parts = new DueParts(loadSettings('ws://a', {}), tally)
  parts.begin(measuredFrom)
  const abort = new AbortController()
  const waits: number[] = []
  let now = 1000
  let attempts = 0
  const connection = {
    get isOpen() {
      return attempts >= opensAt
    },
    async open() {
      attempts++
      now += 7
    },
  } as unknown as LoadConnection
  const reconnections = new Reconnections({
    tally,
    measuredFrom: () => measuredFrom,
    parts,
    signal: abort.signal,
    backoff: { first: 100, longest: 1000 },
    random: () => random,
    world: {
      now: () => now,
      soon: () => {},
      after(milliseconds, call) {
        waits.push(milliseconds)
        now += milliseconds
        if (patient) queueMicrotask(call)
        return () => {}
      },
    },
  })
  return { tally, abort, waits, reconnections, connection, attempts: () => attempts }
}

t.test('waits are below a bound that doubles, up to the longest; and the whole of it is timed', async t => {
  const { tally, waits, reconnections, connection } = story({ opensAt: 6 })
  await reconnections.bringBack(connection)
  t.same(waits, [50, 100, 200, 400, 500, 500])
  const { planned, sent, expected, received, unanswered } = tally.counts
  t.same([planned, sent, expected, received, unanswered], [1, 1, 1, 1, 0])
  t.match(tally.counts, { plannedInTime: 1, sentInTime: 1, receivedInTime: 1 }, 'there are rates of them')
  t.ok(Math.abs(tally.times('reconnect').max - (1750 + 6 * 7)) < 1, `${tally.times('reconnect').max}`)
})

t.test('before it is measured, it comes back and counts as of the warm-up', async t => {
  const { tally, reconnections, connection, attempts } = story({ measuredFrom: Number.POSITIVE_INFINITY })
  await reconnections.bringBack(connection)
  t.equal(attempts(), 1)
  t.ok(tally.isEmpty)
  const { counts } = tally.warmUp
  t.same([counts.planned, counts.sent, counts.expected, counts.received], [1, 1, 1, 1])
  t.equal(tally.warmUp.times('reconnect').count, 1)
})

t.test('when all is over, nobody waits any more', async t => {
  const { tally, abort, reconnections, connection, attempts } = story({ patient: false })
  const waiting = reconnections.bringBack(connection)
  abort.abort()
  reconnections.giveUp()
  await waiting
  t.equal(attempts(), 0)
  t.same([tally.counts.planned, tally.counts.unanswered], [1, 1])
  await reconnections.bringBack(connection)
  t.equal(attempts(), 0, 'nor begins to')
})

t.test('one that ends in the middle of coming back still does, once', async t => {
  const { tally, reconnections, connection, attempts } = story({ opensAt: 3 })
  const { open } = connection
  connection.open = async signal => {
    if (attempts() === 0) await reconnections.bringBack(connection)
    t.equal(reconnections.areComing, true)
    return await open(signal)
  }
  await reconnections.bringBack(connection)
  t.equal(attempts(), 3)
  t.match(tally.counts, { planned: 1, expected: 1, received: 1 })
  t.equal(reconnections.areComing, false)
})
