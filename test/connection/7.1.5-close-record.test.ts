/** RFC 6455 §7.1.5, §7.1.6 and §7.2: what is told of an end, by whatever way it came. */
import t from 'tap'
import { ConnectionTrace, roles } from './connection-trace.js'

interface End {
  readonly end: string
  readonly act: (trace: ConnectionTrace) => void
  readonly lines: string[]
  /** Before the transport has ended. */
  readonly hangUp: string
  readonly record: object
}

const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
const peerEnded = { name: 'TransportError', code: 'WS_PEER_ENDED', statusCode: 1006 }

const ends: End[] = [
  {
    end: '7.1.5 "If this Close control frame contains no status code, … 1005"',
    act: trace => trace.receive(trace.peer.close()),
    lines: ['closing 1005 ""', '> close'],
    hangUp: 'now',
    record: {
      code: 1005,
      reason: '',
      clean: true,
      initiator: 'peer',
      phase: 'closing',
      error: undefined,
      sent: { code: 1005, reason: '' },
      received: { code: 1005, reason: '' },
    },
  },
  {
    end: '7.1.5 7.1.6 the code and the reason are those of the first Close frame received',
    act: trace => trace.receive(trace.peer.close(4000, 'theirs'), trace.peer.close(1000, 'another')),
    lines: ['closing 4000 "theirs"', '> close 4000 ""'],
    hangUp: 'now',
    record: {
      code: 4000,
      reason: 'theirs',
      clean: true,
      initiator: 'peer',
      sent: { code: 4000, reason: '' },
      received: { code: 4000, reason: 'theirs' },
    },
  },
  {
    end: '7.1.5 "If … no Close control frame was received by the endpoint …, … 1006"',
    act: () => {},
    lines: [],
    hangUp: 'no',
    record: {
      code: 1006,
      reason: '',
      clean: false,
      initiator: 'transport',
      phase: 'open',
      error: undefined,
      sent: undefined,
      received: undefined,
    },
  },
  {
    end: '7.1.5 our Close alone does not make it clean',
    act: trace => trace.connection.close(1000, 'ours', 0),
    lines: ['closing', '> close 1000 "ours"'],
    hangUp: 'no',
    record: {
      code: 1006,
      reason: '',
      clean: false,
      initiator: 'local',
      phase: 'closing',
      sent: { code: 1000, reason: 'ours' },
    },
  },
  {
    end: 'R-03 7.2 the peer ends its half without a Close, between frames',
    act: trace => trace.connection.receiveEnd(0),
    lines: ['peer end', 'closing'],
    hangUp: 'now',
    record: { code: 1006, clean: false, initiator: 'transport', phase: 'open', error: peerEnded, sent: undefined },
  },
  {
    end: 'R-03 7.2 the peer ends its half within a message',
    act: trace => {
      trace.receive(trace.peer.text('a', { fin: false }))
      trace.connection.receiveEnd(0)
    },
    lines: ['peer end', 'closing'],
    hangUp: 'now',
    record: { code: 1006, clean: false, initiator: 'transport', phase: 'open', error: peerEnded },
  },
  {
    end: 'R-03 7.2 the peer ends its half instead of answering our Close',
    act: trace => {
      trace.connection.close(1001, '', 0)
      trace.connection.receiveEnd(0)
    },
    lines: ['closing', 'peer end', '> close 1001 ""'],
    hangUp: 'now',
    record: { code: 1006, clean: false, initiator: 'local', phase: 'closing', error: peerEnded, sent: { code: 1001 } },
  },
  {
    end: 'R-03 7.2 the peer ends its half: what was sent before still leaves',
    act: trace => {
      trace.connection.sendText('a')
      trace.connection.sendBinary(Buffer.alloc(70_000))
      trace.connection.close(1000, '', 0)
      trace.connection.receiveEnd(0)
    },
    lines: ['closing', 'peer end', '> text "a"', '> binary of 70000 octets', '> close 1000 ""'],
    hangUp: 'now',
    record: { code: 1006, sent: { code: 1000 }, octetsUnsent: 0 },
  },
  {
    end: '7.1.4 the peer ends its half after both Closes: clean',
    act: trace => {
      trace.receive(trace.peer.close(1000))
      trace.flush()
      trace.connection.receiveEnd(0)
      trace.connection.receiveEnd(0)
    },
    lines: ['closing 1000 ""', '> close 1000 ""', 'peer end'],
    hangUp: 'now',
    record: { code: 1000, clean: true, initiator: 'peer', error: undefined },
  },
  {
    end: '7.2 terminate(): cut, without a Close',
    act: trace => {
      trace.connection.terminate(0)
      trace.connection.terminate(0)
      trace.receive(trace.peer.text('a'), trace.peer.close(1000))
    },
    lines: ['closing'],
    hangUp: 'cut',
    record: { code: 1006, clean: false, initiator: 'local', phase: 'open', error: undefined },
  },
  {
    end: '7.2 terminate() while closing',
    act: trace => {
      trace.connection.close(1000, '', 0)
      trace.connection.terminate(0)
    },
    lines: ['closing', '> close 1000 ""'],
    hangUp: 'cut',
    record: { code: 1006, clean: false, initiator: 'local', phase: 'closing' },
  },
]

for (const role of roles) {
  for (const { end, act, lines, hangUp, record } of ends) {
    t.test(`${end} (${role})`, async t => {
      const trace = new ConnectionTrace(role)
      act(trace)
      t.same(trace.next(), lines)
      const both = trace.connection.closeRecord.clean && !lines.includes('peer end')
      t.equal(trace.connection.hangUp, role === 'client' && both ? 'after peer' : hangUp)
      trace.connection.transportEnded(0)
      trace.connection.transportEnded(0, reset)
      trace.connection.receiveEnd(0)
      trace.connection.terminate(0)
      t.same(
        trace.next().map(line => line.replace(/ .*/, '')),
        ['closed'],
        'one event, the last',
      )
      t.match(trace.record, record)
      t.same(trace.connection.closeRecord, trace.record)
      t.equal(trace.connection.nextDeadline(), Number.POSITIVE_INFINITY)
    })
  }
}

t.test('7.2 what the transport died of is in the record, unless the Closing Handshake was over', async t => {
  const open = new ConnectionTrace('server')
  open.connection.transportEnded(0, reset)
  t.match(open.record, { code: 1006, clean: false, initiator: 'transport', error: reset })

  const clean = new ConnectionTrace('server')
  clean.receive(clean.peer.close(1000))
  clean.connection.transportEnded(0, reset)
  t.match(clean.record, { code: 1000, clean: true, error: undefined })
})

t.test(
  '6.1-3 "If at any point the state … changes, the endpoint MUST abort": nothing is sent after the transport ended',
  async t => {
    const trace = new ConnectionTrace('server')
    trace.connection.transportEnded(0, reset)
    t.equal(trace.connection.sendText('a'), 'dropped')
    t.equal(trace.connection.sendPing(Buffer.alloc(0), 0), false)
    t.equal(trace.connection.sendPong(Buffer.alloc(0)), false)
    trace.connection.close(1000, '', 0)
    trace.receive(trace.peer.text('late'), trace.peer.ping('late'))
    t.same(trace.next(), ['closed 1006 "" by transport'])
    t.notOk(trace.connection.hasOutput)
  },
)

t.test('7.1.7-2 the octets in the record: received, sent, and what never left', async t => {
  const trace = new ConnectionTrace('server')
  trace.receive(trace.peer.text('12345'), trace.peer.ping())
  trace.connection.sendBinary(Buffer.alloc(998))
  trace.connection.sendBinary(Buffer.alloc(100_000))
  const taken = trace.take()
  trace.connection.transportTook(taken - 500, true, 0)
  trace.connection.sendText('abc')
  trace.connection.transportEnded(0)
  t.match(trace.record, {
    octetsReceived: 11 + 6,
    octetsSent: 500,
    octetsUnsent: 2 + 1002 + 100_010 + 5 - 500,
    roundTripTimes: undefined,
  })
})
