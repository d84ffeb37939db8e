/** RFC 6455 §5.5.3 Pong: answers carry the payload of the Ping; unsolicited ones answer nothing. */
import t from 'tap'
import { ConnectionTrace, roles } from './connection-trace.js'

for (const role of roles) {
  t.test(`5.5.3-1 a Pong "must have identical "Application data"": octets that are not text too (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    const payload = Buffer.from('00fffe80c3', 'hex')
    trace.receive(trace.peer.ping(payload))
    trace.flush()
    t.same(
      trace.sent.map(frame => [frame.opcode, frame.payload]),
      [[10, payload]],
    )
  })

  t.test(
    `5.5.3-2 while the transport takes nothing "only the most recently processed Ping frame" is answered (${role})`,
    async t => {
      const trace = new ConnectionTrace(role)
      trace.receive(trace.peer.ping('1'), trace.peer.ping('2'))
      const taken = trace.take()
      trace.connection.transportTook(taken, true, 0)
      const before = trace.connection.bufferedAmount
      for (let i = 3; i < 1003; i++) trace.receive(trace.peer.ping(`${i}`))
      t.ok(trace.connection.bufferedAmount - before <= 10, 'one Pong waits, however many Pings have come')
      trace.connection.transportTook(0, false, 0)
      t.same(trace.frames(), ['> pong "1"', '> pong "2"', '> pong "1002"'])
    },
  )

  t.test(`5.5.3-2 the late Pong goes before the answers to Pings that came after it (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.transportTook(0, true, 0)
    trace.receive(trace.peer.ping('1'), trace.peer.ping('2'))
    trace.connection.transportTook(0, false, 0)
    trace.receive(trace.peer.ping('3'))
    t.same(trace.frames(), ['> pong "2"', '> pong "3"'])
  })

  t.test(`5.5.3-2 the late Pong goes before the Close that came after its Ping (${role})`, async t => {
    const answered = new ConnectionTrace(role)
    answered.connection.transportTook(0, true, 0)
    answered.receive(answered.peer.ping('1'), answered.peer.ping('2'), answered.peer.close(1000))
    answered.connection.transportTook(0, false, 0)
    t.same(answered.next().slice(-2), ['> pong "2"', '> close 1000 ""'])

    const ours = new ConnectionTrace(role)
    ours.connection.transportTook(0, true, 0)
    ours.receive(ours.peer.ping('1'))
    ours.connection.close(1000, '', 0)
    ours.receive(ours.peer.ping('2'), ours.peer.ping('3'))
    ours.connection.transportTook(0, false, 0)
    t.same(ours.frames(), ['> pong "1"', '> close 1000 ""', '> pong "3"'])
  })

  t.test(`5.5.3-3 "A Pong frame MAY be sent unsolicited" (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    t.ok(trace.connection.sendPong(Buffer.from('alive')))
    t.equal(trace.wakes, 1)
    t.same(trace.next(), ['> pong "alive"'])
  })

  t.test(`5.5.3-3 an unsolicited Pong never takes the place of an answer (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.transportTook(0, true, 0)
    trace.receive(trace.peer.ping('asked'))
    trace.connection.sendPong(Buffer.from('not asked'))
    trace.connection.transportTook(0, false, 0)
    t.same(trace.next().sort(), ['> pong "asked"', '> pong "not asked"', 'ping "asked"'].sort())
  })

  t.test(`F-31 "A response to an unsolicited Pong frame is not expected": 10,000 are ignored (${role})`, async t => {
    let pongs = 0
    const trace = new ConnectionTrace(
      role,
      {},
      {
        onPong: (_, time) => {
          pongs += time === undefined ? 1 : 1_000_000
        },
      },
    )
    const settled: (number | undefined)[] = []
    trace.connection.sendPing(Buffer.from('asked'), 0, time => settled.push(time))
    trace.flush()
    for (let i = 0; i < 100; i++) {
      trace.receive(...Array.from({ length: 100 }, (_, j) => trace.peer.pong(j === 0 ? '' : `not asked ${i} ${j}`)))
    }
    t.equal(pongs, 10_000)
    t.same(settled, [], 'no other payload satisfies the outstanding Ping')
    t.equal(trace.connection.bufferedAmount, 0)
    t.equal(trace.connection.closeRecord.roundTripTimes, undefined)
    trace.receive(trace.peer.pong('asked'))
    t.same(settled, [0])
    trace.receive(trace.peer.pong('asked'))
    t.equal(pongs, 1_010_001, 'the second answer answers nothing')
  })
}

t.test('5.5.3 a Pong answers its Ping and all before that one', async t => {
  const trace = new ConnectionTrace('server')
  const settled: [string, number | undefined][] = []
  for (const [at, name] of ['a', 'b', 'c', 'd'].entries()) {
    trace.connection.sendPing(Buffer.from(name), at, time => settled.push([name, time]))
  }
  trace.now = 10
  trace.receive(trace.peer.pong('c'))
  t.same(settled, [
    ['a', 10],
    ['b', 9],
    ['c', 8],
  ])
  trace.receive(trace.peer.pong('a'))
  t.equal(settled.length, 3, 'a late answer to an earlier one is unsolicited')
  trace.receive(trace.peer.pong('d'))
  t.same(settled[3], ['d', 7])
  t.same(trace.connection.closeRecord.roundTripTimes, { last: 7, min: 7, max: 8, mean: 7.5, count: 2 })
})

t.test('5.5.3 Pings with the same payload are answered one by one', async t => {
  const trace = new ConnectionTrace('server')
  const settled: (number | undefined)[] = []
  for (let i = 0; i < 3; i++) trace.connection.sendPing(Buffer.from('same'), i, time => settled.push(time))
  trace.now = 5
  trace.receive(trace.peer.pong('same'), trace.peer.pong('same'))
  t.same(settled, [5, 4])
})

t.test('5.5.3 a Pong that is handled by a handler that throws has answered its Ping', async t => {
  const trace = new ConnectionTrace(
    'client',
    {},
    {
      onPong: () => {
        throw new Error('oops')
      },
    },
  )
  const settled: (number | undefined)[] = []
  trace.connection.sendPing(Buffer.from('a'), 0, time => settled.push(time))
  trace.receive(trace.peer.pong('a'))
  t.same(settled, [0])
  t.same(trace.next(), ['pong "a" after 0', 'closing', 'error oops', '> ping "a"', '> close 1011 ""'])
})
