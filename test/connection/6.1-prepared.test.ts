/** RFC 6455 §6.1, §5.6: a message that is made once and sent on many connections is on each what it would have been by itself. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { PreparedMessage } from '../../src/connection/prepared-message.js'
import { UsageError } from '../../src/errors.js'
import { ConnectionTrace, roles, type TraceOptions } from './connection-trace.js'
import { agreed, messagesIn, withoutTakeover } from './deflating-peer.js'

const noise = randomBytes(65_536)
const long = Buffer.from('long, and the same for all, '.repeat(20_000))

/** A connection whose transport keeps what it takes for a while. */
class Sending extends ConnectionTrace {
  backlog = 0

  takeOnce(): number {
    const taken = this.connection.hasOutput ? this.take() : 0
    this.backlog += taken
    return taken
  }

  leave(backlog: number, blocked: boolean): void {
    this.backlog = Math.min(this.backlog, backlog)
    if (this.backlog === 0) this.connection.releaseOutput()
    this.connection.transportTook(this.backlog, blocked, this.now)
  }

  /** What is asked often, and asks nothing of the outbox. */
  get told(): unknown {
    const { lines, written, wakes, sent, connection } = this
    const { state, hangUp, held, hasOutput } = connection
    return { lines, written, wakes, sent, state, hangUp, held, hasOutput, deadline: connection.nextDeadline() }
  }
}

type Step = (trace: Sending, send: (octets: Buffer) => unknown) => unknown

const steps: Readonly<Record<string, Step>> = {
  send: (_, send) => send(Buffer.alloc(125, 'x')),
  'send nothing': (_, send) => send(Buffer.alloc(0)),
  'send much': (_, send) => send(Buffer.alloc(1500, 'x')),
  'send by itself': ({ connection }) => connection.sendText('by itself'),
  take: trace => trace.takeOnce(),
  'all leaves': trace => trace.leave(0, false),
  'all leaves, but no more': trace => trace.leave(0, true),
  'all but 100 leave': trace => trace.leave(100, false),
  'all but 10 leave, and no more': trace => trace.leave(10, true),
  'what is buffered': ({ connection: { bufferedAmount, handedOver, outputEnd } }) => [
    bufferedAmount,
    handedOver,
    outputEnd,
  ],
  'has it left': ({ connection }) => connection.hasLeft(connection.outputEnd),
  work: trace => trace.work(),
  ping: ({ connection, now }) => connection.sendPing(Buffer.from('?'), now),
  pong: ({ connection }) => connection.sendPong(Buffer.from('!')),
  pause: ({ connection, now }) => connection.pause(now),
  resume: ({ connection, now }) => connection.resume(now),
  wait: trace => void trace.waitUntil(trace.now + 40),
  'receive a message': trace => trace.receive(trace.peer.frame(1, 'from the peer')),
  'receive a part': trace => trace.receive(trace.peer.frame(1, 'a part', { fin: false })),
  'receive Pings': trace => trace.receive(trace.peer.ping('1'), trace.peer.ping('2')),
  close: ({ connection, now }) => connection.close(1000, '', now),
  'receive a Close': trace => trace.receive(trace.peer.close(1000)),
  'the peer ends': ({ connection, now }) => connection.receiveEnd(now),
  'the transport ends': ({ connection, now }) => connection.transportEnded(now),
  terminate: ({ connection, now }) => connection.terminate(now),
  record: ({ connection }) => connection.closeRecord,
}

const limits: readonly TraceOptions[] = [
  { sendHighWaterMark: 1000 },
  { sendHighWaterMark: 100, maxSendBuffer: 300, sendOverflow: 'drop' },
  { maxSendBuffer: 200, sendOverflow: 'error', idleTimeout: 100 },
  { maxOutgoingFrameSize: 100, pingInterval: 50, pongTimeout: 30 },
]

/** What the application may do at once when it is told that octets have left. */
const acts: readonly ((trace: Sending) => void)[] = [
  () => {},
  trace => {
    if (trace.written < 1000) trace.connection.sendText('more')
  },
  () => {
    throw new Error('no')
  },
]

t.test('6.1: whatever is done meanwhile, it is what it would be for a message sent by itself', async t => {
  const step = fc.constantFrom(...Object.keys(steps)).map(name => [name])
  const leaving = fc
    .constantFrom(...Object.keys(steps).filter(name => name.startsWith('all')))
    .map(name => ['send', 'take', name, 'receive Pings', 'take'])
  const script = fc
    .array(fc.oneof({ weight: 3, arbitrary: step }, leaving), { maxLength: 14 })
    .map(parts => parts.flat())
  const run = (names: string[], options: TraceOptions, act: (trace: Sending) => void, prepared: boolean) => {
    const trace: Sending = new Sending('server', options, { onWritten: () => act(trace) })
    const { connection } = trace
    const send = (octets: Buffer) =>
      prepared ? connection.sendPrepared(new PreparedMessage(octets, false)) : connection.sendBinary(octets)
    const told: unknown[] = []
    for (const name of names) {
      try {
        told.push(name, steps[name]!(trace, send))
      } catch (error) {
        told.push((error as UsageError).code)
      }
      told.push(structuredClone(trace.told))
    }
    return told
  }
  fc.assert(
    fc.property(script, fc.constantFrom(...limits), fc.constantFrom(...acts), (names, options, act) => {
      assert.deepEqual(run(names, options, act, true), run(names, options, act, false))
    }),
    {
      numRuns: 1000,
      examples: [
        // Found once: who threw in `written` had the time of closing counted from before the message.
        [['wait', 'send', 'take', 'all leaves'], limits[0]!, acts[2]!],
        // It is a sign of life; and another one comes behind it while the transport has it.
        [['wait', 'send', 'take', 'all leaves'], limits[2]!, acts[0]!],
        [['send', 'take', 'send by itself', 'take', 'all leaves'], limits[0]!, acts[0]!],
      ],
    },
  )
  t.pass()
})

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
