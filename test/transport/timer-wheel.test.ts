// The one timer behind all deadlines: keep-alive (RFC 6455 §5.5.2), the Closing Handshake (§7.1.1), the Opening Handshake.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Timed, TimerWheel } from '../../src/transport/timer-wheel.js'
import { DrivenTimers, drivenWheel } from './driven-timers.js'

class Waiter implements Timed {
  tick = 0
  readonly rings: number[] = []
  readonly #then: ((now: number) => void) | undefined

  constructor(then?: (now: number) => void) {
    this.#then = then
  }

  onDeadline(now: number): void {
    this.rings.push(now)
    this.#then?.(now)
  }
}

t.test('a deadline is never early, and late by 20 ms at most', async t => {
  const { wheel, timers } = drivenWheel()
  const waiter = new Waiter()
  wheel.enter(waiter, timers.now + 101)
  timers.advance(100)
  t.same(waiter.rings, [])
  timers.advance(21)
  t.equal(waiter.rings.length, 1)
  t.ok(waiter.rings[0]! >= 1101, `rang at ${waiter.rings[0]}`)
  t.equal(wheel.size, 0)
  t.equal(timers.running, 0, 'no timer runs while nobody waits')
})

t.test('L-02 however many wait, one timer runs', async t => {
  const { wheel, timers } = drivenWheel()
  const waiters = Array.from({ length: 10_000 }, () => new Waiter())
  for (const [i, waiter] of waiters.entries()) wheel.enter(waiter, 2000 + ((i * 7919) % 20_000))
  t.equal(timers.running, 1)
  t.equal(wheel.size, 10_000)
  timers.advance(30_000)
  t.ok(waiters.every(({ rings }) => rings.length === 1))
  t.equal(timers.running, 0)
})

t.test('whoever waits for another time waits no more for the first', async t => {
  const { wheel, timers } = drivenWheel()
  const waiter = new Waiter()
  wheel.enter(waiter, 1500)
  wheel.enter(waiter, 3000)
  t.equal(wheel.size, 1)
  timers.advance(1000)
  t.same(waiter.rings, [])
  timers.advance(1000)
  t.same(waiter.rings, [3000])
})

t.test('Infinity: it waits no more', async t => {
  const { wheel, timers } = drivenWheel()
  const [waiter, other] = [new Waiter(), new Waiter()]
  wheel.enter(waiter, 1500)
  wheel.enter(other, 1500)
  wheel.enter(waiter, Number.POSITIVE_INFINITY)
  wheel.enter(waiter, Number.POSITIVE_INFINITY)
  timers.advance(5000)
  t.same(waiter.rings, [])
  t.same(other.rings, [1500])
})

t.test('sooner: only if it is sooner', async t => {
  const { wheel, timers } = drivenWheel()
  const waiter = new Waiter()
  wheel.sooner(waiter, Number.POSITIVE_INFINITY)
  t.equal(wheel.size, 0)
  wheel.sooner(waiter, 2000)
  wheel.sooner(waiter, 3000)
  wheel.sooner(waiter, 1990)
  timers.advance(999)
  t.same(waiter.rings, [])
  timers.advance(1)
  t.same(waiter.rings, [2000])
  wheel.sooner(waiter, 4000)
  wheel.sooner(waiter, 2500)
  timers.advance(500)
  t.same(waiter.rings, [2000, 2500])
})

t.test('a time that has passed is due at once', async t => {
  const { wheel, timers } = drivenWheel()
  const waiter = new Waiter()
  wheel.enter(waiter, -5)
  timers.advance(0)
  t.same(waiter.rings, [1000])
})

t.test('R-09 judged only after what has come already was read', async t => {
  const { wheel, timers } = drivenWheel()
  const waiter = new Waiter()
  wheel.enter(waiter, 1100)
  timers.now = 6000
  timers.ring()
  t.same(waiter.rings, [], 'the timer has run out, the octets that wait are read first')
  wheel.enter(waiter, 9000)
  timers.runSoon()
  t.same(waiter.rings, [], 'and were a sign of life')
  timers.advance(3000)
  t.same(waiter.rings, [9000])
})

t.test('a nearer time entered between the timer and its judgement does not make a second timer', async t => {
  const { wheel, timers } = drivenWheel()
  const waiters = [new Waiter(), new Waiter(), new Waiter()] as const
  wheel.enter(waiters[0], 1100)
  wheel.enter(waiters[1], 50_000)
  timers.now = 1100
  timers.ring()
  wheel.enter(waiters[2], 1060)
  timers.runSoon()
  t.same(waiters[0].rings, [1100])
  t.same(waiters[2].rings, [1100])
  t.equal(timers.running, 1)
  timers.advance(50_000)
  t.equal(timers.running, 0)
  t.equal(waiters[1].rings.length, 1)
})

t.test('a time further away than Node can wait for', async t => {
  const { wheel, timers } = drivenWheel()
  const waiter = new Waiter()
  wheel.enter(waiter, 2 ** 33)
  t.equal(timers.next, 1000 + 2 ** 31 - 1)
  timers.advance(2 ** 32)
  t.same(waiter.rings, [])
  timers.advance(2 ** 33)
  t.equal(waiter.rings.length, 1)
})

t.test('one who rings may enter again, or another', async t => {
  const { wheel, timers } = drivenWheel()
  const other = new Waiter()
  const waiter: Waiter = new Waiter(now => {
    if (now < 3000) wheel.enter(waiter, now + 500)
    else wheel.enter(other, now)
  })
  wheel.enter(waiter, 2000)
  timers.advance(5000)
  t.same(waiter.rings, [2000, 2500, 3000])
  t.same(other.rings, [3000])
})

t.test(
  'any order of entering and passing time: never early, at most 20 ms late, one timer, none left over',
  async t => {
    const step = fc.record({ who: fc.nat(4), by: fc.integer({ min: 0, max: 3000 }), pass: fc.nat(400) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const { wheel, timers } = drivenWheel()
        const wanted = new Map<Waiter, number>()
        const waiters = Array.from({ length: 5 }, () => {
          const waiter: Waiter = new Waiter(now => {
            const at = wanted.get(waiter)!
            assert.ok(now >= at && now < at + 40, `wanted ${at}, rang ${now}`)
            wanted.delete(waiter)
          })
          return waiter
        })
        for (const { who, by, pass } of steps) {
          wanted.set(waiters[who]!, timers.now + by)
          wheel.enter(waiters[who]!, timers.now + by)
          assert.equal(timers.running, 1)
          timers.advance(pass)
        }
        timers.advance(10_000)
        assert.equal(wanted.size, 0)
        assert.equal(wheel.size + timers.running, 0)
      }),
    )
    t.pass()
  },
)

t.test("Node's own timers: they ring, and do not keep the process alive", async t => {
  const wheel = new TimerWheel()
  const before = performance.now()
  const timeouts = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const now = await new Promise<number>(resolve => {
    const alive = setInterval(() => {}, 1000)
    const active = timeouts()
    const waiter = new Waiter(at => {
      clearInterval(alive)
      resolve(at)
    })
    wheel.enter(waiter, before + 60_000)
    wheel.enter(waiter, before + 10)
    t.equal(timeouts(), active, 'the wheel has no part in it')
  })
  t.ok(now - before >= 10)
  t.equal(wheel.size, 0)
})

t.test('the timers that tests drive are like those of Node', async t => {
  const timers = new DrivenTimers(0)
  const rings: string[] = []
  const cancel = timers.start(() => rings.push('cancelled'), 5)
  timers.start(() => rings.push('ten'), 10)
  cancel()
  timers.advance(20)
  t.same(rings, ['ten'])
  t.equal(timers.next, Number.POSITIVE_INFINITY)
})
