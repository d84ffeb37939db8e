/**
 * RFC 6455 §4.1: "If the connection could not be opened, … the client MUST Fail the WebSocket Connection". One deadline over
 * all stages, an abort at each, what each failure tells, and that it leaves nothing behind.
 */
import { once } from 'node:events'
import { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { HandshakeError, TransportError } from '../../src/errors.js'
import type { Lookup } from '../../src/transport/address-lookup.js'
import { deferred } from './deferred.js'
import { found, nothing, TestDial, towards } from './dialled.js'
import { certificate, identity, listening, onRequest, type Script } from './scripted-server.js'

const silent: Script = socket => socket.resume()
const ca = certificate('ca.pem')

/** A dial that has come to a stage and stays there. */
interface Stuck {
  readonly dial: TestDial
  readonly phase: string
}

async function inDns(): Promise<Stuck> {
  return { dial: new TestDial('ws://server.example/', { lookup: () => {} }), phase: 'dns' }
}

async function inTcp(): Promise<Stuck> {
  return { dial: new TestDial('ws://192.0.2.1/', { open: () => new Socket() }), phase: 'tcp' }
}

async function inTls(t: Test): Promise<Stuck> {
  const hello = deferred()
  const { port } = await listening(t, socket => socket.once('data', () => hello.resolve()))
  const dial = new TestDial(`wss://127.0.0.1:${port}/`)
  await hello.promise
  return { dial, phase: 'tls' }
}

/** The server has been sent the request, and has sent this. */
async function inUpgrade(t: Test, answer = '', tls = false): Promise<Stuck> {
  const asked = deferred()
  const script: Script = socket =>
    onRequest(socket, () => {
      if (answer !== '') socket.write(answer)
      asked.resolve()
    })
  const { port } = await listening(t, script, tls ? { tls: identity('localhost') } : {})
  const dial = new TestDial(`${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/`, { tls: { ca } })
  await asked.promise
  if (answer !== '') await once(await dial.opening, 'data')
  return { dial, phase: 'upgrade' }
}

const stages: [name: string, arrange: (t: Test) => Promise<Stuck>][] = [
  ['DNS does not answer', inDns],
  ['TCP does not connect', inTcp],
  ['TLS does not answer', inTls],
  ['no response comes', inUpgrade],
  ['no response comes over TLS', t => inUpgrade(t, '', true)],
  ['the response stops in its first line', t => inUpgrade(t, 'HTTP/1.1 1')],
  ['the response stops in a field', t => inUpgrade(t, 'HTTP/1.1 101 \r\nUpgrade: web')],
  ['the response is interim', t => inUpgrade(t, 'HTTP/1.1 100 Continue\r\n\r\n')],
]

t.test('C-16 4.1-13 the server never finishes DNS, TCP, TLS or 101: one deadline over all stages', async t => {
  for (const [name, arrange] of stages) {
    const { dial, phase } = await arrange(t)
    dial.timers.advance(14_999)
    t.equal(dial.ends, 0, `${name}: not before its time`)
    dial.timers.advance(21)
    const error = (await dial.error()) as TransportError
    t.ok(error instanceof TransportError, name)
    t.match(error, { code: 'WS_CONNECT_TIMEOUT', statusCode: 1006, section: '4.1', phase, causeCode: undefined }, name)
    t.match(error.message, `not connected after 15000 ms, in the phase ${phase}`)
    t.same(dial.left, nothing, `${name}: nothing is left`)
    t.equal(dial.ends, 1)
  }
})

t.test('an abort at each stage: the reason of the signal, at once; nothing is left', async t => {
  for (const [name, arrange] of stages) {
    const { dial } = await arrange(t)
    const reason = new Error(`aborted: ${name}`)
    dial.abort.abort(reason)
    t.equal(await dial.error(), reason, name)
    t.same(dial.left, nothing, `${name}: nothing is left`)
    dial.timers.advance(60_000)
    t.equal(dial.ends, 1)
  }
})

t.test('aborted before it began: nothing is looked up, nothing opened', async t => {
  const lookups: string[] = []
  const signal = AbortSignal.abort('why not')
  const { Dial } = await import('../../src/transport/dial.js')
  const { ClientHandshake } = await import('../../src/handshake/client-handshake.js')
  const { WebSocketUri } = await import('../../src/handshake/websocket-uri.js')
  const uri = WebSocketUri.parse('ws://server.example')
  const settings = {
    host: uri.host,
    port: uri.port,
    tls: undefined,
    socketPath: undefined,
    localAddress: undefined,
    family: 0,
    lookup: (host: string) => void lookups.push(host),
    oneAtATime: false,
    timeout: 1000,
    signal,
  } as const
  const outcome = new Promise((resolve, reject) =>
    new Dial(settings, new ClientHandshake(uri), { opened: resolve, failed: reject }).start(),
  )
  await t.rejects(
    outcome.then(undefined, error => Promise.reject(new Error(String(error)))),
    { message: 'why not' },
  )
  t.same(lookups, [])
})

t.test('DNS answers when nobody waits any more: nothing is opened', async t => {
  const answers: (() => void)[] = []
  const lookup = ((_host: string, _options: unknown, callback: (...answer: unknown[]) => void) =>
    answers.push(() => callback(null, '127.0.0.1', 4))) as unknown as Lookup
  const dial = new TestDial('ws://server.example/', { lookup })
  dial.timers.advance(15_020)
  t.match(await dial.error(), { code: 'WS_CONNECT_TIMEOUT', phase: 'dns' })
  answers[0]!()
  t.equal(dial.sockets.length, 0)
  t.equal(dial.ends, 1)
})

t.test('C-16 off: no deadline', async t => {
  const { port } = await listening(t, silent)
  const dial = new TestDial(`ws://127.0.0.1:${port}/`, { timeout: Number.POSITIVE_INFINITY })
  await once(await dial.opening, 'connect')
  t.equal(dial.left.deadlines, 0)
  dial.timers.advance(1e9)
  t.equal(dial.ends, 0)
  dial.abort.abort()
  t.match(await dial.error(), { name: 'AbortError' })
})

t.test('the time or the network is over within a refusal: the refusal is told, with what has come of it', async t => {
  const answer = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nNot y'
  const over = await inUpgrade(t, answer)
  over.dial.timers.advance(15_020)
  const cut = deferred<Socket>()
  const { port } = await listening(t, socket =>
    onRequest(socket, () => socket.write(answer, () => cut.resolve(socket))),
  )
  const reset = new TestDial(`ws://127.0.0.1:${port}/`)
  await once(await reset.opening, 'data')
  ;(await cut.promise).resetAndDestroy()
  const { port: ending } = await listening(t, endingWith(answer))
  const ended = new TestDial(`ws://127.0.0.1:${ending}/`)
  for (const dial of [over.dial, reset, ended]) {
    const error = (await dial.error()) as HandshakeError
    t.ok(error instanceof HandshakeError)
    t.match(error, { code: 'WS_REFUSED', status: 403, phase: 'upgrade' })
    t.equal(Buffer.from(error.response!.body).toString(), 'Not y')
    t.same(dial.left, nothing)
  }
})

/** Answers, and ends. */
function endingWith(answer: string): Script {
  return socket => onRequest(socket, () => socket.end(answer))
}

/** What goes wrong at a stage: the dial, and what the error tells. */
const failures: [name: string, begin: (t: Test) => Promise<TestDial>, expected: object][] = [
  [
    'the host is not found',
    async () =>
      new TestDial('ws://server.example/', {
        lookup: ((_host, _options, callback) => {
          callback(Object.assign(new Error('getaddrinfo ENOTFOUND server.example'), { code: 'ENOTFOUND' }), '', 0)
        }) as Lookup,
      }),
    {
      code: 'WS_DNS_FAILED',
      phase: 'dns',
      causeCode: 'ENOTFOUND',
      message: 'the host was not found: getaddrinfo ENOTFOUND server.example',
    },
  ],
  [
    'nobody listens',
    async t => new TestDial(`ws://127.0.0.1:${await closedPort(t)}/`),
    {
      code: 'WS_CONNECT_FAILED',
      phase: 'tcp',
      causeCode: 'ECONNREFUSED',
      message: /^could not connect: .*ECONNREFUSED/,
    },
  ],
  [
    'nobody listens on either address',
    async t => {
      const port = await closedPort(t)
      return new TestDial(`ws://server.example:${port}/`, { lookup: found('127.0.0.1', '127.0.0.2') })
    },
    {
      code: 'WS_CONNECT_FAILED',
      causeCode: 'ECONNREFUSED',
      message: /127\.0\.0\.1:.*; .*127\.0\.0\.2:/,
      cause: AggregateError,
    },
  ],
  [
    'there is no such unix socket',
    async () => new TestDial('ws://localhost/', { socketPath: '/nowhere/at/all' }),
    { code: 'WS_CONNECT_FAILED', phase: 'tcp', causeCode: 'ENOENT' },
  ],
  [
    'the peer does not speak TLS',
    t => towards(t, socket => socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')), 'wss'),
    {
      code: 'WS_TLS_FAILED',
      phase: 'tls',
      statusCode: 1015,
      causeCode: 'ERR_SSL_WRONG_VERSION_NUMBER',
      message: 'no TLS: the server does not speak it: ws:// instead of wss://?',
    },
  ],
  [
    'the peer speaks TLS, and is not asked for it',
    t => towards(t, socket => onRequest(socket, () => socket.end(Buffer.of(0x15, 3, 1, 0, 2, 2, 70)))),
    { code: 'WS_TLS_EXPECTED', phase: 'upgrade', statusCode: 1006, name: 'HandshakeError' },
  ],
  [
    'the peer ends within TLS',
    t => towards(t, socket => socket.once('data', () => socket.end()), 'wss'),
    { code: 'WS_TLS_FAILED', phase: 'tls', statusCode: 1015, causeCode: 'ECONNRESET' },
  ],
  [
    'the peer resets within TLS',
    t => towards(t, socket => socket.once('data', () => socket.resetAndDestroy()), 'wss'),
    { code: 'WS_TLS_FAILED', phase: 'tls', statusCode: 1015, causeCode: 'ECONNRESET' },
  ],
  [
    'the peer ends instead of a response',
    t => towards(t, socket => onRequest(socket, () => socket.end())),
    { code: 'WS_RESPONSE_INCOMPLETE', phase: 'upgrade', statusCode: 1006, name: 'HandshakeError' },
  ],
  [
    'the peer ends within a response',
    t => towards(t, endingWith('HTTP/1.1 101 Switching')),
    { code: 'WS_RESPONSE_INCOMPLETE', phase: 'upgrade', name: 'HandshakeError' },
  ],
  [
    'the peer resets instead of a response',
    t => towards(t, socket => onRequest(socket, () => socket.resetAndDestroy())),
    { code: 'WS_SOCKET_ERROR', phase: 'upgrade', statusCode: 1006, causeCode: 'ECONNRESET' },
  ],
  [
    'somebody destroys the socket',
    async t => {
      const dial = await towards(t, socket => onRequest(socket, () => dial.sockets[0]!.destroy()))
      return dial
    },
    { code: 'WS_PEER_ENDED', phase: 'upgrade', statusCode: 1006, causeCode: undefined },
  ],
]

async function closedPort(t: Test): Promise<number> {
  const { port, server } = await listening(t, silent)
  server.close()
  await once(server, 'close')
  return port
}

t.test(
  '4.1-13 7.2.1-1 §7.4.1 "the client MUST Fail the WebSocket Connection": where and why is told, nothing is left',
  async t => {
    for (const [name, begin, expected] of failures) {
      const dial = await begin(t)
      const error = await dial.error()
      t.match(error, { section: '4.1', ...expected }, name)
      t.same(dial.left, nothing, `${name}: nothing is left`)
      t.equal(dial.ends, 1)
    }
  },
)
