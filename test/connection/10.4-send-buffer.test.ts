/** RFC 6455 §10.4: what waits to be sent is bounded, and what befalls a message past the bound is the owner's choice. */
import t from 'tap'
import { ConnectionTrace, type TraceOptions } from './connection-trace.js'

function overflowing(sendOverflow: TraceOptions['sendOverflow'], max = 1000): ConnectionTrace {
  const trace = new ConnectionTrace('server', { sendOverflow, maxSendBuffer: max, sendHighWaterMark: 500 })
  trace.connection.transportTook(0, true, 0)
  return trace
}

t.test('10.4 one message always fits: the send buffer is judged before a message is added', async t => {
  for (const policy of ['close', 'drop', 'error'] as const) {
    const trace = overflowing(policy)
    t.equal(trace.connection.sendBinary(Buffer.alloc(996)), 'queued')
    t.equal(trace.connection.bufferedAmount, 1000)
    t.equal(trace.connection.sendBinary(Buffer.alloc(5000)), 'queued', 'at the limit, not above it')
  }
})

t.test('10.4 sendOverflow "close", the default: the connection is cut', async t => {
  const trace = overflowing(undefined)
  trace.connection.sendBinary(Buffer.alloc(2000))
  t.equal(trace.connection.sendText('a'), 'dropped')
  t.equal(trace.connection.hangUp, 'cut')
  t.equal(trace.connection.sendText('b'), 'dropped')
  t.same(trace.lines, ['closing'])
  trace.connection.transportEnded(0)
  t.match(trace.record, {
    code: 1006,
    clean: false,
    initiator: 'local',
    phase: 'open',
    octetsSent: 0,
    octetsUnsent: 2004,
  })
  t.match(trace.record?.error, { name: 'TransportError', code: 'WS_SEND_BUFFER_FULL' })
})

t.test('10.4 sendOverflow "drop": the message is dropped, whole', async t => {
  const trace = overflowing('drop')
  trace.connection.sendBinary(Buffer.alloc(2000))
  t.equal(trace.connection.sendText('a'), 'dropped')
  t.equal(trace.connection.sendText('b', false), 'dropped')
  t.equal(trace.connection.state, 'open')
  trace.connection.transportTook(0, false, 0)
  trace.flush()
  t.equal(
    trace.connection.sendText(Buffer.from('ff', 'hex'), false),
    'dropped',
    'a fragment of it, though there is room',
  )
  t.throws(() => trace.connection.sendBinary(Buffer.from('c')), { code: 'WS_MESSAGE_INCOMPLETE' })
  t.equal(trace.connection.sendText('d', true), 'dropped')
  t.equal(trace.connection.sendText('e'), 'sent')
  t.same(trace.next(), ['> binary of 2000 octets', 'drain', '> text "e"'])
})

t.test('10.4 sendOverflow "drop": the later fragments of a message that has begun are not dropped', async t => {
  const trace = overflowing('drop')
  t.equal(trace.connection.sendBinary(Buffer.alloc(2000), false), 'queued')
  t.equal(trace.connection.sendBinary(Buffer.from('a'), true), 'queued')
  t.equal(trace.connection.sendBinary(Buffer.from('b'), true), 'dropped')
  trace.connection.transportTook(0, false, 0)
  t.same(trace.next(), ['> binary more of 2000 octets', '> continuation "a"', 'drain'])
})

t.test(
  '10.4 sendOverflow "error": a TransportError at the call, nothing is written, and it may be tried again',
  async t => {
    const trace = overflowing('error')
    trace.connection.sendBinary(Buffer.alloc(2000))
    const cut = Buffer.from('€').subarray(0, 2)
    t.throws(() => trace.connection.sendText(cut, false), { name: 'TransportError', code: 'WS_SEND_BUFFER_FULL' })
    t.equal(trace.connection.state, 'open')
    trace.connection.transportTook(0, false, 0)
    trace.flush()
    trace.connection.sendBinary(Buffer.from('b'))
    t.equal(trace.connection.sendText(Buffer.from('a')), 'sent', 'what was refused is forgotten')
    trace.flush().sent.length = 1
    t.equal(trace.connection.sendText(cut, false), 'sent')
    t.equal(trace.connection.sendText(Buffer.from('€').subarray(2)), 'sent')
    trace.flush()
    t.equal(Buffer.concat(trace.sent.slice(1).map(frame => frame.payload)).toString(), '€')
  },
)

t.test('10.4 control frames are not subject to sendOverflow', async t => {
  const trace = overflowing('error')
  trace.connection.sendBinary(Buffer.alloc(2000))
  t.ok(trace.connection.sendPing(Buffer.alloc(0), 0))
  t.ok(trace.connection.sendPong(Buffer.alloc(0)))
  trace.connection.close(1000, '', 0)
  trace.connection.transportTook(0, false, 0)
  t.same(trace.next(), ['closing', '> binary of 2000 octets', '> ping ""', '> pong ""', '> close 1000 ""'])
})
