/** The deadlines of a connection while its own application holds the reading (RFC 6455 §6.2): they stand still, Pings go on. */
import t from 'tap'
import { ConnectionTrace, type TraceOptions } from './connection-trace.js'

const never = Number.POSITIVE_INFINITY
const off = { pingInterval: 'off', incompleteMessageTimeout: 'off' } as const

t.test('6.2 while reading is held by us, what waits for the octets of the peer stands still', async t => {
  const cases: [what: string, options: TraceOptions, begin: (trace: ConnectionTrace) => void, due: number][] = [
    [
      'incomplete message',
      { pingInterval: 'off' },
      trace => trace.receive(trace.peer.text('a', { fin: false })),
      120_000,
    ],
    ['idle', { ...off, idleTimeout: 60_000 }, () => {}, 60_000],
  ]
  for (const [what, options, begin, due] of cases) {
    const trace = new ConnectionTrace('server', options)
    begin(trace)
    t.equal(trace.connection.nextDeadline(), due, what)
    trace.waitUntil(25_000)
    trace.connection.pause(25_000)
    t.equal(trace.connection.nextDeadline(), never, what)
    trace.connection.handleDeadline(500_000)
    t.equal(trace.connection.state, 'open', what)
    trace.connection.resume(1_025_000)
    t.equal(trace.connection.nextDeadline(), due + 1_000_000, what)
  }
})

t.test('6.2 while reading is held by us, Pings go on, and the answer to the last is waited for afterwards', async t => {
  const trace = new ConnectionTrace('server')
  trace.connection.pause(5000)
  t.equal(trace.connection.nextDeadline(), 20_000)
  t.same(
    trace
      .waitUntil(20_000)
      .frames()
      .map(line => line.slice(0, 6)),
    ['> ping'],
  )
  t.equal(trace.connection.nextDeadline(), 40_000, 'whoever has left is found out by writing')
  trace.waitUntil(40_000)
  t.equal(trace.connection.nextDeadline(), never, 'not while the last one waits to leave')
  t.same(
    trace.frames().map(line => line.slice(0, 6)),
    ['> ping'],
  )
  t.equal(trace.connection.nextDeadline(), 60_000)
  trace.waitUntil(59_000)
  t.equal(trace.connection.state, 'open')
  trace.connection.resume(100_000)
  t.equal(trace.connection.nextDeadline(), 120_000)
})

t.test('6.2 our own hold is not the silence of the peer: the Ping comes later by as much', async t => {
  const trace = new ConnectionTrace('server')
  trace.connection.pause(5000)
  trace.connection.resume(15_000)
  t.equal(trace.connection.nextDeadline(), 30_000)
})

t.test('6.2 what happens during a hold counts from then', async t => {
  const trace = new ConnectionTrace('server', { ...off, idleTimeout: 60_000 })
  trace.connection.pause(1000)
  trace.now = 50_000
  trace.connection.sendText('a')
  trace.flush()
  trace.connection.resume(100_000)
  t.equal(trace.connection.nextDeadline(), 160_000)
})

t.test('6.2 a hold that a promise releases: the deadline is announced, though no call tells the time', async t => {
  let settle = () => {}
  const trace = new ConnectionTrace(
    'server',
    {},
    {
      onText: () =>
        new Promise<void>(resolve => {
          settle = resolve
        }),
    },
  )
  trace.receive(trace.peer.text('a'))
  trace.waitUntil(20_000).flush()
  t.equal(trace.connection.nextDeadline(), 40_000, 'the Ping has left, its answer is not read: the next Ping')
  const { wakes } = trace
  settle()
  await Promise.resolve()
  t.ok(trace.wakes > wakes)
  t.ok(trace.connection.nextDeadline() <= 40_000)
  trace.waitUntil(90_000)
  t.equal(trace.connection.state, 'closing', 'a peer that is dead since is found out')
})

t.test('6.2 a pause brings the next Ping nearer than the answer was waited for: that is announced', async t => {
  const trace = new ConnectionTrace('client', { pingInterval: 10_000, pongTimeout: 60_000 })
  trace.waitUntil(10_000).flush()
  const due = trace.connection.nextDeadline()
  const { wakes } = trace
  trace.connection.pause(11_000)
  t.ok(trace.connection.nextDeadline() < due)
  t.equal(trace.wakes, wakes + 1)
})
