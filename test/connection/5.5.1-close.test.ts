/** RFC 6455 §5.5.1 Close: who answers what, what may follow a Close frame, and which bodies fail the connection. */
import t from 'tap'
import { UsageError } from '../../src/errors.js'
import { ConnectionTrace, roles } from './connection-trace.js'

interface Way {
  readonly way: string
  readonly act: (trace: ConnectionTrace) => void
  readonly lines: string[]
  /** What the owner owes the transport: of a server, of a client. */
  readonly hangUp: [server: string, client: string]
  readonly closed: string
}

const over: Way['hangUp'] = ['now', 'after peer']

const ways: Way[] = [
  {
    way: '5.5.1-7 5.5.1-8 a Close received and none sent: "the endpoint MUST send a Close frame in response"',
    act: trace => trace.receive(trace.peer.close(1000, 'bye')),
    lines: ['closing 1000 "bye"', '> close 1000 ""'],
    hangUp: over,
    closed: 'closed 1000 "bye" clean by peer',
  },
  {
    way: '5.5.1-1 "The Close frame MAY contain a body": without one it is answered without one',
    act: trace => trace.receive(trace.peer.close()),
    lines: ['closing 1005 ""', '> close'],
    hangUp: over,
    closed: 'closed 1005 "" clean by peer',
  },
  {
    way: '7.1.2-1 ours, answered',
    act: trace => {
      trace.connection.close(4001, 'done', 0)
      trace.flush().receive(trace.peer.close(4001))
    },
    lines: ['closing', '> close 4001 "done"'],
    hangUp: over,
    closed: 'closed 4001 "" clean by local',
  },
  {
    way: '5.5.1 ours without a code, answered with one',
    act: trace => {
      trace.connection.close(undefined, '', 0)
      trace.flush().receive(trace.peer.close(3000, 'why'))
    },
    lines: ['closing', '> close'],
    hangUp: over,
    closed: 'closed 3000 "why" clean by local',
  },
  {
    way: '5.5.1 ours, not answered',
    act: trace => void trace.connection.close(1001, '', 0),
    lines: ['closing', '> close 1001 ""'],
    hangUp: ['no', 'no'],
    closed: 'closed 1006 "" by local',
  },
  {
    way: '5.5.1 both at once: "both endpoints … will have sent and received a Close message"',
    act: trace => {
      trace.connection.close(1000, '', 0)
      trace.receive(trace.peer.close(1001))
    },
    lines: ['closing', '> close 1000 ""'],
    hangUp: over,
    closed: 'closed 1001 "" clean by local',
  },
  {
    way: 'F-23 text, Ping and Close after Close are ignored: no event, no second Close',
    act: trace => {
      const { peer } = trace
      trace.receive(peer.close(1000), peer.text('a'), peer.ping('b'), peer.close(1001), Buffer.from('ffff', 'hex'))
      trace.receive(peer.text('c'), peer.close(1002))
    },
    lines: ['closing 1000 ""', '> close 1000 ""'],
    hangUp: over,
    closed: 'closed 1000 "" clean by peer',
  },
  {
    way: '5.5.1 a Close that is cut in the middle counts when it is whole',
    act: trace => trace.receiveSlowly(trace.peer.close(1000, 'a reason of some length')),
    lines: ['closing 1000 "a reason of some length"', '> close 1000 ""'],
    hangUp: over,
    closed: 'closed 1000 "a reason of some length" clean by peer',
  },
  {
    way: '5.5.1 after our Close data is discarded and control frames are heeded',
    act: trace => {
      const { peer } = trace
      trace.connection.close(1000, '', 0)
      trace.receive(
        peer.text('a', { fin: false }),
        peer.ping('p'),
        peer.more('b', true),
        peer.pong('q'),
        peer.binary('c'),
      )
      trace.receive(peer.close(1000))
    },
    lines: ['closing', 'ping "p"', 'pong "q"', '> close 1000 ""', '> pong "p"'],
    hangUp: over,
    closed: 'closed 1000 "" clean by local',
  },
  {
    way: '5.5.1 after our Close data that breaks §5.4 or §8.1 is discarded like any other',
    act: trace => {
      const { peer } = trace
      trace.connection.close(1000, '', 0)
      trace.receive(peer.more('stray', true), peer.text(Buffer.from('ff', 'hex')), peer.close(1000))
    },
    lines: ['closing', '> close 1000 ""'],
    hangUp: over,
    closed: 'closed 1000 "" clean by local',
  },
  {
    way: '5.5.1 our Close in the middle of a message that comes in: the rest of it is discarded',
    act: trace => {
      const { peer } = trace
      trace.receive(peer.text('a', { fin: false }))
      trace.connection.close(1000, '', 0)
      trace.receive(peer.more('b', true), peer.close(1000))
    },
    lines: ['closing', '> close 1000 ""'],
    hangUp: over,
    closed: 'closed 1000 "" clean by local',
  },
  {
    way: '5.5.1 a Ping before the Close in the same read is answered before it',
    act: trace => trace.receive(trace.peer.ping('p'), trace.peer.close(1000)),
    lines: ['ping "p"', 'closing 1000 ""', '> pong "p"', '> close 1000 ""'],
    hangUp: over,
    closed: 'closed 1000 "" clean by peer',
  },
  {
    way: '5.5.1 close() twice: the first counts',
    act: trace => {
      trace.connection.close(1000, 'first', 0)
      trace.connection.close(1001, 'second', 0)
    },
    lines: ['closing', '> close 1000 "first"'],
    hangUp: ['no', 'no'],
    closed: 'closed 1006 "" by local',
  },
  {
    way: '5.5.1 close() after the Close of the peer: it has been answered',
    act: trace => {
      trace.receive(trace.peer.close(1000))
      trace.connection.close(1001, 'too late', 0)
    },
    lines: ['closing 1000 ""', '> close 1000 ""'],
    hangUp: over,
    closed: 'closed 1000 "" clean by peer',
  },
]

for (const role of roles) {
  for (const { way, act, lines, hangUp, closed } of ways) {
    t.test(`${way} (${role})`, async t => {
      const trace = new ConnectionTrace(role)
      act(trace)
      t.same(trace.next(), lines)
      t.equal(trace.connection.state, 'closing')
      t.equal(trace.connection.hangUp, hangUp[role === 'server' ? 0 : 1])
      trace.connection.transportEnded(0)
      t.same(trace.next(), [closed])
      t.equal(trace.connection.state, 'closed')
      t.equal(trace.connection.hangUp, 'no')
      t.ok(trace.sent.every(frame => frame.masked === (role === 'client')))
    })
  }
}

/** §7.4.1, §7.4.2 and the IANA registry, written down once more. */
function mayBeOnTheWire(code: number): boolean {
  if (code >= 1000 && code <= 1014) return ![1004, 1005, 1006].includes(code)
  return code >= 3000 && code <= 4999
}

for (const role of roles) {
  t.test(`F-20 status codes, every one up to 5,100 and some above: echoed, or failed with 1002 (${role})`, async t => {
    const wrong: number[] = []
    for (let code = 0; code <= 0xffff; code += code < 5100 ? 1 : 65) {
      const trace = new ConnectionTrace(role)
      trace.receive(trace.peer.close(code, 'r'))
      const expected = mayBeOnTheWire(code)
        ? [`closing ${code} "r"`, `> close ${code} ""`]
        : ['closing', '> fail 1002 §7.4 WS_INVALID_STATUS_CODE']
      if (trace.next().join() !== expected.join()) wrong.push(code)
    }
    t.same(wrong, [])
  })
}

const badBodies: [rule: string, body: Buffer, expected: string][] = [
  ['F-19 a body of one octet', Buffer.from('03', 'hex'), '> fail 1002 §5.5.1 WS_CLOSE_BODY_TOO_SHORT'],
  ...['c328', 'eda080', 'f4908080', 'e282', 'c0af', '61ff'].map((reason): [string, Buffer, string] => [
    `F-21 a reason that is not UTF-8: ${reason}`,
    Buffer.from(`03e8${reason}`, 'hex'),
    '> fail 1007 §5.5.1 WS_INVALID_UTF8',
  ]),
]

for (const role of roles) {
  for (const [rule, body, expected] of badBodies) {
    t.test(`${rule} (${role})`, async t => {
      const trace = new ConnectionTrace(role)
      trace.receive(trace.peer.frame(8, body), trace.peer.ping('after'))
      t.same(trace.next(), ['closing', expected])
      t.equal(trace.connection.closeRecord.received, undefined, 'it does not count as a Close')
    })
  }

  t.test(`F-22 a reason of 123 octets is accepted, one of 124 makes the frame too long (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.receive(trace.peer.close(1000, `${'é'.repeat(61)}x`))
    trace.next()
    t.equal(Buffer.byteLength(trace.connection.closeRecord.reason), 123)

    const long = new ConnectionTrace(role)
    long.receive(long.peer.close(1000, 'x'.repeat(124)))
    t.same(long.next(), ['closing', '> fail 1002 §5.5 WS_CONTROL_TOO_LONG'])
  })
}

t.test('5.5.1-6 6.1-2 "The application MUST NOT send any more data frames after sending a Close frame"', async t => {
  for (const role of roles) {
    const trace = new ConnectionTrace(role)
    trace.connection.close(1000, '', 0)
    t.equal(trace.connection.sendText('a'), 'dropped')
    t.equal(trace.connection.sendText(Buffer.from('a'), false), 'dropped')
    t.equal(trace.connection.sendBinary(Buffer.alloc(100_000)), 'dropped')
    t.equal(trace.connection.sendPing(Buffer.alloc(0), 0), false)
    t.equal(trace.connection.sendPong(Buffer.alloc(0)), false)
    t.same(trace.next(), ['closing', '> close 1000 ""'])
  }
})

t.test(
  '5.5.1-9 5.5.1-10 "An endpoint MAY delay sending a Close frame until its current message is sent": ours waits',
  async t => {
    const trace = new ConnectionTrace('server', { maxOutgoingFrameSize: 50_000 })
    trace.connection.sendBinary(Buffer.alloc(100_000))
    trace.connection.sendText('behind')
    trace.connection.close(1000, '', 0)
    t.same(trace.next(), [
      'closing',
      '> binary more of 50000 octets',
      '> continuation of 50000 units',
      '> text "behind"',
      '> close 1000 ""',
    ])
  },
)

t.test('6.1-3 §5.5.1 the answer to a Close waits for the frame on its way, not for what is queued', async t => {
  for (const role of roles) {
    const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: 100_000, sendHighWaterMark: 1000 })
    trace.connection.sendBinary(Buffer.alloc(300_000))
    trace.connection.sendText('never leaves')
    const taken = trace.take()
    trace.connection.transportTook(taken, true, 0)
    t.notOk(role === 'client' && trace.wholeFrames, 'a client masks piece by piece: a frame is cut')
    trace.receive(trace.peer.close(1001))
    trace.connection.transportTook(0, false, 0)
    t.same(trace.next(), [
      ...(role === 'server' ? ['> binary more of 100000 octets'] : []),
      'closing 1001 ""',
      ...(role === 'client' ? ['> binary more of 100000 octets'] : []),
      '> close 1001 ""',
    ])
    trace.connection.transportEnded(0)
    const { octetsUnsent } = trace.record!
    t.ok(octetsUnsent > 200_000 && octetsUnsent < 200_100, `the record tells what never left: ${octetsUnsent}`)
  }
})

t.test(
  '5.5.1 the answer to a Close while our Close is queued: ours leaves in its turn, and there is no other',
  async t => {
    const trace = new ConnectionTrace('client', { maxOutgoingFrameSize: 50_000 })
    trace.connection.sendBinary(Buffer.alloc(100_000))
    trace.connection.close(1000, 'ours', 0)
    trace.receive(trace.peer.close(1001))
    t.same(trace.next(), [
      'closing',
      '> binary more of 50000 octets',
      '> continuation of 50000 units',
      '> close 1000 "ours"',
    ])
  },
)

t.test('5.5.1 fragments by hand that would follow the answer to a Close are dropped', async t => {
  const trace = new ConnectionTrace('server')
  trace.connection.sendText('first', false)
  trace.receive(trace.peer.close(1000))
  t.equal(trace.connection.sendText('last'), 'dropped')
  t.same(trace.next(), ['closing 1000 ""', '> text more "first"', '> close 1000 ""'])
})

t.test('5.5.1 the peer chooses when it closes: whatever message was begun, sending on never throws', async t => {
  const trace = new ConnectionTrace('server')
  trace.connection.sendText(Buffer.from('c3', 'hex'), false)
  trace.receive(trace.peer.close(1000))
  t.equal(trace.connection.sendText(Buffer.from('a9', 'hex')), 'dropped')
  t.equal(trace.connection.sendText('another'), 'dropped')
  t.equal(trace.connection.sendBinary(Buffer.from('of the other type')), 'dropped')
  t.throws(() => trace.connection.sendBinary('no octets' as never), { code: 'WS_INVALID_DATA' })
})

t.test('5.5.1 a Close from within each handler of the application', async t => {
  const close = (trace: () => ConnectionTrace) => () => trace().connection.close(1000, '', 0)
  const inMessage: ConnectionTrace = new ConnectionTrace('server', {}, { onText: close(() => inMessage) })
  inMessage.receive(inMessage.peer.text('a'), inMessage.peer.text('b'), inMessage.peer.ping('p'))
  t.same(inMessage.next(), ['text "a"', 'closing', 'ping "p"', '> close 1000 ""', '> pong "p"'])

  const inPing: ConnectionTrace = new ConnectionTrace('server', {}, { onPing: close(() => inPing) })
  inPing.receive(inPing.peer.ping('p'), inPing.peer.text('b'))
  t.same(inPing.next(), ['ping "p"', 'closing', '> pong "p"', '> close 1000 ""'])

  const inClosing: ConnectionTrace = new ConnectionTrace('server', {}, { onClosing: close(() => inClosing) })
  inClosing.receive(inClosing.peer.close(1001))
  t.same(inClosing.next(), ['closing 1001 ""', '> close 1001 ""'])
})

/** What the application may say by a code (§7.4.1). */
const saidByTheApplication: [rule: string, code: number, reason: string, line: string][] = [
  ['7.4.1-2 1003: "an endpoint that understands only text data MAY send this"', 1003, '', '> close 1003 ""'],
  ['7.4.1-5 1010: "the list of extensions that are needed"', 1010, 'a, b', '> close 1010 "a, b"'],
]
for (const role of roles) {
  for (const [rule, code, reason, line] of saidByTheApplication) {
    t.test(`${rule}, from within the handler of a message (${role})`, async t => {
      const close = () => trace.connection.close(code, reason, 0)
      const trace: ConnectionTrace = new ConnectionTrace(role, {}, { onBinary: close })
      trace.receive(trace.peer.binary('!'), trace.peer.text('ignored'))
      t.same(trace.next(), ['binary 21', 'closing', line])
    })
  }
}

t.test('7.4 X-21 a code or a reason that may not be sent is a UsageError, and nothing is written', async t => {
  const calls: [code: unknown, reason: unknown][] = [
    [999, ''],
    [1004, ''],
    [1005, ''],
    [1006, ''],
    [1015, ''],
    [1016, ''],
    [2999, ''],
    [5000, ''],
    [65536, ''],
    [-1, ''],
    [1000.5, ''],
    [Number.NaN, ''],
    [Number.POSITIVE_INFINITY, ''],
    ['1000', ''],
    [null, ''],
    [{}, ''],
    [true, ''],
    [1000n, ''],
    [undefined, 'why'],
    [1000, 'x'.repeat(124)],
    [1000, 'é'.repeat(62)],
    [1000, 5],
    [1000, {}],
    [1000, null],
    [1000, Buffer.from('octets')],
    [Symbol.iterator, ''],
    [[1000], ''],
  ]
  const trace = new ConnectionTrace('client')
  for (const [code, reason] of calls) {
    t.throws(() => trace.connection.close(code as number, reason as string, 0), { name: 'UsageError' })
  }
  t.equal(trace.connection.state, 'open')
  t.same(trace.next(), [])
  t.throws(() => trace.connection.close(1005, '', 0), UsageError)
  trace.connection.close(1000, 'é'.repeat(61), 0)
  t.throws(() => trace.connection.close(1006, '', 0), UsageError, 'also when it is closing')
})
