/**
 * Loads of servers of which it is known what they do: whatever a report says is compared with what the server saw, or
 * follows from what it did.
 */
import { getEventListeners } from 'node:events'
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { WebSocketConnection } from '../../src/index.js'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import type { LoadPart } from '../../src/load/report.js'
import { RunningLoad } from '../../src/load/running-load.js'
import { loadScenario } from '../../src/load.js'
import { echo, serve } from './known-servers.js'

/** Short and without a warm-up: everything counts. */
const brief: LoadOptions = { connections: 4, warmUp: 0, size: 20 }

t.test('closed model: what was sent is what the server saw, and all of it was answered', async t => {
  const server = await serve(t, echo)
  const report = await load(server.url, { ...brief, duration: 200 })
  const { counts, times } = report
  t.equal(counts.opened, 4)
  t.equal(counts.sent, server.seen.length)
  t.equal(counts.received, counts.sent)
  t.equal(counts.planned, counts.sent)
  t.ok(server.seen.every(({ octets, text }) => octets === 20 && !text))
  t.equal(times.rtt?.count, counts.sent)
  t.equal(times.firstMessage?.count, 4)
  t.equal(times.tcp?.count, 4)
  t.equal(times.upgrade?.count, 4)
  t.equal(times.close?.count, 4)
  t.same([times.dns, times.tls, times.lateness, times.rttFromSend], [undefined, undefined, undefined, undefined])
  t.same(report.closeCodes, { 1000: 4 })
  t.same(await server.ended(4), [1000, 1000, 1000, 1000])
  t.same(report.errors, [])
  t.equal(report.seconds, 0.2)
  t.equal(report.rate.received, counts.receivedInTime / 0.2)
  t.ok(counts.receivedInTime <= counts.received)
  t.equal(report.interrupted, false)
  t.equal(report.format, 'framewright-load')
})

t.test('CPU of the generator: that of its threads, and no more than this process took meanwhile', async t => {
  const server = await serve(t, echo)
  const before = process.cpuUsage()
  const { generator } = await load(server.url, { ...brief, duration: 300, threads: 2 })
  const { user, system } = process.cpuUsage(before)
  const most = (user + system) / 1e6
  t.ok(generator.cpu > 0 && generator.cpu <= most, `${generator.cpu} of ${most}`)
  // Each looks at the process when it looks at itself, some microseconds earlier or later.
  for (const { cpu = 0, seconds } of generator.threads) {
    t.ok(cpu <= generator.cpu + 0.02, `${cpu} of ${generator.cpu}`)
    t.ok(cpu <= seconds + 0.02, `${cpu} in ${seconds} s`)
  }
})

t.test('open model: so many as the plan says, at its times, and text where that is asked for', async t => {
  const server = await serve(t, echo)
  const report = await load(server.url, { ...brief, rate: 1000, duration: 300, text: true, threads: 3 })
  const { counts, times, settings } = report
  t.equal(counts.planned, 300)
  t.equal(counts.sent, 300)
  t.equal(counts.received, 300)
  t.equal(server.seen.length, 300)
  t.ok(server.seen.every(({ octets, text }) => octets === 20 && text))
  t.equal(times.lateness?.count, 300)
  t.equal(times.rttFromSend?.count, 300)
  // No message comes before it is due; the server's clock is ours.
  const startedAt = Date.parse(report.startedAt) - performance.timeOrigin
  const early = server.seen.map(({ at }, i) => startedAt + i - at).filter(by => by > 1)
  t.same(early, [])
  t.equal(settings.threads, 3)
  t.equal(report.generator.threads.length, 3)
  t.equal(report.rate.planned, 1000)
})

t.test('latency is from the plan: a server that holds everything back is not forgiven', async t => {
  const held: (() => void)[] = []
  const server = await serve(t, (connection, data, number) => {
    held.push(() => connection.send(data))
    if (number === 99) for (const release of held) release()
  })
  const report = await load(server.url, { ...brief, rate: 1000, duration: 100 })
  const { rtt, rttFromSend } = report.times
  t.equal(rtt?.count, 100)
  // Nothing was answered before the last had come, which was due after 99 ms: message i took 99 - i ms at least.
  t.ok(rtt!.max >= 99, `${rtt!.max}`)
  t.ok(rtt!.p50 >= 49, `${rtt!.p50}`)
  t.ok(rtt!.p90 >= 89, `${rtt!.p90}`)
  t.ok(rtt!.mean >= 49.5, `${rtt!.mean}`)
  t.ok(rtt!.mean >= rttFromSend!.mean)
})

t.test('what a server loses is lost or unanswered, each counted once', async t => {
  const server = await serve(t, (connection, data, number) => {
    if (number % 5 !== 0) connection.send(data)
  })
  const { counts } = await load(server.url, { ...brief, connections: 1, rate: 1000, duration: 200, drain: 100 })
  t.equal(counts.sent, 200)
  t.equal(counts.received, 160)
  t.equal(counts.lost, 40, 'a later one was answered')
  t.equal(counts.unanswered, 0)
  const end = await serve(t, (connection, data, number) => {
    if (number < 150) connection.send(data)
  })
  const cut = await load(end.url, { ...brief, connections: 1, rate: 1000, duration: 200, drain: 1000 })
  t.same([cut.counts.received, cut.counts.lost, cut.counts.unanswered], [150, 0, 50])
  t.equal(cut.times.rtt?.count, 150)
})

t.test('wrong replies are no replies', async t => {
  const server = await serve(t, connection => void connection.send(Buffer.from('something else')))
  const { counts, errors, times } = await load(server.url, { ...brief, rate: 1000, duration: 50, drain: 100 })
  t.same([counts.sent, counts.received, counts.wrong], [50, 0, 50])
  t.match(errors, [{ kind: 'wrong reply', count: 50 }])
  t.equal(times.rtt, undefined)
})

t.test('a bit of a reply, its type, its place: what the server has done to which message is what is told', async t => {
  const changed = (data: string | Buffer) => {
    const octets = Buffer.from(data)
    octets[octets.length - 1]! ^= 1
    return octets
  }
  let done = 0
  const late: (string | Buffer)[] = []
  // Of each ten: one changed, one as text, two swapped; and a message that nobody asked for.
  const server = await serve(t, (connection, data, number) => {
    const at = number % 10
    if (at === 1) connection.send(changed(data))
    else if (at === 3) connection.send(Buffer.from(data), { text: true })
    else if (at === 5) late.push(data)
    else connection.send(data)
    if (at === 6) connection.send(late.pop()!)
    if (at === 8) connection.send('{"event":"tick"}')
    done++
  })
  // The first 100 are warm-up, in which the same is done.
  const options = { connections: 1, rate: 1000, warmUp: 100, duration: 200, size: 100 }
  const { counts, errors, times } = await load(server.url, options)
  t.equal(done, 300)
  t.match(counts, { sent: 200, received: 160, wrong: 40, lost: 0, unanswered: 0 })
  t.ok(counts.other >= 20 && counts.other <= 30, `${counts.other}: what comes late of the warm-up counts when it comes`)
  t.match(errors, [{ kind: 'wrong reply', count: 40 }])
  t.equal(times.rtt?.count, 160)
})

t.test('who greets and pushes has not answered wrongly', async t => {
  const server = await serve(
    t,
    (connection, data) => {
      for (let i = 0; i < 3; i++) connection.send('{"user":"joined"}')
      connection.send(data)
    },
    { handlers: { connection: connection => void connection.send('welcome') } },
  )
  const { counts } = await load(server.url, { ...brief, pipeline: 4, duration: 100 })
  t.match(counts, { received: counts.sent, wrong: 0, lost: 0, unanswered: 0 })
  t.ok(counts.other >= 3 * counts.sent - 3 && counts.other <= 3 * counts.sent + 4, `${counts.other} of ${counts.sent}`)
  t.equal(counts.sent, server.seen.length)
})

t.test('more replies than were asked for, to requests in the warm-up too', async t => {
  const server = await serve(t, (connection, data) => {
    for (let i = 0; i < 4; i++) connection.send(data)
  })
  const request = { message: '{"id":"{id}"}', replies: 3 }
  const options = { ...brief, warmUp: 100, workload: 'request', request, rate: 1000, duration: 100 } as const
  const { counts, errors } = await load(server.url, options)
  t.same([counts.sent, counts.expected, counts.received, counts.wrong], [100, 300, 300, 0])
  t.ok(counts.other >= 96 && counts.other <= 200, `${counts.other}: of each request one, late ones of the warm-up too`)
  t.same(errors, [])
})

t.test('a server that refuses is one that was not reached, and its status is told', async t => {
  const server = await serve(t, echo, { handlers: { accept: () => ({ status: 503 }) } })
  const report = await load(server.url, { ...brief, rate: 1000, duration: 20 })
  t.same([report.counts.opened, report.counts.failed], [0, 4])
  t.match(report.errors, [{ kind: 'refused with 503', count: 4, example: 'the server answered 503 instead of 101' }])
  t.same([report.counts.planned, report.counts.sent, report.seconds], [0, 0, 0])
  t.equal(report.verdict.measured, false)
})

t.test('nobody is connected, and nobody comes back: the run is over', async t => {
  const refusing = await serve(t, echo, { handlers: { accept: () => ({ status: 503 }) } })
  for (const options of [{ threads: 2 }, { rate: 10 }, { workload: 'idle' }, { workload: 'storm' }] as const) {
    const report = await load(refusing.url, { ...brief, ...options, duration: 3_600_000 })
    t.match(report, { interrupted: true, interruptedBy: 'disconnected', seconds: 0 })
  }
  const open = new Set<Parameters<typeof echo>[0]>()
  const dying = await serve(t, connection => {
    open.add(connection)
    if (open.size === 2) for (const one of open) one.terminate()
  })
  const options = { ...brief, connections: 2, rate: 2, threads: 2, duration: 3_600_000, drain: 0 }
  const report = await load(dying.url, options)
  t.match(report, { interrupted: true, interruptedBy: 'disconnected', counts: { dropped: 2, sent: 2 } })
  t.ok(report.seconds < 3600)
  open.clear()
  const judged = await load(dying.url, { ...options, failIf: ['dropped > 0', 'dropped > 2'], abortOnFail: true })
  t.equal(judged.interruptedBy, 'disconnected', 'a condition that falls by that does not hide it')
  t.same(judged.conditions, [
    { text: 'dropped > 0', value: 2, unit: '', failed: true },
    { text: 'dropped > 2', value: 2, unit: '', failed: false },
  ])
})

t.test('nobody listens', async t => {
  const taken = createTcpServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  await new Promise(resolve => taken.close(resolve))
  const report = await load(`ws://user:secret@127.0.0.1:${port}/path?token=secret`, { ...brief, duration: 10 })
  t.match(report.errors, [{ kind: 'tcp ECONNREFUSED', count: 4 }])
  t.equal(report.counts.opened, 0)
  t.equal(report.url, `ws://127.0.0.1:${port}/path`)
  t.notMatch(JSON.stringify(report), 'secret')
})

t.test('something that is no WebSocket server', async t => {
  const server = createTcpServer(socket => socket.on('error', () => {}).end('HTTP/1.1 101 Nonsense\r\n\r\n'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const report = await load(`ws://127.0.0.1:${port}`, { ...brief, duration: 10 })
  t.match(report.errors, [{ kind: 'upgrade WS_UPGRADE_FIELD', count: 4 }])
})

t.test('connections that end too early are counted by their code, and what was under way on them is lost', async t => {
  for (const [name, end, code] of [
    ['closed', connection => connection.close(1013, 'busy'), 1013],
    ['cut', connection => connection.terminate(), 1006],
    ['reset', connection => void (connection.stream as Socket).resetAndDestroy(), 1006],
  ] satisfies [string, (connection: Parameters<typeof echo>[0]) => void, number][]) {
    const server = await serve(t, connection => end(connection))
    const { counts, closeCodes, errors } = await load(server.url, { ...brief, rate: 1000, duration: 50 })
    t.equal(counts.dropped, 4, name)
    t.same(closeCodes, { [code]: 4 })
    const told = errors.find(({ kind }) => kind === `closed with ${code}`)
    t.equal(told?.count, 4, name)
    if (name === 'reset') t.match(told?.example, /ECONNRESET/)
    t.equal(counts.sent + counts.missed, 50)
    t.equal(counts.lost, counts.sent)
  }
})

t.test('something else than a reply, and then the end: wrong, and what was behind it is lost', async t => {
  const server = await serve(t, connection => {
    connection.send('something else')
    connection.close(1013)
  })
  const { counts } = await load(server.url, { ...brief, connections: 1, rate: 1000, duration: 50 })
  t.equal(counts.wrong, 1)
  t.equal(counts.lost, counts.sent - 1)
})

t.test('a server that does not read: what cannot leave is not sent, and told', async t => {
  const server = await serve(t, echo, { handlers: { connection: connection => connection.pause() } })
  const { counts, errors } = await load(server.url, {
    ...brief,
    connections: 1,
    size: 1024 * 1024,
    rate: 200,
    duration: 200,
    drain: 1,
    connect: { connectTimeout: 5000 },
  })
  t.equal(counts.planned, 40)
  t.equal(counts.sent + counts.missed, 40)
  t.ok(counts.missed > 0)
  t.match(errors, [{ kind: 'not sent: the server does not read', count: counts.missed }])
  t.equal(counts.unanswered, counts.sent)
})

t.test('so many under way as was asked for, one by one or all together', async t => {
  for (const burst of [false, true]) {
    // Answers only when four are there: with fewer under way nothing would ever come back.
    const held: (() => void)[] = []
    const atOnce: number[] = []
    const abort = new AbortController()
    const server = await serve(t, (connection, data, number) => {
      if (number === 40) abort.abort()
      held.push(() => connection.send(data))
      atOnce.push(held.length)
      if (held.length === 4) for (const release of held.splice(0)) release()
    })
    const options = { ...brief, connections: 1, pipeline: 4, burst, duration: 60_000, signal: abort.signal }
    const { counts } = await load(server.url, options)
    t.ok(counts.received >= 4)
    t.equal(Math.max(...atOnce), 4)
    t.equal(counts.sent, server.seen.length)
    // The end comes between two of them, unless they go together.
    if (burst) t.equal(counts.sent % 4, 0)
    t.equal(counts.sent, counts.received + counts.unanswered)
  }
})

t.test('stopped by a signal: what was measured is reported, and connections are closed with 1001', async t => {
  const abort = new AbortController()
  const server = await serve(t, (connection, data, number) => {
    connection.send(data)
    if (number === 20) abort.abort()
  })
  for (const options of [{ rate: 1000 }, {}]) {
    const report = await load(server.url, { ...brief, ...options, duration: 60_000, signal: abort.signal })
    t.equal(report.interrupted, true)
    t.ok(report.seconds < 60)
    t.ok(report.counts.unanswered <= report.counts.sent)
  }
  t.ok((await server.ended(1)).every(code => code === 1001))
})

t.test('what a listener throws ends the run, and is what the load rejects with', async t => {
  const server = await serve(t, echo)
  const mine = new Error('mine')
  const throws = () => {
    throw mine
  }
  let seconds = 0
  const rejects = async () => {
    seconds++
    throw mine
  }
  const exporter = { begin: async () => {}, add: () => {}, end: async () => {} }
  for (const listeners of [
    { onSecond: throws },
    { onSecond: rejects },
    { exporters: [{ ...exporter, add: throws }] },
    { exporters: [{ ...exporter, add: rejects }] },
    { serverMetrics: { url: 'http://127.0.0.1:1/metrics', onTrouble: throws } },
  ]) {
    const options = { ...brief, rate: 50, duration: 60_000 }
    const error = await load(server.url, { ...options, ...listeners }).catch(error => error)
    t.equal(error, mine)
  }
  t.equal(seconds, 2, 'nobody is told anything more')
})

t.test('stopped before it has begun, and cut while it runs', async t => {
  const abort = new AbortController()
  abort.abort()
  const server = await serve(t, echo)
  const nothing = await load(server.url, { ...brief, signal: abort.signal })
  t.same([nothing.counts.sent, nothing.seconds, nothing.rate.sent, nothing.interrupted], [0, 0, 0, true])
  t.equal(nothing.counts.failed, 0)
  const settings = loadSettings(server.url, { ...brief, duration: 60_000 })
  const busy = await serve(t, (connection, data, number) => {
    connection.send(data)
    if (number === 20) running.cut()
  })
  const running = new RunningLoad({ ...settings, url: busy.url }, undefined)
  const report = await running.report
  t.equal(report.interrupted, true)
  t.ok((await busy.ended(1)).every(code => code === 1006))
})

/** Answers nobody from the fourth on, of whom the third is refused; tells of the fourth and of those behind it. */
const silent = (told: () => void) => {
  let asked = 0
  const accept = () => {
    asked++
    if (asked === 3) return { status: 503 }
    if (asked < 3) return undefined
    told()
    return new Promise<undefined>(() => {})
  }
  return { handlers: { accept } }
}

t.test('stopped while connections are opened: it is told how many were not open yet, and that is no error', async t => {
  const abort = new AbortController()
  const server = await serve(
    t,
    echo,
    silent(() => abort.abort()),
  )
  const one = { connections: 20, opening: 1, signal: abort.signal, connect: { connectTimeout: 3_600_000 } }
  const { counts, errors } = await load(server.url, { ...brief, ...one })
  t.match(counts, { opened: 2, failed: 1, dropped: 0, unopened: 17 })
  t.match(errors, [{ kind: 'refused with 503', count: 1 }])
  t.equal(errors.length, 1)
})

t.test('stopped while connections are under way that are what is measured', async t => {
  const abort = new AbortController()
  let waiting = 0
  const server = await serve(
    t,
    echo,
    silent(() => void (++waiting === 4 && abort.abort())),
  )
  const one = { workload: 'connect', signal: abort.signal, connect: { connectTimeout: 3_600_000 } } as const
  const { counts, errors } = await load(server.url, { ...brief, ...one })
  t.match(counts, { opened: 2, failed: 1, received: 2, lost: 1, unanswered: 4, unopened: 4 })
  t.equal(counts.planned, 7)
  t.match(errors, [{ kind: 'refused with 503', count: 1 }])
  t.equal(errors.length, 1)
})

t.test('a load that its signal no longer concerns leaves no listener on it', async t => {
  const { signal } = new AbortController()
  const server = await serve(t, echo)
  await load(server.url, { ...brief, duration: 1, signal })
  t.same(getEventListeners(signal, 'abort'), [])
})

t.test('each second is told, and all of them and the rest are the whole', async t => {
  const server = await serve(t, echo)
  const seconds: number[] = []
  const report = await load(server.url, {
    ...brief,
    rate: 500,
    duration: 1300,
    warmUp: 200,
    threads: 2,
    onSecond: ({ number }) => seconds.push(number),
  })
  t.same(seconds, [0])
  const [first] = report.perSecond
  t.equal(report.perSecond.length, 1, 'the second one is not whole')
  t.equal(first!.warmUp, true)
  // 100 messages are warm-up: the server sees them, no figure has them, and the second shows them by themselves.
  t.equal(server.seen.length, 750)
  const { counts, times } = first!.ofWarmUp!
  t.same([counts.planned, counts.sent, counts.received], [100, 100, 100])
  // Octets are of when they came, and the last reply to the warm-up may come behind it.
  t.equal(counts.receivedOctets + report.counts.receivedOctets, 750 * 20)
  t.same([times.rtt?.count, times.rttFromSend?.count, times.lateness?.count], [100, 100, 100])
  t.same([report.counts.planned, report.counts.received], [650, 650])
  t.ok(first!.counts.planned <= 650 && first!.counts.planned > 0, `${first!.counts.planned}`)
  t.equal(first!.times.rtt?.count, first!.counts.received)
  t.ok(report.times.ping!.count >= 1)
})

t.test('TLS and names have times of their own', async t => {
  const file = (name: string) => readFile(new URL(`../../../test/certificates/${name}`, import.meta.url), 'utf8')
  const tls = { key: await file('localhost.key'), cert: await file('localhost.pem') }
  const server = await serve(t, echo, { options: { tls } })
  const url = server.url.replace('127.0.0.1', 'localhost')
  const options = { ...brief, duration: 50, connect: { tls: { ca: await file('ca.pem') }, family: 4 as const } }
  const { counts, times, errors } = await load(url, options)
  t.same(errors, [])
  t.same([counts.opened, times.dns?.count, times.tcp?.count, times.tls?.count], [4, 4, 4, 4])
  t.equal(counts.received, counts.sent)
})

t.test('conditions: what each came to, and the end of a run in the second in which one fails', async t => {
  const server = await serve(t, (connection, data, number) => {
    if (number % 2 === 0) connection.send(data)
  })
  const failIf = ['lost > 0', 'received < 400', 'rtt.p50 > 10s']
  const options = { ...brief, connections: 1, rate: 500, duration: 1000, drain: 0, failIf }
  const judged = await load(server.url, options)
  t.equal(judged.interrupted, false)
  t.match(judged.conditions, [
    { text: 'lost > 0', value: judged.counts.lost, failed: true },
    { text: 'received < 400', value: judged.counts.received, failed: true },
    { text: 'rtt.p50 > 10s', value: judged.times.rtt!.p50, failed: false },
  ])
  const early = { ...options, duration: 60_000, failIf: ['received > 10'], abortOnFail: true }
  const aborted = await load(server.url, early)
  t.equal(aborted.interrupted, true)
  t.equal(aborted.perSecond.length, 1)
  t.ok(aborted.seconds < 59)
  const { received } = aborted.perSecond[0]!.counts
  t.same(aborted.conditions, [{ text: 'received > 10', value: received, unit: '', failed: true, endedRun: true }])
})

t.test(
  'what is under way when a condition ends the run is waited for, and what was cut short is not judged',
  async t => {
    // The first seven are answered when the eighth comes; the others when the second after the end is over.
    const held: (() => void)[] = []
    const release = () => {
      for (const reply of held.splice(0)) reply()
    }
    let pings = 0
    const server = await serve(
      t,
      (connection, data, number) => {
        if (number === 7) release()
        held.push(() => connection.send(data))
      },
      { handlers: { ping: () => void (++pings === 2 && release()) } },
    )
    const judged = ['rtt.max > 400ms', 'unanswered > 0', 'reach < 100%', 'sent < 1']
    const failIf = [...judged, 'planned < 800', 'rate.received < 10/s', 'close.count > 1000']
    const options = { ...brief, connections: 1, rate: 10, duration: 60_000, failIf, abortOnFail: true }
    const { counts, times, conditions, closeCodes, interruptedBy } = await load(server.url, options)
    t.equal(interruptedBy, 'failIf')
    // On a busy machine one may be due at the end that has not left.
    const due = counts.planned - counts.missed
    t.same([counts.received, counts.unanswered, counts.sent], [due, 0, server.seen.length])
    t.same(closeCodes, { 1000: 1 })
    const [fallen, ...others] = conditions
    t.match(fallen, { failed: true, endedRun: true })
    t.ok(fallen!.value! < 950 && times.rtt!.max > 950, `${fallen!.value} is not ${times.rtt!.max}`)
    t.same(
      others.map(({ text, failed, notJudged = false }) => [text, failed, notJudged]),
      [
        ['unanswered > 0', false, false],
        ['reach < 100%', false, false],
        ['sent < 1', false, false],
        ['planned < 800', false, true],
        ['rate.received < 10/s', false, true],
        ['close.count > 1000', false, false],
      ],
    )
  },
)

t.test('wrong replies end a run within a second or two, and are no backlog', async t => {
  const server = await serve(t, (connection, data, number) => {
    connection.send(number < 20 ? data : '{"error":"quota"}')
  })
  const ends = { failIf: ['wrong > 0'], abortOnFail: true }
  const report = await load(server.url, { ...brief, rate: 100, duration: 60_000, drain: 60_000, ...ends })
  const { counts, backlog, conditions, perSecond, interruptedBy } = report
  t.equal(interruptedBy, 'failIf')
  t.match(conditions, [{ text: 'wrong > 0', failed: true, endedRun: true }])
  t.match(counts, { received: 20, wrong: counts.sent - 20, unanswered: 0 })
  t.equal(backlog, undefined)
  t.ok(perSecond.length <= 5, `${perSecond.length} seconds`)
})

t.test('connecting is judged in the warm-up, too: nothing else is', async t => {
  let asked = 0
  const server = await serve(t, echo, {
    handlers: { accept: () => (asked++ % 2 === 0 ? { status: 503 } : {}) },
  })
  const failIf = ['failed > 0', 'server.memory > 1', 'rate.received >= 0/s', 'planned >= 1', 'rtt.p99 >= 0ms']
  const options = { ...brief, rate: 100, warmUp: 60_000, serverPid: process.pid, failIf, abortOnFail: true }
  const report = await load(server.url, options)
  t.match(report, {
    interruptedBy: 'failIf',
    seconds: 0,
    verdict: { measured: false },
    counts: { opened: 2, failed: 2 },
  })
  t.equal(report.perSecond.length, 1)
  t.same(
    report.conditions.filter(({ endedRun }) => endedRun),
    [{ text: 'failed > 0', value: 2, unit: '', failed: true, endedRun: true }],
  )
  // The end of the warm-up is told some milliseconds behind it.
  const { seconds, verdict, generator } = await load(server.url, { ...options, warmUp: 1000 })
  t.match([seconds, verdict, generator], [0, { measured: false, reasons: [] }, { threads: [], cpu: 0 }])
})

t.test('connections, and users, that are under way when a condition ends the run come to their end', async t => {
  const server = await serve(t, echo)
  const ends = { failIf: ['received > 0'], abortOnFail: true }
  const connects = await load(server.url, { ...brief, ...ends, workload: 'connect', duration: 60_000 })
  const steps = [{ send: 'x' }, { receive: {} }, { think: 5 }, { send: 'y' }, { receive: {} }]
  const scenario = { url: server.url, phases: [{ duration: 60_000 }], classes: { all: { steps } }, warmUp: 0 }
  const users = await loadScenario(scenario, ends)
  for (const { counts, errors, interruptedBy, perSecond } of [connects, users]) {
    t.equal(interruptedBy, 'failIf')
    t.ok(counts.received > 0)
    t.same([counts.received, counts.lost, counts.unanswered, counts.failed], [counts.expected, 0, 0, 0])
    t.same([errors, perSecond.length], [[], 1])
  }
})

t.test('a run goes on while what it must not come to may still be made good', async t => {
  // Nothing is answered in the first second: so nothing was timed when that was over.
  const held: (() => void)[] = []
  const server = await serve(t, (connection, data, number) => {
    held.push(() => connection.send(data))
    if (number >= 55) for (const release of held.splice(0)) release()
  })
  const failIf = ['rtt.p99 > 10s', 'close.p99 > 4s', 'rtt.count < 60', 'rate.received < 5/s', 'received < 60']
  const report = await load(server.url, { ...brief, rate: 50, duration: 1200, failIf, abortOnFail: true })
  t.equal(report.interrupted, false)
  t.equal(report.counts.received, 60)
  t.same(
    report.conditions.map(({ failed }) => failed),
    [false, false, false, false, false],
  )
})

t.test(
  'a second that one thread saw to its end, and another had left before, is in no row, and in all totals',
  async t => {
    // One of the two replies is kept until a Ping comes on its connection: each thread sends one when a second is over.
    const kept = new Map<WebSocketConnection, string | Buffer>()
    const reply = (connection: WebSocketConnection) => {
      const data = kept.get(connection)
      if (data !== undefined) connection.send(data)
    }
    const server = await serve(
      t,
      (connection, data, number) => void (number === 0 ? connection.send(data) : kept.set(connection, data)),
      { handlers: { ping: reply } },
    )
    const parts: LoadPart[] = []
    const settings = loadSettings(server.url, { ...brief, connections: 2, threads: 2, rate: 20, duration: 100 })
    const report = await new RunningLoad(settings, { onPart: part => parts.push(part) }).report
    t.same([report.counts.sent, report.counts.received, report.counts.unanswered], [2, 2, 0])
    t.same(report.perSecond, [])
    const counted = (name: 'sent' | 'received') => parts.reduce((sum, { counts }) => sum + counts[name], 0)
    t.same([counted('sent'), counted('received')], [2, 2])
  },
)

t.test('shards: each has its connections and its messages, and all together are the whole', async t => {
  const server = await serve(t, echo)
  const options = { ...brief, connections: 5, threads: 2, rate: 1000, duration: 200 }
  const startAt = Date.now() + 1500
  // A server that takes two seconds of CPU while it is waited for, and no more.
  const serverCgroup = t.testdir({ 'cpu.stat': 'usage_usec 0\n', 'memory.current': '5\n' })
  const spent = () => writeFileSync(join(serverCgroup, 'cpu.stat'), 'usage_usec 2000000\n')
  const timer = setTimeout(spent, startAt - Date.now() - 500)
  t.teardown(() => clearTimeout(timer))
  const shards = await Promise.all(
    [0, 1, 2].map(index => load(server.url, { ...options, startAt, serverCgroup, shard: { index, count: 3 } })),
  )
  const sinceStart = (Date.now() - startAt) / 1000
  t.same(
    shards.map(({ counts }) => counts.opened),
    [2, 2, 1],
  )
  t.same(
    shards.map(({ counts }) => counts.sent),
    [67, 67, 66],
  )
  t.equal(server.seen.length, 200)
  t.ok(shards.every(report => Date.parse(report.startedAt) >= startAt))
  t.ok(server.seen.every(({ at }) => performance.timeOrigin + at >= startAt - 1))
  // Nothing that is told is of the time before.
  const told = shards.flatMap(({ generator }) => generator.threads.map(({ seconds }) => seconds))
  t.equal(told.length, 3)
  t.ok(
    told.every(seconds => seconds > 0 && seconds < sinceStart + 0.05),
    `${told} of ${sinceStart}`,
  )
  t.same(
    shards.map(({ server }) => server?.cores),
    [0, 0, 0],
  )
})

t.test('connections take turns with the source addresses', async t => {
  const from: (string | undefined)[] = []
  const server = await serve(t, echo, {
    handlers: {
      connection(connection) {
        from.push(connection.remoteAddress)
      },
    },
  })
  const sourceAddresses = ['127.0.0.2', '127.0.0.3']
  await load(server.url, { ...brief, duration: 10, sourceAddresses })
  t.same(from.sort(), ['127.0.0.2', '127.0.0.2', '127.0.0.3', '127.0.0.3'])
})

t.test('compressed, where both agree (RFC 7692)', async t => {
  const server = await serve(t, echo, { options: { perMessageDeflate: true } })
  const { counts } = await load(server.url, {
    ...brief,
    size: 1000,
    rate: 1000,
    duration: 50,
    connect: { perMessageDeflate: true },
  })
  t.same([counts.sent, counts.received], [50, 50])
  t.ok(server.seen.every(({ octets }) => octets === 1000))
})
