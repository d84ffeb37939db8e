/** RFC 6455 §6.1 Sending Data: whole messages, fragments by hand and by size, and what waits behind a slow transport. */
import t from 'tap'
import { UsageError } from '../../src/errors.js'
import { ConnectionTrace, roles } from './connection-trace.js'
import { wireSize } from './naive-peer.js'

const boundaries = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 200_000]

for (const role of roles) {
  const masked = role === 'client'

  t.test(
    `6.1-1 6.1-4 6.1-6 6.1-7 6.1-8 a message is one frame of its type, final, masked by a client (${role})`,
    async t => {
      for (const size of boundaries) {
        const trace = new ConnectionTrace(role)
        const octets = Buffer.from(Array.from({ length: size }, (_, i) => 32 + (i % 90)))
        trace.connection.sendText(octets.toString())
        trace.connection.sendText(octets)
        trace.connection.sendBinary(octets)
        t.equal(trace.connection.bufferedAmount, 3 * wireSize(size, masked), `bufferedAmount of ${size} octets`)
        trace.flush()
        t.ok(trace.wholeFrames)
        t.same(
          trace.sent.map(({ payload, ...header }) => [header, payload.equals(octets)]),
          [1, 1, 2].map(opcode => [{ fin: true, rsv: 0, opcode, masked }, true]),
          `${size} octets`,
        )
        t.equal(trace.connection.bufferedAmount, 0)
        t.equal(trace.written, 3 * wireSize(size, masked), 'onWritten tells of each octet')
        t.equal(trace.connection.closeRecord.octetsSent, trace.written)
      }
    },
  )

  t.test(
    `5.1-7 "at any time after opening handshake completion and before [it] has sent a Close frame" (${role})`,
    async t => {
      const trace = new ConnectionTrace(role)
      t.equal(trace.connection.sendText('before the peer has spoken'), 'sent')
      trace.receive(trace.peer.text('a', { fin: false }))
      t.equal(trace.connection.sendText('within its message'), 'sent')
      trace.receive(trace.peer.more('b', true))
      t.equal(trace.connection.sendBinary(Buffer.from('!')), 'sent')
      trace.connection.close(1000, '', 0)
      t.equal(trace.connection.sendText('too late'), 'dropped')
      t.same(trace.next(), [
        'text "ab"',
        'closing',
        '> text "before the peer has spoken"',
        '> text "within its message"',
        '> binary 21',
        '> close 1000 ""',
      ])
    },
  )

  t.test(`6.1-4 text beyond ASCII, and lone surrogates as U+FFFD (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    const long = 'é€😀'.repeat(20_000)
    trace.connection.sendText('é€😀\u0000')
    trace.connection.sendText('\ud83d')
    trace.connection.sendText(long)
    trace.flush()
    t.same(
      trace.sent.map(frame => frame.payload.toString()),
      ['é€😀\u0000', '\ufffd', long],
    )
  })

  t.test(`5.4-7 6.1-5 "A sender MAY create fragments of any size": by hand (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.sendText('a', false)
    trace.connection.sendPing(Buffer.from('between'), 0)
    trace.connection.sendText('', false)
    trace.connection.sendText(Buffer.from('b'), false)
    trace.connection.sendText('c')
    trace.connection.sendBinary(Buffer.alloc(70_000), false)
    trace.connection.sendBinary(Buffer.from('d'), false)
    trace.connection.sendBinary(Buffer.alloc(0))
    trace.connection.sendBinary(Buffer.from('e'))
    t.same(trace.frames(), [
      '> text more "a"',
      '> ping "between"',
      '> continuation more ""',
      '> continuation more "b"',
      '> continuation "c"',
      '> binary more of 70000 octets',
      '> continuation more "d"',
      '> continuation ""',
      '> binary 65',
    ])
  })

  t.test(`6.1-5 by size: no frame carries more than maxOutgoingFrameSize (${role})`, async t => {
    for (const max of [1, 2, 125, 126, 1000, 65_536, 100_000]) {
      for (const size of [0, 1, max - 1, max, max + 1, 2 * max, 2 * max + 1, 66_000].filter(n => n <= 1000 * max)) {
        const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: max })
        const octets = Buffer.from(Array.from({ length: size }, (_, i) => 32 + (i % 90)))
        for (const send of ['text', 'octets', 'binary'] as const) {
          trace.sent.length = 0
          if (send === 'text') trace.connection.sendText(octets.toString())
          else if (send === 'octets') trace.connection.sendText(octets)
          else trace.connection.sendBinary(octets)
          const expected = Math.max(1, Math.ceil(size / max))
          trace.flush()
          const { sent } = trace
          const inOrder = sent.every((frame, i) => frame.opcode === (i > 0 ? 0 : send === 'binary' ? 2 : 1))
          const ends = sent.every((frame, i) => frame.fin === (i === expected - 1) && frame.payload.length <= max)
          const whole = Buffer.concat(sent.map(frame => frame.payload)).equals(octets)
          if (sent.length === expected && inOrder && ends && whole) continue
          t.fail(`${send} of ${size} octets in frames of ${max}: ${sent.length} frames`)
        }
      }
    }
    t.pass()
  })

  t.test(`6.1-5 fragments by hand that are cut by size are still one message (${role})`, async t => {
    const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: 3 })
    trace.connection.sendText('abcd', false)
    trace.connection.sendText('efgh')
    t.same(trace.frames(), [
      '> text more "abc"',
      '> continuation more "d"',
      '> continuation more "efg"',
      '> continuation "h"',
    ])
  })

  t.test(
    `6.1 small messages behind a large one keep their place, and leave by themselves after it (${role})`,
    async t => {
      const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: 40_000 })
      trace.connection.sendText('1')
      trace.connection.sendBinary(Buffer.alloc(70_000))
      trace.connection.sendText('2')
      trace.connection.sendText('x'.repeat(50_000))
      trace.connection.sendBinary(Buffer.from('3'))
      trace.connection.sendBinary(Buffer.alloc(66_000))
      trace.connection.sendText('4')
      t.same(trace.frames(), [
        '> text "1"',
        '> binary more of 40000 octets',
        '> continuation of 30000 units',
        '> text "2"',
        '> text more of 40000 units',
        '> continuation of 10000 units',
        '> binary 33',
        '> binary more of 40000 octets',
        '> continuation of 26000 units',
        '> text "4"',
      ])
      trace.connection.sendText('5')
      t.same(trace.frames(), ['> text "5"'])
    },
  )

  t.test(`6.1 a take is bounded: a large message leaves as the transport takes it (${role})`, async t => {
    const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: 10_000, sendHighWaterMark: 20_000 })
    trace.connection.sendBinary(Buffer.alloc(100_000))
    const whole = trace.connection.bufferedAmount
    let sum = 0
    while (trace.connection.hasOutput) {
      const taken = trace.take()
      sum += taken
      t.ok(taken <= 2 * 20_000 + 10_000, `${taken} octets`)
      t.equal(trace.connection.bufferedAmount, whole, 'what the transport holds still counts')
    }
    trace.connection.transportTook(30_000, false, 0)
    t.equal(sum, whole)
    t.equal(trace.connection.bufferedAmount, 30_000)
    t.equal(trace.written, whole - 30_000)
    trace.connection.transportTook(0, false, 0)
    t.equal(trace.connection.bufferedAmount, 0)
  })

  t.test(`6.1 a Ping waits behind one frame of a large message, not behind the message (${role})`, async t => {
    for (const sendHighWaterMark of [1000, 65_536]) {
      const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: 90_000, sendHighWaterMark })
      trace.connection.sendBinary(Buffer.alloc(180_000))
      trace.take()
      trace.connection.sendPing(Buffer.from('p'), 0)
      trace.connection.sendPong(Buffer.from('q'))
      t.same(trace.frames(), [
        '> binary more of 90000 octets',
        '> ping "p"',
        '> pong "q"',
        '> continuation of 90000 units',
      ])
    }
  })

  t.test(`6.1 in one frame a Ping waits for its end (${role})`, async t => {
    const trace = new ConnectionTrace(role, { sendHighWaterMark: 1000 })
    trace.connection.sendBinary(Buffer.alloc(180_000))
    trace.take()
    trace.connection.sendPing(Buffer.from('p'), 0)
    t.same(trace.frames(), ['> binary of 180000 octets', '> ping "p"'])
  })

  t.test(
    `K-03 10.3-2 what is sent is never written to, and a client sends what stood there when its turn came (${role})`,
    async t => {
      for (const size of [100, 65_536, 65_537, 300_000]) {
        const octets = Buffer.from(Array.from({ length: size }, (_, i) => i & 0xff))
        const before = Buffer.from(octets)
        const trace = new ConnectionTrace(role)
        trace.connection.sendBinary(octets)
        trace.flush()
        t.ok(octets.equals(before))
        if (size > 65_536) continue
        trace.connection.sendBinary(octets)
        octets.fill(0)
        trace.flush()
        t.ok(trace.sent[1]?.payload.equals(before), 'up to 64 KiB it is copied at the call')
      }
    },
  )
}

t.test('6.1 the verdicts: sent up to the high-water mark, queued above, and one drain at half of it', async t => {
  const trace = new ConnectionTrace('server', { sendHighWaterMark: 1000 })
  t.equal(trace.connection.sendBinary(Buffer.alloc(488)), 'sent')
  t.equal(trace.connection.sendBinary(Buffer.alloc(504)), 'sent', 'exactly 1000 octets with the headers')
  t.equal(trace.connection.sendBinary(Buffer.alloc(0)), 'queued')
  t.equal(trace.take(), 1002)
  trace.connection.transportTook(501, true, 0)
  t.same(trace.lines.splice(0).at(-1), '> binary ', 'no drain yet')
  trace.connection.transportTook(500, true, 0)
  t.same(trace.lines.splice(0), ['drain'])
  trace.connection.transportTook(0, false, 0)
  t.same(trace.lines.splice(0), [], 'once')
  t.equal(trace.connection.sendBinary(Buffer.alloc(2000)), 'queued')
  t.same(trace.next(), ['> binary of 2000 octets', 'drain'])
})

t.test('6.1 no drain is told once the connection is closing', async t => {
  const trace = new ConnectionTrace('server', { sendHighWaterMark: 10 })
  trace.connection.sendBinary(Buffer.alloc(100))
  trace.connection.close(1000, '', 0)
  t.same(trace.next(), ['closing', '> binary of 100 octets', '> close 1000 ""'])
})

t.test('6.1 what a handler of drain sends leaves too', async t => {
  const trace: ConnectionTrace = new ConnectionTrace(
    'client',
    { sendHighWaterMark: 10 },
    {
      onDrain: () => void trace.connection.sendText('more'),
    },
  )
  trace.connection.sendBinary(Buffer.alloc(100))
  t.same(trace.next(), ['> binary of 100 octets', 'drain', '> text "more"'])
})

t.test('6.1 every kind of sending wakes the owner', async t => {
  const sends: ((trace: ConnectionTrace) => unknown)[] = [
    ({ connection }) => connection.sendText('a'),
    ({ connection }) => connection.sendBinary(Buffer.alloc(70_000)),
    ({ connection }) => connection.sendPing(Buffer.alloc(0), 0),
    ({ connection }) => connection.sendPong(Buffer.alloc(0)),
    ({ connection }) => connection.close(1000, '', 0),
    trace => trace.receive(trace.peer.ping()),
    trace => trace.receive(trace.peer.close()),
    trace => trace.receive(Buffer.from('ffff', 'hex')),
  ]
  for (const send of sends) {
    const trace = new ConnectionTrace('server')
    t.notOk(trace.connection.hasOutput)
    trace.connection.nextDeadline()
    send(trace)
    t.ok(trace.connection.hasOutput)
    t.ok(trace.wakes > 0)
  }
})

t.test('5.6-1 8.1 octets of a text must be UTF-8 as a whole: a UsageError, and nothing is written', async t => {
  const bad = ['ff', 'c328', 'eda080', 'e282', 'f4908080', 'c0af', '61e2']
  for (const octets of bad) {
    const trace = new ConnectionTrace('server')
    t.throws(() => trace.connection.sendText(Buffer.from(octets, 'hex')), {
      name: 'UsageError',
      code: 'WS_INVALID_UTF8',
    })
    t.equal(trace.connection.sendText(Buffer.from('good')), 'sent', 'the next one is judged by itself')
    t.same(trace.next(), ['> text "good"'])
  }
})

t.test('5.6-1 fragments of octets may cut a code point; what does not go on with it is a UsageError', async t => {
  const [first, second] = [Buffer.from('e2', 'hex'), Buffer.from('82ac', 'hex')]
  const trace = new ConnectionTrace('client')
  trace.connection.sendText(first, false)
  t.throws(() => trace.connection.sendText(Buffer.from('28', 'hex'), false), UsageError, 'no continuation octet')
  t.throws(() => trace.connection.sendText(Buffer.from('8228', 'hex'), false), UsageError, 'one, and then none')
  t.throws(() => trace.connection.sendText('text'), UsageError, 'a string')
  t.throws(() => trace.connection.sendText(Buffer.alloc(0)), UsageError, 'the end')
  t.throws(() => trace.connection.sendBinary(Buffer.from('82', 'hex')), { code: 'WS_MESSAGE_INCOMPLETE' })
  trace.connection.sendText(second, false)
  trace.connection.sendText('!', false)
  trace.connection.sendText(Buffer.from('é'), false)
  trace.connection.sendText('.')
  trace.connection.sendText(Buffer.from('next'))
  trace.flush()
  const payloads = trace.sent.map(frame => frame.payload)
  t.equal(Buffer.concat(payloads.slice(0, -1)).toString(), '€!é.')
  t.same(
    trace.sent.map(frame => frame.opcode),
    [1, 0, 0, 0, 0, 1],
  )
})

t.test('5.4-13 another type of message within a fragmented one is a UsageError, and nothing is written', async t => {
  const trace = new ConnectionTrace('server')
  trace.connection.sendText('a', false)
  t.throws(() => trace.connection.sendBinary(Buffer.from('b')), { name: 'UsageError', code: 'WS_MESSAGE_INCOMPLETE' })
  trace.connection.sendText('c')
  trace.connection.sendBinary(Buffer.from('b'))
  t.same(trace.next(), ['> text more "a"', '> continuation "c"', '> binary 62'])
})
