// WHATWG WebSockets Standard, close() and what follows: the cases of the web-platform-tests in websockets/Close-*,
// closing-handshake, interfaces/WebSocket/close and interfaces/CloseEvent, each in words of our
// own; RFC 6455 §7.1 on the wire.
import t from 'tap'
import { OwnCloseEvent } from '../../../src/api/close-event.js'
import { CloseEvent, WebSocket } from '../../../src/index.js'
import { listening } from '../../transport/scripted-server.js'
import { pathServer, thrown, wpt } from './path-server.js'
import { rawPeer } from './raw-peer.js'
import { SocketLog, settle } from './socket-log.js'

type Close = (code?: unknown, reason?: unknown) => unknown

/** Anything may be given in JavaScript. */
const closeOf = (socket: WebSocket) => socket.close.bind(socket) as Close

const wrongCode = 'DOMException InvalidAccessError'

const wrongCodes: [name: string, codes: unknown[]][] = [
  ['close-invalid.any.js', [0, 500, Number.NaN, 'string', null, 0x10000 + 1000, -1, -0, 'NaN', {}, false, '']],
  ['Close-onlyReason.any.js', ['Close with only reason']],
  ['Close-1005.any.js', [1005, 1006, 1015]],
  ['Close-2999-reason.any.js', [2999, 5000, 999, 1001, 1011, 65_535, Number.POSITIVE_INFINITY]],
]

for (const [name, codes] of wrongCodes) {
  wpt(name, async (t, { connect }) => {
    const { socket, log } = connect()
    const close = closeOf(socket)
    for (const code of codes)
      t.equal(
        thrown(() => close(code)),
        wrongCode,
        `CONNECTING: ${String(code)}`,
      )
    await log.until('open')
    for (const code of codes)
      t.equal(
        thrown(() => close(code, 'why')),
        wrongCode,
        `OPEN: ${String(code)}`,
      )
    socket.close()
    for (const code of codes)
      t.equal(
        thrown(() => close(code)),
        wrongCode,
        `CLOSING: ${String(code)}`,
      )
    t.equal(await log.until('close'), 'close clean 1005', 'no error came of it')
    t.same(log.lines, ['open', 'close clean 1005'])
  })
}

t.test('a code is a [Clamp] unsigned short: the nearest integer, of two the even one', async t => {
  const codes: [given: unknown, code: number | undefined][] = [
    [1000.4, 1000],
    [999.5, 1000],
    [1000.5, 1000],
    ['3000', 3000],
    [2999.5, 3000],
    [4999.4, 4999],
    [{ valueOf: () => 4000 }, 4000],
    [true, undefined],
    [4999.6, undefined],
    [1001.5, undefined],
  ]
  for (const [given, code] of codes) {
    const { socket, peer, close } = await rawPeer(t)
    if (code === undefined)
      t.equal(
        thrown(() => closeOf(socket)(given)),
        wrongCode,
        String(given),
      )
    else {
      closeOf(socket)(given)
      t.equal(await peer.line(), `close ${code} ""`, String(given))
    }
    close()
  }
  const { socket } = await rawPeer(t)
  t.equal(
    thrown(() => closeOf(socket)(Symbol('code'))),
    'TypeError',
  )
  t.equal(
    thrown(() => closeOf(socket)(1000n)),
    'TypeError',
  )
  t.equal(
    thrown(() => closeOf(socket)(1000, Symbol('reason'))),
    'TypeError',
  )
  t.equal(socket.readyState, WebSocket.OPEN)
})

wpt('Close-Reason-124Bytes.any.js', async (t, { open }) => {
  const { socket, log } = await open()
  for (const reason of ['x'.repeat(124), '\u00e9'.repeat(62), `${'x'.repeat(121)}\u20ac`, '\ud800'.repeat(42)]) {
    t.equal(
      thrown(() => socket.close(1000, reason)),
      'DOMException SyntaxError',
    )
    t.equal(
      thrown(() => socket.close(undefined, reason)),
      'DOMException SyntaxError',
    )
  }
  t.equal(
    thrown(() => socket.close(2000, 'x'.repeat(124))),
    wrongCode,
    'the code is looked at first',
  )
  t.equal(socket.readyState, WebSocket.OPEN)
  socket.close(1000, 'x'.repeat(123))
  t.equal(await log.until('close'), 'close clean 1000')
})

/** What is on the wire, and what is told when the peer says the same. */
const closes: [name: string, given: unknown[], sent: string, told: string][] = [
  ['Close-1000.any.js', [1000], 'close 1000 ""', 'close clean 1000'],
  [
    'Close-1000-verify-code.any.js',
    [1000, 'Clean Close'],
    'close 1000 "Clean Close"',
    'close clean 1000 "Clean Close"',
  ],
  ['Close-1000-reason.any.js', [1000, 'b'], 'close 1000 "b"', 'close clean 1000 "b"'],
  ['Close-3000-reason.any.js', [3000, 'a'], 'close 3000 "a"', 'close clean 3000 "a"'],
  ['Close-3000-verify-code.any.js', [3000], 'close 3000 ""', 'close clean 3000'],
  ['Close-4999-reason.any.js', [4999, 'a'], 'close 4999 "a"', 'close clean 4999 "a"'],
  ['Close-1005-verify-code.any.js', [], 'close', 'close clean 1005'],
  ['Close-undefined.any.js', [undefined], 'close', 'close clean 1005'],
  ['undefined twice', [undefined, undefined], 'close', 'close clean 1005'],
  ['Close-reason-unpaired-surrogates.any.js', [1000, '\ud807'], 'close 1000 "\ufffd"', 'close clean 1000 "\ufffd"'],
  ['a lone surrogate behind a letter', [1000, 'a\udc07'], 'close 1000 "a\ufffd"', 'close clean 1000 "a\ufffd"'],
  ['a reason without a code: 1000', [undefined, 'why'], 'close 1000 "why"', 'close clean 1000 "why"'],
  ['an empty reason without a code: no body', [undefined, ''], 'close', 'close clean 1005'],
  ['a reason is made a string', [1000, null], 'close 1000 "null"', 'close clean 1000 "null"'],
]

for (const [name, given, sent, told] of closes) {
  t.test(`${name}: ${sent}`, async t => {
    const { socket, log, peer, send } = await rawPeer(t)
    t.equal(closeOf(socket)(...given), undefined)
    t.equal(socket.readyState, WebSocket.CLOSING)
    const { payload, ...frame } = await peer.frame()
    t.match(frame, { opcode: 8, fin: true })
    send({ opcode: 8, payload })
    peer.stream.end()
    t.equal(await log.until('close'), told)
    t.same(log.lines, ['open', told], 'no error')
    t.equal(await peer.end().then(rest => rest.length), 0, 'nothing follows')
    const text =
      payload.length === 0 ? 'close' : `close ${payload.readUInt16BE(0)} ${JSON.stringify(payload.toString('utf8', 2))}`
    t.equal(text, sent)
  })
}

for (const name of [
  'closing-handshake/003.html',
  'interfaces/WebSocket/readyState/007.html',
  'interfaces/WebSocket/readyState/008.html',
  'Close-readyState-Closing.any.js',
  'Close-readyState-Closed.any.js',
]) {
  wpt(name, async (t, { open }) => {
    const { socket, log } = await open()
    socket.close()
    t.equal(socket.readyState, WebSocket.CLOSING)
    t.same(log.lines, ['open'], 'no event yet')
    t.equal(await log.until('close'), 'close clean 1005')
    t.equal(socket.readyState, WebSocket.CLOSED)
    t.same(log.lines, ['open', 'close clean 1005'])
  })
}

for (const name of ['closing-handshake/002.html', 'Close-server-initiated-close.any.js']) {
  wpt(name, async (t, { open }) => {
    const { socket, log } = await open('/exit')
    const states: number[] = []
    socket.onclose = () => states.push(socket.readyState)
    socket.send('Goodbye')
    t.equal(await log.until('close'), 'close clean 1000 "exit"')
    await settle()
    t.same(log.lines, ['open', 'close clean 1000 "exit"'])
    t.same(states, [WebSocket.CLOSED])
  })
}

t.test('closing-handshake/004.html data behind the Close frame is not told', async t => {
  const { socket, log, peer, send } = await rawPeer(t)
  send({ opcode: 1, payload: 'before' }, { opcode: 8 }, { opcode: 1, payload: 'behind' })
  t.equal(await peer.line(), 'close', 'the client answers with a Close frame')
  t.equal(socket.readyState, WebSocket.CLOSING, 'CLOSING since the Close frame came')
  peer.stream.end()
  await log.until('close')
  t.same(log.lines, ['open', 'message "before"', 'close clean 1005'])
})

t.test('Close-delayed.any.js no close event before the peer has answered', async t => {
  const { socket, log, peer, close } = await rawPeer(t)
  socket.close()
  t.equal(await peer.line(), 'close')
  await settle(20)
  t.same(log.lines, ['open'])
  t.equal(socket.readyState, WebSocket.CLOSING)
  close()
  await log.until('close')
  t.same(log.lines, ['open', 'close clean 1005'])
})

t.test('messages that come after close() are not told', async t => {
  const { socket, log, peer, send, close } = await rawPeer(t)
  socket.close(1000)
  send({ opcode: 1, payload: 'late' }, { opcode: 2, payload: 'late' })
  t.equal(await peer.line(), 'close 1000 ""')
  close(1000)
  await log.until('close')
  t.same(log.lines, ['open', 'close clean 1000'])
})

t.test('messages that come behind the one in whose listener close() is called are not told', async t => {
  const { socket, log, send, close } = await rawPeer(t)
  socket.onmessage = () => socket.close()
  await log.until('open')
  send({ opcode: 1, payload: 'one' }, { opcode: 1, payload: 'two' })
  await log.until('message')
  close()
  await log.until('close')
  t.same(log.lines, ['open', 'message "one"', 'close clean 1005'])
})

wpt('interfaces/CloseEvent/clean-close.html', async (t, { open }) => {
  const { socket, log } = await open('/echo')
  socket.onmessage = () => socket.close()
  socket.onclose = event => t.equal(event.wasClean, true)
  socket.send('Test')
  await log.until('close')
  t.same(log.lines, ['open', 'message "Test"', 'close clean 1005'])
})

wpt('interfaces/WebSocket/close/close-basic.html', async (t, { connect }) => {
  const { socket, log } = connect()
  socket.onclose = event => {
    t.ok(event instanceof CloseEvent)
    t.ok(event instanceof Event)
    t.equal(Reflect.set(event, 'wasClean', true), false, 'it cannot be written')
    t.equal(Reflect.deleteProperty(event, 'wasClean'), true, 'there is nothing to delete on the event itself')
    t.equal(event.wasClean, false)
  }
  socket.close()
  t.equal(socket.readyState, WebSocket.CLOSING)
  t.same(log.lines, [])
  await log.until('close')
  t.same(log.lines, ['error', 'close 1006'])
})

wpt('interfaces/WebSocket/close/close-multiple.html', async (t, { connect, open }) => {
  const connecting = connect()
  const opened = await open()
  for (const { socket } of [connecting, opened]) for (let i = 0; i < 3; i++) socket.close()
  await Promise.all([connecting.log.until('close'), opened.log.until('close')])
  for (let i = 0; i < 3; i++) opened.socket.close(3000)
  await settle()
  t.same(opened.log.lines.slice(1), ['close clean 1005'])
  t.equal(connecting.log.lines.filter(line => line.startsWith('close')).length, 1)
})

wpt('interfaces/WebSocket/close/close-nested.html', async (t, { connect }) => {
  const { socket, log } = connect()
  let calls = 0
  socket.onclose = () => {
    calls++
    t.equal(socket.readyState, WebSocket.CLOSED)
    socket.close()
    t.equal(socket.readyState, WebSocket.CLOSED)
  }
  socket.close()
  t.equal(socket.readyState, WebSocket.CLOSING)
  await log.until('close')
  await settle()
  t.equal(calls, 1)
})

t.test('interfaces/WebSocket/close/close-connecting.html the server does not answer', async t => {
  let asked = () => {}
  const { port, sockets } = await listening(t, socket => socket.once('data', () => asked()))
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
  await new Promise<void>(resolve => (asked = resolve))
  const log = new SocketLog(socket)
  t.equal(socket.readyState, WebSocket.CONNECTING)
  socket.close()
  t.equal(socket.readyState, WebSocket.CLOSING)
  const states: number[] = []
  // Listeners that are added now, or after a turn of promises, miss nothing.
  await Promise.resolve()
  socket.onerror = () => states.push(socket.readyState)
  socket.onclose = () => states.push(socket.readyState)
  await log.until('close')
  t.same(log.lines, ['error', 'close 1006'])
  t.same(states, [WebSocket.CLOSED, WebSocket.CLOSED])
  if (!sockets[0]!.closed) await new Promise(resolve => sockets[0]!.on('close', resolve))
  t.pass('and TCP is cut')
})

wpt('interfaces/WebSocket/close/close-connecting-async.any.js', async (t, { connect }) => {
  const { socket, log } = connect()
  t.equal(socket.readyState, WebSocket.CONNECTING)
  socket.close()
  t.equal(socket.readyState, WebSocket.CLOSING)
  t.same(log.lines, [], 'not within close()')
  await log.until('close')
  await settle()
  t.same(log.lines, ['error', 'close 1006'])
})

t.test('close() when the handshake is over, but nobody was told: no open, the connection is cut', async t => {
  const { connections, base } = await pathServer(t)
  // Masking-keys are asked for when the connection is made, before the promise of it has told anybody.
  const maskingKeys = () => {
    socket.close()
    return 0x37fa213d
  }
  const socket = new WebSocket(`${base}/`, [], { maskingKeys })
  const log = new SocketLog(socket)
  await log.until('close')
  await settle()
  t.same(log.lines, ['error', 'close 1006'])
  t.equal((await connections[0]!.closed).code, 1006)
})

t.test('interfaces/CloseEvent/constructor.html with and without a dictionary', async t => {
  t.equal(CloseEvent, (globalThis as { CloseEvent?: unknown }).CloseEvent ?? OwnCloseEvent)
  t.equal(CloseEvent.name, 'CloseEvent')
  for (const Constructor of [CloseEvent, OwnCloseEvent]) {
    const plain = new Constructor('foo')
    t.ok(plain instanceof Constructor && plain instanceof Event)
    t.match(plain, { type: 'foo', bubbles: false, cancelable: false, wasClean: false, code: 0, reason: '' })
    const told = { bubbles: true, cancelable: true, wasClean: true, code: 7, reason: 'x' }
    const event = new Constructor('foo', told)
    t.match(event, { type: 'foo', ...told })
    const target = new EventTarget()
    target.addEventListener('foo', seen => t.equal(seen, event))
    target.dispatchEvent(event)
  }
})

t.test('interfaces/CloseEvent/historical.html there is no initCloseEvent', async t => {
  for (const Constructor of [CloseEvent, OwnCloseEvent]) {
    t.notOk('initCloseEvent' in Constructor.prototype)
    t.notOk('initCloseEvent' in new Constructor('close'))
  }
})

t.test('a CloseEvent of our own is as Web IDL wants it', async t => {
  const event = new OwnCloseEvent('close', { wasClean: 1 as never, code: 65_536 + 1000, reason: 'a\ud800' })
  t.match(event, { wasClean: true, code: 1000, reason: 'a\ufffd' })
  t.equal(String(event), '[object CloseEvent]')
  const codes: [given: unknown, code: number][] = [
    [-1, 65_535],
    [1.9, 1],
    ['12', 12],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
  ]
  for (const [given, code] of codes)
    t.equal(new OwnCloseEvent('x', { code: given as number }).code, code, String(given))
  t.equal(
    thrown(() => new (OwnCloseEvent as unknown as new () => Event)()),
    'TypeError',
  )
  for (const attribute of ['wasClean', 'code', 'reason']) {
    t.match(Object.getOwnPropertyDescriptor(OwnCloseEvent.prototype, attribute), { enumerable: true, set: undefined })
  }
})
