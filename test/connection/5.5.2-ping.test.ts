/** RFC 6455 §5.5.2 Ping: every one is answered, in order; ours know their round-trip time. */
import t from 'tap'
import { UsageError } from '../../src/errors.js'
import { ConnectionTrace, roles } from './connection-trace.js'

for (const role of roles) {
  t.test(
    `5.5.2-2 "an endpoint MUST send a Pong frame in response": ten Pings in one read, in order (${role})`,
    async t => {
      const trace = new ConnectionTrace(role)
      const numbers = Array.from({ length: 10 }, (_, i) => `${i}`)
      trace.receive(...numbers.map(number => trace.peer.ping(number)))
      t.same(trace.next(), [
        ...numbers.map(number => `ping "${number}"`),
        ...numbers.map(number => `> pong "${number}"`),
      ])
    },
  )

  t.test(
    `5.5.2-1 "A Ping frame MAY include "Application data"": 0 to 125 octets, given back as they are (${role})`,
    async t => {
      for (let length = 0; length <= 125; length++) {
        const payload = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) & 0xff))
        const trace = new ConnectionTrace(role)
        trace.receive(trace.peer.ping(payload))
        trace.flush()
        t.same(trace.sent[0]?.payload, payload)
      }
    },
  )

  t.test(`5.5.2-2 "unless it already received a Close frame" (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.receive(trace.peer.close(1000), trace.peer.ping('late'))
    trace.receive(trace.peer.ping('later'))
    t.same(trace.next(), ['closing 1000 ""', '> close 1000 ""'])
  })

  t.test(`5.5.2-2 Pongs go on after our Close until the Close of the peer has come (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.close(1000, '', 0)
    trace.receive(trace.peer.ping('1'))
    t.same(trace.next(), ['closing', 'ping "1"', '> close 1000 ""', '> pong "1"'])
    trace.receive(trace.peer.ping('2'), trace.peer.close(1000), trace.peer.ping('3'))
    t.same(trace.next(), ['ping "2"', '> pong "2"'])
  })

  t.test(
    `5.5.2-3 "It SHOULD respond with Pong frame as soon as is practical": before what is queued (${role})`,
    async t => {
      const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: 70_000, sendHighWaterMark: 1000 })
      trace.connection.sendBinary(Buffer.alloc(210_000))
      trace.connection.sendText('behind')
      trace.take()
      trace.receive(trace.peer.ping('now'))
      trace.connection.transportTook(0, false, 0)
      t.same(trace.frames(), [
        '> binary more of 70000 octets',
        '> pong "now"',
        '> continuation more of 70000 units',
        '> continuation of 70000 units',
        '> text "behind"',
      ])
    },
  )
}

t.test(
  '5.5.2 the Ping is answered before the application is told, and a view of its payload is not what is sent',
  async t => {
    const trace = new ConnectionTrace('server', {}, { onPing: payload => void payload.fill(0) })
    trace.receive(trace.peer.ping('abc'))
    t.same(trace.next(), ['ping "abc"', '> pong "abc"'])
  },
)

t.test('5.5.2-4 "An endpoint MAY send a Ping frame any time": its answer tells the round-trip time', async t => {
  for (const role of roles) {
    const trace = new ConnectionTrace(role)
    const settled: (number | undefined)[] = []
    t.ok(trace.connection.sendPing(Buffer.from('a'), 10, time => settled.push(time)))
    t.ok(trace.connection.sendPing(Buffer.alloc(0), 20, time => settled.push(time)))
    t.equal(trace.wakes, 2)
    trace.now = 25
    trace.receive(trace.peer.pong('a'))
    t.same(settled, [15])
    trace.now = 50
    trace.receive(trace.peer.pong())
    t.same(settled, [15, 30])
    t.same(trace.next(), ['pong "a" after 15', 'pong "" after 30', '> ping "a"', '> ping ""'])
    t.same(trace.connection.closeRecord.roundTripTimes, { last: 30, min: 15, max: 30, mean: 22.5, count: 2 })
  }
})

t.test('5.5.2 the payload of a Ping is copied at the call', async t => {
  const trace = new ConnectionTrace('client')
  const payload = Buffer.from('mine')
  trace.connection.sendPing(payload, 0)
  payload.fill(0)
  trace.receive(trace.peer.pong('mine'))
  t.same(trace.next(), ['pong "mine" after 0', '> ping "mine"'])
})

t.test('5.5.2 no Ping is sent while 1,024 are unanswered', async t => {
  const trace = new ConnectionTrace('server')
  for (let i = 0; i < 1024; i++) t.ok(trace.connection.sendPing(Buffer.from(`${i}`), 0))
  t.notOk(trace.connection.sendPing(Buffer.from('one more'), 0))
  trace.flush()
  t.equal(trace.sent.length, 1024)
  trace.receive(trace.peer.pong('1023'))
  t.ok(trace.connection.sendPing(Buffer.from('again'), 0))
})

t.test('5.5.2 a Ping that will not be answered is told so, once, when the end begins', async t => {
  const ends: [way: string, end: (trace: ConnectionTrace) => void][] = [
    ['our Close', trace => trace.connection.close(1000, '', 0)],
    ['their Close', trace => trace.receive(trace.peer.close())],
    ['a violation', trace => trace.receive(Buffer.from('ffff', 'hex'))],
    ['their end', trace => trace.connection.receiveEnd(0)],
    ['the end of the transport', trace => trace.connection.transportEnded(0)],
    ['a cut', trace => trace.connection.terminate(0)],
  ]
  for (const [way, end] of ends) {
    const trace = new ConnectionTrace('server')
    const settled: (number | undefined)[] = []
    trace.connection.sendPing(Buffer.from('a'), 0, time => settled.push(time))
    trace.connection.sendPing(Buffer.from('b'), 0, time => settled.push(time))
    end(trace)
    t.same(settled, [undefined, undefined], way)
    trace.receive(trace.peer.pong('a'))
    trace.connection.transportEnded(0)
    t.same(settled, [undefined, undefined], way)
    t.notOk(
      trace.connection.sendPing(Buffer.alloc(0), 0, time => settled.push(time)),
      `not sent after ${way}`,
    )
    t.equal(settled.length, 2)
  }
})

t.test('5.5.2 what waits for a Pong and throws is an error of the application', async t => {
  const fail = () => {
    throw new Error('waiting in vain')
  }
  const answered = new ConnectionTrace('server')
  const settled: unknown[] = []
  answered.connection.sendPing(Buffer.from('a'), 0, fail)
  answered.connection.sendPing(Buffer.from('b'), 0, time => settled.push(time))
  answered.receive(answered.peer.pong('b'))
  t.same(settled, [0], 'the others are told nevertheless')
  t.same(answered.next(), [
    'closing',
    'error waiting in vain',
    'pong "b" after 0',
    '> ping "a"',
    '> ping "b"',
    '> close 1011 ""',
  ])

  const abandoned = new ConnectionTrace('server')
  abandoned.connection.sendPing(Buffer.from('a'), 0, fail)
  abandoned.connection.sendPing(Buffer.from('b'), 0, time => settled.push(time))
  abandoned.connection.close(1000, '', 0)
  t.same(settled, [0, undefined])
  t.same(abandoned.next(), ['error waiting in vain', 'closing', '> ping "a"', '> ping "b"', '> close 1000 ""'])
})

t.test(
  'X-21 5.5 a Ping or Pong of anything but at most 125 octets is a UsageError, and nothing is written',
  async t => {
    const wrong: unknown[] = [
      Buffer.alloc(126),
      5,
      'text',
      '',
      null,
      undefined,
      {},
      [],
      [1, 2],
      true,
      new ArrayBuffer(4),
      new DataView(new ArrayBuffer(4)),
      new Float32Array(4),
      new Uint16Array(2),
      { length: 3 },
      Symbol.iterator,
      1n,
      () => {},
    ]
    const trace = new ConnectionTrace('client')
    for (const payload of wrong) {
      t.throws(() => trace.connection.sendPing(payload as Buffer, 0), UsageError)
      t.throws(() => trace.connection.sendPong(payload as Buffer), UsageError)
    }
    t.same(trace.next(), [])
    t.equal(trace.wakes, 0)
  },
)
