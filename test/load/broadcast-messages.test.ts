/** Messages to everybody: who has which, beside a list of all deliveries that a test decides on. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Broadcasts } from '../../src/load/broadcast-messages.js'
import { Told } from './told.js'

function hall(people: number, toSender = true, text = false) {
  const all = new Broadcasts(Buffer.alloc(10, 'abc'), toSender, text)
  const seats = Array.from({ length: people }, () => all.seat())
  for (const seat of seats) void seat.join(Object.assign(new Told(), { send: () => true }))
  const told = seats.map(() => new Told())
  const send = (from: number, due: number) => Buffer.from(seats[from]!.next(due, due + 0.5))
  const deliver = (to: number, message: Buffer, now: number) => seats[to]!.receive(message, now, told[to]!, false)
  return { seats, told, send, deliver }
}

t.test('to everybody, and to the last of them', async t => {
  const { seats, told, send, deliver } = hall(3)
  const message = send(1, 10)
  t.equal(seats[1]!.expected, 3)
  t.equal(seats[0]!.underWay, 1)
  deliver(2, message, 11)
  deliver(1, message, 12)
  deliver(0, message, 13)
  t.same(
    told.map(one => one.take()),
    [['answered 10 10.5 13', 'all 10 13'], ['answered 10 10.5 12'], ['answered 10 10.5 11']],
  )
  t.equal(seats[0]!.underWay, 0)
})

t.test('to all but the sender', async t => {
  const { seats, told, send, deliver } = hall(2, false)
  const message = send(0, 10)
  t.equal(seats[0]!.expected, 1)
  deliver(0, message, 11)
  deliver(1, message, 12)
  t.same(
    told.map(one => one.take()),
    [['other'], ['answered 10 10.5 12', 'all 10 12']],
  )
  const alone = hall(1, false)
  alone.send(0, 1)
  t.same([alone.seats[0]!.expected, alone.seats[0]!.underWay], [0, 0], 'there is nobody')
})

t.test(
  'what was waited for too long: each receiver gives it up by itself, and it is under way until all have',
  async t => {
    const { seats, told, send, deliver } = hall(2)
    const early = send(0, 10)
    send(1, 20)
    deliver(1, early, 21)
    const lost: number[] = []
    for (const seat of seats) seat.expire!(10.5, due => lost.push(due), 25)
    t.same([lost, seats[0]!.underWay], [[], 2])
    for (const seat of seats) seat.expire!(15, due => lost.push(due), 25)
    t.same([lost, seats[0]!.underWay], [[10], 1])
    for (const one of told) one.take()
    deliver(0, early, 22)
    t.same(told[0]!.take(), ['other'])
  },
)

t.test('twice, and never sent: nobody asked for it', async t => {
  const { told, send, deliver } = hall(2)
  const message = send(0, 10)
  for (const octets of [message, message, Buffer.alloc(10, '0'), Buffer.from('hi')]) deliver(1, octets, 11)
  t.same(told[1]!.take(), ['answered 10 10.5 11', 'other', 'other', 'other'])
})

t.test('changed, of another length, binary in place of text: wrong, and it has not reached all', async t => {
  const ways: [change: (message: Buffer) => Buffer, text: boolean][] = [
    [message => Buffer.concat([message.subarray(0, 9), Buffer.from('x')]), false],
    [message => message.subarray(0, 9), false],
    [message => message, true],
  ]
  for (const [change, text] of ways) {
    const { seats, told, send, deliver } = hall(2, true, text)
    const message = change(send(0, 10))
    deliver(1, message, 11)
    deliver(0, message, 12)
    t.same([told[1]!.take(), told[0]!.take()], [['wrong 10'], ['wrong 10']])
    t.equal(seats[0]!.underWay, 0)
  }
})

t.test('whatever is lost is told once: by a later message of the same sender, or at the end', async t => {
  const deliveries = fc.array(fc.tuple(fc.nat(2), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(deliveries, fc.boolean(), (plan, toSender) => {
      const { seats, told, send, deliver } = hall(3, toSender)
      const answered = [0, 0, 0]
      const expected = [0, 0, 0]
      for (const [due, [sender, arrives]] of plan.entries()) {
        const message = send(sender, due)
        for (const to of [0, 1, 2]) {
          if (to === sender && !toSender) continue
          expected[to]!++
          if (!arrives[to]) continue
          deliver(to, message, due + 1)
          answered[to]!++
        }
      }
      const left = [0, 0, 0]
      for (const to of [0, 1, 2]) seats[to]!.giveUp(() => left[to]!++)
      for (const to of [0, 1, 2]) {
        const lines = told[to]!.take()
        const count = (what: string) => lines.filter(line => line.startsWith(what)).length
        assert.equal(count('answered'), answered[to])
        assert.equal(count('answered') + count('lost') + left[to]!, expected[to])
        assert.equal(count('wrong'), 0)
      }
      assert.equal(seats[0]!.underWay, 0)
    }),
  )
  t.pass()
})

t.test('who has left is not waited for', async t => {
  const { seats, told, send, deliver } = hall(2)
  const message = send(0, 10)
  seats[1]!.giveUp(due => t.equal(due, 10))
  deliver(0, message, 11)
  t.same(told[0]!.take(), ['answered 10 10.5 11'], 'not all have it')
  t.equal(seats[0]!.underWay, 0)
  send(0, 12)
  t.equal(seats[0]!.expected, 1)
})
