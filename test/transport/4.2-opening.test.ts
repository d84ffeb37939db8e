// RFC 6455 §4.2 on real sockets: what reaches a server before a connection is open, and what must become of it.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import t from 'tap'
import { TransportError } from '../../src/errors.js'
import { localhostTls, serve } from '../api/serving.js'
import { deferred, turn, turns, until } from './event-loop.js'
import { clientFrame, openingRequest, type RawClient, sampleAccept } from './raw-client.js'

const get = (target: string) => openingRequest(target)

/** The status line of a refusal, and that nothing but it came before the end. */
async function refusal(client: RawClient): Promise<string> {
  const octets = (await client.end()).toString('latin1')
  const [head, body = ''] = octets.split('\r\n\r\n')
  const length = Number(/Content-Length: (\d+)/.exec(head!)?.[1])
  if (body.length !== length) throw new Error(`more than one answer: ${octets}`)
  if (!head!.includes('\r\nConnection: close')) throw new Error(`not the last answer: ${octets}`)
  return head!.split('\r\n')[0]!.slice('HTTP/1.1 '.length)
}

const heads: [rule: string, octets: string | Buffer, status: string][] = [
  ['H-20 a request line of 8 KiB is read', get(`/${'a'.repeat(8192 - 'GET / HTTP/1.1'.length)}`), '101'],
  ['H-20 one octet more is not', get(`/${'a'.repeat(8193 - 'GET / HTTP/1.1'.length)}`), '414'],
  ['H-20 nor a request line of 1 MiB without an end', `GET /${'a'.repeat(1 << 20)}`, '414'],
  ['H-21 header fields without an end', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(50_000)}`, '431'],
  ['H-22 101 fields, the needed ones last', get('/').replace('\r\n', `\r\n${'a: b\r\n'.repeat(101)}`), '431'],
  ['H-24 16 KiB of fields', get('/').replace('\r\n', `\r\n${`a: ${'b'.repeat(2040)}\r\n`.repeat(7)}`), '101'],
  ['H-24 more than 16 KiB of fields', get('/').replace('\r\n', `\r\n${`a: ${'b'.repeat(2040)}\r\n`.repeat(9)}`), '431'],
  ['H-34 a thousand handshakes in one write: the first is answered', get('/').repeat(1000), '101'],
  ['H-34 a second request after a refused one', `${get('/').replace('13', '12')}${get('/')}`, '426'],
  ['H-42 the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '505'],
  ['H-42 a TLS ClientHello', Buffer.from('16030100c8010000c40303', 'hex'), '400'],
  ['H-42 the banner of SSH', 'SSH-2.0-OpenSSH_9.2p1\r\n', '400'],
  ['H-42 SMTP', 'EHLO example.com\r\n', '400'],
  ['H-44 what has no business in a request is ignored', withFields('Sec-WebSocket-Accept: x\r\nKeep-Alive: 5'), '101'],
  ['H-01 HTTP/1.0', get('/').replace('1.1', '1.0'), '505'],
  ['4.2.1 no key', openingRequest('/', { 'Sec-WebSocket-Key': undefined }), '400'],
]

function withFields(lines: string): string {
  return get('/').replace('\r\n', `\r\n${lines}\r\n`)
}

for (const [rule, octets, status] of heads) {
  t.test(rule, async t => {
    const { dial, server } = await serve(t)
    const refused: unknown[] = []
    server.on('refused', error => refused.push(error))
    const client = await dial()
    client.stream.on('error', () => {})
    client.write(octets)
    if (status === '101') {
      const head = await client.head()
      t.match(head, /^HTTP\/1.1 101 /)
      t.match(head, sampleAccept)
      t.notMatch(head, /Keep-Alive|x\r\n/i, 'nothing is reflected')
      return
    }
    t.match(await refusal(client), new RegExp(`^${status} `))
    t.equal(refused.length, 1)
    t.equal(server.connections.size, 0)
  })
}

t.test('H-20 H-24 the same octets split into many writes, the same answer', async t => {
  for (const [, octets, status] of heads.slice(0, 2)) {
    const { dial } = await serve(t)
    const client = await dial()
    for (let at = 0; at < octets.length; at += 100) {
      await new Promise(resolve => client.stream.write(octets.slice(at, at + 100), resolve))
    }
    await client.until(() => client.unread.length > 12)
    t.equal(client.unread.toString('latin1', 9, 12), status)
  }
})

t.test('H-24 a handshake of 16 KiB, an octet at a time', async t => {
  const { dial } = await serve(t)
  const client = await dial()
  const octets = Buffer.from(get('/').replace('\r\n', `\r\n${`a: ${'b'.repeat(2040)}\r\n`.repeat(7)}`))
  for (const octet of octets) {
    await new Promise(resolve => client.stream.write(Buffer.from([octet]), resolve))
  }
  t.match(await client.head(), /^HTTP\/1.1 101 /)
})

t.test('H-25 nothing at all: 408 at the handshake timeout, measured from the accept', async t => {
  const { dial, timers, server, wheel } = await serve(t, { handshakeTimeout: 5000 })
  const client = await dial()
  await until(() => wheel.size === 1)
  client.write('GET / HT')
  timers.advance(4900)
  client.write('TP/1.1\r\n')
  await turns()
  t.equal(client.unread.length, 0)
  const refused = once(server, 'refused')
  timers.advance(200)
  t.match(await refused, [{ code: 'WS_HANDSHAKE_TIMEOUT', status: 408 }])
  t.match(await refusal(client), /^408 /)
})

t.test('H-25 an octet every 5 s does not put it off', async t => {
  const { dial, timers, server, wheel } = await serve(t)
  const client = await dial()
  const refused = once(server, 'refused')
  await until(() => wheel.size === 1)
  for (const octet of 'GET') {
    client.write(octet)
    await turns(3)
    timers.advance(5000)
  }
  await refused
  t.match(await refusal(client), /^408 /)
})

t.test('7.2.2-1 a refusal ends the connection; a peer that does not end is cut after closeTimeout', async t => {
  const { dial, timers, wheel } = await serve(t, { deadlines: { closeTimeout: 3000 } })
  const client = await dial()
  client.stream.on('error', () => {})
  client.write('nonsense\r\n')
  await client.end()
  client.write('more nonsense')
  timers.advance(2900)
  await turns()
  t.equal(wheel.size, 1)
  timers.advance(200)
  await until(() => wheel.size === 0)
  while (!client.closed) {
    client.write('to nobody')
    await turn()
  }
  t.match(client.error?.code, /EPIPE|ECONNRESET/)
})

/** A stream of which the test says when it takes what is written. */
class SlowStream extends Duplex {
  takes: (() => void)[] = []
  octets = 0

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.takes.push(() => {
      this.octets += chunk.length
      done()
    })
  }

  /** Takes the next of what was written, if it was. */
  async accept(): Promise<void> {
    this.takes.shift()?.()
    await turns(2)
  }
}

const pages: [what: string, takenIn2Seconds: number, closes: boolean, whole: boolean][] = [
  ['that leaves slowly leaves whole', 16384, false, true],
  ['that does not leave is cut', 0, false, false],
  ['that leaves slowly is cut when the server closes', 16384, true, false],
]
for (const [what, taken, closes, whole] of pages) {
  t.test(`7.2.2-1 a page ${what}`, async t => {
    const body = Buffer.alloc(160 * 1024, 'x')
    const { server, timers, wheel } = await serve(
      t,
      { deadlines: { closeTimeout: 3000 } },
      { request: () => ({ status: 200, body }) },
    )
    const stream = new SlowStream()
    server.handleConnection(stream as Duplex)
    stream.push('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await until(() => stream.takes.length > 0)
    if (closes) void server.close()
    for (let i = 0; i < 11; i++) {
      if (taken > 0) await stream.accept()
      timers.advance(2000)
      await turns(2)
    }
    t.equal(stream.octets > body.length, whole)
    t.equal(stream.destroyed, !whole)
    // What left last counts once more; then the peer has had its time to end.
    timers.advance(7000)
    timers.advance(7000)
    await until(() => wheel.size === 0)
    t.ok(stream.destroyed)
  })
}

t.test('H-34 nothing behind a refusal is answered, or interpreted', async t => {
  const { dial, server } = await serve(t)
  const client = await dial()
  client.write(get('/').replace('websocket', 'h2c'), get('/'))
  t.match(await refusal(client), /^426 /)
  client.write(get('/'))
  client.stream.end()
  await client.gone()
  t.equal(server.connections.size, 0)
})

t.test('H-35 a frame in the packet of the handshake: delivered once, after the connection is there', async t => {
  const told: string[] = []
  const { dial } = await serve(
    t,
    {},
    {
      connection: () => told.push('connection'),
      message: (connection, data) => {
        told.push(`message ${data}`)
        connection.send(data)
      },
    },
  )
  const client = await dial()
  client.write(get('/'), clientFrame({ opcode: 1, payload: 'early' }))
  await client.head()
  t.equal(await client.line(), 'text "early"')
  t.same(told, ['connection', 'message early'])
})

t.test('H-36 after 101 every octet is of a frame: "GET" is 1002', async t => {
  const { dial } = await serve(t)
  const client = await dial()
  client.write(get('/'), 'GET /admin HTTP/1.1\r\n\r\n')
  await client.head()
  t.match(await client.line(), /^close 1002 /)
  t.equal((await client.end()).length, 0)
})

/** A mebibyte of messages. */
const flood = Buffer.concat(
  Array.from({ length: 1024 }, () => clientFrame({ opcode: 2, payload: Buffer.alloc(1016, 7) })),
)

for (const tls of [undefined, localhostTls]) {
  const over = tls === undefined ? '' : ', over TLS'
  for (const [how, first] of [
    ['with the request', get('/')],
    ['behind a little', Buffer.concat([Buffer.from(get('/')), clientFrame({ opcode: 2, payload: 'small' })])],
  ] as const) {
    t.test(`H-37 1 MiB that comes ${how} while the hook decides: the socket holds it back${over}`, async t => {
      const decision = deferred<object>()
      let socket: Socket | undefined
      const told: string[] = []
      const { dial } = await serve(
        t,
        { tls },
        {
          accept: request => {
            socket = request.stream as Socket
            return decision.promise
          },
          message: (_, data) => told.push((data as Buffer).toString('hex', 1012)),
        },
      )
      const client = await dial()
      if (how === 'with the request') client.write(first, flood)
      else {
        client.write(first)
        await until(() => socket !== undefined && socket.readableLength > 0)
        client.write(flood)
      }
      await until(() => socket !== undefined && socket.readableLength >= socket.readableHighWaterMark)
      await turns()
      t.ok(socket!.isPaused())
      const most = socket!.readableHighWaterMark + 64 * 1024
      t.ok(socket!.readableLength < most, `${socket!.readableLength} octets held: a full buffer and one read`)
      t.ok(socket!.bytesRead < most + 1024, 'and no others')
      t.same(told, [])
      decision.resolve({})
      await client.head()
      client.close(1000)
      t.equal(await client.line(), 'close 1000 ""')
      t.equal(told.filter(end => end === '07070707').length, 1024)
    })
  }
}

t.test('H-37 what came behind a request that is refused in the end is dropped', async t => {
  const decision = deferred<{ status: number }>()
  let socket: Socket | undefined
  const { dial, server } = await serve(
    t,
    {},
    {
      accept: request => {
        socket = request.stream as Socket
        return decision.promise
      },
    },
  )
  const client = await dial()
  client.write(get('/'), flood)
  await until(() => socket?.isPaused() === true)
  decision.resolve({ status: 403 })
  t.match(await refusal(client), /^403 /)
  client.stream.end()
  await client.gone()
  t.equal(server.connections.size, 0)
})

t.test('H-38 a reset while the hook decides: its signal aborts, nothing is left', async t => {
  let signal: AbortSignal | undefined
  const { dial, server } = await serve(
    t,
    {},
    {
      accept: request => {
        signal = request.signal
        return new Promise<object>(resolve => signal!.addEventListener('abort', () => resolve({})))
      },
    },
  )
  const client = await dial()
  const refused = once(server, 'refused')
  client.write(get('/'))
  await until(() => signal !== undefined)
  client.reset()
  const [error] = (await refused) as [TransportError]
  t.type(error, TransportError)
  t.ok(signal!.aborted)
  t.equal(signal!.reason, error)
  t.equal(server.connections.size, 0)
})

t.test('H-38 a reset at every stage: no exception, the next client is served', async t => {
  const { dial, open, server } = await serve(t)
  const request = get('/')
  for (const octets of ['', 'GET', request, request + clientFrame({ opcode: 1, payload: 'x' }).toString('latin1')]) {
    const client = await dial()
    client.stream.on('error', () => {})
    if (octets !== '') client.stream.write(octets, 'latin1')
    client.reset()
    await client.gone()
  }
  const { connection } = await open()
  t.equal(connection.state, 'open')
  await until(() => server.connections.size === 1)
})

t.test('a peer that half-closes before its request is whole is let go', async t => {
  const { dial, server } = await serve(t)
  const client = await dial()
  const refused = once(server, 'refused')
  client.write('GET / HTTP/1.1\r\n')
  client.stream.end()
  t.match(await refused, [{ code: 'WS_PEER_ENDED' }])
  t.equal((await client.end()).length, 0, 'nobody is left to be answered')
})

t.test('H-38 a peer that half-closes while the hook decides', async t => {
  let signal: AbortSignal | undefined
  const { dial, server } = await serve(
    t,
    {},
    {
      accept: async request => {
        await once(server, 'refused')
        // Asked for only now: it has aborted already.
        signal = request.signal
        return {}
      },
    },
  )
  const client = await dial()
  client.write(get('/'))
  client.stream.end()
  await client.end()
  await until(() => signal !== undefined)
  t.ok(signal!.aborted)
  t.equal(server.connections.size, 0)
})

t.test('H-40 4.2.2-7 an unknown path: 404, and the process lives', async t => {
  const { dial, open } = await serve(t, { path: '/chat' })
  for (const path of ['/', '/chat/', '/Chat', '/chatter', '/chat%2f']) {
    const client = await dial()
    client.write(get(path))
    t.match(await refusal(client), /^404 /, path)
  }
  await open('/chat')
  await open('/chat?room=1')
})

t.test('O-01 the page of another site: 403 before the hook is asked', async t => {
  let asked = 0
  const { dial, open } = await serve(t, {}, { accept: () => void asked++ })
  for (const origin of ['http://evil.example', 'http://localhost.evil.example', 'null', 'http://localhost:81']) {
    const client = await dial()
    client.write(openingRequest('/', { Origin: origin, Cookie: 'session=1' }))
    t.match(await refusal(client), /^403 /, origin)
  }
  t.equal(asked, 0)
  await open('/', { Origin: 'http://localhost' })
  t.equal(asked, 1)
})

t.test('R-12 more handshakes than maxPendingHandshakes: the newest are cut, the others go on', async t => {
  const { dial, open, wheel } = await serve(t, { maxPendingHandshakes: 3 })
  const clients = [await dial(), await dial(), await dial()] as const
  await until(() => wheel.size === 3)
  const cut = await dial()
  cut.stream.on('error', () => {})
  t.equal((await cut.end()).length, 0)
  clients[0].write(get('/'))
  t.match(await clients[0].head(), /^HTTP\/1.1 101 /)
  clients[1].destroy()
  await until(() => wheel.size === 2)
  const { connection } = await open()
  t.equal(connection.state, 'open')
})

t.test('R-12 refusals whose peer does not end: as many as maxPendingHandshakes, then the oldest is cut', async t => {
  const { dial, open, wheel, timers } = await serve(t, { maxPendingHandshakes: 3, deadlines: { closeTimeout: 4000 } })
  const lingering: RawClient[] = []
  for (let i = 0; i < 5; i++) {
    const client = await dial()
    client.stream.on('error', () => {})
    client.write(i % 2 === 0 ? 'nonsense\r\n' : 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    t.match((await client.end()).toString(), i % 2 === 0 ? /^HTTP\/1.1 400 / : /^HTTP\/1.1 426 /)
    lingering.push(client)
    await until(() => wheel.size === Math.min(3, i + 1))
  }
  t.equal((await open()).connection.state, 'open', "they are in nobody else's way")
  timers.advance(3900)
  await turns()
  t.equal(wheel.size, 4)
  timers.advance(200)
  await until(() => wheel.size === 1)
  for (const client of lingering) {
    while (!client.closed) {
      client.write('to nobody')
      await turn()
    }
    t.match(client.error?.code, /EPIPE|ECONNRESET/)
  }
})

t.test('R-12 what was answered and lingers is no pending handshake', async t => {
  const { dial, open, server } = await serve(t, { maxPendingHandshakes: 1 })
  const lingering = await dial()
  lingering.write('nonsense\r\n')
  t.match((await lingering.end()).toString(), /^HTTP\/1.1 400 /)
  const { connection } = await open()
  t.equal(connection.state, 'open')
  lingering.stream.end()
  t.equal(server.connections.size, 1)
})

t.test('maxConnections: 503 for one more, before the hook is asked and after', async t => {
  const decisions = [deferred<object>(), deferred<object>()]
  let asked = 0
  const { dial } = await serve(t, { maxConnections: 1 }, { accept: () => decisions[asked++]!.promise })
  const [first, second, third] = [await dial(), await dial(), await dial()]
  first.write(get('/'))
  await until(() => asked === 1)
  second.write(get('/'))
  await until(() => asked === 2)
  for (const { resolve } of decisions) resolve({})
  t.match(await first.head(), /^HTTP\/1.1 101 /)
  t.match(await refusal(second), /^503 /)
  third.write(get('/'))
  t.match(await refusal(third), /^503 /)
  t.equal(asked, 2)
})
