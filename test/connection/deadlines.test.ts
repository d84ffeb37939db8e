/**
 * The deadlines of a connection, with the clock as an input: keep-alive (RFC 6455 §5.5.2, its note), the end (§7.1.1), a
 * message that stays incomplete and idleness (§10.4).
 */
import t from 'tap'
import { ConnectionTrace, roles } from './connection-trace.js'

const never = Number.POSITIVE_INFINITY
const first = { fin: false }
const off = { pingInterval: 'off', incompleteMessageTimeout: 'off' } as const

/** The lines since the last call, with the payload of a keep-alive Ping left out. */
function next(trace: ConnectionTrace): string[] {
  return trace.next().map(line => line.replace(/^> ping .*/, '> ping'))
}

for (const role of roles) {
  t.test(`5.5.2 keep-alive: a Ping after 20 s of silence, given up 20 s after it has left (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    t.equal(trace.connection.nextDeadline(), 20_000)
    t.same(next(trace.waitUntil(19_999)), [])
    const { wakes } = trace
    trace.connection.handleDeadline(20_000)
    t.equal(trace.wakes, wakes + 1)
    trace.now = 20_005
    t.same(next(trace), ['> ping'])
    t.equal(trace.connection.nextDeadline(), 40_005)
    t.same(next(trace.waitUntil(40_004)), [])
    t.same(next(trace.waitUntil(40_005)), ['closing'])
    t.equal(trace.connection.hangUp, 'cut')
    t.equal(trace.connection.nextDeadline(), never)
    trace.connection.transportEnded(40_006)
    t.match(trace.record, {
      code: 1006,
      initiator: 'local',
      error: { name: 'TransportError', code: 'WS_PONG_TIMEOUT' },
    })
  })

  t.test(
    `5.5.2 keep-alive: the Pong ends the wait and tells the round-trip time, which is in the record (${role})`,
    async t => {
      const trace = new ConnectionTrace(role)
      trace.waitUntil(20_000).flush()
      const { payload } = trace.sent[0]!
      trace.now = 20_150
      trace.receive(trace.peer.pong(payload))
      t.equal(trace.connection.nextDeadline(), 40_150)
      t.match(trace.connection.closeRecord.roundTripTimes, { last: 150, count: 1 })
    },
  )

  t.test(`5.5.2 keep-alive: any octet of the peer is life, before the Ping and after it (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    const octets = trace.peer.binary('123')
    for (const [i, octet] of octets.entries()) {
      trace.waitUntil(15_000 * (i + 1))
      trace.receive(Buffer.from([octet]))
      t.equal(trace.connection.nextDeadline(), trace.now + 20_000)
    }
    t.same(next(trace), ['binary 313233'])
    trace.waitUntil(trace.now + 20_000)
    t.same(next(trace), ['> ping'])
    trace.waitUntil(trace.now + 19_999)
    trace.receive(Buffer.from([0x82]))
    t.equal(trace.connection.nextDeadline(), trace.now + 20_000, 'it need not be the Pong')
  })

  t.test(`5.5.2 keep-alive: until the Ping has left our buffers, octets that leave are life too (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.sendBinary(Buffer.alloc(200_000))
    const taken = trace.take()
    trace.connection.transportTook(taken, true, 0)
    trace.waitUntil(20_000)
    t.equal(trace.connection.nextDeadline(), 40_000)
    for (const [at, backlog] of [
      [39_000, 50_000],
      [58_000, 40_000],
      [77_000, 30_000],
    ] as const) {
      trace.waitUntil(at)
      trace.connection.transportTook(backlog, true, at)
      t.equal(trace.connection.nextDeadline(), at + 20_000)
    }
    trace.waitUntil(80_000)
    trace.connection.transportTook(30_000, true, 80_000)
    t.equal(trace.connection.nextDeadline(), 97_000, 'nothing has left since')
    trace.waitUntil(96_999)
    t.equal(trace.connection.state, 'open')
    trace.waitUntil(97_000)
    t.equal(trace.connection.hangUp, 'cut', 'a transport that takes nothing is given up')
  })

  t.test(
    `5.5.2 keep-alive: a Ping that the transport has taken leaves with its last octet, not before (${role})`,
    async t => {
      const trace = new ConnectionTrace(role)
      trace.connection.sendBinary(Buffer.alloc(1000))
      trace.waitUntil(20_000)
      const taken = trace.take()
      for (const [at, backlog, due] of [
        [20_000, taken, 40_000],
        [39_000, 500, 59_000],
        [58_000, 1, 78_000],
        [77_000, 0, 97_000],
      ] as const) {
        trace.waitUntil(at)
        trace.connection.transportTook(backlog, true, at)
        t.equal(trace.connection.nextDeadline(), due)
      }
      trace.connection.sendText('after')
      trace.flush()
      t.equal(trace.connection.nextDeadline(), 97_000)
    },
  )

  t.test(`5.5.2 keep-alive: from when the Ping has left, octets that leave are life no more (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.waitUntil(20_000)
    const ping = trace.take()
    trace.connection.transportTook(ping, true, 20_000)
    trace.connection.sendBinary(Buffer.alloc(1000))
    trace.waitUntil(30_000)
    trace.connection.transportTook(0, false, 30_000)
    t.equal(trace.connection.nextDeadline(), 50_000, 'the Ping has left now')
    trace.waitUntil(45_000)
    trace.flush()
    t.equal(trace.connection.nextDeadline(), 50_000)
    trace.waitUntil(50_000)
    t.equal(trace.connection.hangUp, 'cut', 'a dead link takes what is sent for long')
  })

  t.test(`5.5.2 keep-alive: a Ping that waits within a frame on its way has not left with it (${role})`, async t => {
    const trace = new ConnectionTrace(role, { sendHighWaterMark: 1000 })
    trace.connection.sendBinary(Buffer.alloc(200_000))
    const taken = trace.take()
    trace.connection.transportTook(taken, true, 0)
    trace.waitUntil(20_000)
    trace.connection.transportTook(100, true, 25_000)
    t.equal(trace.connection.nextDeadline(), 45_000)
    trace.connection.transportTook(0, false, 30_000)
    t.equal(trace.connection.nextDeadline(), 50_000)
    trace.now = 30_000
    trace.flush()
    trace.connection.sendText('after')
    trace.now = 40_000
    trace.flush()
    t.equal(trace.connection.nextDeadline(), 50_000, 'now it has')
  })

  t.test(`R-09 5.5.2 keep-alive: a deadline that is judged late asks before it gives up (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.handleDeadline(500_000)
    t.equal(trace.connection.state, 'open')
    t.equal(trace.connection.nextDeadline(), 520_000)
  })

  t.test(`5.5.2 keep-alive: a peer that is alive and never answers makes nothing grow (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    for (let i = 0; i < 3000; i++) {
      trace.waitUntil(trace.now + 20_000).flush()
      trace.receive(trace.peer.text())
    }
    t.equal(trace.sent.length, 3000)
    t.ok(trace.connection.sendPing(Buffer.from('mine'), trace.now), 'the Pings of the application have their room')
    const settled: unknown[] = []
    trace.connection.sendPing(Buffer.from('asked'), trace.now, time => settled.push(time))
    trace.receive(trace.peer.pong(trace.sent[0]?.payload))
    t.same(settled, [], 'a Ping that is forgotten is answered no more')
    trace.receive(trace.peer.pong(trace.sent.at(-1)?.payload))
    t.equal(trace.connection.closeRecord.roundTripTimes?.count, 1)
  })

  t.test(`7.1.1-4 5.5.1-14 the end: cut 10 s after it began, whatever comes (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.close(1000, '', 1000)
    t.equal(trace.connection.nextDeadline(), 11_000)
    trace.waitUntil(5000)
    trace.receive(trace.peer.text('a'), trace.peer.ping('p'), trace.peer.close(1000))
    t.equal(trace.connection.nextDeadline(), 11_000)
    trace.connection.receiveEnd(6000)
    t.equal(trace.connection.nextDeadline(), 11_000)
    trace.waitUntil(10_999)
    t.not(trace.connection.hangUp, 'cut')
    trace.waitUntil(11_000)
    t.equal(trace.connection.hangUp, 'cut')
    trace.connection.handleDeadline(99_000)
    trace.connection.transportEnded(99_000)
    trace.connection.handleDeadline(99_000)
    t.match(trace.record, { code: 1000, error: { code: 'WS_CLOSE_TIMEOUT' } })
    t.notOk(
      trace.sent.some(frame => frame.opcode === 9),
      'no keep-alive Ping at the end',
    )
  })

  t.test(
    `7.1.1 the end: what was sent before our Close leaves slowly, and has time while it does (${role})`,
    async t => {
      const trace = new ConnectionTrace(role, { closeTimeout: 4000 })
      trace.connection.sendBinary(Buffer.alloc(60_000))
      let backlog = trace.take()
      trace.connection.transportTook(backlog, true, 0)
      trace.connection.close(1000, '', 1000)
      t.equal(trace.connection.nextDeadline(), 5000)
      for (; backlog > 2500; backlog -= 2500) {
        trace.waitUntil(trace.now + 1500)
        trace.connection.transportTook(backlog - 2500, true, trace.now)
        t.not(trace.connection.hangUp, 'cut', `${backlog} at ${trace.now}`)
      }
      t.ok(trace.now > 30_000)
      trace.now += 100
      trace.connection.transportTook(0, false, trace.now)
      trace.connection.takeOutput(trace.now)
      trace.connection.transportTook(2, true, trace.now)
      trace.waitUntil(trace.now + 1000)
      trace.connection.transportTook(0, false, trace.now)
      const left = trace.now
      t.equal(trace.connection.nextDeadline(), left + 4000, 'from when our Close has left')
      trace.receive(...Array.from({ length: 100 }, () => trace.peer.ping('x'.repeat(125))))
      trace.now += 3000
      trace.flush()
      t.equal(trace.connection.nextDeadline(), left + 4000, 'Pongs behind it put nothing off')
      trace.waitUntil(left + 4000)
      t.equal(trace.connection.hangUp, 'cut')
    },
  )

  t.test(`7.1.1 the end: what leaves with less than 1 KiB/s, or no more, is given up (${role})`, async t => {
    for (const [perSecond, until, alive] of [
      [1000, 4000, false],
      [1100, 40_000, true],
    ] as const) {
      const trace = new ConnectionTrace(role, { closeTimeout: 4000 })
      trace.connection.sendBinary(Buffer.alloc(60_000))
      trace.take()
      trace.connection.transportTook(60_000, true, 0)
      trace.connection.close(1000, '', 0)
      for (let at = 1000; at <= until; at += 1000) {
        trace.connection.transportTook(60_000 - (perSecond * at) / 1000, true, at)
        trace.waitUntil(at)
      }
      t.equal(trace.connection.hangUp === 'cut', !alive)
      if (!alive) continue
      trace.waitUntil(until + 3999)
      t.not(trace.connection.hangUp, 'cut')
      trace.waitUntil(until + 4000)
      t.equal(trace.connection.hangUp, 'cut', 'nothing has left any more')
      t.match(trace.connection.closeRecord, { error: { code: 'WS_CLOSE_TIMEOUT' } })
    }
  })

  t.test(`7.1.1 the end: also where the peer has begun it, or has ended without a Close (${role})`, async t => {
    for (const begin of [
      (trace: ConnectionTrace) => trace.receive(trace.peer.close(1000)),
      (trace: ConnectionTrace) => trace.connection.receiveEnd(0),
    ]) {
      const trace = new ConnectionTrace(role, { closeTimeout: 4000 })
      trace.connection.sendBinary(Buffer.alloc(60_000))
      trace.take()
      trace.connection.transportTook(60_000, true, 0)
      begin(trace)
      trace.waitUntil(3000)
      trace.connection.transportTook(50_000, true, 3000)
      t.equal(trace.waitUntil(6999).connection.hangUp === 'cut', false)
      t.equal(trace.waitUntil(7000).connection.hangUp, 'cut')
    }
  })

  t.test(
    `7.1.1 close with \`by\`: the end is by then, whatever leaves, also of what is closing already (${role})`,
    async t => {
      for (const already of [false, true]) {
        const trace = new ConnectionTrace(role, { closeTimeout: 4000 })
        trace.connection.sendBinary(Buffer.alloc(60_000))
        trace.take()
        trace.connection.transportTook(60_000, true, 0)
        if (already) trace.connection.close(1000, '', 0)
        t.equal(trace.connection.nextDeadline(), already ? 4000 : 20_000)
        const { wakes } = trace
        trace.connection.close(1001, '', 0, 3500)
        t.equal(trace.wakes > wakes, true)
        t.equal(trace.connection.nextDeadline(), 3500)
        trace.connection.transportTook(30_000, true, 3000)
        trace.waitUntil(3499)
        t.not(trace.connection.hangUp, 'cut')
        trace.waitUntil(3500)
        t.equal(trace.connection.hangUp, 'cut')
        t.match(trace.connection.closeRecord, {
          sent: { code: already ? 1000 : 1001 },
          error: { code: 'WS_CLOSE_TIMEOUT' },
        })
      }
    },
  )

  t.test(`7.1.1 the end: by every way it has its deadline, announced by wake() (${role})`, async t => {
    const ways: [way: string, act: (trace: ConnectionTrace) => void][] = [
      ['the Close of the peer', trace => trace.receive(trace.peer.close())],
      ['a violation', trace => trace.receive(Buffer.from('ffff', 'hex'))],
      ['the end of the peer', trace => trace.connection.receiveEnd(trace.now)],
      ['close()', trace => trace.connection.close(1000, '', trace.now)],
    ]
    for (const [way, act] of ways) {
      const trace = new ConnectionTrace(role, { ...off, closeTimeout: 3000 })
      t.equal(trace.connection.nextDeadline(), never)
      trace.now = 500
      const { wakes } = trace
      act(trace)
      t.ok(trace.wakes > wakes, way)
      t.equal(trace.connection.nextDeadline(), 3500, way)
    }
  })

  t.test(`M-09 a message that never ends: 1008 after 120 s, though Pings are answered (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.waitUntil(1000)
    trace.receive(trace.peer.text('a', first))
    for (let at = 11_000; at < 121_000; at += 10_000) {
      trace.waitUntil(at)
      trace.receive(trace.peer.ping('x'.repeat(125)))
    }
    t.equal(trace.connection.nextDeadline(), 121_000)
    trace.waitUntil(120_999)
    t.equal(trace.connection.state, 'open')
    trace.lines = []
    t.same(trace.waitUntil(121_000).frames().at(-1), '> fail 1008 §10.4 WS_MESSAGE_TIMEOUT')
  })

  t.test(`M-09 a message that never ends: Pings, however many, are no progress of it (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.receive(trace.peer.text('a', first))
    const pings = Array.from({ length: 100 }, () => trace.peer.ping('x'.repeat(125)))
    for (let at = 1000; at < 120_000; at += 1000) {
      trace.waitUntil(at)
      trace.receive(...pings)
    }
    t.equal(trace.waitUntil(120_000).frames().at(-1), '> fail 1008 §10.4 WS_MESSAGE_TIMEOUT')
  })

  t.test(`M-09 1 KiB a second of the message extends it; a little less does not (${role})`, async t => {
    for (const [perSecond, alive] of [
      [1024, true],
      [1015, false],
    ] as const) {
      const trace = new ConnectionTrace(role)
      trace.receive(trace.peer.header(0x82, 1_000_000))
      for (let at = 1000; at <= 360_000 && trace.connection.state === 'open'; at += 1000) {
        trace.waitUntil(at - 1)
        trace.receive(Buffer.alloc(perSecond))
        trace.waitUntil(at)
      }
      t.equal(trace.connection.state, alive ? 'open' : 'closing')
      t.equal(trace.now, alive ? 360_000 : 120_000)
    }
  })

  t.test(
    `M-09 messages one after the other, each cut by the end of a chunk, are not one that never ends (${role})`,
    async t => {
      const trace = new ConnectionTrace(role)
      const frame = trace.peer.text('0123456789')
      trace.receive(frame.subarray(0, 9))
      for (let at = 1000; at <= 400_000; at += 1000) {
        trace.waitUntil(at)
        trace.receive(frame.subarray(9), frame.subarray(0, 9))
      }
      t.equal(trace.connection.state, 'open')
      t.equal(trace.connection.nextDeadline(), 420_000)
      trace.connection.pause(400_000)
      trace.connection.resume(400_000)
      const wait = new ConnectionTrace(role, { pingInterval: 'off' })
      wait.receive(frame.subarray(0, 9))
      wait.now = 50_000
      wait.receive(frame.subarray(9), frame.subarray(0, 9))
      t.equal(wait.connection.nextDeadline(), 170_000, 'the time of the new one runs from its own beginning')
      wait.receive(frame.subarray(9))
      t.equal(wait.connection.nextDeadline(), never)
    },
  )

  t.test(
    `10.4 idle: 1001 when no message went either way; control frames and fragments are none (${role})`,
    async t => {
      const trace = new ConnectionTrace(role, { ...off, idleTimeout: 30_000 })
      t.equal(trace.connection.nextDeadline(), 30_000)
      trace.waitUntil(10_000)
      trace.receive(trace.peer.ping(), trace.peer.pong(), trace.peer.text('a', first))
      t.equal(trace.connection.nextDeadline(), 30_000)
      trace.waitUntil(20_000)
      trace.receive(trace.peer.more('b', true))
      t.equal(trace.connection.nextDeadline(), 50_000, 'received')
      trace.waitUntil(40_000)
      trace.connection.sendText('c')
      trace.flush()
      t.equal(trace.connection.nextDeadline(), 70_000, 'sent')
      trace.waitUntil(60_000)
      trace.connection.sendPing(Buffer.alloc(0), trace.now)
      trace.flush()
      trace.lines = []
      t.same(next(trace.waitUntil(70_000)), ['closing', '> close 1001 "idle"'])
      t.equal(trace.connection.nextDeadline(), 80_000)
    },
  )
}

t.test('10.4 a nearer deadline is announced by wake(), a later one is found when the old one is looked at', async t => {
  const message = new ConnectionTrace('server', { pingInterval: 'off' })
  t.equal(message.connection.nextDeadline(), never)
  message.receive(message.peer.text('a', first))
  t.equal(message.wakes, 1, 'an incomplete message')
  t.equal(message.connection.nextDeadline(), 120_000)
  message.receive(message.peer.more('b'))
  message.receive(message.peer.more('c', true))
  t.equal(message.wakes, 1)

  const pong = new ConnectionTrace('server', { pongTimeout: 60_000 })
  pong.waitUntil(20_000).flush()
  t.equal(pong.connection.nextDeadline(), 80_000)
  const { wakes } = pong
  pong.now = 21_000
  pong.receive(Buffer.from([0x81]))
  t.equal(pong.wakes, wakes + 1, 'the next Ping is due before the answer to the last one was')
  t.equal(pong.connection.nextDeadline(), 41_000)
  pong.now = 22_000
  pong.receive(Buffer.from([0x80]))
  t.equal(pong.wakes, wakes + 1, 'later')
})

t.test('10.4 deadlines that are off', async t => {
  const trace = new ConnectionTrace('server', { ...off, pongTimeout: 'off', idleTimeout: 'off' })
  trace.receive(trace.peer.text('a', first))
  t.equal(trace.connection.nextDeadline(), never)
  trace.connection.handleDeadline(10 ** 12)
  t.equal(trace.connection.state, 'open')

  const patient = new ConnectionTrace('server', { pongTimeout: 'off' })
  t.same(next(patient.waitUntil(20_000)), ['> ping'])
  t.equal(patient.connection.nextDeadline(), never, 'a Ping that need not be answered')
})

t.test('5.5.2 keep-alive: Pings come up to a tenth earlier, differently for each connection', async t => {
  for (const [key, due] of [
    [0, 20_000],
    [128, 19_000],
    [255, 18_008],
    [0x7fffff00, 20_000],
    [-1, 18_008],
  ] as const) {
    const trace = new ConnectionTrace('server', { maskingKeys: () => key })
    t.equal(trace.connection.nextDeadline(), due)
    trace.waitUntil(due)
    t.same(next(trace), ['> ping'])
  }
})
