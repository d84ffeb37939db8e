/**
 * RFC 7692 §6.1 Compression: messages as they leave, in both roles; what is compressed and what is not, fragments, long
 * messages that take their time and what is sent behind them, memory that is given back.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { Role } from '../../src/framing/frame-header.js'
import { ConnectionTrace, roles, type TraceOptions } from './connection-trace.js'
import { agreed, messagesIn, withoutTakeover } from './deflating-peer.js'

function open(role: Role, options: TraceOptions = {}, act = {}): ConnectionTrace {
  return new ConnectionTrace(role, { extensions: agreed(role), ...options }, act)
}

/** Everything leaves, in as many turns as it takes. */
function sendAll(trace: ConnectionTrace): void {
  trace.work()
  trace.flush()
}

/** RSV bits and FIN of the data frames. */
function shapes(trace: ConnectionTrace): string[] {
  const data = trace.sent.filter(({ opcode }) => opcode < 8)
  return data.map(({ rsv, fin, opcode }) => `${opcode} ${rsv === 4 ? 'rsv1' : rsv}${fin ? '' : ' more'}`)
}

function messages(trace: ConnectionTrace, takeover = true): string[] {
  return messagesIn(trace.sent, takeover).map(message => message.toString('latin1'))
}

for (const role of roles) {
  t.test(`7692/6.1-1 7692/6.1-2 7692/6.1-3 ${role}: RSV1 on what is compressed, and on nothing else`, async t => {
    const trace = open(role, { extensions: agreed(role, { threshold: 10 }) })
    const { connection } = trace
    connection.sendText('short')
    connection.sendText('long enough, long enough')
    connection.sendBinary(Buffer.from('octets, octets'))
    connection.sendText('short', true, true)
    connection.sendText('long enough, long enough', true, false)
    connection.sendText('')
    connection.sendBinary(Buffer.alloc(0), true, true)
    connection.sendPing(Buffer.from('ping'), 0)
    connection.sendText(Buffer.from('text as octets'))
    connection.close(1000, 'reason', 0)
    sendAll(trace)
    t.same(shapes(trace), ['1 0', '1 rsv1', '2 rsv1', '1 rsv1', '1 0', '1 0', '2 0', '1 rsv1'])
    t.ok(trace.sent.filter(({ opcode }) => opcode >= 8).every(({ rsv }) => rsv === 0))
    t.same(messages(trace), [
      'short',
      'long enough, long enough',
      'octets, octets',
      'short',
      'long enough, long enough',
      '',
      '',
      'text as octets',
    ])
  })

  t.test(`7692/7.2.1-7 7692/7.2.1-8 7692/7.2.1-10 7692/7.2.1-11 ${role}: the window is kept, or not`, async t => {
    for (const takeover of [true, false]) {
      const trace = open(role, { extensions: agreed(role, {}, takeover ? [] : withoutTakeover) })
      for (let n = 0; n < 3; n++) trace.connection.sendText('the same again, every time')
      sendAll(trace)
      t.equal(messages(trace, takeover).join(), Array(3).fill('the same again, every time').join())
      const [first, second] = trace.sent.map(({ payload }) => payload.length)
      t.equal(second! < first! / 2, takeover)
    }
  })

  t.test(`${role}: what does not shrink goes as it is where no window is kept`, async t => {
    const trace = open(role, { extensions: agreed(role, {}, withoutTakeover) })
    const sizes = [100, 65_536, 65_537, 300_000]
    const octets = sizes.map(size => randomBytes(size))
    for (const one of octets) trace.connection.sendBinary(one)
    sendAll(trace)
    t.same(shapes(trace), ['2 0', '2 0', '2 0', '2 0'])
    t.same(messagesIn(trace.sent, false), octets)
  })

  t.test(`7692/6.1-3 ${role}: messages in fragments, by hand and by size: RSV1 on the first only`, async t => {
    const trace = open(role, { maxOutgoingFrameSize: 100 })
    const { connection } = trace
    connection.sendText('Hello, ', false)
    connection.sendPing(Buffer.from('between'), 0)
    connection.sendText('fragments', false)
    connection.sendText('', true)
    connection.sendBinary(randomBytes(250))
    connection.sendText('plain ', false, false)
    connection.sendText('to its end, to its end', true, true)
    sendAll(trace)
    t.same(shapes(trace), ['1 rsv1 more', '0 0 more', '0 0', '2 rsv1 more', '0 0 more', '0 0', '1 0 more', '0 0'])
    t.equal(messages(trace)[0], 'Hello, fragments')
    t.equal(messages(trace)[2], 'plain to its end, to its end')
  })

  t.test(`${role}: octets are copied up to 64 KiB`, async t => {
    const trace = open(role, { extensions: agreed(role, { threshold: 1000 }) })
    const octets = Buffer.alloc(500, 'a')
    trace.connection.sendBinary(octets)
    const larger = Buffer.alloc(60_000, 'b')
    trace.connection.sendBinary(larger)
    for (const one of [octets, larger]) one.fill('x')
    sendAll(trace)
    t.same(messages(trace), ['a'.repeat(500), 'b'.repeat(60_000)])
  })

  t.test(`${role}: what is compressed at once is not overwritten by what is compressed next`, async t => {
    const trace = open(role)
    const octets = [randomBytes(65_536), randomBytes(60_000), randomBytes(65_536)]
    for (const one of octets) trace.connection.sendBinary(one)
    sendAll(trace)
    t.same(messagesIn(trace.sent, true), octets)
    t.ok(trace.sent[0]!.payload.length > 65_536, 'longer than it was')
  })

  t.test(`${role}: nor is what waits behind a message that takes its time`, async t => {
    for (const takeover of [true, false]) {
      const trace = open(role, { extensions: agreed(role, {}, takeover ? [] : withoutTakeover) })
      const octets = [400_000, 65_536, 65_536, 60_000, 60_000].map(size => randomBytes(size))
      for (const one of octets) trace.connection.sendBinary(one)
      trace.work()
      // Others compress before it has left.
      const other = open(role)
      for (let n = 0; n < 3; n++) other.connection.sendBinary(randomBytes(65_536))
      trace.flush()
      t.same(messagesIn(trace.sent, takeover), octets)
    }
  })

  t.test(`D-17 ${role}: what is sent behind a long message waits; control frames do not`, async t => {
    const trace = open(role, {}, {})
    const { connection } = trace
    const long = Buffer.concat([Buffer.alloc(300_000, 'long, '), randomBytes(100_000)])
    t.equal(connection.sendText('before'), 'sent')
    t.equal(connection.sendBinary(long), 'queued')
    const small = Buffer.from('small')
    connection.sendBinary(small)
    small.fill('x')
    connection.sendText('after, after', false)
    connection.sendText(' and after', true)
    connection.sendBinary(long)
    connection.sendText('last')
    connection.sendPing(Buffer.from('now'), 0)
    t.ok(connection.hasWork && connection.hasOutput)
    t.ok(connection.bufferedAmount > 2 * long.length, 'counted as long as it is not known better')
    t.match(trace.next(), [/^> text /, '> ping "now"'], 'what can leave has left')
    t.notOk(connection.hasOutput)
    let turns = 0
    for (; connection.hasWork; turns++) {
      connection.work(0)
      connection.sendPong(Buffer.from([turns]))
      trace.flush()
    }
    t.ok(turns > (2 * long.length) / 65_536, `${turns} turns`)
    t.same(
      messagesIn(trace.sent, true).map(message => message.length),
      [6, long.length, 5, 22, long.length, 4],
    )
    t.same(
      messages(trace).filter(message => message.length < 100),
      ['before', 'small', 'after, after and after', 'last'],
    )
    t.ok(messagesIn(trace.sent, true)[1]!.equals(long))
    t.equal(connection.bufferedAmount, 0)
    t.ok(trace.lines.indexOf('drain') > 0)
    const pong = trace.lines.findIndex(line => line.startsWith('> pong'))
    t.ok(pong >= 0 && pong < trace.lines.findIndex(line => line.startsWith('> binary')), 'a Pong before the long one')
  })

  t.test(`6.1 ${role}: what has left is known by its place, though it got shorter on the way`, async t => {
    const trace = open(role)
    const { connection } = trace
    const places: number[] = []
    const send = (octets: Buffer) => {
      connection.sendBinary(octets)
      places.push(connection.outputEnd)
    }
    send(Buffer.from('before, before'))
    send(Buffer.alloc(400_000, 'shrinks'))
    send(Buffer.from('between, between'))
    send(randomBytes(200_000))
    send(Buffer.alloc(400_000, 'shrinks'))
    send(Buffer.from('after, after'))
    connection.sendPing(Buffer.from('overtakes'), 0)
    const left = () => places.map(place => connection.hasLeft(place)).lastIndexOf(true) + 1
    t.equal(left(), 0)
    const seen = new Set<number>()
    while (connection.hasWork || connection.hasOutput) {
      if (connection.hasWork) connection.work(0)
      if (connection.hasOutput) {
        trace.take()
        t.ok(left() <= messagesIn(trace.sent, true).length)
        connection.transportTook(0, false, 0)
        connection.releaseOutput()
        t.ok(left() <= messagesIn(trace.sent, true).length, 'nothing is said to have left that has not')
      }
      seen.add(left())
    }
    t.equal(left(), 6)
    t.ok(seen.size > 2)
    t.equal(connection.bufferedAmount, 0)
    connection.sendText('and on')
    const place = connection.outputEnd
    t.notOk(connection.hasLeft(place))
    trace.flush()
    t.ok(connection.hasLeft(place))
  })

  t.test(`7.1.2 ${role}: our Close leaves behind what is still to be compressed`, async t => {
    const trace = open(role)
    const { connection, peer } = trace
    connection.sendBinary(Buffer.alloc(400_000, 'abc'))
    connection.close(1000, 'done', 0)
    t.same(trace.next(), ['closing'])
    t.ok(connection.hasWork)
    trace.work()
    t.match(trace.next(), [/^> binary /, '> close 1000 "done"'])
    trace.receive(peer.close(1000))
    t.notOk(connection.hasWork)
  })

  t.test(`5.5.1 ${role}: the peer's Close is answered at once, what is still to be compressed is dropped`, async t => {
    const trace = open(role)
    const { connection, peer } = trace
    connection.sendBinary(Buffer.alloc(400_000, 'abc'))
    const place = connection.outputEnd
    connection.work(0)
    trace.receive(peer.close(1000))
    t.match(trace.next(), ['closing 1000 ""', '> close 1000 ""'])
    t.notOk(connection.hasWork)
    t.notOk(connection.hasLeft(place))
    connection.transportEnded(0)
    t.ok(trace.record!.octetsUnsent > 400_000)
  })

  t.test(`${role}: memory is given back when no message has come or gone for a while`, async t => {
    const extensions = agreed(role, { releaseAfter: 5000 })
    const trace = open(role, { extensions, pingInterval: 'off', idleTimeout: 'off' })
    const { connection } = trace
    t.equal(connection.nextDeadline(), Number.POSITIVE_INFINITY)
    connection.sendText('a message, a message')
    sendAll(trace)
    const held = connection.extensionMemory
    t.ok(held > 250_000)
    t.equal(connection.nextDeadline(), 5000)
    trace.waitUntil(3000)
    connection.sendText('a message, a message')
    sendAll(trace)
    trace.waitUntil(7999)
    t.equal(connection.extensionMemory, held)
    const { wakes } = trace
    trace.waitUntil(8000)
    t.ok(connection.hasWork && trace.wakes > wakes, 'which takes a turn of its own')
    trace.work()
    t.equal(connection.extensionMemory, 0)
    t.equal(connection.nextDeadline(), Number.POSITIVE_INFINITY)
    connection.sendText('a message, a message')
    sendAll(trace)
    t.same(messages(trace), Array(3).fill('a message, a message'), 'and the peer can go on reading')
    t.equal(connection.nextDeadline(), 13_000)
  })

  t.test(`${role}: memory is kept for a message that is being compressed`, async t => {
    const extensions = agreed(role, { releaseAfter: 5000 })
    const trace = open(role, { extensions, pingInterval: 'off', idleTimeout: 'off' })
    trace.connection.sendBinary(Buffer.alloc(400_000, 'abc'))
    trace.connection.work(0)
    trace.waitUntil(60_000)
    sendAll(trace)
    t.same(messages(trace), ['abc'.repeat(133_334).slice(0, 400_000)])
  })

  t.test(`10.4 ${role}: a full send buffer counts what is still to be compressed`, async t => {
    const trace = open(role, { maxSendBuffer: 100_000, sendOverflow: 'drop' })
    const { connection } = trace
    t.equal(connection.sendBinary(Buffer.alloc(200_000)), 'queued')
    t.equal(connection.sendText('more'), 'dropped')
    sendAll(trace)
    t.equal(connection.sendText('more'), 'sent')
    sendAll(trace)
    t.same(
      messagesIn(trace.sent, true).map(message => message.length),
      [200_000, 4],
    )
  })

  t.test(`${role}: any sequence of messages can be read`, async t => {
    const message = fc.record({
      payload: fc.oneof(
        fc.string({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 100 }).map(octets => Buffer.from(octets)),
        fc.integer({ min: 60_000, max: 140_000 }).map(size => Buffer.alloc(size, 'pattern, ')),
        fc.integer({ min: 60_000, max: 140_000 }).map(size => randomBytes(size)),
      ),
      parts: fc.integer({ min: 1, max: 3 }),
      compress: fc.constantFrom(undefined, true, false),
      work: fc.nat(3),
    })
    const property = fc.property(fc.array(message, { maxLength: 8 }), fc.boolean(), (sequence, takeover) => {
      const trace = open(role, {
        extensions: agreed(role, {}, takeover ? [] : withoutTakeover),
        maxOutgoingFrameSize: 50_000,
      })
      for (const { payload, parts, compress, work } of sequence) {
        const size = Math.ceil(payload.length / parts)
        for (let n = 0; n < parts; n++) {
          const part = payload.slice(n * size, (n + 1) * size)
          if (typeof part === 'string') trace.connection.sendText(part, n === parts - 1, compress)
          else trace.connection.sendBinary(Buffer.from(part), n === parts - 1, compress)
        }
        for (let turns = 0; turns < work && trace.connection.hasWork; turns++) trace.connection.work(0)
        if (work > 1) trace.flush()
      }
      sendAll(trace)
      const expected = sequence.map(({ payload, parts }) => {
        if (typeof payload !== 'string') return payload
        const size = Math.ceil(payload.length / parts)
        return Buffer.concat(
          Array.from({ length: parts }, (_, n) => Buffer.from(payload.slice(n * size, (n + 1) * size))),
        )
      })
      assert.deepEqual(messagesIn(trace.sent, takeover), expected)
      assert.equal(trace.connection.bufferedAmount, 0)
    })
    fc.assert(property, { numRuns: 40 })
    t.pass()
  })
}
