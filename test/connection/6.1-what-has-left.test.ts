/** RFC 6455 §6.1: when all octets of a message have left for the kernel, whatever control frames go before it. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { ConnectionTrace, roles } from './connection-trace.js'

/** A transport that keeps what it takes, so that what has left is known from outside. */
class SlowTransport {
  readonly trace = new ConnectionTrace('server', { sendHighWaterMark: 2000, maxOutgoingFrameSize: 70_000 })
  readonly ends: number[] = []
  #backlog = 0
  #taken = 0

  send(size: number): void {
    this.trace.connection.sendBinary(Buffer.alloc(size))
    this.ends.push(this.trace.connection.outputEnd)
  }

  take(): void {
    const taken = this.trace.take()
    this.#taken += taken
    this.leave(this.#backlog + taken)
  }

  /** All but `backlog` octets of what was taken leave. */
  leave(backlog: number, blocked = false): void {
    this.#backlog = Math.min(backlog, this.#taken)
    this.trace.connection.transportTook(this.#backlog, blocked, 0)
  }

  /** All but the last few octets of what was taken leave. */
  atMost(backlog: number): void {
    this.leave(Math.min(backlog, this.#backlog))
  }

  less(octets: number, blocked: boolean): void {
    this.leave(Math.max(0, this.#backlog - octets), blocked)
  }

  /** How many messages have left whole, counted in the frames themselves. */
  get left(): number {
    let left = this.#taken - this.#backlog
    let messages = 0
    for (const { payload, opcode, fin } of this.trace.sent) {
      left -= payload.length + (payload.length > 65_535 ? 10 : payload.length > 125 ? 4 : 2)
      if (left < 0) break
      if (opcode < 8 && fin) messages++
    }
    return messages
  }
}

type Step = (transport: SlowTransport) => void

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(0, 10, 3000, 65_537, 150_000).map(
    (size): Step =>
      transport =>
        transport.send(size),
  ),
  fc.nat(125).map(
    (size): Step =>
      ({ trace }) =>
        void trace.connection.sendPing(Buffer.alloc(size), 0),
  ),
  fc.nat(125).map(
    (size): Step =>
      ({ trace }) =>
        void trace.receive(trace.peer.ping(Buffer.alloc(size))),
  ),
  fc.constant<Step>(transport => transport.take()),
  fc.nat(300).map(
    (backlog): Step =>
      transport =>
        transport.atMost(backlog),
  ),
  fc.tuple(fc.nat(80_000), fc.boolean()).map(
    ([octets, blocked]): Step =>
      transport =>
        transport.less(octets, blocked),
  ),
)

t.test('6.1 hasLeft() is never true too early, and true for all in the end', async t => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), steps => {
      const transport = new SlowTransport()
      const { connection } = transport.trace
      for (const act of steps) {
        act(transport)
        const told = transport.ends.filter(end => connection.hasLeft(end)).length
        assert.ok(told <= transport.left, `${told} told of ${transport.left}`)
      }
      while (connection.hasOutput) transport.take()
      transport.leave(0)
      assert.equal(transport.left, transport.ends.length)
      assert.ok(transport.ends.every(end => connection.hasLeft(end)))
    }),
    { numRuns: 100 },
  )
  t.pass()
})

t.test('6.1 hasLeft() while later messages wait: the earlier one has left by itself', async t => {
  for (const role of roles) {
    const trace = new ConnectionTrace(role)
    trace.connection.sendText('a')
    const first = trace.connection.outputEnd
    const taken = trace.take()
    trace.connection.sendBinary(Buffer.alloc(100_000))
    const second = trace.connection.outputEnd
    trace.connection.sendPing(Buffer.from('goes before it'), 0)
    trace.connection.transportTook(taken, true, 0)
    t.notOk(trace.connection.hasLeft(first))
    trace.connection.transportTook(0, false, 0)
    trace.take()
    trace.connection.transportTook(1, false, 0)
    t.same([trace.connection.hasLeft(first), trace.connection.hasLeft(second)], [true, false])
    trace.connection.transportTook(0, false, 0)
    trace.flush()
    t.same([trace.connection.hasLeft(first), trace.connection.hasLeft(second)], [true, true])
  }
})

t.test('6.1 hasLeft() is false for good once anything was dropped', async t => {
  const trace = new ConnectionTrace('server')
  trace.connection.sendBinary(Buffer.alloc(100_000))
  const end = trace.connection.outputEnd
  trace.receive(trace.peer.close(1000))
  trace.flush()
  t.equal(trace.connection.bufferedAmount, 0)
  t.notOk(trace.connection.hasLeft(end))
})
