// WHATWG WebSockets Standard and Web IDL: attributes, constants and the shape of the interface. The cases of the
// web-platform-tests in interfaces/WebSocket/{constants,readyState,url,protocol,extensions}, idlharness.any.js and
// binaryType-wrong-value.any.js, each in words of our own.
import t from 'tap'
import { OwnCloseEvent } from '../../../src/api/close-event.js'
import { WebSocket } from '../../../src/index.js'
import { pathServer, thrown, wpt } from './path-server.js'
import { rawPeer } from './raw-peer.js'
import { SocketLog } from './socket-log.js'

const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const

/** Not connected to anything. */
function lonely(): WebSocket {
  return new WebSocket('ws://localhost:1/')
}

for (const name of ['interfaces/WebSocket/constants/001.html', 'interfaces/WebSocket/constants/004.html']) {
  t.test(`${name}: on the class, on its prototype, on each object`, async t => {
    for (const { CONNECTING, OPEN, CLOSING, CLOSED } of [WebSocket, WebSocket.prototype, lonely()]) {
      t.same({ CONNECTING, OPEN, CLOSING, CLOSED }, constants)
    }
  })
}

const attempts: [name: string, attempt: (where: object, constant: string) => boolean][] = [
  ['interfaces/WebSocket/constants/002.html', (where, constant) => Reflect.set(where, constant, 5)],
  ['interfaces/WebSocket/constants/003.html', (where, constant) => Reflect.deleteProperty(where, constant)],
  [
    'interfaces/WebSocket/constants/005.html',
    (where, constant) => Reflect.defineProperty(where, constant, { get: () => 5 }),
  ],
  [
    'interfaces/WebSocket/constants/006.html',
    (where, constant) => Reflect.defineProperty(where, constant, { set: () => {} }),
  ],
]

for (const [name, attempt] of attempts) {
  t.test(`${name}: they stay as they are`, async t => {
    for (const [constant, value] of Object.entries(constants)) {
      for (const where of [WebSocket, WebSocket.prototype]) {
        t.equal(attempt(where, constant), false)
        t.equal((where as unknown as Record<string, unknown>)[constant], value)
      }
    }
  })
}

t.test('interfaces/WebSocket/constants/005.html Object.defineProperty throws a TypeError', async t => {
  const define = () => Object.defineProperty(WebSocket.prototype, 'OPEN', { get: () => 'foo' })
  t.equal(thrown(define), 'TypeError')
})

for (const name of ['interfaces/WebSocket/readyState/001.html', 'interfaces/WebSocket/readyState/002.html']) {
  t.test(`${name}: CONNECTING at first, and cannot be set`, async t => {
    const socket = lonely()
    t.equal(socket.readyState, WebSocket.CONNECTING)
    t.equal(Reflect.set(socket, 'readyState', 5), false)
    t.equal(socket.readyState, WebSocket.CONNECTING)
  })
}

t.test('interfaces/WebSocket/readyState/003.html there is nothing to delete on the object', async t => {
  const socket = lonely()
  socket.close()
  t.equal(Reflect.deleteProperty(socket, 'readyState'), true)
  t.equal(socket.readyState, WebSocket.CLOSING)
})

wpt('interfaces/WebSocket/readyState/006.html', async (t, { connect }) => {
  const { socket, log } = connect('/echo')
  const states: number[] = []
  socket.onopen = () => states.push(socket.readyState)
  await log.until('open')
  t.same(states, [WebSocket.OPEN])
})

const accessors: [attribute: string, getter: string, setter: string][] = [
  ['readyState', 'interfaces/WebSocket/readyState/004.html', 'interfaces/WebSocket/readyState/005.html'],
  ['url', 'interfaces/WebSocket/url/005.html', 'interfaces/WebSocket/url/006.html'],
  [
    'bufferedAmount',
    'interfaces/WebSocket/bufferedAmount/bufferedAmount-defineProperty-getter.html',
    'interfaces/WebSocket/bufferedAmount/bufferedAmount-defineProperty-setter.html',
  ],
]

for (const [attribute, getter, setter] of accessors) {
  t.test(`${getter} and ${setter}: the prototype's accessors can be replaced`, async t => {
    const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, attribute)!
    t.teardown(() => Object.defineProperty(WebSocket.prototype, attribute, descriptor))
    const written: unknown[] = []
    Object.defineProperty(WebSocket.prototype, attribute, { get: () => 'foo', set: value => written.push(value) })
    const socket = lonely() as unknown as Record<string, unknown>
    t.equal(socket[attribute], 'foo')
    socket[attribute] = 'bar'
    t.same(written, ['bar'])
  })
}

for (const [name, method] of [
  ['interfaces/WebSocket/close/close-replace.html', 'close'],
  ['interfaces/WebSocket/send/002.html', 'send'],
] as const) {
  t.test(`${name}: a method can be replaced`, async t => {
    const socket = lonely() as unknown as Record<string, unknown>
    socket[method] = 5
    t.equal(socket[method], 5)
  })
}

t.test('interfaces/WebSocket/close/close-return.html close() returns undefined', async t => {
  t.equal(lonely().close(), undefined)
})

t.test('interfaces/WebSocket/url/001.html with the path it has by default', async t => {
  t.equal(new WebSocket('ws://localhost:1').url, 'ws://localhost:1/')
  t.equal(new WebSocket('wss://localhost:1?a=b').url, 'wss://localhost:1/?a=b')
})

for (const name of ['interfaces/WebSocket/url/002.html', 'interfaces/WebSocket/url/003.html']) {
  t.test(`${name}: cannot be set, and there is nothing to delete on the object`, async t => {
    const socket = lonely()
    t.equal(Reflect.set(socket, 'url', 'ws://localhost/test'), false)
    t.equal(Reflect.deleteProperty(socket, 'url'), true)
    t.equal(socket.url, 'ws://localhost:1/')
  })
}

t.test('interfaces/WebSocket/url/resolve.html what may not stand in a URL is percent-encoded', async t => {
  t.equal(new WebSocket('ws://localhost:1/echo?foo%20bar baz').url, 'ws://localhost:1/echo?foo%20bar%20baz')
})

t.test('interfaces/WebSocket/url/004.html there is no URL in capitals', async t => {
  t.notOk('URL' in lonely())
  t.notOk('URL' in WebSocket.prototype)
})

for (const [name, attribute] of [
  ['interfaces/WebSocket/extensions/001.html', 'extensions'],
  ['interfaces/WebSocket/protocol/protocol-initial.html', 'protocol'],
] as const) {
  t.test(`${name}: empty at first`, async t => t.equal(lonely()[attribute], ''))
}

wpt('binaryType-wrong-value.any.js', async (t, { open }) => {
  const { socket, log } = await open()
  t.equal(socket.binaryType, 'blob')
  for (const value of ['notBlobOrArrayBuffer', '', 'Blob', 'nodebuffer', null, undefined, 1]) {
    socket.binaryType = value as never
    t.equal(socket.binaryType, 'blob')
  }
  socket.binaryType = { toString: () => 'arraybuffer' } as never
  t.equal(socket.binaryType, 'arraybuffer')
  socket.close()
  t.equal(await log.until('close'), 'close clean 1005')
})

const members = ['binaryType', 'bufferedAmount', 'extensions', 'onclose', 'onerror', 'onmessage', 'onopen', 'protocol']

t.test('idlharness.any.js the shape of the interface', async t => {
  t.equal(WebSocket.name, 'WebSocket')
  t.equal(WebSocket.length, 1)
  t.equal(String(lonely()), '[object WebSocket]')
  t.equal(Object.getPrototypeOf(WebSocket), EventTarget)
  const expected = [...members, 'readyState', 'url', 'close', 'send', ...Object.keys(constants)].sort()
  t.same(Object.keys(WebSocket.prototype).sort(), expected, 'all of them can be enumerated')
  t.same(Object.keys(WebSocket), Object.keys(constants))
  t.same(Object.keys(lonely()), [], 'an object has nothing of its own')
  for (const member of [...members, 'readyState', 'url']) {
    const { get, set, configurable } = Object.getOwnPropertyDescriptor(WebSocket.prototype, member)!
    t.type(get, 'function')
    t.equal(set !== undefined, /^on|binaryType/.test(member), `${member} is ${set ? 'written' : 'read only'}`)
    t.ok(configurable)
    t.throws(() => get!.call({}), TypeError, 'not on another object')
  }
  t.equal(WebSocket.prototype.close.length, 0)
  t.equal(WebSocket.prototype.send.length, 1)
  t.equal(String(new OwnCloseEvent('close')), '[object CloseEvent]')
  t.equal(OwnCloseEvent.length, 1)
  t.same(Object.keys(OwnCloseEvent.prototype).sort(), ['code', 'reason', 'wasClean'])
})

t.test('a class may extend it', async t => {
  const { base } = await pathServer(t)
  class Chat extends WebSocket {
    readonly lines: string[] = []
    say(text: string): void {
      this.lines.push(text)
      this.send(text)
    }
  }
  const chat = new Chat(`${base}/echo`)
  const log = new SocketLog(chat)
  await log.until('open')
  chat.say('hello')
  t.equal(await log.message(), 'hello')
  t.equal(chat.readyState, Chat.OPEN)
})

t.test('protocol and extensions are the ones in use', async t => {
  const { socket } = await rawPeer(t, { fields: 'Sec-WebSocket-Protocol: chat\r\n', protocols: 'chat' })
  t.equal(socket.protocol, 'chat')
  t.equal(socket.extensions, '', 'none is offered')
})
