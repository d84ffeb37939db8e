/** RFC 6455 §6.1, attack case X-21: what is sent is exactly what was given, or nothing and a UsageError. */
import t from 'tap'
import { UsageError } from '../../src/errors.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { ConnectionTrace, roles } from './connection-trace.js'

const notData: unknown[] = [
  undefined,
  null,
  0,
  5,
  1n,
  true,
  {},
  [],
  [1, 2, 3],
  () => {},
  Symbol.iterator,
  new Date(0),
  { length: 4 },
  new ArrayBuffer(8),
  new SharedArrayBuffer(8),
  new DataView(new ArrayBuffer(8)),
  new Float32Array(2),
  new Float64Array(2),
  new Uint16Array(4),
  new Int8Array(8),
  new Uint8Array(8),
  new BigInt64Array(1),
  new Blob(['x']),
  new String('boxed'),
]

t.test('X-21 anything but a string or a Buffer is a UsageError, and nothing is written', async t => {
  for (const role of roles) {
    const trace = new ConnectionTrace(role)
    for (const data of notData) {
      t.throws(() => trace.connection.sendText(data as string), { name: 'UsageError', code: 'WS_INVALID_DATA' })
      t.throws(() => trace.connection.sendBinary(data as Buffer, false), {
        name: 'UsageError',
        code: 'WS_INVALID_DATA',
      })
    }
    t.throws(() => trace.connection.sendBinary('text' as unknown as Buffer), UsageError)
    t.same(trace.next(), [])
    t.equal(trace.wakes, 0)
    trace.connection.close(1000, '', 0)
    t.throws(() => trace.connection.sendText(5 as unknown as string), UsageError, 'also when it is closing')
  }
})

t.test('X-21 every view and offset gives exactly its octets: nothing that lay in a slab reaches the wire', async t => {
  const canary = 0xca
  for (const role of roles) {
    const slabs = new OutputSlabPool(512 * 1024)
    slabs.withRoom(1).octets.fill(canary)
    const memory = new Uint8Array(100_000).map((_, i) => i % 200)
    for (const [offset, length] of [
      [0, 0],
      [1, 1],
      [3, 2],
      [0, 125],
      [7, 126],
      [1, 1000],
      [9, 65_536],
      [5, 65_537],
    ] as const) {
      const trace = new ConnectionTrace(role, { slabs })
      const view = Buffer.from(memory.buffer, offset, length)
      trace.connection.sendBinary(view)
      trace.connection.sendBinary(Buffer.concat([view]).subarray(length >> 1))
      trace.connection.sendText('é'.repeat(length))
      if (length <= 125) trace.connection.sendPing(view, 0)
      if (length <= 125) trace.connection.sendPong(view)
      if (length <= 61) trace.connection.close(1000, 'é'.repeat(length), 0)
      trace.flush()
      const expected = [view, view.subarray(length >> 1), Buffer.from('é'.repeat(length))]
      if (length <= 125) expected.push(view, view)
      if (length <= 61) expected.push(Buffer.concat([Buffer.from('03e8', 'hex'), Buffer.from('é'.repeat(length))]))
      t.ok(trace.wholeFrames)
      t.equal(trace.sent.length, expected.length)
      t.ok(
        trace.sent.every((frame, i) => frame.payload.equals(expected[i]!)),
        `${length} octets from ${offset}`,
      )
    }
  }
})

t.test(
  '6.1 the memory of frames is used again once the transport has copied them, and none is held while it takes nothing',
  async t => {
    for (const role of roles) {
      const slabs = new OutputSlabPool()
      const slab = slabs.withRoom(1)
      const trace = new ConnectionTrace(role, { slabs })
      trace.connection.sendText('a')
      trace.connection.sendBinary(Buffer.alloc(100_000))
      t.ok(slab.used > 0)
      trace.flush()
      t.same([slab.users, slab.used], [0, 0], 'released')

      trace.connection.transportTook(0, true, 0)
      trace.connection.sendText('b')
      trace.connection.sendPing(Buffer.alloc(0), 0)
      t.same([slab.users, slab.used], [0, 0], 'what waits long waits in memory of its own')
      trace.connection.transportTook(0, false, 0)
      t.same(trace.frames().slice(-2), ['> text "b"', '> ping ""'])
    }
  },
)
