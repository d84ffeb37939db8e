/**
 * RFC 6455 §4.1 by `connect()`: what it asks of a server, what it refuses to send, and what it makes of its options and of
 * an answer that conforms. Attack cases C-12 to C-15.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { connect } from '../../src/api/client.js'
import type { ConnectOptions } from '../../src/api/connect-options.js'
import type { Message } from '../../src/api/message-queue.js'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import { UsageError } from '../../src/errors.js'
import { deferred } from '../transport/deferred.js'
import {
  answering,
  certificate,
  identity,
  listening,
  onRequest,
  type Script,
  switching,
} from '../transport/scripted-server.js'

async function urlOf(t: Test, script: Script): Promise<string> {
  const { port } = await listening(t, script)
  return `ws://127.0.0.1:${port}/`
}

function frame(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

t.test(
  '4.1-18 the request on the wire: GET, Host, Upgrade, Connection, key, version 13, and what the caller adds',
  async t => {
    const heads: string[] = []
    const url = await urlOf(t, socket =>
      onRequest(socket, head => {
        heads.push(head)
        socket.write(switching(head, 'Sec-WebSocket-Protocol: superchat\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n'))
      }),
    )
    const plain = `${url.replace('ws://', 'ws://user:pa%20ss@')}chat?x=1`
    const connection = await connect(plain, {
      origin: 'https://example.com',
      host: 'www.example.com:8080',
      protocols: ['chat', 'superchat'],
      headers: { Cookie: 'e=f', 'X-More': ['1', '2'] },
      data: { mine: 1 },
    })
    const key = /^Sec-WebSocket-Key: ([A-Za-z0-9+/]{22}==)$/m.exec(heads[0]!.replaceAll('\r', ''))![1]!
    t.same(heads[0]!.split('\r\n'), [
      'GET /chat?x=1 HTTP/1.1',
      'Host: www.example.com:8080',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Version: 13',
      'Origin: https://example.com',
      'Sec-WebSocket-Protocol: chat, superchat',
      'Authorization: Basic dXNlcjpwYSBzcw==',
      'Cookie: e=f',
      'X-More: 1',
      'X-More: 2',
      '',
      '',
    ])
    t.equal(connection.state, 'open')
    t.equal(connection.protocol, 'superchat')
    t.equal(connection.protocolVersion, 13)
    t.same(connection.extensions, [])
    t.same(connection.data, { mine: 1 })
    t.equal(connection.origin, 'https://example.com')
    t.equal(connection.request.path, '/chat?x=1')
    t.equal(connection.request.url, `${url}chat?x=1`, 'without user name and password')
    t.equal(connection.request.headers.get('set-cookie'), 'a=b, c=d', 'of the response')
    t.same([...connection.request.headers].slice(-1), [['Set-Cookie', 'c=d']])
    t.equal(connection.secure, false)
    t.equal(connection.remotePort, Number(new URL(url).port))
    t.match(connection.times, { dns: undefined, tcp: Number, tls: undefined, upgrade: Number })
    connection.terminate()
  },
)

t.test('C-12 what comes with the 101 is delivered, after the code that awaits has gone on', async t => {
  const behind = frame('8902 6869  81 05 48656c6c6f  8203 010203  88 05 0fa0 627965')
  const url = await urlOf(
    t,
    answering(head => Buffer.concat([Buffer.from(switching(head)), behind])),
  )
  const trace: string[] = []
  const connection = await connect(url, {
    handlers: { ping: (_connection, payload) => void trace.push(`handler ping ${payload}`) },
  })
  trace.push('awaited')
  connection.on('ping', payload => void trace.push(`ping ${payload}`))
  connection.on('message', (data, isBinary) => void trace.push(isBinary ? `binary ${data.length}` : `text ${data}`))
  connection.on('closing', received => void trace.push(`closing ${received?.code} ${received?.reason}`))
  const deadline = connection.closed
  await turn()
  await turn()
  t.same(trace, ['awaited', 'handler ping hi', 'ping hi', 'text Hello', 'binary 3', 'closing 4000 bye'])
  connection.terminate()
  t.match(await deadline, { code: 4000, reason: 'bye' })
})

t.test('C-12 over TLS, where what came together is told one record at a time', async t => {
  let gather = false
  const script: Script = socket =>
    onRequest(socket, async head => {
      gather = true
      for (const octets of [switching(head), frame('8902 6869'), frame('8102 6869'), frame('8800')]) {
        await new Promise<void>(resolve => socket.write(octets, () => resolve()))
      }
      socket.end()
    })
  const { port: behind } = await listening(t, script, { tls: identity('localhost') })
  // In between: from the request on, what the server says is passed on as one.
  const { port } = await listening(t, socket => {
    const upstream = connectTcp(behind, '127.0.0.1')
    const gathered: Buffer[] = []
    socket.pipe(upstream)
    upstream.on('data', chunk => (gather ? gathered.push(chunk) : socket.write(chunk)))
    upstream.on('end', () => socket.end(Buffer.concat(gathered)))
  })
  const trace: string[] = []
  const connection = await connect(`wss://localhost:${port}/`, {
    tls: { ca: certificate('ca.pem') },
    handlers: { ping: () => void trace.push('ping'), message: (_connection, data) => void trace.push(String(data)) },
  })
  trace.push('awaited')
  t.match(await connection.closed, { code: 1005, clean: true })
  t.same(trace, ['awaited', 'ping', 'hi'])
})

t.test('C-12 the end of the stream right behind the 101 is told likewise', async t => {
  const url = await urlOf(t, socket => onRequest(socket, head => socket.end(switching(head))))
  const connection = await connect(url)
  t.equal(connection.state, 'open')
  const events: string[] = []
  connection.on('peerend', () => void events.push('peerend'))
  connection.on('close', ({ code }) => void events.push(`close ${code}`))
  t.match(await connection.closed, { code: 1006, clean: false, initiator: 'transport' })
  t.same(events, ['peerend', 'close 1006'])
})

t.test('7.2.1-2 "the underlying transport layer connection is unexpectedly lost, the client MUST Fail"', async t => {
  const ways: [code: string, lose: (socket: Socket) => unknown][] = [
    ['WS_PEER_ENDED', socket => socket.end()],
    ['WS_SOCKET_ERROR', socket => socket.resetAndDestroy()],
  ]
  for (const [code, lose] of ways) {
    const sockets: Socket[] = []
    const script: Script = socket => onRequest(socket, head => sockets.push(socket) && socket.write(switching(head)))
    const connection = await connect(await urlOf(t, script))
    t.equal(connection.send('on its way'), 'sent')
    lose(sockets[0]!)
    t.match(await connection.closed, { code: 1006, clean: false, initiator: 'transport', error: { code } })
    t.equal(connection.send('late'), 'dropped')
  }
})

t.test('C-12 the 101 and the first frame, octet by octet', async t => {
  const url = await urlOf(t, socket =>
    onRequest(socket, async head => {
      socket.setNoDelay()
      for (const octet of Buffer.concat([Buffer.from(switching(head)), frame('8102 6869')])) {
        await new Promise<void>(resolve => socket.write(Buffer.of(octet), () => resolve()))
      }
    }),
  )
  const connection = await connect(url)
  const messages: AsyncGenerator<Message> = connection.messages()
  t.same((await messages.next()).value, { data: 'hi', isBinary: false })
  connection.terminate()
})

t.test('what is sent before anything was delivered leaves at once', async t => {
  const heard = deferred<Buffer>()
  const url = await urlOf(t, socket =>
    onRequest(socket, head => {
      socket.once('data', heard.resolve)
      socket.write(switching(head))
    }),
  )
  const connection = await connect(url, { maskingKeys: () => 0x3d21fa37 })
  t.equal(connection.send('Hello'), 'sent')
  t.same(await heard.promise, frame('81 85 37fa213d 7f9f4d5158'), '§5.7, the masked text message')
  connection.terminate()
})

t.test('handlers, limits, deadlines and text are those of the connection', async t => {
  const big = Buffer.concat([frame('8102 6869  82 05'), Buffer.alloc(5)])
  const url = await urlOf(
    t,
    answering(head => Buffer.concat([Buffer.from(switching(head)), big])),
  )
  const closed = deferred<unknown>()
  const heard: unknown[] = []
  const connection: WebSocketConnection<number> = await connect(url, {
    data: 7,
    text: 'buffer',
    limits: { maxMessageSize: 4 },
    deadlines: { closeTimeout: 20 },
    handlers: {
      message: (from, data, isBinary) => void heard.push([from.data, data, isBinary]),
      close: (_connection, record) => closed.resolve(record),
    },
  })
  t.match(await closed.promise, { sent: { code: 1009 }, code: 1006 })
  t.same(heard, [[7, Buffer.from('hi'), false]])
  t.equal(connection.state, 'closed')
})

/** Nothing of these is ever sent. */
const unsendable: [what: string, url: string, options: unknown, code: string][] = [
  ...['\r\nA: b', '\n', '\0', '\x7f'].flatMap((bad): [string, string, unknown, string][] => [
    ['C-13 in the URL', `/a${bad}`, {}, 'WS_URI'],
    ['C-13 in Host', '/', { host: `a${bad}` }, 'WS_HOST'],
    ['C-13 in Origin', '/', { origin: `https://a${bad}` }, 'WS_ORIGIN'],
    ['C-13 in a subprotocol', '/', { protocols: [`a${bad}`] }, 'WS_PROTOCOL'],
    ['C-13 in the name of a field', '/', { headers: { [`A${bad}`]: 'b' } }, 'WS_HEADER'],
    ['C-13 in the value of a field', '/', { headers: { A: `b${bad}` } }, 'WS_HEADER'],
    [
      'C-13 in the value of a repeated field',
      '/',
      {
        headers: [
          ['A', 'b'],
          ['A', `b${bad}`],
        ],
      },
      'WS_HEADER',
    ],
  ]),
  ['C-13 in the user name', '', {}, 'WS_URI'],
  ...[
    'Host',
    'origin',
    'Upgrade',
    'CONNECTION',
    'Sec-WebSocket-Key',
    'sec-websocket-anything',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
    'TE',
  ].map((name): [string, string, unknown, string] => [
    'C-14 a field that is not the caller’s',
    '/',
    { headers: { [name]: '1' } },
    'WS_HEADER_RESERVED',
  ]),
  ['C-15 a fragment', '/#a', {}, 'WS_URI'],
  ['C-15 an empty fragment', '/#', {}, 'WS_URI'],
  ['subprotocols that are no list', '/', { protocols: 'chat' }, 'WS_PROTOCOL'],
  ['the same subprotocol twice', '/', { protocols: ['a', 'a'] }, 'WS_PROTOCOL'],
  ['fields that are none', '/', { headers: 'A: b' }, 'WS_HEADER'],
  ['options that are none', '/', 5, 'WS_INVALID_OPTION'],
  ['no options', '/', null, 'WS_INVALID_OPTION'],
  ['a name that is no option', '/', { orgin: 'https://a' }, 'WS_INVALID_OPTION'],
  ['handlers that are none', '/', { handlers: 5 }, 'WS_INVALID_OPTION'],
  ['handlers null', '/', { handlers: null }, 'WS_INVALID_OPTION'],
  ['a handler that is no function', '/', { handlers: { message: 5 } }, 'WS_INVALID_OPTION'],
  ['a handler that is a server’s', '/', { handlers: { accept() {} } }, 'WS_INVALID_OPTION'],
  ['limits that are none', '/', { limits: 5 }, 'WS_INVALID_OPTION'],
  ['limits null', '/', { limits: null }, 'WS_INVALID_OPTION'],
  ['deadlines that are none', '/', { deadlines: 5 }, 'WS_INVALID_OPTION'],
  ['deadlines null', '/', { deadlines: null }, 'WS_INVALID_OPTION'],
  ['TLS options that are none', '/', { tls: 5 }, 'WS_INVALID_OPTION'],
  ['http that is no boolean', '/', { http: 1 }, 'WS_INVALID_OPTION'],
  ['oneAtATime that is no boolean', '/', { oneAtATime: 'yes' }, 'WS_INVALID_OPTION'],
  ['a field whose value is a number', '/', { headers: { a: 5 } }, 'WS_HEADER'],
  ['a field that is no pair', '/', { headers: [5] }, 'WS_HEADER'],
  ['an unknown text', '/', { text: 'blob' }, 'WS_INVALID_OPTION'],
  ['masking-keys that are no function', '/', { maskingKeys: 7 }, 'WS_INVALID_OPTION'],
  ['a family', '/', { family: 5 }, 'WS_INVALID_OPTION'],
  ['a local address that is a name', '/', { localAddress: 'localhost' }, 'WS_INVALID_OPTION'],
  ['a local address that is no text', '/', { localAddress: 7 }, 'WS_INVALID_OPTION'],
  ['a lookup that is no function', '/', { lookup: '127.0.0.1' }, 'WS_INVALID_OPTION'],
  ['a signal that is none', '/', { signal: {} }, 'WS_INVALID_OPTION'],
  ['a signal that only says so', '/', { signal: { aborted: false } }, 'WS_INVALID_OPTION'],
  ['a signal that is nothing', '/', { signal: null }, 'WS_INVALID_OPTION'],
  ['an empty path of a socket', '/', { socketPath: '' }, 'WS_INVALID_OPTION'],
  ['a path of a socket that is no text', '/', { socketPath: 7 }, 'WS_INVALID_OPTION'],
  ['C-13 in the path of a socket', '/', { socketPath: '/run/a\0b' }, 'WS_INVALID_OPTION'],
  ['a time', '/', { connectTimeout: -1 }, 'WS_INVALID_PERIOD'],
  ['a limit', '/', { limits: { maxMessageSize: 0 } }, 'WS_INVALID_LIMIT'],
  ['a deadline', '/', { deadlines: { pingInterval: 'never' } }, 'WS_INVALID_PERIOD'],
]

t.test('C-13 C-14 C-15 4.1-4 what must not be sent: a UsageError, before anything is', async t => {
  let visitors = 0
  const url = await urlOf(t, () => visitors++)
  for (const [what, path, options, code] of unsendable) {
    const target = path === '' ? url.replace('ws://', 'ws://a%0d%0ab@') : url + path.slice(1)
    const error: unknown = await connect(target, options as ConnectOptions).catch((error: unknown) => error)
    t.ok(error instanceof UsageError, `${what}: ${String(error)}`)
    t.match(error, { code }, what)
    t.notMatch(String(error), /a\r|\0/, 'nor does the message repeat it')
  }
  for (const bad of ['http://localhost/', 'ftp://localhost/', '/relative', '', 'ws://localhost:65536/', 'wss://']) {
    await t.rejects(connect(bad), { code: 'WS_URI', name: 'UsageError' }, bad)
  }
  await t.rejects(connect('wss://localhost/', { tls: { key: 'none', cert: 'none' } }), { code: 'WS_TLS_OPTIONS' })
  t.equal(visitors, 0)
})

t.test('C-15 http and https URLs, by option; a URL object; a name in other letters', async t => {
  const heads: string[] = []
  const url = await urlOf(t, socket =>
    onRequest(socket, head => {
      heads.push(head)
      socket.write(switching(head))
    }),
  )
  const http = await connect(url.replace('ws:', 'http:'), { http: true })
  t.equal(http.request.url, url)
  http.terminate()
  const asked: string[] = []
  const idn = new URL(url.replace('127.0.0.1', 'BÜCHER.example'))
  const named = await connect(idn, {
    lookup: ((host: string, _options: unknown, callback: (...found: unknown[]) => void) => {
      asked.push(host)
      callback(null, '127.0.0.1', 4)
    }) as never,
  })
  t.same(asked, ['xn--bcher-kva.example'])
  t.match(heads[1], `Host: xn--bcher-kva.example:${idn.port}\r\n`)
  t.type(named.times?.dns, 'number')
  named.terminate()
})

t.test('C-15 user name and password stand in no error', async t => {
  const port = await (async () => {
    const { port, server } = await listening(t, () => {})
    server.close()
    return port
  })()
  const error: unknown = await connect(`ws://name:secret@127.0.0.1:${port}/`).catch((error: unknown) => error)
  t.notMatch(JSON.stringify(error) + String(error) + String((error as Error).stack), /secret|name:/)
})

t.test('a unix socket, a local address, a family', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'framewright-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const socketPath = join(folder, 'socket')
  await listening(t, answering(switching), { where: { path: socketPath } })
  const unix = await connect('ws://localhost/', { socketPath })
  t.same([unix.remoteAddress, unix.times?.dns], [undefined, undefined])
  unix.terminate()
  const { port } = await listening(t, answering(switching))
  const local = await connect(`ws://localhost:${port}/`, { localAddress: '127.0.0.3', family: 4 })
  t.equal(local.localAddress, '127.0.0.3')
  local.terminate()
})

t.test('an abort, a deadline, one at a time: each by its option', async t => {
  const silent = await urlOf(t, socket => socket.resume())
  await t.rejects(connect(silent, { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' })
  await t.rejects(connect(silent, { connectTimeout: 20 }), { code: 'WS_CONNECT_TIMEOUT', phase: 'upgrade' })
  const abort = new AbortController()
  const held = connect(silent, { oneAtATime: true, signal: abort.signal })
  const open = await urlOf(t, answering(switching))
  await t.rejects(connect(open, { oneAtATime: true, connectTimeout: 20 }), { code: 'WS_CONNECT_TIMEOUT', phase: 'tcp' })
  abort.abort()
  await t.rejects(held, { name: 'AbortError' })
  const after = await connect(open, { oneAtATime: true, connectTimeout: 'off' })
  abort.abort()
  t.equal(after.state, 'open')
  after.terminate()
})

t.test('a signal that aborts once the connection is open has no effect', async t => {
  const abort = new AbortController()
  const connection = await connect(await urlOf(t, answering(switching)), { signal: abort.signal })
  abort.abort()
  await turn()
  t.equal(connection.state, 'open')
  connection.terminate()
})
