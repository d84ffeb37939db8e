/** Peers that do not behave: what the server sees of them, and that they do not spoil the figures of the others. */
import t from 'tap'
import type { WebSocketConnection } from '../../src/index.js'
import { addBadPeers, BadPeers } from '../../src/load/bad-peers.js'
import { exchangesOf } from '../../src/load/exchanges.js'
import { Generator } from '../../src/load/generator.js'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { eventLoop } from '../../src/load/pacer.js'
import { echo, serve } from './known-servers.js'

const whole = { index: 0, count: 1 }
const brief: LoadOptions = { connections: 8, warmUp: 0, size: 20 }

/** Turns of the event loop, until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setImmediate(resolve))
}

t.test('slow readers ask for much and take in little; the plan is kept by the others', async t => {
  const seen = new Map<WebSocketConnection, number>()
  const server = await serve(t, (connection, data) => {
    seen.set(connection, (seen.get(connection) ?? 0) + 1)
    connection.send(data)
  })
  const options = { ...brief, rate: 60, duration: 500, badPeers: { slowReaders: 0.25 } }
  const { counts, badPeers, errors } = await load(server.url, options)
  t.same([counts.opened, counts.planned, counts.sent, counts.received], [6, 30, 30, 30])
  t.same(errors, [])
  const { slowReaders } = badPeers
  t.equal(slowReaders?.connections, 2)
  const { opened, sent, received, dropped, failed } = slowReaders!.counts
  t.same([opened, dropped, failed], [2, 0, 0])
  // What was asked for and is not read is many messages, of each; and a message is read each 100 ms.
  const most = [...seen.values()].sort((a, b) => b - a)
  t.equal(most[0]! + most[1]!, sent)
  t.equal(
    most.slice(2).reduce((sum, number) => sum + number),
    30,
  )
  t.ok(sent >= 2 * 4096, `${sent}`)
  t.ok(received >= 2 && received <= 60, `${received}`)
})

t.test('slow writers send messages in fragments, and the server waits for each of them', async t => {
  const seen: string[] = []
  const server = await serve(t, (connection, data) => {
    seen.push(String(data))
    connection.send(data)
  })
  const request = { message: '{"id":"{id}","say":"hello"}' }
  const options = { ...brief, workload: 'request', request, rate: 20, duration: 1500 } as const
  const { counts, badPeers } = await load(server.url, { ...options, badPeers: { slowWriters: 0.25 } })
  t.same([counts.opened, counts.sent, counts.received, counts.wrong, counts.other], [6, 30, 30, 0, 0])
  const { connections, counts: bad } = badPeers.slowWriters!
  t.equal(connections, 2)
  // Of 8 octets each 100 ms a message has four: one that is whole takes 300 ms, and the next begins 100 ms later.
  t.ok(bad.sent >= 2 && bad.sent <= 10, `${bad.sent}`)
  // The last ones may have been cut on their way.
  t.ok(seen.length <= 30 + bad.sent && seen.length >= 28 + bad.sent, `${seen.length}`)
  t.ok(seen.every(text => /^\{"id":"\S+","say":"hello"\}$/.test(text)))
  t.ok(bad.received <= bad.sent && bad.received >= bad.sent - 2)
  t.same([bad.opened, bad.dropped, bad.failed], [2, 0, 0])
})

t.test('slow writers do not disturb a broadcast, and notice when the server ends them', async t => {
  const server = await serve(t, (connection, data) => void connection.send(data))
  const options = { ...brief, workload: 'broadcast', pipeline: 1, duration: 250 } as const
  const { badPeers } = await load(server.url, { ...options, badPeers: { slowWriters: 0.25 } })
  t.match(badPeers.slowWriters?.counts, { opened: 2, sent: 0 })
  const ending = await serve(t, connection => connection.close(1008, 'enough'))
  const small = { ...brief, size: 8, workload: 'upload', rate: 1, duration: 1000 } as const
  const report = await load(ending.url, { ...small, badPeers: { slowWriters: 0.5 } })
  t.match(report.badPeers.slowWriters, { counts: { opened: 4, dropped: 4 }, closeCodes: { 1008: 4 } })
  // One more each, at most, before it is heard.
  const { sent } = report.badPeers.slowWriters!.counts
  t.ok(sent >= 4 && sent <= 8, `${sent}`)
})

t.test('half-open ones answer no Ping: the server ends them, and it is heard', async t => {
  const server = await serve(t, echo, {
    // Those that behave must answer in that time, whoever has the cores.
    options: { deadlines: { pingInterval: 100, pongTimeout: 500 } },
  })
  const options = { ...brief, workload: 'idle', duration: 1500, badPeers: { halfOpen: 0.5 } } as const
  const { counts, badPeers } = await load(server.url, options)
  t.same([counts.opened, counts.dropped], [4, 0])
  t.match(badPeers.halfOpen, { connections: 4, counts: { opened: 4, sent: 0, received: 0, dropped: 4 } })
  t.equal((await server.ended(8)).filter(code => code === 1000).length, 4)
})

t.test('half-open ones hear what has come even where the machine is so busy that each timer is overdue', async t => {
  const server = await serve(t, echo, {
    options: { deadlines: { pingInterval: 20, pongTimeout: 500, closeTimeout: 20 } },
  })
  const settings = loadSettings(server.url, { ...brief, workload: 'idle', badPeers: { halfOpen: 0.5 } })
  const after = (_: number, call: () => void) => {
    eventLoop.soon(call)
    return () => {}
  }
  const generator = new Generator(settings, whole, { ...eventLoop, after })
  await generator.open()
  await server.ended(4)
  await generator.close()
  t.match(generator.badPeers.report.halfOpen, { connections: 4, counts: { opened: 4, dropped: 4 } })
  t.same([generator.tally.counts.opened, generator.tally.counts.dropped], [4, 0])
})

t.test('resetting ones come back, and the server has seen no Close of theirs', async t => {
  const server = await serve(t, echo)
  const options = { ...brief, duration: 1500, rate: 20, threads: 2, badPeers: { resetting: 0.75 } }
  const { counts, badPeers } = await load(server.url, options)
  t.same([counts.opened, counts.sent, counts.received, counts.dropped], [2, 30, 30, 0])
  const { connections, counts: bad } = badPeers.resetting!
  t.equal(connections, 6)
  // Each second or so: none in a second and a half has a chance of 1 in 8,000.
  t.ok(bad.opened > 6, `${bad.opened}`)
  t.equal(bad.dropped, 0)
  const codes = await server.ended(bad.opened + 2)
  t.equal(codes.filter(code => code === 1000).length, 2)
  // The last ones may have been cut while they came back.
  const cut = codes.filter(code => code !== 1000).length
  t.ok(cut >= bad.opened && cut <= bad.opened + 6, `${cut} ${bad.opened}`)
})

t.test('who comes back is not reset, nor dialled again, until it is there', async t => {
  const waiting: (() => void)[] = []
  let asked = 0
  const accept = () =>
    ++asked <= 2 ? undefined : new Promise<undefined>(resolve => waiting.push(() => resolve(undefined)))
  const server = await serve(t, echo, { handlers: { accept } })
  let tick = () => {}
  const after = (_: number, call: () => void) => {
    tick = call
    return () => {}
  }
  const settings = loadSettings(server.url, { ...brief, workload: 'idle' })
  // Each tick would reset both.
  const world = { ...eventLoop, after }
  const peers = new BadPeers({ settings, exchange: exchangesOf(settings), opening: undefined, random: () => 0, world })
  for (const number of [0, 1]) peers.add('resetting', number)
  await peers.open(new AbortController().signal)
  for (let i = 0; i < 3; i++) tick()
  await until(() => waiting.length >= 2)
  for (let i = 0; i < 3; i++) tick()
  for (const letIn of waiting) letIn()
  await until(() => peers.opened === 4)
  t.same([asked, peers.report.resetting!.counts.failed], [4, 0])
  await peers.end()
  t.same(await server.ended(4), [1006, 1006, 1006, 1006])
})

t.test('a server that has enough of them', async t => {
  const server = await serve(t, connection => connection.close(1008, 'enough'))
  const options = { ...brief, workload: 'idle', duration: 300 } as const
  t.same((await load(server.url, { ...options, badPeers: { slowReaders: 0.25 } })).badPeers.slowReaders?.counts.sent, 0)
  // Only those that do not behave send anything here.
  const settings = loadSettings(server.url, { ...options, workload: 'echo', badPeers: { slowReaders: 0.25 } })
  const generator = new Generator(settings, whole)
  await generator.open()
  const dropped = () => generator.badPeers.report.slowReaders!.counts.dropped
  await until(() => dropped() >= 2)
  await generator.close()
  t.match(generator.badPeers.report.slowReaders, { counts: { opened: 2, dropped: 2 }, closeCodes: { 1008: 2 } })
})

t.test('ended while they are opened, and twice', async t => {
  const server = await serve(t, echo)
  const settings = loadSettings(server.url, { ...brief, opening: 1, badPeers: { halfOpen: 0.5 } })
  for (const end of ['stop', 'cut'] as const) {
    const generator = new Generator(settings, whole)
    const opened = generator.open()
    generator[end]()
    await opened
    await generator.close()
    t.ok(generator.badPeers.report.halfOpen!.counts.opened <= 1)
  }
})

t.test('in each thread there are some that behave', async t => {
  const threads = (connections: number, halfOpen: number, count = 1) =>
    loadSettings('ws://a', { connections, threads: 100, badPeers: { halfOpen }, shard: { index: 0, count } }).threads
  t.same([threads(40, 0), threads(40, 0.5), threads(8, 0.5), threads(5, 0.6), threads(40, 0.5, 2)], [40, 5, 1, 1, 2])
})

t.test('stopped while a server answers none of them: nobody waits for that', async t => {
  const abort = new AbortController()
  let asked = 0
  const accept = () => {
    if (++asked === 4) abort.abort()
    return new Promise<undefined>(() => {})
  }
  const { url } = await serve(t, echo, { handlers: { accept } })
  const patient = { signal: abort.signal, connect: { connectTimeout: 3_600_000 } }
  const report = await load(url, { ...brief, ...patient, connections: 4, badPeers: { halfOpen: 0.5 } })
  t.match(report.badPeers.halfOpen, { connections: 2, counts: { opened: 0, failed: 0 } })
  t.match(report.counts, { opened: 0, failed: 0, unopened: 2 })
})

t.test('refused, and stopped while they are opened', async t => {
  let asked = 0
  const accept = () => (++asked > 4 ? { status: 503 } : undefined)
  const refusing = await serve(t, echo, { handlers: { accept } })
  const badPeers = { slowReaders: 0.25, resetting: 0.25 }
  const options = { ...brief, opening: 1, duration: 100, badPeers } as const
  const report = await load(refusing.url, { ...options, workload: 'idle' })
  const failed = report.counts.failed + report.badPeers.slowReaders!.counts.failed
  t.ok(failed + report.badPeers.resetting!.counts.failed >= 4)
  const abort = new AbortController()
  abort.abort()
  const server = await serve(t, echo)
  const stopped = await load(server.url, { ...options, signal: abort.signal })
  t.same([stopped.counts.opened, stopped.interrupted], [0, true])
})

t.test('of several threads and machines together', async t => {
  const counts = { opened: 3, failed: 1, dropped: 2, sent: 7, received: 5 }
  const one = { connections: 2, counts, closeCodes: { 1006: 1, 1011: 1 } }
  const sum = addBadPeers({ slowReaders: one }, { slowReaders: one, halfOpen: one })
  t.same(sum.slowReaders, {
    connections: 4,
    counts: { opened: 6, failed: 2, dropped: 4, sent: 14, received: 10 },
    closeCodes: { 1006: 2, 1011: 2 },
  })
  t.same(sum.halfOpen, one)
  t.notOk('resetting' in sum)
  t.same(
    addBadPeers({ resetting: one }, { resetting: { ...one, closeCodes: {} } }).resetting?.closeCodes,
    one.closeCodes,
  )
  t.same(
    addBadPeers({ resetting: { ...one, closeCodes: {} } }, { resetting: one }).resetting?.closeCodes,
    one.closeCodes,
  )
})

const refused: [string, LoadOptions, RegExp][] = [
  [
    'of another kind',
    { badPeers: { rude: 0.1 } as object },
    /badPeers is an object of shares, from 0 on: slowReaders, slowWriters, halfOpen, resetting/,
  ],
  [
    'all of them',
    { badPeers: { halfOpen: 0.5, resetting: 0.5 } },
    /`badPeers` are all of the connections: none is left that behaves/,
  ],
  ['less than none', { badPeers: { halfOpen: -0.5 } }, /from 0 on/],
  ['no number', { badPeers: { halfOpen: '5%' as unknown as number } }, /from 0 on/],
  ['none of them', { connections: 1, badPeers: { halfOpen: 0.5 } }, /`halfOpen` have none of 1 connections/],
  [
    'hardly anybody left for a shard',
    { connections: 14, badPeers: { halfOpen: 0.5 }, shard: { index: 0, count: 2 } },
    /`badPeers`: too few connections are left that behave/,
  ],
  [
    'of connections that come and go',
    { workload: 'connect', badPeers: { halfOpen: 0.5 } },
    /do not go with the workload connect/,
  ],
  ['of a storm', { workload: 'storm', badPeers: { halfOpen: 0.5 } }, /do not go with the workload storm/],
]
for (const [name, options, message] of refused) {
  t.test(`refused: ${name}`, async t => {
    t.throws(() => loadSettings('ws://a', options), { code: 'WS_INVALID_OPTION', message })
  })
}
