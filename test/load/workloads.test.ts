/** Workloads against servers of which it is known what they do; each figure is computed a second way. */
import t from 'tap'
import { createServer, type Server, type WebSocketConnection } from '../../src/index.js'
import { Generator } from '../../src/load/generator.js'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { RunningLoad } from '../../src/load/running-load.js'
import { serve } from './known-servers.js'

const brief: LoadOptions = { connections: 4, warmUp: 0, size: 20 }

/** A server that hands its own set of connections to what answers. */
async function room(
  t: { teardown(callback: () => unknown): unknown },
  message: (all: Server['connections'], from: WebSocketConnection, data: string | Buffer, number: number) => void,
): Promise<{ url: string; server: Server }> {
  let number = 0
  const server: Server = createServer(
    {},
    { message: (from, data) => message(server.connections, from, data, number++) },
  )
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    for (const connection of server.connections) connection.terminate()
    await server.close()
  })
  return { url: server.url!, server }
}

t.test('broadcast: reach, with losses that are known', async t => {
  let lost = 0
  const { url } = await room(t, (all, _, data, number) => {
    for (const [i, connection] of [...all].entries()) {
      // Of every third message one receiver gets nothing.
      if (number % 3 === 0 && i === 0) lost++
      else connection.send(data)
    }
  })
  const failIf = ['reach < 92%', 'received < 100%', 'lost > 9%', 'unanswered > 9%']
  const told = { ...brief, workload: 'broadcast', rate: 300, duration: 200, failIf } as const
  const { counts, times, reach, conditions } = await load(url, told)
  t.equal(reach, 220 / 240)
  t.same(
    conditions.map(({ failed }) => failed),
    [true, true, false, false],
  )
  t.equal(counts.sent, 60)
  t.equal(counts.expected, 240)
  t.equal(lost, 20)
  t.equal(counts.received, 220)
  t.equal(counts.lost + counts.unanswered, 20)
  t.equal(counts.wrong, 0)
  t.equal(times.rtt?.count, 220)
  t.equal(times.lastReceiver?.count, 40, 'of those that reached all')
  t.ok(times.lastReceiver!.max <= times.rtt!.max)
  t.ok(times.lastReceiver!.min >= times.rtt!.min)
})

t.test('broadcast without a rate: the next message when all have the last; to all but the sender', async t => {
  const abort = new AbortController()
  let seen = 0
  const { url } = await room(t, (all, from, data) => {
    if (++seen === 20) abort.abort()
    for (const connection of all) if (connection !== from) connection.send(data)
  })
  const options = { ...brief, workload: 'broadcast', toSender: false, duration: 60_000, signal: abort.signal } as const
  const { counts, times } = await load(url, options)
  t.ok(counts.sent >= 20)
  t.equal(counts.expected, 3 * counts.sent)
  t.equal(counts.received + counts.unanswered, counts.expected)
  t.ok(counts.unanswered <= 3)
  t.ok(times.lastReceiver!.count >= counts.sent - 1)
})

t.test('requests: replies by id, several of them, out of order, among others', async t => {
  const asked: string[] = []
  const server = await serve(t, (connection, data) => {
    const { id } = JSON.parse(String(data)) as { id: string }
    asked.push(id)
    connection.send('{"event":"tick"}')
    connection.send(JSON.stringify({ part: 1, id }))
    connection.send(JSON.stringify({ id, part: 2 }))
  })
  const request = { message: '{"id":"{id}"}', replies: 2 }
  const { counts, times, settings } = await load(server.url, {
    ...brief,
    workload: 'request',
    request,
    warmUp: 100,
    rate: 400,
    duration: 100,
  })
  t.same([counts.sent, counts.expected, counts.received], [40, 80, 80])
  t.ok(counts.other >= 40 && counts.other <= 80, `${counts.other}: late ones of the warm-up count when they come`)
  t.same([times.rtt?.count, times.firstReply?.count], [40, 40])
  t.equal(new Set(asked).size, 80, 'no id twice, the warm-up included')
  t.equal(settings.text, true)
})

t.test('upload: over when the server has read it, whatever it replies', async t => {
  let octets = 0
  let same = true
  const held: number[] = []
  const server = await serve(t, async (connection, data, number) => {
    octets += data.length
    same &&= (data as Buffer).subarray(0, 9).equals(Buffer.from('The quick'))
    if (number % 2 === 0) connection.send('thank you')
    // Nothing behind it is read, so no Ping is answered, for that long.
    const from = performance.now()
    await new Promise(resolve => setTimeout(resolve, 20))
    held.push(performance.now() - from)
  })
  const options = { ...brief, size: 300_000, workload: 'upload', rate: 40, duration: 500 } as const
  const { counts, times, rate } = await load(server.url, options)
  t.same([counts.sent, counts.received, counts.other, counts.lost, counts.unanswered], [20, 20, 10, 0, 0])
  t.equal(counts.sentOctets, octets)
  t.equal(octets, 20 * 300_000)
  t.equal(rate.sentOctets, 12e6)
  t.ok(same)
  t.equal(counts.receivedOctets, 10 * 9)
  t.equal(times.rtt?.count, 20)
  t.ok(times.rtt!.min >= Math.min(...held) - 1, `${times.rtt!.min}`)
})

t.test('upload without a rate: the next one when that is read; a server that ends in the middle', async t => {
  const server = await serve(t, (connection, _, number) => {
    if (number === 3) connection.terminate()
  })
  const upload = {
    ...brief,
    size: undefined,
    connections: 1,
    workload: 'upload',
    duration: 20_000,
    drain: 100,
  } as const
  // It ends when the connection has.
  const { counts, settings } = await load(server.url, { ...upload, failIf: ['dropped > 0'], abortOnFail: true })
  t.equal(settings.size, 2 ** 20)
  t.same([counts.sent, counts.received, counts.lost, counts.dropped], [4, 3, 1, 1])
})

t.test('download: to the first octets of a large reply, and to the last', async t => {
  const asked: string[] = []
  const half = Buffer.alloc(100_000)
  const server = await serve(t, async (connection, data) => {
    asked.push(String(data))
    connection.send(half, { fin: false })
    await new Promise(resolve => setTimeout(resolve, 30))
    connection.send(half)
  })
  const options = {
    ...brief,
    workload: 'download',
    request: { message: 'no {number}' },
    rate: 20,
    duration: 400,
  } as const
  const { counts, times, rate } = await load(server.url, options)
  t.same([counts.sent, counts.received, counts.receivedOctets], [8, 8, 8 * 200_000])
  t.equal(rate.receivedOctets, counts.receivedOctetsInTime / 0.4)
  t.equal(
    counts.sentOctets,
    asked.reduce((sum, text) => sum + text.length, 0),
  )
  t.same([times.firstOctet?.count, times.rtt?.count], [8, 8])
  t.ok(times.rtt!.p50 - times.firstOctet!.p50 > 20, `${times.firstOctet!.p50} ${times.rtt!.p50}`)
})

// Where every connection is read into one memory those of downloads are, too, which else are not: then the stream tells nothing.
const skip = process.env['FRAMEWRIGHT_READS'] === 'reused' && 'downloads are read plainly'

t.test('download: a Pong is no first octet of a reply', { skip }, async t => {
  const before: number[] = []
  let asked: { connection: WebSocketConnection; at: number } | undefined
  // The Pong has left, and the reply follows some time later, in two pieces.
  const ping = async () => {
    const { connection, at } = asked!
    await new Promise(resolve => setTimeout(resolve, 30))
    before.push(performance.now() - at)
    connection.send(Buffer.alloc(100_000), { fin: false })
    await connection.flush()
    // It is read before the rest is sent, however late timers are.
    for (let turn = 0; turn < 10; turn += 1) await new Promise(resolve => setImmediate(resolve))
    await new Promise(resolve => setTimeout(resolve, 10))
    connection.send(Buffer.alloc(100_000))
  }
  const ask = (connection: WebSocketConnection) => {
    asked = { connection, at: performance.now() }
  }
  const server = await serve(t, ask, { handlers: { ping } })
  const options = { connections: 1, workload: 'download', request: { message: 'get' }, rate: 1, duration: 900 } as const
  const generator = new Generator(loadSettings(server.url, { ...options, warmUp: 0 }), { index: 0, count: 1 })
  await generator.open()
  const running = generator.run(performance.now())
  while (asked === undefined) await new Promise(resolve => setImmediate(resolve))
  generator.look()
  await running
  await generator.close()
  const [firstOctet, rtt] = [generator.tally.times('firstOctet'), generator.tally.times('rtt')]
  t.same([firstOctet.count, rtt.count, generator.tally.times('ping').count], [1, 1, 1])
  t.ok(firstOctet.min >= before[0]!, `${firstOctet.min} ${before}`)
  t.ok(firstOctet.max < rtt.max)
})

t.test('idle: nothing is sent, connections stay, and Pings are timed', async t => {
  const server = await serve(t, () => t.fail('a message'))
  const { counts, times } = await load(server.url, { ...brief, workload: 'idle', duration: 1900 })
  t.same([counts.opened, counts.dropped, counts.planned, counts.sent], [4, 0, 0, 0])
  t.ok(times.ping!.count >= 1)
  t.same(await server.ended(4), [1000, 1000, 1000, 1000])
})

t.test('connect: at a rate, and as many as go', async t => {
  const server = await serve(t, () => {})
  const open = await load(server.url, { ...brief, workload: 'connect', rate: 200, duration: 100, threads: 2 })
  t.same([open.counts.planned, open.counts.opened, open.counts.received, open.counts.failed], [20, 20, 20, 0])
  t.equal((await server.ended(20)).length, 20)
  t.same([open.times.connect?.count, open.times.lateness?.count, open.times.upgrade?.count], [20, 20, 20])
  t.ok(open.times.connect!.min >= open.times.upgrade!.min)
  const abort = new AbortController()
  let opened = 0
  const other = await serve(t, () => {}, { handlers: { connection: () => void (++opened === 9 && abort.abort()) } })
  const options = { ...brief, workload: 'connect', connections: 2, duration: 60_000, signal: abort.signal } as const
  const closed = await load(other.url, options)
  t.ok(closed.counts.opened >= 8)
  t.equal(closed.counts.received, closed.counts.opened)
})

t.test('connect: a server that refuses every other one', async t => {
  let asked = 0
  const server = await serve(t, () => {}, {
    handlers: { accept: () => (asked++ % 2 === 0 ? { status: 503 } : undefined) },
  })
  const { counts, errors } = await load(server.url, { ...brief, workload: 'connect', rate: 200, duration: 100 })
  t.equal(asked, 20)
  t.same([counts.planned, counts.received, counts.lost, counts.failed], [20, 10, 10, 10])
  t.match(errors, [{ kind: 'refused with 503', count: 10 }])
})

t.test('connect: who is not open at the end is waited for as long as replies are, with a rate and without', async t => {
  for (const rate of [undefined, 40]) {
    const server = await serve(t, () => {}, { handlers: { accept: () => new Promise(() => {}) } })
    const options = { ...brief, workload: 'connect', connections: 2, rate, duration: 50, drain: 50 } as const
    const { counts, errors } = await load(server.url, options)
    t.match(counts, { planned: 2, unanswered: 2, unopened: 2, failed: 0, lost: 0, opened: 0 })
    t.same(errors, [])
  }
})

t.test('connect, cut in the middle', async t => {
  // The server never answers a Close.
  const server = await serve(t, () => {}, {
    handlers: {
      connection(connection) {
        connection.pause()
        running.cut()
      },
    },
  })
  const options = { ...brief, workload: 'connect', duration: 60_000, drain: 60_000 } as const
  const running = new RunningLoad(loadSettings(server.url, options), undefined)
  t.equal((await running.report).interrupted, true)
})

t.test('storm, stopped while it warms up', async t => {
  const abort = new AbortController()
  const server = await serve(t, () => {})
  const onSecond = () => abort.abort()
  const { counts } = await load(server.url, {
    ...brief,
    workload: 'storm',
    warmUp: 60_000,
    signal: abort.signal,
    onSecond,
  })
  t.same([counts.planned, counts.opened], [0, 4])
})

t.test('storm: all come back, each by itself', async t => {
  const server = await serve(t, () => {})
  const backoff = { first: 5, longest: 50 }
  const { counts, times, errors } = await load(server.url, { ...brief, workload: 'storm', duration: 1000, backoff })
  t.same([counts.planned, counts.received, counts.opened, counts.dropped], [4, 4, 8, 0])
  t.equal(times.reconnect?.count, 4)
  t.same(errors, [])
  const codes = await server.ended(8)
  t.equal(codes.filter(code => code === 1006).length, 4)
  t.equal(codes.filter(code => code === 1000).length, 4)
})

t.test('storm: a server that takes nobody back', async t => {
  const abort = new AbortController()
  let refusals = 0
  let asked = 0
  const accept = () => {
    if (++asked <= 4) return undefined
    // Each connection waits for an answer before it asks again: all but four of these have been heard.
    if (++refusals === 8) abort.abort()
    return { status: 503 }
  }
  const { url } = await serve(t, () => {}, { handlers: { accept } })
  const backoff = { first: 1, longest: 20 }
  const options = { ...brief, workload: 'storm', duration: 60_000, backoff, signal: abort.signal } as const
  const { counts, errors } = await load(url, options)
  t.same([counts.planned, counts.received, counts.unanswered], [4, 0, 4])
  t.match(errors, [{ kind: 'refused with 503', count: counts.failed }])
  t.ok(counts.failed <= refusals, 'the last ones may be on their way')
  t.ok(counts.failed >= 4)
})

t.test('storm: a server that ends connections itself', async t => {
  const abort = new AbortController()
  let opened = 0
  let back = 0
  const { url } = await serve(t, () => {}, {
    handlers: {
      async connection(connection) {
        if (++opened <= 4) return void connection.close(1012)
        // Whoever answers knows that it is open.
        await connection.ping()
        if (++back === 4) abort.abort()
      },
    },
  })
  const backoff = { first: 1, longest: 20 }
  const options = { ...brief, workload: 'storm', duration: 60_000, backoff, signal: abort.signal } as const
  const { counts, closeCodes } = await load(url, { ...options, cutAll: false })
  t.equal(counts.opened, 8)
  t.equal(counts.dropped, 4)
  t.same(closeCodes, { 1001: 4, 1012: 4 })
})

const refused: [string, LoadOptions, RegExp][] = [
  ['another workload', { workload: 'chat' as 'echo' }, /workload is one of echo, request, /],
  ['requests without a template', { workload: 'request' }, /the workload request needs a `request`/],
  ['a template for another', { request: { message: '' } }, /`request` is for the workloads request and download/],
  ['downloads of nothing', { workload: 'download' }, /the workload download needs a `request`/],
  [
    'a template of nothing',
    { workload: 'request', request: {} as { message: '' } },
    /request is an object with a message/,
  ],
  [
    'a broken expression',
    { workload: 'request', request: { message: '', replyId: '(' } },
    /`replyId`: Invalid regular expression/,
  ],
  ['no replies', { workload: 'request', request: { message: '', replies: 0 } }, /request is an object/],
  ['toSender elsewhere', { toSender: false }, /`toSender` is for the workload broadcast/],
  ['backoff elsewhere', { backoff: { first: 1, longest: 2 } }, /`backoff` and `cutAll` are for the workload storm/],
  [
    'half a backoff',
    { workload: 'storm', backoff: { first: 1 } as { first: 1; longest: 1 } },
    /backoff is first and longest/,
  ],
  ['a rate of nothing', { workload: 'idle', rate: 7 }, /the workload idle has no messages/],
  ['pipelined connections', { workload: 'connect', pipeline: 2 }, /`pipeline` and `replyTimeout` are for messages/],
  ['two halls', { workload: 'broadcast', threads: 2 }, /broadcast is for one thread and one shard/],
  ['two buildings', { workload: 'broadcast', shard: { index: 0, count: 2 } }, /broadcast is for one thread/],
  ['no room for a number', { workload: 'broadcast', size: 3 }, /four octets at least/],
]
for (const [name, options, message] of refused) {
  t.test(`refused: ${name}`, async t => {
    t.throws(() => loadSettings('ws://a', options), { code: 'WS_INVALID_OPTION', message })
  })
}

t.test('connecting: shares are those of all attempts, and the warm-up is in none of them', async t => {
  let asked = 0
  const server = await serve(t, () => {}, {
    handlers: { accept: () => (asked++ % 2 === 0 ? { status: 503 } : undefined) },
  })
  const { counts, times, errors, closeCodes, conditions } = await load(server.url, {
    workload: 'connect',
    connections: 3,
    rate: 100,
    warmUp: 100,
    duration: 200,
    failIf: ['failed > 49%', 'opened > 51%'],
  })
  t.equal(asked, 30)
  t.equal(counts.planned, 20)
  t.equal(counts.opened + counts.failed, 20)
  t.equal(counts.received, counts.opened)
  t.equal(counts.lost, counts.failed)
  const timed = [times.tcp, times.upgrade, times.connect, times.close].map(time => time?.count)
  t.same(timed, [counts.opened, counts.opened, counts.opened, counts.opened])
  t.same(closeCodes, { 1000: counts.opened })
  t.match(errors, [{ kind: 'refused with 503', count: counts.failed }])
  t.same(
    conditions.map(({ value }) => value),
    [counts.failed * 5, counts.opened * 5],
  )
})
