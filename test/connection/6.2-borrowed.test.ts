/**
 * Messages of RFC 6455 §6.2 that the application only borrows, and texts, of which nobody keeps the octets: their memory
 * serves again, and not before everybody is done with it who may be; what an application keeps by right is never touched.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { MessageMemory, sharedMessageMemory } from '../../src/connection/message-memory.js'
import { ConnectionTrace, roles, type TraceOptions } from './connection-trace.js'
import { agreed, deflated } from './deflating-peer.js'

const readSize = 64 * 1024

/** Reads of this connection: fresh chunks, or chunks that are only lent. */
function read(trace: ConnectionTrace, octets: Buffer, how: 'fresh' | 'lent' = 'fresh'): void {
  for (let at = 0; at < octets.length; at += readSize) {
    const chunk = octets.subarray(at, at + readSize)
    if (how === 'lent') trace.lend(chunk)
    else trace.receive(chunk)
  }
}

/** The memory that each of these messages lay in when it was delivered. */
function memories(
  options: TraceOptions,
  payloads: readonly Buffer[],
  how: 'fresh' | 'lent' = 'fresh',
): ArrayBufferLike[] {
  const found: ArrayBufferLike[] = []
  const note = (data: string | Buffer) => void found.push((data as Buffer).buffer)
  const trace = new ConnectionTrace('server', options, { onText: note, onBinary: note })
  for (const payload of payloads) read(trace, trace.peer.binary(payload), how)
  assert.equal(found.length, payloads.length)
  return found
}

const long = [randomBytes(300_000), randomBytes(299_000), randomBytes(300_000)]

for (const how of ['fresh', 'lent'] as const) {
  t.test(`6.2 borrowed: long messages lie in the same memory, one after the other (${how} chunks)`, async t => {
    t.equal(new Set(memories({ borrowed: true }, long, how)).size, 1)
  })

  t.test(`6.2 not borrowed: each has its own (${how} chunks)`, async t => {
    t.equal(new Set(memories({}, long, how)).size, 3)
  })
}

t.test(
  '6.2 borrowed: a message that is whole in a lent chunk stays there up to 64 KiB, and leaves it above',
  async t => {
    for (const role of roles) {
      for (const [size, inPlace] of [
        [20, true],
        [64 * 1024, true],
        [64 * 1024 + 1, false],
      ] as const) {
        const found: Buffer[] = []
        const trace = new ConnectionTrace(role, { borrowed: true }, { onBinary: data => void found.push(data) })
        const chunk = trace.peer.binary(Buffer.alloc(size, 'a'))
        trace.connection.receive(chunk, 0, true)
        t.equal(found[0]!.buffer === chunk.buffer, inPlace, `${role}, ${size} octets`)
        t.ok(found[0]!.equals(Buffer.alloc(size, 'a')))
      }
    }
  },
)

t.test(
  '6.2 borrowed: what is sent from within the handler leaves as it was, on this connection and on others',
  async t => {
    for (const how of ['fresh', 'lent'] as const) {
      const other = new ConnectionTrace('server')
      const relay = new ConnectionTrace(
        'server',
        { borrowed: true },
        {
          onBinary(data) {
            relay.connection.sendBinary(data)
            other.connection.sendBinary(data)
          },
        },
      )
      const [first, second, third] = long
      // Nothing has left of the first when the second comes.
      read(relay, relay.peer.binary(first!), how)
      read(relay, relay.peer.binary(second!), how)
      for (const trace of [relay, other]) {
        trace.flush()
        t.strictSame(
          trace.sent.map(({ payload }) => payload),
          [first, second],
        )
      }
      read(relay, relay.peer.binary(third!), how)
      t.ok(relay.flush().sent[2]!.payload.equals(third!))
    }
  },
)

t.test('6.2 borrowed: the memory of what was sent serves again once it has left', async t => {
  const found: ArrayBufferLike[] = []
  const trace: ConnectionTrace = new ConnectionTrace(
    'server',
    { borrowed: true },
    {
      onBinary(data) {
        found.push(data.buffer)
        trace.connection.sendBinary(data)
      },
    },
  )
  read(trace, trace.peer.binary(long[0]!))
  read(trace, trace.peer.binary(long[0]!))
  trace.flush()
  read(trace, trace.peer.binary(long[0]!))
  t.not(found[0], found[1], 'the first had not left')
  t.ok(found[2] === found[0] || found[2] === found[1], 'now both have')
})

/** An echo, or a relay of a part of each message, and the memory that each message lay in. */
function echo(options: TraceOptions, part: (data: Buffer) => Buffer = data => data) {
  const found: ArrayBufferLike[] = []
  const act = {
    onBinary(data: Buffer) {
      found.push(data.buffer)
      trace.connection.sendBinary(part(data))
    },
  }
  const trace: ConnectionTrace = new ConnectionTrace('server', { borrowed: true, ...options }, act)
  return { trace, found }
}

/** The transport takes once, and gives it to the kernel. */
function takeOnce(trace: ConnectionTrace): void {
  trace.take()
  trace.connection.releaseOutput()
  trace.connection.transportTook(0, false, trace.now)
}

t.test('6.2 borrowed: the memory of a message serves again once that has left, though others wait', async t => {
  const { trace, found } = echo({ sendHighWaterMark: 300_000 })
  const payloads = Array.from({ length: 40 }, (_, i) => Buffer.alloc(300_000, `message ${i}; `))
  for (const payload of payloads) {
    read(trace, trace.peer.binary(payload))
    // Of the first, two wait from now on.
    if (found.length > 1) takeOnce(trace)
    t.not(trace.connection.bufferedAmount, 0)
  }
  trace.flush()
  t.ok(new Set(found).size <= 4, `${new Set(found).size} memories`)
  t.strictSame(
    trace.sent.map(({ payload }) => payload),
    payloads,
  )
})

t.test('6.2 borrowed: the memory of a message is held while the transport has not copied the end of it', async t => {
  const { trace, found } = echo({ sendHighWaterMark: 1_000_000 })
  read(trace, trace.peer.binary(long[0]!))
  const taken = trace.connection.takeOutput(0)
  for (const payload of long) read(trace, trace.peer.binary(payload))
  t.notOk(found.slice(1).includes(found[0]!))
  t.ok(Buffer.concat(taken).subarray(-300_000).equals(long[0]!))
})

t.test('10.4 borrowed: what waits holds no more than twice its octets, whatever memory lies ready', async t => {
  const { trace, found } = echo({})
  for (const size of [66_000, 100_000, 1_000_000]) read(trace, trace.peer.binary(Buffer.alloc(size)))
  trace.flush()
  for (const size of [66_000, 66_000]) read(trace, trace.peer.binary(Buffer.alloc(size)))
  t.strictSame(
    found.slice(3).map(({ byteLength }) => byteLength <= 2 * 66_000),
    [true, true],
  )
})

t.test('10.4 borrowed: a small part of a message that is sent on is copied, half of it is not', async t => {
  for (const [share, held] of [
    [0.25, false],
    [0.5, true],
  ] as const) {
    const { trace, found } = echo({}, data => data.subarray(0, data.length * share))
    const payloads = ['a', 'b'].map(letter => Buffer.alloc(512 * 1024, letter))
    // Other tests have left memory that is a little larger.
    while (sharedMessageMemory.has(512 * 1024)) sharedMessageMemory.lend(512 * 1024)
    for (const payload of payloads) read(trace, trace.peer.binary(payload))
    t.equal(found[0] !== found[1], held, `${share} of it`)
    t.strictSame(
      trace.flush().sent.map(({ payload }) => payload),
      payloads.map(payload => payload.subarray(0, payload.length * share)),
    )
  }
})

t.test('7.1.7 borrowed: the memory of messages that are dropped serves again', async t => {
  for (const begun of [false, true]) {
    const { trace, found } = echo({ sendHighWaterMark: 100_000, maxSendBuffer: 10_000_000 })
    for (const payload of long) read(trace, trace.peer.binary(payload))
    if (begun) takeOnce(trace)
    trace.receive(trace.peer.frame(3, Buffer.alloc(0)))
    trace.flush()
    t.equal(trace.connection.bufferedAmount, 0)
    const lent = long.map(({ length }) => sharedMessageMemory.lend(length))
    t.ok(
      lent.every(({ octets }) => found.includes(octets.buffer)),
      begun ? 'one has begun' : 'none has',
    )
    for (const lease of lent) lease.release()
  }
})

t.test('6.2 borrowed, with an extension that takes its time: what is sent is copied', async t => {
  const payloads = [300_000, 300_000].map(size => Buffer.from(randomBytes(size / 2).toString('hex')))
  const relay: ConnectionTrace = new ConnectionTrace(
    'server',
    { borrowed: true, extensions: [] },
    { onBinary: data => void out.connection.sendBinary(data) },
  )
  const out = new ConnectionTrace('server', { extensions: agreed('server') })
  for (const payload of payloads) read(relay, relay.peer.binary(payload))
  out.work()
  out.flush()
  const back: Buffer[] = []
  const end = new ConnectionTrace(
    'client',
    { extensions: agreed('client') },
    { onBinary: data => void back.push(data) },
  )
  for (const { payload } of out.sent) {
    end.receive(end.peer.binary(payload, { rsv: 4 }))
    end.work()
  }
  t.strictSame(back, payloads)
})

t.test('7692 §6.2 borrowed: a compressed message is valid until the handler returns', async t => {
  for (const size of [2000, 200_000]) {
    const payload = Buffer.from(randomBytes(size / 2).toString('hex'))
    let equal = false
    const look = (data: Buffer) => {
      equal = data.equals(payload)
    }
    const trace = new ConnectionTrace('server', { borrowed: true, extensions: agreed('server') }, { onBinary: look })
    trace.receive(trace.peer.binary(deflated(payload), { rsv: 4 }))
    trace.work()
    t.ok(equal, `${size} octets`)
  }
})

t.test('5.6 a long text is put together in memory that serves again, and stays what it was', async t => {
  const texts = ['ä', 'b', 'ц'].map(letter => letter.repeat(150_000))
  const found: string[] = []
  const trace = new ConnectionTrace('server', {}, { onText: text => void found.push(text as string) })
  for (const text of texts) read(trace, trace.peer.text(text))
  t.strictSame(found, texts)
  t.ok(sharedMessageMemory.has(300_000))
})

t.test(
  '10.4 memory that waits to be used again is bounded; the one used last is used first, the oldest goes',
  async t => {
    const memory = new MessageMemory(192 * 1024)
    const [one, two, three] = [memory.lend(1), memory.lend(65_536), memory.lend(65_537)]
    t.same([one!.octets.length, two!.octets.length, three!.octets.length], [65_536, 65_536, 131_072])
    t.notOk(memory.has(1))
    one!.release()
    two!.release()
    t.ok(memory.has(65_536))
    t.notOk(memory.has(65_537))
    three!.release()
    t.equal(memory.lend(65_536), three, 'which came back last')
    t.equal(memory.lend(1), two)
    t.notOk(memory.has(1), 'the first had to make room')
  },
)

t.test('10.4 memory fits what is half of it at least; its smallest unit fits whatever is shorter', async t => {
  const memory = new MessageMemory()
  for (const [of, size, fits] of [
    [65_536, 1, true],
    [65_536, 65_536, true],
    [65_536, 65_537, false],
    [131_072, 65_535, false],
    [131_072, 65_536, true],
    [131_072, 131_073, false],
    [1_048_576, 524_287, false],
    [1_048_576, 524_288, true],
  ] as const) {
    const lease = memory.lend(of)
    t.equal(lease.fits(size), fits, `${size} in ${of}`)
    lease.release()
    t.equal(new Set([memory.has(size), fits]).size, 1, 'what lies ready')
    while (memory.has(of)) memory.lend(of)
  }
})

t.test('10.4 memory that is held twice comes back when both are done with it', async t => {
  const memory = new MessageMemory()
  const lease = memory.lend(100)
  lease.hold()
  lease.release()
  t.notOk(memory.has(100))
  t.ok(lease.lent)
  lease.release()
  t.ok(memory.has(100))
  t.notOk(lease.lent, 'so nobody can hold it')
})

const size = fc.oneof(fc.nat({ max: 2000 }), fc.integer({ min: 65_500, max: 65_560 }), fc.nat({ max: 200_000 }))
const step = fc.record({ size, fragments: fc.integer({ min: 1, max: 3 }), flushed: fc.boolean(), text: fc.boolean() })

t.test('6.2 borrowed: an echo that is read and flushed at any time sends what it got', async t => {
  const given = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 8 }),
    how: fc.constantFrom('fresh' as const, 'lent' as const),
    textAsOctets: fc.boolean(),
  })
  fc.assert(
    fc.property(given, ({ steps, how, textAsOctets }) => {
      const limits = { maxSendBuffer: 64 * 1024 * 1024, maxOutgoingFrameSize: 'unlimited' as const }
      const trace: ConnectionTrace = new ConnectionTrace(
        'server',
        { borrowed: true, textAsOctets, ...limits },
        {
          onBinary: data => void trace.connection.sendBinary(data),
          onText: text => void trace.connection.sendText(text),
        },
      )
      const payloads = steps.map(({ size }, i) => Buffer.alloc(size, `${i} of some messages; `))
      for (const [i, { fragments, flushed, text }] of steps.entries()) {
        const payload = payloads[i]!
        const cuts = Array.from({ length: fragments + 1 }, (_, part) => Math.floor((payload.length * part) / fragments))
        for (let part = 0; part < fragments; part++) {
          const fin = part === fragments - 1
          const opcode = part > 0 ? 0 : text ? 1 : 2
          read(trace, trace.peer.frame(opcode, payload.subarray(cuts[part], cuts[part + 1]), { fin }), how)
        }
        if (flushed) trace.flush()
      }
      trace.flush()
      assert.equal(trace.sent.length, payloads.length)
      for (const [i, { payload }] of trace.sent.entries()) assert.ok(payload.equals(payloads[i]!), `message ${i}`)
    }),
    { numRuns: 100 },
  )
  t.pass()
})

t.test(
  '6.2 in place: binary messages that lie whole in what was read are told where they lie, others as ever',
  async t => {
    for (const role of roles) {
      const told: string[] = []
      const inPlace = (_: unknown, octets: Buffer, start: number, end: number, now: number) => {
        told.push(`${octets.toString('latin1', start, end)} at ${now}`)
      }
      const trace = new ConnectionTrace(role, { borrowed: true, inPlace })
      trace.now = 7
      trace.lend(trace.peer.binary(Buffer.from('one')), trace.peer.binary(Buffer.alloc(0)), trace.peer.text('a text'))
      trace.now = 8
      trace.receive(trace.peer.binary(Buffer.from('another')))
      trace.receiveSlowly(trace.peer.binary(Buffer.from('in pieces')))
      t.same(told, ['one at 7', ' at 7', 'another at 8'], role)
      t.same(trace.next(), ['text "a text"', `binary ${Buffer.from('in pieces').toString('hex')}`], role)
    }
  },
)

t.test('6.2 in place: what the application throws ends the connection with 1011', async t => {
  const inPlace = () => {
    throw new Error('oops')
  }
  const trace = new ConnectionTrace('client', { borrowed: true, inPlace })
  trace.receive(trace.peer.binary())
  t.same(trace.next(), ['closing', 'error oops', '> close 1011 ""'])
})
