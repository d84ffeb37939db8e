/** RFC 6455 §6.1, §5.6: a message that is made once and sent on many connections is on each what it would have been by itself. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { PreparedMessage } from '../../src/connection/prepared-message.js'
import { UsageError } from '../../src/errors.js'
import { ConnectionTrace, roles } from './connection-trace.js'
import { agreed, messagesIn, withoutTakeover } from './deflating-peer.js'

const noise = randomBytes(65_536)
const long = Buffer.from('long, and the same for all, '.repeat(20_000))

for (const role of roles) {
  t.test(`6.1 ${role}: as a message sent by itself, in its place among the others`, async t => {
    for (const size of [0, 5, 125, 126, 70_000]) {
      const octets = Buffer.alloc(size, 'x')
      const [by, twin] = [new ConnectionTrace(role), new ConnectionTrace(role)]
      const prepared = [new PreparedMessage(octets, true), new PreparedMessage(octets, false)] as const
      for (const message of prepared) t.equal(message.size, size)
      t.same([prepared[0].isBinary, prepared[1].isBinary], [false, true])
      for (const { connection } of [by, twin]) connection.sendText('before')
      const verdicts = prepared.map(message => by.connection.sendPrepared(message))
      t.same(verdicts, [twin.connection.sendText(octets), twin.connection.sendBinary(octets)])
      for (const trace of [by, twin]) {
        trace.connection.sendText('behind')
        trace.flush()
      }
      t.same(by.sent, twin.sent)
    }
  })

  t.test(`5.4 ${role}: in frames of the connection's own size`, async t => {
    const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: 10 })
    trace.connection.sendPrepared(new PreparedMessage(Buffer.alloc(25, 'x'), false))
    trace.flush()
    t.same(
      trace.sent.map(({ opcode, fin, payload }) => [opcode, fin, payload.length]),
      [
        [2, false, 10],
        [0, false, 10],
        [0, true, 5],
      ],
    )
  })

  t.test(`5.4 ${role}: not within a message that is sent in fragments, of whatever type`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.sendText('begun', false)
    for (const text of [true, false]) {
      const message = new PreparedMessage(Buffer.from('whole'), text)
      t.throws(() => trace.connection.sendPrepared(message), { code: 'WS_MESSAGE_INCOMPLETE' })
    }
    trace.connection.sendText(', and ended')
    t.equal(trace.connection.sendPrepared(new PreparedMessage(Buffer.from('whole'), true)), 'sent')
  })

  t.test(`7692 §7.1.1 ${role}: compressed once for all, and inflated by each`, async t => {
    for (const octets of [Buffer.from('short, and compressed, '.repeat(10)), long]) {
      const message = new PreparedMessage(octets, true)
      const extensions = agreed(role, {}, withoutTakeover)
      const traces = [1, 2, 3].map(() => new ConnectionTrace(role, { extensions }))
      for (const { connection } of traces) connection.sendPrepared(message)
      for (const trace of traces) trace.work()
      t.equal(message.encodings.size, 1)
      // What is done already is not done again, nor copied.
      for (const { connection } of traces) connection.sendPrepared(message)
      for (const trace of traces) {
        trace.work()
        trace.flush()
        t.ok(trace.sent.every(({ rsv, opcode }) => (opcode === 0 ? rsv === 0 : rsv === 4)))
        t.same(messagesIn(trace.sent, false), [octets, octets])
      }
    }
  })

  t.test(`7692 §7.1.1 ${role}: where windows are kept, with what was sent before`, async t => {
    const message = new PreparedMessage(Buffer.from('the same, the same'), true)
    const trace = new ConnectionTrace(role, { extensions: agreed(role) })
    for (let i = 0; i < 3; i++) trace.connection.sendPrepared(message)
    // Longer than it was: a view of what the next message is compressed into.
    trace.connection.sendPrepared(new PreparedMessage(noise, false))
    trace.connection.sendBinary(noise)
    trace.connection.sendPrepared(new PreparedMessage(long, false))
    trace.connection.sendPrepared(new PreparedMessage(Buffer.from('as it is'), true, false))
    trace.work()
    trace.flush()
    t.equal(message.encodings.size, 0)
    t.equal(trace.sent.at(-1)!.rsv, 0)
    t.same(messagesIn(trace.sent, true).map(String), [
      ...Array(3).fill('the same, the same'),
      String(noise),
      String(noise),
      String(long),
      'as it is',
    ])
  })
}

t.test('8.1: what is not UTF-8 is no text', async t => {
  t.throws(() => new PreparedMessage(Buffer.from([0xff]), true), UsageError)
  t.doesNotThrow(() => new PreparedMessage(Buffer.from([0xff]), false))
})
