// WHATWG WebSockets Standard, the events and event handlers: the cases of the web-platform-tests in
// interfaces/WebSocket/events and eventhandlers.any.js, each in words of our own.
import t, { type Test } from 'tap'
import { EventHandlerAttributes } from '../../../src/api/event-handler-attributes.js'
import { CloseEvent, WebSocket } from '../../../src/index.js'
import { pathServer, wpt } from './path-server.js'
import { rawPeer } from './raw-peer.js'
import { SocketLog, settle } from './socket-log.js'

const types = ['open', 'message', 'error', 'close'] as const
const attributes = ['onopen', 'onmessage', 'onerror', 'onclose'] as const

/** Not connected to anything. */
function lonely(): WebSocket {
  return new WebSocket('ws://localhost:1/')
}

/** Anything may be assigned in JavaScript. */
type Untyped = Record<string, unknown>

t.test('interfaces/WebSocket/events/001.html null at first', async t => {
  for (const attribute of attributes) t.equal(lonely()[attribute], null)
})

t.test('interfaces/WebSocket/events/002.html what was set is got', async t => {
  const socket = lonely()
  for (const attribute of attributes) {
    const handler = () => {}
    socket[attribute] = handler
    t.equal(socket[attribute], handler)
  }
})

for (const [name, type] of [
  ['interfaces/WebSocket/events/003.html', 'open'],
  ['interfaces/WebSocket/events/007.html', 'message'],
  ['interfaces/WebSocket/events/008.html', 'error'],
  ['interfaces/WebSocket/events/009.html', 'close'],
] as const) {
  t.test(`${name}: any event of that type is handled`, async t => {
    const socket = lonely() as WebSocket & Untyped
    const seen: unknown[] = []
    socket[`on${type}`] = (event: Event) => seen.push((event as Event & { detail: unknown }).detail)
    socket.dispatchEvent(Object.assign(new Event(type), { detail: 5 }))
    t.same(seen, [5])
  })
}

t.test('interfaces/WebSocket/events/004.html the methods of EventTarget', async t => {
  for (const method of ['addEventListener', 'removeEventListener', 'dispatchEvent'] as const) {
    t.type(lonely()[method], 'function')
  }
})

t.test('interfaces/WebSocket/events/006.html the attributes are there', async t => {
  const socket = lonely()
  for (const attribute of attributes) t.ok(attribute in socket)
})

const noHandlers: [name: string, value: unknown][] = [
  ['interfaces/WebSocket/events/010.html', undefined],
  ['interfaces/WebSocket/events/011.html', 1],
  ['interfaces/WebSocket/events/012.html', ';'],
  ['interfaces/WebSocket/events/014.html', null],
  ['eventhandlers.any.js', 2],
]

for (const [name, value] of noHandlers) {
  t.test(`${name}: ${String(value)} is null`, async t => {
    for (const attribute of attributes) {
      const socket = lonely() as unknown as Untyped
      socket[attribute] = value
      t.equal(socket[attribute], null)
      socket[attribute] = () => t.fail('handled')
      socket[attribute] = value
      t.equal(socket[attribute], null)
      ;(socket as unknown as WebSocket).dispatchEvent(new Event(attribute.slice(2)))
    }
  })
}

t.test(
  'interfaces/WebSocket/events/013.html an object that cannot be called stays there, and is not called',
  async t => {
    for (const attribute of attributes) {
      const socket = lonely() as unknown as Untyped
      const value = { handleEvent: () => t.fail('called') }
      socket[attribute] = value
      t.equal(socket[attribute], value)
      ;(socket as unknown as WebSocket).dispatchEvent(new Event(attribute.slice(2)))
    }
  },
)

/** Listens first; then a text frame comes, and one with the reserved opcode 3, which fails the connection. */
async function allEvents(t: Test, before: (socket: WebSocket) => void): Promise<void> {
  const { log, peer, send } = await rawPeer(t, { before })
  send({ opcode: 1, payload: 'test' }, { opcode: 3, payload: 'LOL' })
  t.match(await peer.line(), /^close 1002 /)
  peer.stream.end()
  await log.until('close')
  t.same(log.lines, ['open', 'message "test"', 'error', 'close 1006'])
}

t.test('interfaces/WebSocket/events/015.html what each event is, and the state when it comes', async t => {
  const seen: [string, boolean, number][] = []
  await allEvents(t, socket => {
    const note = (type: string, Class: abstract new (...args: never) => Event) => (event: Event) =>
      seen.push([type, event instanceof Event && event instanceof Class, socket.readyState])
    socket.onopen = note('open', Event)
    socket.onmessage = note('message', MessageEvent)
    socket.onerror = note('error', Event)
    socket.onclose = note('close', CloseEvent)
  })
  t.same(seen, [
    ['open', true, WebSocket.OPEN],
    ['message', true, WebSocket.OPEN],
    ['error', true, WebSocket.CLOSED],
    ['close', true, WebSocket.CLOSED],
  ])
})

wpt('interfaces/WebSocket/events/016.html', async (t, { base }) => {
  const socket = new WebSocket(`${base}/exit`, [], { tls: { rejectUnauthorized: false } })
  const calls: string[] = []
  for (const [type, attribute] of [
    ['open', 'onopen'],
    ['close', 'onclose'],
  ] as const) {
    socket.addEventListener(type, () => calls.push(`${type} 1`))
    socket[attribute] = () => t.fail('replaced')
    socket.addEventListener(type, () => calls.push(`${type} 3`))
    // Another handler takes the same place.
    socket[attribute] = () => calls.push(`${type} 2`)
  }
  const log = new SocketLog(socket)
  await log.until('open')
  socket.send('Goodbye')
  await log.until('close')
  t.same(calls, ['open 1', 'open 2', 'open 3', 'close 1', 'close 2', 'close 3'])
})

t.test('a handler that was null comes last when it is set again', async t => {
  const target = new EventTarget()
  const handlers = new EventHandlerAttributes(target)
  const calls: number[] = []
  handlers.set('x', () => calls.push(1))
  target.addEventListener('x', () => calls.push(2))
  handlers.set('x', null)
  target.dispatchEvent(new Event('x'))
  handlers.set('x', () => calls.push(3))
  target.dispatchEvent(new Event('x'))
  t.same(calls, [2, 2, 3])
  handlers.set('y', null)
  t.equal(handlers.get('y'), null)
})

t.test('a handler that returns false cancels the event', async t => {
  const target = new EventTarget()
  const handlers = new EventHandlerAttributes(target)
  for (const [returned, cancelled] of [
    [false, true],
    [undefined, false],
    [0, false],
  ]) {
    handlers.set('x', () => returned)
    t.equal(target.dispatchEvent(new Event('x', { cancelable: true })), !cancelled)
  }
})

t.test('interfaces/WebSocket/events/017.html this, target, currentTarget and eventPhase', async t => {
  // Node's own eventPhase is right for the first listener only.
  for (const how of ['addEventListener', 'attribute']) {
    const seen: string[] = []
    await allEvents(t, socket => {
      for (const [i, type] of types.entries()) {
        const check = function (this: unknown, event: Event) {
          seen.push(type)
          t.equal(this, socket)
          t.equal(event.target, socket)
          t.equal(event.currentTarget, socket)
          t.equal(event.eventPhase, 2)
        }
        if (how === 'attribute') socket[attributes[i]!] = check as never
        else socket.addEventListener(type, check as never)
      }
    })
    t.same(seen, types, how)
  }
})

t.test('interfaces/WebSocket/events/018.html their string, bubbles, cancelable', async t => {
  const seen: [string, boolean, boolean][] = []
  await allEvents(t, socket => {
    for (const type of types) {
      socket.addEventListener(type, event => seen.push([String(event), event.bubbles, event.cancelable]))
    }
  })
  t.same(seen, [
    ['[object Event]', false, false],
    // The platform's own: in Node 20 it says [object Event].
    [String(new MessageEvent('message')), false, false],
    ['[object Event]', false, false],
    ['[object CloseEvent]', false, false],
  ])
})

t.test('interfaces/WebSocket/events/019.html removeEventListener', async t => {
  for (const type of types) {
    const socket = lonely()
    const listener = () => t.fail('it was removed')
    socket.addEventListener(type, listener, false)
    socket.removeEventListener(type, listener, false)
    socket.dispatchEvent(new Event(type))
  }
  t.pass()
})

t.test('interfaces/WebSocket/events/020.html an error event, without detail', async t => {
  const lookup = (_host: string, _options: object, done: (error: Error, addresses: []) => void) =>
    done(new Error('ENOTFOUND'), [])
  const socket = new WebSocket('ws://example.invalid/', [], { lookup })
  const log = new SocketLog(socket)
  const seen: Event[] = []
  socket.onerror = event => seen.push(event)
  await log.until('close')
  t.same(log.lines, ['error', 'close 1006'])
  t.equal(seen[0]!.constructor, Event)
  t.same(Object.keys(seen[0]!), Object.keys(new Event('error')))
})

t.test('a MessageEvent has the origin of the URL', async t => {
  const { connect } = await pathServer(t)
  const { socket, log } = connect('/protocol?query', 'a')
  const origins: string[] = []
  socket.onmessage = event => origins.push(event.origin, event.lastEventId)
  await log.until('message')
  t.same(origins, [new URL(socket.url).origin, ''])
})

t.test('no event is told twice, and none after close', async t => {
  const { socket, log, send, close } = await rawPeer(t)
  send({ opcode: 1, payload: 'a' }, { opcode: 9, payload: 'ping' }, { opcode: 10, payload: 'pong' })
  close(4000, 'over')
  await log.until('close')
  await settle()
  t.same(log.lines, ['open', 'message "a"', 'close clean 4000 "over"'])
  t.equal(socket.readyState, WebSocket.CLOSED)
})

t.test('a first message that comes with the handshake is told after open', async t => {
  const { log } = await rawPeer(t, {
    behind: [
      { opcode: 1, payload: 'first' },
      { opcode: 1, payload: 'second' },
    ],
  })
  await log.until('message', 2)
  t.same(log.lines, ['open', 'message "first"', 'message "second"'])
})

t.test('what a listener throws does not reach the connection', async t => {
  const { socket, log, peer, send } = await rawPeer(t)
  const thrown = new Promise(resolve => process.once('uncaughtException', resolve))
  socket.onmessage = () => {
    throw new Error('on purpose')
  }
  send({ opcode: 1, payload: 'a' })
  t.match(await thrown, { message: 'on purpose' })
  socket.send('still here')
  t.equal(await peer.line(), 'text "still here"')
  t.same(log.lines, ['open', 'message "a"'])
})
