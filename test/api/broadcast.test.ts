/** RFC 6455 §6.1 for many connections at once: messages that are prepared, and sent to all of a server's connections. */
import t from 'tap'
import type { BroadcastOptions } from '../../src/api/broadcast.js'
import { connect, prepareMessage, type WebSocketConnection } from '../../src/index.js'
import { turns, until } from '../transport/event-loop.js'
import { ca, localhostTls, serve } from './serving.js'

/** So many clients, and the server's ends of them, in the same order. */
async function crowd(t: Parameters<typeof serve>[0], count: number, options: Parameters<typeof serve>[1] = {}) {
  const serving = await serve<number>(t, options, { accept: ({ path }) => ({ data: Number(path.slice(1)) }) })
  const scheme = options.tls === undefined ? 'ws' : 'wss'
  const perMessageDeflate = options.perMessageDeflate !== undefined
  const opened = Array.from({ length: count }, (_, n) => {
    return connect(`${scheme}://localhost:${serving.port}/${n}`, { perMessageDeflate, tls: { ca } })
  })
  const clients = await Promise.all(opened)
  await until(() => serving.server.connections.size === count)
  const ends = [...serving.server.connections].sort((a, b) => a.data - b.data)
  return { ...serving, clients, ends }
}

/** The next messages of a client. */
async function take(client: WebSocketConnection, count: number): Promise<unknown[]> {
  const messages = client.messages()
  const taken: unknown[] = []
  while (taken.length < count) {
    const { value } = await messages.next()
    if (value === undefined) break
    taken.push(value.data)
  }
  return taken
}

for (const options of [{}, { tls: localhostTls }, { perMessageDeflate: { threshold: 0 } }]) {
  t.test(`to all, in order with what is sent to each: ${Object.keys(options)}`, async t => {
    const { server, clients, ends } = await crowd(t, 3, options)
    const long = Buffer.alloc(200_000, 'long, ')
    const octets = Buffer.from('octets')
    const prepared = prepareMessage(octets)
    octets.fill(0)
    for (const end of ends) end.send(`only ${end.data}`)
    t.same(server.broadcast('text ü'), { sent: 3, queued: 0, dropped: 0 })
    t.equal(server.broadcast(prepared).sent, 3)
    t.equal(server.broadcast(Buffer.from('octets as text'), { text: true, compress: false }).sent, 3)
    const { sent, queued } = server.broadcast(long)
    t.equal(sent + queued, 3)
    for (const end of ends) end.send(prepared)
    for (const [n, client] of clients.entries()) {
      const expected = [`only ${n}`, 'text ü', Buffer.from('octets'), 'octets as text', long, Buffer.from('octets')]
      t.same(await take(client, 6), expected)
    }
    const flushed = ends.map(end => end.flush())
    await Promise.all(flushed)
    for (const client of clients) client.close()
    await Promise.all(clients.map(client => client.closed))
  })
}

t.test('a client sends prepared messages too, masked anew each time', async t => {
  const received: unknown[] = []
  const { port } = await serve(t, {}, { message: (_, data) => void received.push(data) })
  const client = await connect(`ws://127.0.0.1:${port}/`)
  const prepared = prepareMessage('text')
  t.equal(client.send(prepared), 'sent')
  client.send(prepared)
  client.close()
  await client.closed
  t.same(received, ['text', 'text'])
})

t.test('some: all but one, and those where it is so', async t => {
  const { server, clients, ends } = await crowd(t, 4)
  t.equal(server.broadcast('not to 0', { except: ends[0] }).sent, 3)
  t.equal(server.broadcast('to odd ones', { where: ({ data }) => data % 2 === 1 }).sent, 2)
  t.equal(server.broadcast('to 3', { except: ends[1], where: ({ data }) => data % 2 === 1 }).sent, 1)
  // What is truthy is not true, what is falsy not false: an async function would be the one, a forgotten return is the other.
  for (const answer of [Promise.resolve(true), 1, undefined]) {
    const where = () => answer as unknown as boolean
    t.throws(() => server.broadcast('to nobody', { where }), { code: 'WS_INVALID_OPTION' })
  }
  t.equal(server.broadcast('to all').sent, 4)
  const expected = [['to all'], ['not to 0', 'to odd ones', 'to all'], ['not to 0', 'to all']]
  for (const [n, messages] of expected.entries()) t.same(await take(clients[n]!, messages.length), messages)
  t.same(await take(clients[3]!, 4), ['not to 0', 'to odd ones', 'to 3', 'to all'])
  for (const client of clients) client.terminate()
})

t.test('what where throws is thrown', async t => {
  const { server, clients } = await crowd(t, 1)
  const where = () => {
    throw new RangeError('where')
  }
  t.throws(() => server.broadcast('x', { where }), RangeError)
  for (const client of clients) client.terminate()
})

t.test('dropped: who is closing, or in the middle of another message; nobody else misses it', async t => {
  const { server, clients, ends } = await crowd(t, 3)
  ends[0]!.close()
  ends[1]!.send('fragment', { fin: false })
  t.same(server.broadcast('to who is left'), { sent: 1, queued: 0, dropped: 2 })
  t.same(await take(clients[2]!, 1), ['to who is left'])
  for (const client of clients) client.terminate()
})

t.test('what is done at once when a message to all has left', async t => {
  const { server, clients, ends } = await crowd(t, 4)
  const acts: ((end: WebSocketConnection<number>) => unknown)[] = [
    end => end.send('more'),
    end => end.close(),
    end => end.pause(),
    () => {
      throw new Error('no')
    },
  ]
  for (const [n, end] of ends.entries()) {
    end.on('error', () => {})
    end.once('written', () => acts[n]!(end))
  }
  t.equal(server.broadcast('to all').sent, 4)
  t.equal(ends[0]!.bufferedAmount, 8)
  t.same(await take(clients[0]!, 2), ['to all', 'more'])
  t.match(await clients[1]!.closed, { code: 1000 })
  t.match(await clients[3]!.closed, { code: 1011 })
  const received: unknown[] = []
  ends[2]!.on('message', data => received.push(data))
  clients[2]!.send('while it is paused')
  await clients[2]!.flush()
  await turns()
  t.same(received, [])
  ends[2]!.resume()
  await until(() => received.length === 1)
  t.same(await take(clients[2]!, 1), ['to all'])
  for (const client of clients) client.terminate()
})

for (const sendOverflow of ['close', 'drop', 'error'] as const) {
  t.test(`10.4 who does not read is judged by its own limits: sendOverflow ${sendOverflow}`, async t => {
    const limits = { sendOverflow, maxSendBuffer: 1 << 20, sendHighWaterMark: 1 << 16 }
    const { server, clients, ends, timers } = await crowd(t, 2, { limits })
    const [reader, lazy] = clients as [WebSocketConnection, WebSocketConnection]
    lazy.stream.pause()
    let received = 0
    reader.on('message', data => {
      received += data.length
    })
    const message = prepareMessage(Buffer.alloc(1 << 18))
    const all = { sent: 0, queued: 0, dropped: 0 }
    let rounds = 0
    while (all.dropped === 0 && rounds < 200) {
      const counts = server.broadcast(message)
      for (const verdict of ['sent', 'queued', 'dropped'] as const) all[verdict] += counts[verdict]
      rounds++
      await ends[0]!.flush()
      await turns(1)
    }
    t.equal(all.dropped, 1)
    t.ok(all.queued > 0)
    await until(() => received === rounds << 18)
    // Some of what waits may have left meanwhile, which gives the rest another period.
    for (let period = 0; period < 3; period++) timers.advance(10_100)
    if (sendOverflow === 'close') await ends[1]!.closed
    else t.equal(ends[1]!.state, 'open')
    for (const client of clients) client.terminate()
  })
}

t.test('what is no message, and options that are none', async t => {
  const { server, clients, ends } = await crowd(t, 1)
  const prepared = prepareMessage('x')
  const calls: [string, () => unknown, string][] = [
    ['a number', () => prepareMessage(7 as never), 'WS_INVALID_DATA'],
    ['text that is not UTF-8', () => prepareMessage(Buffer.from([0xff]), { text: true }), 'WS_INVALID_UTF8'],
    ['text: 1', () => prepareMessage('x', { text: 1 as never }), 'WS_INVALID_OPTION'],
    ['fin', () => prepareMessage('x', { fin: false } as never), 'WS_INVALID_OPTION'],
    ['broadcast of null', () => server.broadcast(null as never), 'WS_INVALID_DATA'],
    ['except: 1', () => server.broadcast('x', { except: 1 as never }), 'WS_INVALID_OPTION'],
    ['where: 1', () => server.broadcast('x', { where: 1 as never }), 'WS_INVALID_OPTION'],
    ['to', () => server.broadcast('x', { to: [] } as BroadcastOptions<number>), 'WS_INVALID_OPTION'],
    ['text beside a prepared message', () => server.broadcast(prepared, { text: true }), 'WS_INVALID_OPTION'],
    ['compress beside one', () => server.broadcast(prepared, { compress: false }), 'WS_INVALID_OPTION'],
    ['send with options', () => ends[0]!.send(prepared, { text: true }), 'WS_INVALID_OPTION'],
  ]
  for (const [name, call, code] of calls) t.throws(call, { name: 'UsageError', code }, name)
  for (const client of clients) client.terminate()
})
