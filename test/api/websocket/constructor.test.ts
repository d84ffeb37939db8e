// WHATWG WebSockets Standard, the constructor: the cases of the web-platform-tests in websockets/constructor and
// websockets/Create-*, each in words of our own; RFC 6455 §4.1 item 2; and the options that browsers do not have.
import { createServer } from 'node:net'
import t from 'tap'
import { isBadPort } from '../../../src/api/bad-ports.js'
import { UsageError, WebSocket, type WebSocketOptions } from '../../../src/index.js'
import { answering, listening, switching } from '../../transport/scripted-server.js'
import { serve } from '../serving.js'
import { pathServer, thrown, wpt } from './path-server.js'
import { SocketLog, settle } from './socket-log.js'

const syntaxError = 'DOMException SyntaxError'

// Anything may be given in JavaScript.
const Untyped = WebSocket as unknown as new (...args: unknown[]) => WebSocket

/** Nobody is there: what is made in these tests need not be connected, but must not throw. */
const nowhere = 'ws://example.invalid'
const nobody: WebSocketOptions = { lookup: (_host, _options, done) => done(new Error('nobody'), []) }

const invalidUrls: [name: string, urls: unknown[]][] = [
  [
    'Create-invalid-urls.any.js',
    [
      ...['ws://foo bar.com/', 'wss://foo bar.com/', 'ftp://localhost/', 'mailto:example@example.org', 'about:blank'],
      ...['ws://localhost/#', 'wss://localhost/#', 'ws://localhost/#test', '#test', 'ws://', 'ws:', ''],
      ...['ws://localhost:65536/', 'ws://[::1/', 'blob:ws://localhost/', 'invalid-scheme://localhost/', 'javascript:0'],
    ],
  ],
  // A browser resolves them against the page's address; there is no page.
  ['Create-non-absolute-url.any.js', ['test', '?', null, 123, undefined, '/echo', '//localhost/echo', 'localhost']],
  ['Create-url-with-space.any.js', ['ws://web platform.test:80/echo', 'wss://web platform.test:443/echo']],
]

for (const [name, urls] of invalidUrls) {
  t.test(`${name}: a SyntaxError`, async t => {
    for (const url of urls)
      t.equal(
        thrown(() => new Untyped(url)),
        syntaxError,
        String(url),
      )
  })
}

const controls = Array.from({ length: 32 }, (_, code) => `a${String.fromCharCode(code)}b`)
const beyondAscii = Array.from({ length: 129 }, (_, i) => `a${String.fromCharCode(0x7f + i)}b`)

const invalidProtocols: [name: string, protocols: unknown[]][] = [
  ['constructor/004.html', ['', ...controls.slice(1), ...beyondAscii]],
  ['constructor/007.html', [controls[0]]],
  ['constructor/021.html', [['foobar', 'foobar']]],
  ['Create-asciiSep-protocol-string.any.js', ['/echo', 'a,b', 'a b', '"a"', 'a;b', 'a@b', '{}', '[a]', 'a=b', '(a)']],
  ['Create-nonAscii-protocol-string.any.js', ['\u0080echo', '\u20ac', '\ud800']],
  ['Create-protocol-with-space.any.js', ['echo ', ' echo', 'ec ho', ['echo', 'cha t']]],
  ['Create-protocols-repeated.any.js', [['echo', 'echo'], new Set(['a', 'b', '']), ['a', 'b', 'a']]],
  ['Create-protocols-repeated-case-insensitive.any.js', [['echo', 'eCho']]],
]

for (const [name, lists] of invalidProtocols) {
  t.test(`${name}: a SyntaxError`, async t => {
    for (const list of lists)
      t.equal(
        thrown(() => new Untyped(nowhere, list)),
        syntaxError,
        JSON.stringify(list),
      )
  })
}

t.test('constructor/001.html no argument, a symbol, no new: a TypeError', async t => {
  t.equal(
    thrown(() => new Untyped()),
    'TypeError',
  )
  t.equal(
    thrown(() => new Untyped(Symbol('url'))),
    'TypeError',
  )
  t.equal(
    thrown(() => new Untyped(nowhere, Symbol('protocol'))),
    'TypeError',
  )
  t.equal(
    thrown(() => new Untyped(nowhere, [Symbol('protocol')])),
    'TypeError',
  )
  t.equal(
    thrown(() => (WebSocket as unknown as () => void)()),
    'TypeError',
  )
  t.equal(WebSocket.length, 1)
})

t.test(
  'the second argument: a sequence where it can be iterated, other objects are options, anything else a string',
  async t => {
    const offered: [given: unknown, expected: string][] = [
      [undefined, 'none'],
      [[], 'none'],
      [null, 'none'],
      [12, '12'],
      [false, 'false'],
      [new String('ab'), 'a, b'],
      [new Set(['x', 1]), 'x, 1'],
      [Object.create({ toString: () => 'text' }), 'none'],
      [() => {}, 'none'],
      [{ protocols: ['a', 'b'] }, 'a, b'],
      [{ protocols: 'c' }, 'c'],
      [{ protocols: null }, 'none'],
    ]
    const { base } = await pathServer(t)
    for (const [given, expected] of offered) {
      const log = new SocketLog(new Untyped(`${base}/field?sec-websocket-protocol`, given))
      t.equal(await log.message(), expected)
    }
  },
)

wpt('constructor/option-bag.any.js', async (t, { connect }) => {
  const empty = connect('/echo', {})
  await empty.log.until('open')
  const { socket, log } = connect('/protocol', { protocols: ['foobar', 'foobar2'] })
  t.equal(await log.message(), 'foobar')
  t.equal(socket.protocol, 'foobar')
})

wpt('constructor/third-param-ignored.any.js', async (t, { connect }) => {
  for (const [protocols, protocol] of [
    [undefined, ''],
    [null, ''],
    ['echo', 'echo'],
    [['echo'], 'echo'],
  ]) {
    const { socket, log } = connect('/echo', protocols as string, {})
    await log.until('open')
    t.equal(socket.protocol, protocol)
  }
})

t.test('options may be the second argument or the third, as programs for Node have them', async t => {
  const { base } = await pathServer(t)
  const headers = { 'X-Extra': 'more' }
  for (const rest of [
    [{ headers }],
    [[], { headers }],
    [undefined, { headers }],
    ['a', { headers }],
    [null, { headers }],
  ]) {
    t.equal(await new SocketLog(new Untyped(`${base}/field?x-extra`, ...rest)).message(), 'more')
  }
  const told = new Untyped(`${base}/protocol`, undefined, { protocols: 'third' })
  t.equal(await new SocketLog(told).message(), 'third')
})

for (const name of ['constructor/005.html', 'constructor.any.js']) {
  t.test(`${name}: what comes is a WebSocket; what is given too much is ignored`, async t => {
    const { base } = await pathServer(t)
    for (const options of ['Stray argument', null, undefined, 7]) {
      const socket = new Untyped(`${base}/`, 'echo', options, 'more')
      t.ok(socket instanceof WebSocket)
      t.ok(socket instanceof EventTarget)
      await new SocketLog(socket).until('open')
    }
  })
}

wpt('constructor/006.html', async (t, { base, connect }) => {
  const { socket, log } = connect('', undefined)
  t.equal(socket.url, `${base}/`)
  await log.until('open')
  // The argument is made a string.
  const other = new Untyped({ toString: () => `${base}/echo` }, [], { tls: { rejectUnauthorized: false } })
  const otherLog = new SocketLog(other)
  t.equal(other.url, `${base}/echo`)
  await otherLog.until('open')
  other.send('test')
  t.equal(await otherLog.message(), 'test')
  other.close()
  await otherLog.until('close')
  t.equal(new WebSocket(new URL(`${base}/url`), [], { tls: { rejectUnauthorized: false } }).url, `${base}/url`)
})

t.test('constructor/008.html ports 80 and 443 do not throw, with either scheme', async t => {
  for (const url of ['ws://example.invalid:80/', 'ws://example.invalid:443/', 'wss://example.invalid:80/']) {
    t.equal(new WebSocket(url, [], nobody).readyState, WebSocket.CONNECTING)
  }
})

for (const name of ['constructor/009.html', 'constructor/022.html', 'Create-valid-url-protocol.any.js']) {
  wpt(name, async (t, { open }) => {
    const { socket, log } = await open('/protocol', name === 'constructor/022.html' ? ['foobar', 'foobar2'] : 'foobar')
    t.equal(await log.message(), 'foobar', 'the server knows it')
    t.equal(socket.protocol, 'foobar')
    socket.close()
    t.equal(await log.until('close'), 'close clean 1005')
  })
}

t.test('constructor/013.html 25 at a time, each told its own events', async t => {
  const { connect } = await pathServer(t)
  const logs = Array.from({ length: 25 }, (_, id) => {
    const { socket, log } = connect('/echo')
    socket.onopen = () => socket.send(String(id))
    socket.onmessage = () => socket.close()
    return log
  })
  await Promise.all(logs.map(log => log.until('close')))
  for (const [id, log] of logs.entries()) t.same(log.lines, ['open', `message "${id}"`, 'close clean 1005'])
})

t.test('constructor/014.html one connection at a time is CONNECTING to an address, §4.1 item 2', async t => {
  const requests: (() => void)[] = []
  let wake = () => {}
  const { port } = await serve(
    t,
    {},
    {
      accept: () =>
        new Promise<object>(resolve => {
          requests.push(() => resolve({}))
          wake()
        }),
    },
  )
  const logs = Array.from({ length: 4 }, () => new SocketLog(new WebSocket(`ws://127.0.0.1:${port}/`)))
  for (let i = 0; i < 4; i++) {
    while (requests.length <= i) await new Promise<void>(resolve => (wake = resolve))
    await settle()
    t.equal(requests.length, i + 1, 'only one is under way')
    t.same(logs.flatMap(log => log.lines).length, i, 'the others before it are open')
    requests[i]!()
    await logs[i]!.until('open')
  }
  const both = [1, 2].map(() => new SocketLog(new WebSocket(`ws://127.0.0.1:${port}/`, [], { oneAtATime: false })))
  while (requests.length < 6) await new Promise<void>(resolve => (wake = resolve))
  t.pass('unless told otherwise')
  for (const accept of requests) accept()
  await Promise.all(both.map(log => log.until('open')))
})

const queries: [name: string, query: string, target: string][] = [
  ['constructor/016.html', '?\u00e5\u00e4\u00f6', '/?%C3%A5%C3%A4%C3%B6'],
  ['Create-url-with-windows-1252-encoding.html', '?\u20ac', '/?%E2%82%AC'],
  // At the end of a URL it is dropped.
  ['constructor/018.html', '?x\u0000y\u0000', '/?x%00y'],
]

for (const [name, query, target] of queries) {
  t.test(`${name}: ${JSON.stringify(query)}`, async t => {
    const requests: string[] = []
    const answer = (head: string) => {
      requests.push(head.split(' ')[1]!)
      return switching(head)
    }
    const { port } = await listening(t, answering(answer))
    await new SocketLog(new WebSocket(`ws://127.0.0.1:${port}/${query}`)).until('open')
    t.same(requests, [target])
  })
}

t.test('constructor/017.html too few slashes', async t => {
  for (const scheme of ['ws:', 'ws:/', 'wss:', 'wss:/']) {
    const socket = new WebSocket(`${scheme}example.invalid/echo`, [], nobody)
    t.equal(socket.url, `${scheme.replace('/', '')}//example.invalid/echo`)
  }
})

for (const name of ['constructor/019.html', 'constructor/020.html']) {
  t.test(`${name}: upper case in scheme and host`, async t => {
    const { port } = await pathServer(t)
    const text = name === 'constructor/019.html' ? `WS://127.0.0.1:${port}/echo` : `ws://LOCALHOST:${port}/echo`
    const socket = new WebSocket(text, [], { family: 4 })
    t.equal(socket.url, text.toLowerCase())
    await new SocketLog(socket).until('open')
  })
}

t.test('Create-http-urls.any.js http and https stand for ws and wss', async t => {
  const urls: [given: string, url: string][] = [
    ['http://example.invalid/', 'ws://example.invalid/'],
    ['https://example.invalid/', 'wss://example.invalid/'],
    ['http://example.invalid:80/a?b', 'ws://example.invalid/a?b'],
    ['http://example.invalid:443/', 'ws://example.invalid:443/'],
    ['https://example.invalid:443/', 'wss://example.invalid/'],
  ]
  for (const [given, url] of urls) t.equal(new WebSocket(given, [], nobody).url, url)
})

wpt('Create-http-urls.any.js', async (t, { base }) => {
  const socket = new WebSocket(base.replace('ws', 'http'), [], { tls: { rejectUnauthorized: false } })
  const log = new SocketLog(socket)
  await log.until('open')
  t.equal(socket.readyState, WebSocket.OPEN)
  t.equal(socket.url, `${base}/`)
  socket.close()
  t.equal(await log.until('close'), 'close clean 1005')
})

for (const name of [
  'Create-valid-url.any.js',
  'Create-valid-url-array-protocols.any.js',
  'Create-valid-url-protocol-string.any.js',
  'Create-valid-url-protocol-setCorrectly.any.js',
  'Create-extensions-empty.any.js',
  'Create-valid-url-binaryType-blob.any.js',
]) {
  wpt(name, async (t, { connect }) => {
    const protocols = /array/.test(name) ? ['echo', 'chat'] : /protocol/.test(name) ? 'echo' : undefined
    const { socket, log } = connect('/echo', protocols)
    await log.until('open')
    t.match(socket, { readyState: 1, extensions: '', binaryType: 'blob' })
    t.equal(socket.protocol, protocols === undefined ? '' : 'echo')
    socket.close()
    t.equal(await log.until('close'), 'close clean 1005')
  })
}

t.test('the default port is left out of the URL, another is not', async t => {
  t.equal(new WebSocket('ws://example.invalid:80/echo', [], nobody).url, 'ws://example.invalid/echo')
  t.equal(new WebSocket('wss://example.invalid:443/echo', [], nobody).url, 'wss://example.invalid/echo')
  t.equal(new WebSocket('wss://example.invalid:80/echo', [], nobody).url, 'wss://example.invalid:80/echo')
})

t.test('Create-valid-url-protocol-empty.any.js no subprotocol before the connection is open', async t => {
  const { connect } = await pathServer(t)
  const { socket, log } = connect('/', 'echo')
  t.equal(socket.protocol, '')
  socket.close()
  await log.until('close')
  t.equal(socket.protocol, '')
})

for (const scheme of ['ws', 'wss']) {
  t.test(`Create-blocked-port.any.js (${scheme}): error, then close 1006, and nothing is connected`, async t => {
    const ports = Array.from({ length: 65_536 }, (_, port) => port).filter(isBadPort)
    t.equal(ports.length, 83)
    const lookup = () => t.fail('nothing is looked up')
    const logs = ports.map(port => {
      const socket = new WebSocket(`${scheme}://localhost:${port}/echo`, [], { lookup: lookup as never })
      t.equal(socket.readyState, WebSocket.CONNECTING)
      return new SocketLog(socket)
    })
    await settle()
    for (const [i, log] of logs.entries()) t.same(log.lines, ['error', 'close 1006'], `port ${ports[i]}`)
  })
}

t.test('Create-blocked-port.any.js its basic check: a port that is not blocked is connected to', async t => {
  const { open } = await pathServer(t)
  t.equal((await open()).socket.readyState, WebSocket.OPEN)
})

t.test('a stray close() in a blocked connection changes nothing', async t => {
  const socket = new WebSocket('ws://localhost:22/')
  const log = new SocketLog(socket)
  socket.close()
  t.equal(socket.readyState, WebSocket.CLOSING)
  await settle()
  t.same(log.lines, ['error', 'close 1006'])
})

t.test('options that cannot be are a UsageError at the call, and nothing is connected', async t => {
  const server = createServer(() => t.fail('a connection')).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  const options: object[] = [
    { headers: { Upgrade: 'x' } },
    { headers: { A: 'a\r\nb' } },
    { limits: { maxMessageSize: -1 } },
    { family: 5 },
    { limits: 5 },
    { limits: null },
    { limit: {} },
    { origin: 'a b' },
  ]
  for (const option of options) t.throws(() => new WebSocket(nowhere, [], option), UsageError, JSON.stringify(option))
})

t.test('options reach the handshake and the connection', async t => {
  const { connect } = await pathServer(t)
  const { log } = connect('/field?x-extra', [], { headers: { 'X-Extra': 'more' } })
  t.equal(await log.message(), 'more')
  const { socket, log: limited } = connect('/echo', [], { limits: { maxMessageSize: 3 } })
  await limited.until('open')
  socket.send('four')
  t.equal(await limited.until('close'), 'close 1006')
  t.same(limited.lines, ['open', 'error', 'close 1006'], 'a message beyond the limit fails the connection')
})
