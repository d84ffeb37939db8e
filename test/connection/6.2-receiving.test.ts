/** RFC 6455 §6.2 Receiving Data: what is delivered, when it is held back, and what becomes of a handler that fails. */
import t from 'tap'
import { ProtocolError, UsageError } from '../../src/errors.js'
import { ConnectionTrace, roles } from './connection-trace.js'

for (const role of roles) {
  t.test(
    `6.2-3 "the endpoint MUST note the /type/ of the data": text is a string, binary octets (${role})`,
    async t => {
      const trace = new ConnectionTrace(role)
      trace.receive(trace.peer.text('é'), trace.peer.binary(Buffer.from('ff00', 'hex')))
      t.same(trace.next(), ['text "é"', 'binary ff00'])
    },
  )

  t.test(`6.2-7 payloads of every length come unmasked, whole and cut anywhere (${role})`, async t => {
    for (const size of [0, 1, 2, 3, 4, 5, 47, 48, 49, 125, 126, 127, 300, 65_535, 65_536]) {
      const octets = Buffer.from(Array.from({ length: size }, (_, i) => (i * 31) & 0xff))
      const messages: Buffer[] = []
      const trace = new ConnectionTrace(role, {}, { onBinary: data => void messages.push(data) })
      const frame = trace.peer.binary(octets)
      trace.receive(frame)
      for (const at of [1, 3, 7, size >> 1, size, frame.length - 1].filter(at => at < frame.length)) {
        trace.receive(frame.subarray(0, at))
        trace.receive(frame.subarray(at))
      }
      t.ok(messages.length > 1 && messages.every(message => message.equals(octets)), `${size} octets`)
    }
  })

  t.test(`6.2 text as octets, checked all the same (${role})`, async t => {
    const trace = new ConnectionTrace(role, { textAsOctets: true })
    const { peer } = trace
    trace.receive(peer.text('é'), peer.text('a', { fin: false }), peer.more('é', true), peer.text(), peer.binary('b'))
    t.same(trace.next(), ['text octets c3a9', 'text octets 61c3a9', 'text octets ', 'binary 62'])
    trace.receive(peer.text(Buffer.from('ff', 'hex')))
    t.same(trace.next(), ['closing', '> fail 1007 §8.1 WS_INVALID_UTF8'])
    const cut = new ConnectionTrace(role, { textAsOctets: true })
    cut.receive(peer.text(Buffer.from('c3', 'hex')))
    t.same(cut.next(), ['closing', '> fail 1007 §8.1 WS_INVALID_UTF8'], 'a code point that is cut by the end')
  })

  t.test(
    `6.2 held by pause(): the octets that were not taken are given again, nothing is lost or doubled (${role})`,
    async t => {
      const trace: ConnectionTrace = new ConnectionTrace(
        role,
        {},
        { onText: text => text === '2' && trace.connection.pause(0) },
      )
      const octets = Buffer.concat(['1', '2', '3', '4'].map(text => trace.peer.text(text)))
      const taken = trace.receive(octets)
      t.equal(taken, octets.length / 2)
      t.ok(trace.connection.held)
      t.same(trace.next(), ['text "1"', 'text "2"'])
      t.equal(trace.receive(octets.subarray(taken)), 0)
      t.same(trace.next(), [])
      const wakes = trace.wakes
      trace.connection.resume(0)
      t.equal(trace.wakes, wakes + 1, 'the owner is told')
      t.notOk(trace.connection.held)
      t.equal(trace.receive(octets.subarray(taken)), octets.length - taken)
      t.same(trace.next(), ['text "3"', 'text "4"'])
      t.equal(trace.connection.closeRecord.octetsReceived, octets.length)
    },
  )

  t.test(`6.2 paused inside a message, and inside a header: the rest is taken after resume() (${role})`, async t => {
    const octets = new ConnectionTrace(role).peer.text('hello')
    for (let at = 1; at < octets.length; at++) {
      const trace = new ConnectionTrace(role)
      trace.receive(octets.subarray(0, at))
      trace.connection.pause(0)
      t.equal(trace.receive(octets.subarray(at)), 0)
      trace.connection.resume(0)
      trace.receive(octets.subarray(at))
      t.same(trace.next(), ['text "hello"'], `cut at ${at}`)
    }
  })

  t.test(`6.2 held by a promise: the next message waits until it settles (${role})`, async t => {
    const settle: (() => void)[] = []
    const wait = () => new Promise<void>(resolve => settle.push(resolve))
    const trace = new ConnectionTrace(role, {}, { onText: wait, onBinary: wait })
    const octets = Buffer.concat([trace.peer.text('1'), trace.peer.ping('p'), trace.peer.binary('2')])
    const first = trace.receive(octets)
    t.ok(trace.connection.held)
    t.same(trace.next(), ['text "1"'], 'not even a Ping is read')
    const wakes = trace.wakes
    settle[0]?.()
    await Promise.resolve()
    t.notOk(trace.connection.held)
    t.equal(trace.wakes, wakes + 1)
    const second = trace.receive(octets.subarray(first))
    t.equal(first + second, octets.length)
    t.ok(trace.connection.held)
    trace.connection.pause(0)
    settle[1]?.()
    await Promise.resolve()
    t.ok(trace.connection.held, 'one hold is released, the other is not')
    trace.connection.resume(0)
    t.notOk(trace.connection.held)
    t.same(trace.next(), ['ping "p"', 'binary 32', '> pong "p"'])
  })

  t.test(
    `6.2 a hold ends when the connection is closing: data is discarded, control frames are heeded (${role})`,
    async t => {
      const trace = new ConnectionTrace(role, {}, { onText: () => new Promise(() => {}) })
      const octets = Buffer.concat([trace.peer.text('1'), trace.peer.text('2'), trace.peer.close(1000)])
      const taken = trace.receive(octets)
      trace.connection.pause(0)
      trace.connection.close(1001, '', 0)
      t.notOk(trace.connection.held)
      trace.connection.pause(0)
      t.notOk(trace.connection.held, 'nor is there a new one')
      trace.receive(octets.subarray(taken))
      t.same(trace.next(), ['text "1"', 'closing', '> close 1001 ""'])
      t.equal(trace.connection.closeRecord.clean, true)
    },
  )
}

t.test('6.2 held with no octets left: all were taken, and the next chunk is not', async t => {
  const trace = new ConnectionTrace('server', {}, { onText: () => new Promise(() => {}) })
  const octets = trace.peer.text('1')
  t.equal(trace.receive(octets), octets.length)
  t.equal(trace.receive(octets), 0)
})

const oops = () => {
  throw new Error('oops')
}
const rejected = () => Promise.reject(new Error('oops'))

t.test(
  'M-12 6.2 a handler that throws: 1011 once, onError, and the frames that follow are read in their place',
  async t => {
    for (const role of roles) {
      const trace = new ConnectionTrace(role, {}, { onText: oops, onBinary: oops, onPing: oops, onPong: oops })
      const { peer } = trace
      trace.receive(peer.text('1'), peer.text('2'), peer.binary('3'), peer.ping('4'), peer.pong('5'), peer.close(1000))
      t.same(trace.next(), [
        'text "1"',
        'closing',
        'error oops',
        'ping "4"',
        'error oops',
        'pong "5"',
        'error oops',
        '> close 1011 ""',
        '> pong "4"',
      ])
      t.match(trace.connection.closeRecord, { code: 1000, clean: true, initiator: 'local', error: { message: 'oops' } })
    }
  },
)

t.test('M-12 6.2 each handler that throws ends the connection with 1011', async t => {
  const cases: [name: string, handler: object, act: (trace: ConnectionTrace) => unknown, sent: string[]][] = [
    ['onText', { onText: oops }, trace => trace.receive(trace.peer.text()), ['> close 1011 ""']],
    ['onBinary', { onBinary: oops }, trace => trace.receive(trace.peer.binary()), ['> close 1011 ""']],
    ['onPing', { onPing: oops }, trace => trace.receive(trace.peer.ping()), ['> pong ""', '> close 1011 ""']],
    ['onPong', { onPong: oops }, trace => trace.receive(trace.peer.pong()), ['> close 1011 ""']],
    ['onWritten', { onWritten: oops }, trace => trace.connection.sendText('a'), ['> text "a"', '> close 1011 ""']],
    [
      'onDrain',
      { onDrain: oops },
      trace => trace.connection.sendText('a'.repeat(100)),
      ['> text of 100 units', '> close 1011 ""'],
    ],
    ['onClosing', { onClosing: oops }, trace => trace.connection.close(1000, '', 0), ['> close 1000 ""']],
    ['onPeerEnd', { onPeerEnd: oops }, trace => trace.connection.receiveEnd(0), []],
    ['onClose', { onClose: oops }, trace => trace.connection.transportEnded(0), []],
  ]
  for (const [name, handler, act, sent] of cases) {
    const trace = new ConnectionTrace('server', { sendHighWaterMark: 50 }, handler)
    act(trace)
    const lines = trace.next()
    t.same(
      lines.filter(line => line.startsWith('>')),
      sent,
      name,
    )
    t.ok(lines.includes('error oops'), name)
    t.ok(lines.filter(line => line === 'closing').length <= 1, name)
    t.not(trace.connection.state, 'open', name)
  }
})

t.test(
  'M-12 6.2 a promise that is rejected: 1011 once, and the close deadline runs from when the time is told',
  async t => {
    const trace = new ConnectionTrace('server', { closeTimeout: 5000 }, { onText: rejected })
    const octets = Buffer.concat([trace.peer.text('1'), trace.peer.text('2'), trace.peer.close(1000)])
    const taken = trace.receive(octets)
    t.ok(trace.connection.held)
    t.same(trace.next(), ['text "1"'])
    const wakes = trace.wakes
    await new Promise(resolve => setImmediate(resolve))
    t.notOk(trace.connection.held)
    t.ok(trace.wakes > wakes)
    t.ok(trace.connection.nextDeadline() <= trace.now, 'it is to be looked at at once')
    trace.now = 60_000
    trace.connection.handleDeadline(trace.now)
    t.equal(trace.connection.nextDeadline(), 65_000)
    trace.receive(octets.subarray(taken))
    t.same(trace.next(), ['closing', 'error oops', '> close 1011 ""'])
    t.match(trace.connection.closeRecord, { code: 1000, clean: true })
  },
)

t.test('6.2 what onError throws reaches whoever gave the octets, and is not held against the peer', async t => {
  const trace = new ConnectionTrace(
    'server',
    {},
    {
      onText: oops,
      onError: () => {
        throw new ProtocolError('WS_OURS', 1002, '0', 'not the fault of the peer')
      },
    },
  )
  t.throws(() => trace.receive(trace.peer.text('a')), {
    name: 'UsageError',
    code: 'WS_ON_ERROR_THREW',
    cause: { code: 'WS_OURS' },
  })
  t.same(trace.frames(), ['> close 1011 ""'])
  t.match(trace.connection.closeRecord.error, { message: 'oops' })
})

for (const role of roles) {
  t.test(`M-12 E3227 §6.2 onHandlerFailed from outside: as a rejected promise (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.onHandlerFailed(new Error('elsewhere'))
    t.same(trace.next(), ['closing', 'error elsewhere', '> close 1011 ""'])
    trace.connection.onHandlerFailed(new Error('again'))
    t.same(trace.next(), ['error again'])
  })
}

t.test('M-12 6.2 a promise that is rejected after the end: only onError', async t => {
  const trace = new ConnectionTrace('server', {}, { onBinary: rejected })
  trace.receive(trace.peer.binary('1'))
  trace.connection.transportEnded(0)
  await new Promise(resolve => setImmediate(resolve))
  t.same(trace.next(), ['binary 31', 'closed 1006 "" by transport', 'error oops'])
})

/** A foreign promise, which need not keep any rule. */
function thenable(then: unknown): object {
  return Object.fromEntries([['then', then]])
}

t.test('6.2 whatever has a `then` is waited for, settles once, and later', async t => {
  const trace = new ConnectionTrace(
    'server',
    {},
    {
      onText: () =>
        thenable((resolve: () => void, reject: (error: Error) => void) => {
          resolve()
          reject(new Error('too late'))
        }),
    },
  )
  const octets = Buffer.concat([trace.peer.text('1'), trace.peer.text('2')])
  const taken = trace.receive(octets)
  t.equal(taken, octets.length / 2)
  await new Promise(resolve => setImmediate(resolve))
  trace.receive(octets.subarray(taken))
  t.same(trace.next(), ['text "1"', 'text "2"'])
})

t.test('6.2 what is not a promise is not waited for', async t => {
  for (const result of [undefined, null, 0, '', 'then', {}, thenable(5), () => {}]) {
    const trace = new ConnectionTrace('server', {}, { onText: () => result })
    trace.receive(trace.peer.text('1'), trace.peer.text('2'))
    t.same(trace.next(), ['text "1"', 'text "2"'])
  }
})

t.test('5.2 what is received is a Buffer', async t => {
  const { connection } = new ConnectionTrace('server')
  for (const chunk of ['text', 5, null, new Uint8Array(1)] as never[]) {
    t.throws(() => connection.receive(chunk, 0), { name: 'UsageError', code: 'WS_INVALID_DATA' })
  }
})

t.test('6.2 receive() from within itself is refused; every other method may be called there', async t => {
  const trace: ConnectionTrace = new ConnectionTrace(
    'server',
    {},
    {
      onText: () => {
        t.throws(() => trace.receive(trace.peer.text('inner')), { name: 'UsageError', code: 'WS_REENTRANT_RECEIVE' })
        t.throws(() => trace.receive(trace.peer.text('inner')), UsageError)
        trace.connection.sendText('a')
        trace.connection.sendPing(Buffer.alloc(0), 0)
        trace.connection.pause(0)
        trace.connection.resume(0)
        trace.flush()
      },
    },
  )
  trace.receive(trace.peer.text('1'), trace.peer.text('2'))
  t.same(trace.next(), ['text "1"', '> text "a"', '> ping ""', 'text "2"', '> text "a"', '> ping ""'])
  trace.receive(trace.peer.text('3'))
  t.equal(trace.connection.state, 'open', 'and it is possible again afterwards')
})

t.test('10.7-2 terminate() from within a handler drops the rest at once', async t => {
  const trace: ConnectionTrace = new ConnectionTrace('server', {}, { onText: () => trace.connection.terminate(0) })
  trace.receive(trace.peer.text('1'), trace.peer.text('2'), trace.peer.ping('p'), trace.peer.close(1000))
  t.same(trace.next(), ['text "1"', 'closing'])
  t.equal(trace.connection.hangUp, 'cut')
})

t.test('6.2 a message kept by the application is not touched by what comes later', async t => {
  const messages: Buffer[] = []
  const trace = new ConnectionTrace('server', {}, { onBinary: data => void messages.push(data) })
  for (let i = 0; i < 50; i++)
    trace.receive(trace.peer.binary(`${i}`, { fin: false }), trace.peer.more('.'), trace.peer.more('!', true))
  t.same(
    messages.map(String),
    Array.from({ length: 50 }, (_, i) => `${i}.!`),
  )
})

t.test('6.2 an empty chunk is nothing: it is taken, and is no sign of life', async t => {
  const trace = new ConnectionTrace('server')
  const due = trace.connection.nextDeadline()
  trace.now = 1000
  t.equal(trace.receive(Buffer.alloc(0)), 0)
  t.equal(trace.connection.nextDeadline(), due)
})
