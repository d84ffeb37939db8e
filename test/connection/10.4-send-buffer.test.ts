/** RFC 6455 §10.4: what waits to be sent is bounded, and what befalls a message past the bound is the owner's choice. */
import t from 'tap'
import type { Role } from '../../src/framing/frame-header.js'
import { ConnectionTrace, roles, type TraceOptions } from './connection-trace.js'

function overflowing(sendOverflow: TraceOptions['sendOverflow'], max = 1000, role: Role = 'server'): ConnectionTrace {
  const trace = new ConnectionTrace(role, { sendOverflow, maxSendBuffer: max, sendHighWaterMark: 500 })
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

/** What the peer is told that is too slow. */
const tooSlow = '> close 1008 "too slow: too much waits to be sent"'

for (const role of roles) {
  t.test(`10.4 sendOverflow "close", the default: a Close frame, 1008 (${role})`, async t => {
    const trace = overflowing(undefined, 1000, role)
    trace.connection.sendBinary(Buffer.alloc(2000))
    t.equal(trace.connection.sendText('a'), 'dropped')
    t.equal(trace.connection.sendText('b'), 'dropped')
    t.same([trace.connection.state, trace.connection.hangUp], ['closing', 'no'])
    t.same(trace.lines, ['closing'])
    trace.connection.transportTook(0, false, 0)
    t.same(trace.frames(), ['> binary of 2000 octets', tooSlow])
    trace.receive(trace.peer.close(1008))
    trace.connection.transportEnded(0)
    t.match(trace.record, { code: 1008, initiator: 'local', sent: { code: 1008 }, octetsUnsent: 0 })
    t.match(trace.record?.error, { name: 'TransportError', code: 'WS_SEND_BUFFER_FULL' })
  })

  t.test(`10.4 sendOverflow "close": what is queued is dropped, but for a frame on its way (${role})`, async t => {
    const trace = overflowing('close', 1000, role)
    const { connection } = trace
    connection.sendBinary(Buffer.alloc(400_000))
    connection.transportTook(0, false, 0)
    trace.take()
    const left = connection.bufferedAmount
    connection.transportTook(left, true, 0)
    t.equal(connection.sendBinary(Buffer.alloc(300_000)), 'dropped')
    connection.transportTook(0, false, 0)
    t.same(trace.frames(), ['> binary of 400000 octets', tooSlow])

    const begun = overflowing('close', 1000, role)
    begun.connection.sendBinary(Buffer.alloc(300_000))
    t.equal(begun.connection.sendText('a'), 'dropped')
    t.ok(begun.connection.bufferedAmount < 100, 'its memory is given back at once')
    begun.connection.transportTook(0, false, 0)
    t.same(begun.frames(), [tooSlow])
    begun.connection.transportEnded(0)
    t.ok(begun.record!.octetsUnsent >= 300_000)
  })

  t.test(`10.4 sendOverflow "close": a peer that does not read is cut after closeTimeout (${role})`, async t => {
    const trace = overflowing('close', 1000, role)
    trace.connection.sendBinary(Buffer.alloc(2000))
    trace.connection.sendText('a')
    trace.connection.transportTook(0, true, 0)
    t.equal(trace.waitUntil(9_999).connection.hangUp, 'no')
    t.equal(trace.waitUntil(10_000).connection.hangUp, 'cut')
    trace.connection.transportEnded(10_000)
    t.match(trace.record, { code: 1006, clean: false, initiator: 'local', error: { code: 'WS_SEND_BUFFER_FULL' } })
  })
}

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

for (const role of roles) {
  t.test(`10.4 sendOverflow "drop": a message that has begun cannot be dropped: 1008 (${role})`, async t => {
    const trace = overflowing('drop', 1000, role)
    t.equal(trace.connection.sendBinary(Buffer.alloc(2000), false), 'queued')
    t.equal(trace.connection.sendBinary(Buffer.from('a')), 'dropped')
    t.equal(trace.connection.state, 'closing')
    t.equal(trace.connection.sendBinary(Buffer.from('b')), 'dropped')
    trace.connection.transportTook(0, false, 0)
    t.equal(trace.frames().at(-1), tooSlow)
    trace.connection.transportEnded(0)
    t.match(trace.record, { code: 1006, initiator: 'local', error: { code: 'WS_SEND_BUFFER_FULL' } })
  })

  t.test(`10.4 sendOverflow "close": fragments sent by hand fall to it too (${role})`, async t => {
    const trace = overflowing('close', 1000, role)
    let sent = 0
    while (trace.connection.sendBinary(Buffer.alloc(100), false) !== 'dropped' && sent < 100) sent++
    t.equal(sent, 10)
    trace.connection.transportTook(0, false, 0)
    t.equal(trace.frames().at(-1), tooSlow)
  })

  t.test(`10.4 sendOverflow "error": a fragment is not written, and may be tried again (${role})`, async t => {
    const trace = overflowing('error', 1000, role)
    const [begin, end] = [Buffer.from('€').subarray(0, 2), Buffer.from('€').subarray(2)]
    trace.connection.sendText(Buffer.concat([Buffer.alloc(2000), begin]), false)
    const { bufferedAmount } = trace.connection
    t.throws(() => trace.connection.sendText(end), { name: 'TransportError', code: 'WS_SEND_BUFFER_FULL' })
    t.throws(() => trace.connection.sendBinary(end), { code: 'WS_MESSAGE_INCOMPLETE' }, 'it is still begun')
    t.equal(trace.connection.bufferedAmount, bufferedAmount)
    trace.connection.transportTook(0, false, 0)
    trace.flush()
    t.equal(trace.connection.sendText(end), 'sent', 'its text stands where it stood')
  })

  t.test(
    `10.4 Pings and Pongs of the application are not sent above the mark, whatever the policy (${role})`,
    async t => {
      for (const policy of ['close', 'drop', 'error'] as const) {
        const trace = overflowing(policy, 1000, role)
        const { connection } = trace
        connection.sendBinary(Buffer.alloc(900))
        let [pings, pongs] = [0, 0]
        const settled: unknown[] = []
        for (let i = 0; i < 1000; i++) {
          if (connection.sendPing(Buffer.from([i & 255, i >> 8]), 0, time => settled.push(time))) pings++
          if (connection.sendPong(Buffer.alloc(20))) pongs++
        }
        t.ok(pings > 1 && pongs > 1 && pings + pongs < 12, `${pings} Pings, ${pongs} Pongs`)
        t.ok(connection.bufferedAmount <= 1000 + 26, 'one frame above it at most')
        t.equal(connection.state, 'open')
        connection.close(1000, '', 0)
        t.equal(settled.length, pings, 'what was not sent is not settled')
        connection.transportTook(0, false, 0)
        t.equal(trace.frames().at(-1), '> close 1000 ""', 'the Close frame always fits')
      }
    },
  )
}

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
