/**
 * RFC 7692 for applications: permessage-deflate at servers and clients, and extensions of their own, over real sockets.
 */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { RawFrame } from '../../src/conformance/raw-frame.js'
import {
  connect,
  createServer,
  type Extension,
  PerMessageDeflate,
  pinnedByDeflate,
  WebSocket,
} from '../../src/index.js'
import { deflated } from '../connection/deflating-peer.js'
import { Shifting } from '../extensions/shifting.js'
import { until } from '../transport/event-loop.js'
import { serve } from './serving.js'

const MiB = 1024 * 1024
const large = { limits: { maxMessageSize: 100 * MiB } }

function url({ port }: { port: number }): string {
  return `ws://127.0.0.1:${port}/`
}

t.test('D-16 it is off unless asked for, at both ends', async t => {
  const plain = await serve(t, {}, { message: (connection, data) => void connection.send(data) })
  const offering = await connect(url(plain), { perMessageDeflate: true })
  t.same(offering.extensions, [])
  const open = await serve(t, { perMessageDeflate: true })
  const silent = await connect(url(open))
  t.same(silent.extensions, [])
  const { head } = await open.open('/', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
  t.match(
    head,
    /Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n/,
  )
  const { head: off } = await plain.open('/', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
  t.notMatch(off, /Sec-WebSocket-Extensions/i)
  for (const connection of [offering, silent]) connection.terminate()
})

t.test('7692/5-13 one word at each end: messages of all kinds and sizes, without and with windows', async t => {
  const takeover = { serverContextTakeover: true, clientContextTakeover: true, threshold: 0 }
  for (const perMessageDeflate of [true, takeover]) {
    const before = pinnedByDeflate()
    const serving = await serve(
      t,
      { perMessageDeflate, ...large },
      { message: (connection, data) => void connection.send(data) },
    )
    const client = await connect(url(serving), { perMessageDeflate, ...large })
    t.equal(client.extensions[0]?.extension.name, 'permessage-deflate')
    const received = client.messages()
    const texts = ['', 'a', 'ü€😀'.repeat(1000), 'long, '.repeat(500_000)]
    const octets = [Buffer.alloc(0), randomBytes(100), randomBytes(3 * MiB), Buffer.alloc(3 * MiB, 'x')]
    for (const message of [...texts, ...octets, ...texts]) {
      client.send(message)
      const { value } = await received.next()
      t.ok(typeof message === 'string' ? value?.data === message : message.equals(value?.data as Buffer))
    }
    const [server] = serving.server.connections
    t.equal(client.extensionMemory > 0, perMessageDeflate !== true)
    t.equal(server!.extensionMemory > 0, perMessageDeflate !== true)
    client.close()
    const { octetsSent } = await client.closed
    t.ok(octetsSent < 4 * MiB, `${octetsSent} octets for 12 MiB`)
    await until(() => serving.server.connections.size === 0)
    t.ok(pinnedByDeflate() <= before + 400_000, 'but for a spare one of each kind nothing is left')
  }
})

t.test('send() says whether to compress', async t => {
  const serving = await serve(t, { perMessageDeflate: true })
  const { client, connection } = await serving.open('/', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
  const text = 'the same, '.repeat(200)
  connection.send(text)
  connection.send(text, { compress: false })
  connection.send('short short short')
  connection.send('short short short', { compress: true })
  connection.send(Buffer.from(text), { text: true, compress: true })
  const frames: RawFrame[] = []
  while (frames.length < 5) frames.push(await client.frame())
  t.same(
    frames.map(({ rsv, opcode, payload }) => `${opcode} ${rsv} ${payload.length < 100 ? 'short' : 'long'}`),
    ['1 4 short', '1 0 long', '1 0 short', '1 4 short', '1 4 short'],
  )
  t.throws(() => connection.send('', { compress: 1 as never }), { code: 'WS_INVALID_OPTION' })
})

t.test('options that cannot be are refused when the server is made, and at the call of connect', async t => {
  const bad: unknown[] = [1, 'yes', null, { windowBits: 10 }, { level: 10 }, { serverMaxWindowBits: 7 }]
  for (const perMessageDeflate of bad as never[]) {
    t.throws(
      () => createServer({ perMessageDeflate }),
      { code: 'WS_INVALID_OPTION' },
      JSON.stringify(perMessageDeflate),
    )
    await t.rejects(connect('ws://127.0.0.1:1/', { perMessageDeflate }), { code: 'WS_INVALID_OPTION' })
  }
  t.throws(() => createServer({ perMessageDeflate: [{}] }), { code: 'WS_INVALID_OPTION' })
  t.doesNotThrow(() => createServer({ perMessageDeflate: false, extensions: [] }))
  const good: Extension = new Shifting()
  const wrong = [
    null,
    {},
    [null],
    [{ ...plain(good), name: '' }],
    [{ ...plain(good), name: 'a b' }],
    [{ ...plain(good), rsv: 8 }],
    [{ ...plain(good), rsv: -1 }],
    [{ ...plain(good), rsv: 1.5 }],
    [{ ...plain(good), rsv: undefined }],
    [{ ...plain(good), offers: 1 }],
    [{ ...plain(good), answer: undefined }],
    [{ ...plain(good), accepts: 'yes' }],
  ]
  for (const extensions of wrong as never[]) {
    t.throws(() => createServer({ extensions }), { code: 'WS_INVALID_OPTION' }, JSON.stringify(extensions))
  }
})

t.test('9.1 an extension of one’s own, behind permessage-deflate or before it', async t => {
  const echo = {
    message: (connection: { send(data: string | Buffer): unknown }, data: string | Buffer) =>
      void connection.send(data),
  }
  const own = () => [new Shifting(), new PerMessageDeflate('server', { threshold: 0 })]
  for (const options of [
    { perMessageDeflate: { threshold: 0 }, extensions: [new Shifting()] },
    { extensions: own() },
  ]) {
    const serving = await serve(t, options, echo)
    const client = await connect(url(serving), options)
    t.same(
      client.extensions.map(({ extension }) => extension.name),
      'perMessageDeflate' in options ? ['permessage-deflate', 'shifting'] : ['shifting', 'permessage-deflate'],
    )
    for (const text of ['Hello, hello', '# not shifted', 'ü'.repeat(50_000)]) {
      client.send(text)
      const { value } = await client.messages().next()
      t.equal(value?.data, text)
    }
    client.terminate()
  }
})

t.test('several offers of a client: the server takes the first that it can', async t => {
  const serving = await serve(t, { perMessageDeflate: { serverContextTakeover: true, serverMaxWindowBits: 12 } })
  const client = await connect(url(serving), { perMessageDeflate: [{ serverMaxWindowBits: 9 }, {}] })
  t.same(client.extensions[0]?.parameters, [
    ['server_max_window_bits', '9'],
    ['client_no_context_takeover', undefined],
  ])
  client.terminate()
})

t.test('D-03 D-15 long messages of some do not keep others waiting', async t => {
  const order: string[] = []
  const serving = await serve(
    t,
    { perMessageDeflate: true, ...large },
    {
      message: (connection, data) => {
        order.push(`${data.length}`)
        if (data.length < 100) connection.send(data)
      },
    },
  )
  const fields = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
  const [one, another, short] = [
    await serving.open('/', fields),
    await serving.open('/', fields),
    await serving.open('/', fields),
  ]
  const long = deflated(Buffer.alloc(50 * MiB, 'abcdefgh'))
  for (const { client } of [one, another]) client.send({ opcode: 2, rsv: 4, payload: long })
  await until(() => [...serving.server.connections].filter(({ extensionMemory }) => extensionMemory > 0).length === 2)
  short.client.send({ opcode: 1, rsv: 4, payload: deflated('short') })
  t.equal(await short.client.message(), 'short')
  t.same(order, ['5'], 'answered while the others are inflated')
  await until(() => order.length === 3)
})

t.test(
  'D-15 D-17 a hundred connections compress at once: each in order, and who says little does not wait',
  async t => {
    const long = 'long, '.repeat(60_000)
    const done: string[] = []
    const serving = await serve(
      t,
      { perMessageDeflate: true },
      {
        message: (connection, data) => {
          connection.send(data === 'go' ? long : data)
          if (data === 'go') connection.send('after')
        },
      },
    )
    const clients = await Promise.all(
      Array.from({ length: 101 }, () => connect(url(serving), { perMessageDeflate: true })),
    )
    const [short, ...others] = clients
    const all = others.map(async client => {
      client.send('go')
      const received = client.messages()
      const first = (await received.next()).value?.data
      done.push('long')
      return [first, (await received.next()).value?.data]
    })
    await until(() => [...serving.server.connections].filter(({ extensionMemory }) => extensionMemory > 0).length > 10)
    short!.send('short')
    t.equal((await short!.messages().next()).value?.data, 'short')
    t.equal(done.length, 0, 'answered while the others are compressed')
    const inOrder = await Promise.all(all)
    t.ok(inOrder.every(([first, second]) => first === long && second === 'after'))
    for (const client of clients) client.terminate()
  },
)

t.test('the WebSocket of browsers offers it, and says what came of it', async t => {
  const serving = await serve(
    t,
    { perMessageDeflate: true, allowedOrigins: 'any' },
    { message: (connection, data) => void connection.send(data) },
  )
  for (const [given, extensions] of [
    [{}, 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'],
    [{ perMessageDeflate: false }, ''],
    [
      { perMessageDeflate: { serverMaxWindowBits: 10 } },
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_no_context_takeover',
    ],
  ] as const) {
    const socket = new WebSocket(url(serving), given)
    await new Promise(resolve => (socket.onopen = resolve))
    t.equal(socket.extensions, extensions)
    const long = 'long, '.repeat(100_000)
    socket.send('first')
    socket.send(long)
    socket.send('last')
    t.equal(socket.bufferedAmount, long.length + 9)
    const received: unknown[] = []
    await new Promise<void>(resolve => {
      socket.onmessage = ({ data }) => {
        received.push(data)
        if (received.length === 3) resolve()
      }
    })
    t.same(received, ['first', long, 'last'])
    t.equal(socket.bufferedAmount, 0)
    socket.close()
    await new Promise(resolve => (socket.onclose = resolve))
  }
})

/** The extension as a plain object. */
function plain(extension: Extension): object {
  const { name, rsv } = extension
  return { name, rsv, offers: () => [[]], answer: () => [], accepts: () => true }
}
