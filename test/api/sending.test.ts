// RFC 6455 §5.6, §6.1: what an application hands over is on the wire as it was, or it is told that it cannot be.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import type { Server } from '../../src/api/server.js'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import { turns, until } from '../transport/event-loop.js'
import type { RawClient } from '../transport/raw-client.js'
import { serve } from './serving.js'

// biome-ignore lint/suspicious/noExplicitAny: values that the types forbid are the point
type Anything = any

type ViewKind = {
  new (memory: ArrayBufferLike, offset: number, length: number): NodeJS.ArrayBufferView
  readonly name: string
  readonly BYTES_PER_ELEMENT?: number
}

const views: ViewKind[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
]

/** Octets in every form JavaScript has, as parts of a larger memory, and what must be on the wire. */
const octets: [name: string, data: Anything, expected: Buffer][] = []
const memory = Uint8Array.from({ length: 256 }, (_, i) => i)
for (const View of views) {
  for (const [offset, length] of [
    [0, 4],
    [8, 3],
    [16, 0],
    [64, 24],
  ] as const) {
    const size = View.BYTES_PER_ELEMENT ?? 1
    const expected = Buffer.from(memory.slice(offset, offset + length * size))
    octets.push([`${View.name} at ${offset}`, new View(memory.buffer, offset, length), expected])
  }
}
const shared = new SharedArrayBuffer(5)
new Uint8Array(shared).set([1, 2, 3, 4, 5])
octets.push(
  ['Buffer', Buffer.from('abc'), Buffer.from('abc')],
  ['a part of the pool', Buffer.from('xabcx').subarray(1, 4), Buffer.from('abc')],
  ['ArrayBuffer', memory.slice(0, 5).buffer, Buffer.from([0, 1, 2, 3, 4])],
  ['empty ArrayBuffer', new ArrayBuffer(0), Buffer.alloc(0)],
  ['SharedArrayBuffer', shared, Buffer.from([1, 2, 3, 4, 5])],
  ['ArrayBuffer of another realm', runInNewContext('new Uint8Array([7, 8]).buffer'), Buffer.from([7, 8])],
  ['Uint16Array of another realm', runInNewContext('new Uint16Array([0x0807])'), Buffer.from([7, 8])],
)

const detached = new ArrayBuffer(4)
const detachedView = new Uint8Array(detached)
structuredClone(detached, { transfer: [detached] })

/** What no octets can be made of. */
const impossible: [name: string, data: Anything][] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['a large number: no memory is handed out for it', 1e6],
  ['NaN', Number.NaN],
  ['a bigint', 5n],
  ['true', true],
  ['a symbol', Symbol('x')],
  ['an object', {}],
  ['an object with a length', { length: 5 }],
  ['an array', [1, 2, 3]],
  ['a function', () => 'x'],
  ['a String object', new String('x')],
  ['a Date', new Date(0)],
  ['a Map', new Map()],
  ['a Blob', new Blob(['x'])],
  ['a promise', Promise.resolve('x')],
  ['a class that claims to be octets', { __proto__: Uint8Array.prototype }],
  ['a detached ArrayBuffer', detached],
  ['a view of a detached ArrayBuffer', detachedView],
]

/** One connection for many sends. */
async function connected(t: Anything): Promise<{ client: RawClient; connection: WebSocketConnection }> {
  const { open } = await serve(t)
  return open()
}

t.test('X-21 every kind of octets, to send, ping and pong: exactly those', async t => {
  const { client, connection } = await connected(t)
  for (const [name, data, expected] of octets) {
    t.equal(connection.send(data), 'sent')
    t.same((await client.frame()).payload, expected, `send ${name}`)
    if (expected.length > 125) continue
    connection.ping(data).catch(() => {})
    t.same((await client.frame()).payload, expected, `ping ${name}`)
    connection.pong(data)
    t.same((await client.frame()).payload, expected, `pong ${name}`)
  }
})

t.test('X-21 anything else: a UsageError at the call, and nothing is written', async t => {
  const { client, connection } = await connected(t)
  for (const [name, data] of impossible) {
    t.throws(() => connection.send(data), { name: 'UsageError', code: 'WS_INVALID_DATA' }, `send ${name}`)
    if (data === undefined) continue
    await t.rejects(connection.ping(data), { name: 'UsageError', code: 'WS_INVALID_DATA' }, `ping ${name}`)
    t.throws(() => connection.pong(data), { name: 'UsageError' }, `pong ${name}`)
    t.throws(() => connection.close(data === null ? 'x' : data), { name: 'UsageError' }, `close ${name}`)
    t.throws(() => connection.close(1000, data), { name: 'UsageError' }, `reason ${name}`)
  }
  t.equal(connection.bufferedAmount, 0)
  t.equal(connection.state, 'open')
  connection.send('all is well')
  t.equal(await client.line(), 'text "all is well"')
})

t.test('X-21 the same on a connection that is closed', async t => {
  const { client, connection } = await connected(t)
  client.destroy()
  await connection.closed
  for (const [, data] of impossible) t.throws(() => connection.send(data), { name: 'UsageError' })
  t.equal(connection.send('x'), 'dropped')
  t.equal(connection.send(Buffer.alloc(100_000)), 'dropped')
  t.equal(connection.bufferedAmount, 0)
})

t.test('X-21 views of any kind, size and place: the octets at the time of the call', async t => {
  const { client, connection } = await connected(t)
  const view = fc.record({
    octets: fc.uint8Array({ minLength: 64, maxLength: 70_000 }),
    from: fc.nat(63),
    kind: fc.constantFrom(...views),
  })
  await fc.assert(
    fc.asyncProperty(view, async ({ octets, from, kind: View }) => {
      const size = View.BYTES_PER_ELEMENT ?? 1
      const start = from - (from % size)
      const length = Math.floor((octets.length - start) / size)
      const data = new View(octets.buffer, octets.byteOffset + start, length)
      const expected = Buffer.from(octets.slice(start, start + length * size))
      connection.send(data)
      // Up to 64 KiB it is copied: what happens to it now is of no account.
      if (expected.length <= 65_536) octets.fill(0)
      const { payload, opcode } = await client.frame()
      assert.equal(opcode, 2)
      assert.ok(payload.equals(expected))
    }),
    { numRuns: 60 },
  )
  t.pass()
})

t.test('8.1 strings are text in UTF-8; lone surrogates become U+FFFD', async t => {
  const { client, connection } = await connected(t)
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 5000 }), async text => {
      connection.send(text)
      const { payload, opcode } = await client.frame()
      assert.equal(opcode, 1)
      assert.equal(payload.toString(), Buffer.from(text).toString())
    }),
    { numRuns: 100 },
  )
  connection.send('a\ud800b')
  t.equal(await client.line(), 'text "a\ufffdb"')
})

t.test('text as octets: valid UTF-8, or a UsageError', async t => {
  const { client, connection } = await connected(t)
  connection.send(Buffer.from('grüße'), { text: true })
  t.equal(await client.line(), 'text "grüße"')
  t.throws(() => connection.send(Buffer.from([0xff]), { text: true }), {
    name: 'UsageError',
    code: 'WS_INVALID_UTF8',
  })
})

t.test('5.4 fragments by hand; another message within is a UsageError', async t => {
  const { client, connection } = await connected(t)
  connection.send('a', { fin: false })
  t.throws(() => connection.send(Buffer.from('x')), { name: 'UsageError', code: 'WS_MESSAGE_INCOMPLETE' })
  connection.send(Buffer.from('b'), { fin: false, text: true })
  connection.send('c')
  t.equal(await client.line(), 'text more "a"')
  t.equal(await client.line(), 'continuation more "b"')
  t.equal(await client.line(), 'continuation "c"')
})

t.test('options that are no booleans', async t => {
  const { connection } = await connected(t)
  for (const options of [
    { fin: 0 },
    { text: 'yes' },
    { fin: null },
    { binary: true },
    { final: false },
  ] as Anything[]) {
    t.throws(() => connection.send('x', options), { name: 'UsageError', code: 'WS_INVALID_OPTION' })
  }
  t.equal(connection.send('x', { fin: undefined, text: undefined } as Anything), 'sent')
})

const closes: [rule: string, args: Anything[], expected: string][] = [
  ['without a word: 1000', [], 'close 1000 ""'],
  ['undefined: 1000', [undefined, 'x'], 'close 1000 "x"'],
  ['null: a Close frame without a body', [null], 'close'],
  ['a code of one’s own, a reason', [4999, 'grüße'], 'close 4999 "grüße"'],
  ['a reason of 123 octets', [1000, 'x'.repeat(123)], `close 1000 "${'x'.repeat(123)}"`],
]
for (const [rule, args, expected] of closes) {
  t.test(`7.4 close: ${rule}`, async t => {
    const { client, connection } = await connected(t)
    connection.close(...(args as []))
    t.equal(await client.line(), expected)
    t.equal(connection.state, 'closing')
  })
}

t.test('7.4 codes and reasons that must not be sent: a UsageError, and the connection stays open', async t => {
  const { connection } = await connected(t)
  const wrong: Anything[][] = [
    [1004],
    [1005],
    [1006],
    [1015],
    [0],
    [999],
    [2999],
    [5000],
    [1000.5],
    ['1000'],
    [1000n],
    [1000, 'x'.repeat(124)],
    [1000, 'ü'.repeat(62)],
    [null, 'a reason without a code'],
  ]
  for (const args of wrong) {
    t.throws(() => connection.close(...(args as [])), { name: 'UsageError' }, args.map(String).join())
  }
  t.equal(connection.state, 'open')
})

t.test('5.5 a Ping or Pong carries at most 125 octets', async t => {
  const { client, connection } = await connected(t)
  await t.rejects(connection.ping('x'.repeat(126)), { name: 'UsageError', code: 'WS_CONTROL_TOO_LONG' })
  t.throws(() => connection.pong('ü'.repeat(63)), { name: 'UsageError', code: 'WS_CONTROL_TOO_LONG' })
  t.equal(connection.pong('x'.repeat(125)), true)
  t.equal((await client.frame()).payload.length, 125)
  connection.pong()
  t.equal(await client.line(), 'pong ""')
})

t.test('5.5.2 ping tells the round-trip time, by the clock of the connection', async t => {
  const { open, timers } = await serve(t)
  const { client, connection } = await open()
  const [first, second] = [connection.ping('a'), connection.ping()]
  t.equal(await client.line(), 'ping "a"')
  t.equal(await client.line(), 'ping ""')
  timers.advance(70)
  client.send({ opcode: 10, payload: 'a' })
  t.equal(await first, 70)
  timers.advance(30)
  client.send({ opcode: 10, payload: '' })
  t.equal(await second, 100)
  t.match(connection.closeRecord.roundTripTimes, { last: 100, min: 70, max: 100, mean: 85, count: 2 })
})

t.test('a Ping that is not answered before the end, and one too many', async t => {
  const { client, connection } = await connected(t)
  const pings = Array.from({ length: 1024 }, (_, i) => connection.ping(`${i}`))
  await t.rejects(connection.ping('one more'), { code: 'WS_PING_UNANSWERED', message: /too many/ })
  client.stream.end()
  const results = await Promise.allSettled(pings)
  t.ok(results.every(({ status }) => status === 'rejected'))
  t.match(results[0], { reason: { code: 'WS_PING_UNANSWERED' } })
  await t.rejects(connection.ping(), { message: /closing/ })
})

t.test('what a connection tells of itself', async t => {
  const { open, server } = await serve(t)
  const { connection, client } = await open('/x')
  const { port } = server.address() as { port: number }
  t.equal(connection.protocolVersion, 13)
  t.same(connection.extensions, [])
  t.equal(connection.localAddress, '127.0.0.1')
  t.equal(connection.localPort, port)
  t.equal(connection.remoteAddress, '127.0.0.1')
  t.type(connection.remotePort, 'number')
  t.notOk(connection.secure)
  t.equal(connection.times, undefined)
  t.equal(connection.origin, undefined)
  t.equal(connection.data, undefined)
  t.match(connection.closeRecord, { code: 1006, clean: false, phase: 'open', octetsSent: 0 })
  client.destroy()
  const record = await connection.closed
  t.equal(connection.closeRecord, record)
  t.equal(await connection.closed, record, 'also for those who ask late')
})

t.test('S-12 sends, Pings, closes, terminations from anywhere, in any order: one close, nothing throws', async t => {
  const action = fc.constantFrom(
    'send',
    'large',
    'fragment',
    'ping',
    'pong',
    'pause',
    'resume',
    'flush',
    'close',
    'terminate',
    'peer text',
    'peer ping',
    'peer close',
    'peer end',
    'peer reset',
    'peer junk',
  )
  const step = fc.record({ action, when: fc.constantFrom('now', 'tick', 'microtask', 'turn') })
  const closes = new Map<WebSocketConnection, number>()
  const errors: unknown[] = []
  const { server, dial } = await serve(
    t,
    {},
    {
      message: (connection, data) => void connection.send(data),
      close: connection => void closes.set(connection, (closes.get(connection) ?? 0) + 1),
      error: (_, error) => errors.push(error),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
      const { client, connection } = await openOne(server, dial)
      for (const { action, when } of steps) {
        await moments[when]!()
        const wasOpen = connection.state === 'open'
        actions[action]!(client, connection)
        if (!wasOpen) assert.equal(connection.send('x'), 'dropped')
      }
      client.destroy()
      // What is not read is not seen to have ended.
      connection.resume()
      await connection.closed
      assert.equal(closes.get(connection), 1)
      assert.equal(connection.state, 'closed')
      closes.delete(connection)
    }),
    { numRuns: 150 },
  )
  await until(() => server.connections.size === 0)
  t.same(errors, [])
})

async function openOne(server: Server, dial: () => Promise<RawClient>) {
  const client = await dial()
  client.stream.on('error', () => {})
  const opened = once(server, 'connection') as Promise<[WebSocketConnection]>
  await client.open()
  const [connection] = await opened
  return { client, connection }
}

const moments: Record<string, () => unknown> = {
  now: () => undefined,
  tick: () => new Promise<void>(resolve => process.nextTick(resolve)),
  microtask: () => Promise.resolve(),
  turn: () => turns(1),
}

const actions: Record<string, (client: RawClient, connection: WebSocketConnection) => unknown> = {
  send: (_, connection) => connection.send('x'),
  large: (_, connection) => connection.send(Buffer.alloc(100_000)),
  fragment: (_, connection) => connection.send('y', { fin: false }) === 'dropped' || connection.send('z'),
  ping: (_, connection) => connection.ping().catch(() => {}),
  pong: (_, connection) => connection.pong('x'),
  pause: (_, connection) => connection.pause(),
  resume: (_, connection) => connection.resume(),
  flush: (_, connection) => connection.flush().catch(() => {}),
  close: (_, connection) => connection.close(4000, 'x'),
  terminate: (_, connection) => connection.terminate(),
  'peer text': client => client.closed || client.text('x'),
  'peer ping': client => client.closed || client.send({ opcode: 9, payload: 'x' }),
  'peer close': client => client.closed || client.close(1000),
  'peer end': client => client.stream.end(),
  'peer reset': client => client.reset(),
  'peer junk': client => client.closed || client.write(Buffer.from('ff', 'hex')),
}
