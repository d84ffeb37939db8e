/** Octets on the wire, beside a proxy that counts them between a load and its server. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import t, { type Test } from 'tap'
import type { WebSocketConnection } from '../../src/index.js'
import { compareReports } from '../../src/load/compare-reports.js'
import { Generator } from '../../src/load/generator.js'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { eventLoop } from '../../src/load/pacer.js'
import { Tally } from '../../src/load/tally.js'
import { textReport } from '../../src/load/text-report.js'
import { wireOctetsEach } from '../../src/load/wire-octets-each.js'
import { echo, serve } from './known-servers.js'

interface Carried {
  sent: number
  received: number
  /** Of those, the heads of the Opening Handshakes. */
  heads: number
}

interface Proxy {
  readonly url: string
  readonly carried: Carried
  /** Nothing is under way any more, and nothing new comes. */
  readonly ended: () => Promise<void>
}

/** What goes to and fro between the load and the port of its server. */
async function proxy(t: Test, to: string): Promise<Proxy> {
  const carried = { sent: 0, received: 0, heads: 0 }
  const headOf = (chunk: Buffer) => chunk.indexOf('\r\n\r\n') + 4
  const server = createServer(client => {
    const target = connect(Number(new URL(to).port), '127.0.0.1')
    client.once('data', chunk => (carried.heads += headOf(chunk)))
    client.on('data', chunk => (carried.sent += chunk.length))
    target.once('data', chunk => (carried.heads += headOf(chunk)))
    target.on('data', chunk => (carried.received += chunk.length))
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('error', () => {})
      // What comes behind that is counted, too: with an alert of its own a side of TLS answers that of the other.
      one.on('close', () => other.unpipe(one).resume())
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const ended = async () => {
    await once(server.close(), 'close')
  }
  const url = new URL(to)
  url.port = String((server.address() as AddressInfo).port)
  return { url: String(url), carried, ended }
}

const brief: LoadOptions = { connections: 2, warmUp: 0, rate: 1000, duration: 100, size: 2000, text: true }

t.test('all that is behind the Opening Handshakes, compressed or not', async t => {
  const each: number[] = []
  for (const perMessageDeflate of [false, true]) {
    const server = await serve(t, echo, { options: { perMessageDeflate: true } })
    const { url, carried, ended } = await proxy(t, server.url)
    const { counts, rate } = await load(url, { ...brief, connect: { perMessageDeflate } })
    await ended()
    t.equal(counts.sentWireOctets + counts.receivedWireOctets + carried.heads, carried.sent + carried.received)
    t.equal(rate.sentWireOctets, counts.sentWireOctetsInTime / 0.1)
    t.ok(counts.sentWireOctetsInTime <= counts.sentWireOctets)
    t.same([counts.sentOctets, counts.receivedOctets], [200_000, 200_000])
    each.push(counts.sentWireOctets / counts.sent, counts.receivedWireOctets / counts.received)
  }
  const [sent, received, compressedSent, compressedReceived] = each as [number, number, number, number]
  t.ok(sent > 2000 && sent < 2010, `${sent}`)
  t.ok(received > 2000 && received < 2010, `${received}`)
  t.ok(compressedSent < 100, `${compressedSent}`)
  t.ok(compressedReceived < 100, `${compressedReceived}`)
})

t.test('connections that are opened meanwhile: with their handshakes, and with TLS', async t => {
  const file = (name: string) => readFile(new URL(`../../../test/certificates/${name}`, import.meta.url), 'utf8')
  const tls = { key: await file('localhost.key'), cert: await file('localhost.pem') }
  const server = await serve(t, echo, { options: { tls } })
  const { url, carried, ended } = await proxy(t, server.url)
  const { counts } = await load(url, {
    workload: 'connect',
    ...{ connections: 2, rate: 50, warmUp: 0, duration: 100 },
    connect: { tls: { rejectUnauthorized: false } },
  })
  await ended()
  t.match(counts, { received: 5, sentOctets: 0 })
  t.same([counts.sentWireOctets, counts.receivedWireOctets], [carried.sent, carried.received])
})

t.test('what is carried in the warm-up belongs to it', async t => {
  const server = await serve(t, echo)
  for (const [warmUp, rate] of [
    [1000, 20],
    [30, undefined],
  ] as const) {
    const settings = loadSettings(server.url, { connections: 2, rate, warmUp, duration: 100, size: 20 })
    const generator = new Generator(settings, { index: 0, count: 1 })
    await generator.open()
    generator.takeAll()
    await generator.run(performance.now())
    await generator.close()
    const { warmUp: before, ...measured } = generator.takeAll()
    const [first, second] = [before!.counts, measured.counts]
    // Frames of 20 octets, masked and not; and a Close frame with its status code for each connection, both ways.
    const [sent, received] = [first.sent + second.sent, first.received + second.received]
    t.equal(first.sentWireOctets + second.sentWireOctets, sent * 26 + 2 * 8)
    t.equal(first.receivedWireOctets + second.receivedWireOctets, received * 22 + 2 * 4)
    t.ok(first.sentWireOctets > 0)
    // Where the warm-up is whole seconds, the plan says to which of them a message belongs.
    if (rate === undefined) continue
    t.same([first.sent, second.sent], [20, 2])
    t.same([first.sentWireOctets, second.sentWireOctets], [20 * 26, 2 * 26 + 2 * 8])
  }
})

t.test(
  'the warm-up is over with the first message behind it, also where timers are late and it ends within a second',
  async t => {
    const server = await serve(t, echo)
    const late = (time: number, call: () => void) => eventLoop.after(time + 5, call)
    const settings = loadSettings(server.url, { connections: 1, rate: 10, warmUp: 200, duration: 200, size: 20 })
    const generator = new Generator(settings, { index: 0, count: 1 }, { ...eventLoop, after: late })
    await generator.open()
    generator.takeAll()
    await generator.run(performance.now())
    await generator.close()
    const { warmUp, ...measured } = generator.takeAll()
    t.match(warmUp!.counts, { sent: 2, sentWireOctets: 2 * 26 })
    // And a Close frame with its status code.
    t.match(measured.counts, { sent: 2, sentWireOctets: 2 * 26 + 8 })
  },
)

t.test(
  'the measured time is over by the clock, not with the last message: what is carried until then came in time',
  async t => {
    const held: (() => void)[] = []
    const server = await serve(t, (connection, data) => held.push(() => connection.send(data)))
    const { url, carried, ended } = await proxy(t, server.url)
    let ahead = 0
    // Timers that come early look at the clock again.
    const world = {
      ...eventLoop,
      now: () => performance.now() + ahead,
      after: (time: number, call: () => void) => eventLoop.after(Math.min(time, 1), call),
    }
    const settings = loadSettings(url, { connections: 1, rate: 0.04, warmUp: 0, duration: 50_000, size: 200 })
    const generator = new Generator(settings, { index: 0, count: 1 }, world)
    await generator.open()
    const opened = carried.received
    const running = generator.run(world.now())
    const until = async (is: () => boolean) => {
      while (!is()) await new Promise(resolve => setImmediate(resolve))
    }
    ahead = 26_000
    await until(() => held.length === 2)
    const { counts } = generator.tally
    held[0]!()
    await until(() => counts.received === 1)
    const before = carried.received
    ahead = 51_000
    // The clock is looked at.
    await new Promise(resolve => world.after(1, () => world.after(1, () => resolve(undefined))))
    held[1]!()
    await running
    await generator.close()
    await ended()
    t.match(counts, { received: 2, receivedOctets: 400 })
    t.equal(counts.receivedWireOctetsInTime, before - opened)
    t.equal(counts.receivedWireOctets, carried.received - opened)
  },
)

t.test(
  'a generator that is late: what was due in time is of the rate, and what is carried behind the end is not in time',
  async t => {
    const server = await serve(t, () => {})
    let now = 0
    const timers = new Map<() => void, number>()
    // Time goes by only here; turns of the event loop are those of this thread.
    const world = {
      ...eventLoop,
      now: () => now,
      after(milliseconds: number, call: () => void) {
        timers.set(call, now + milliseconds)
        return () => void timers.delete(call)
      },
    }
    const comes = (time: number) => {
      now = time
      for (const [call, due] of [...timers]) if (due <= now && timers.delete(call)) call()
    }
    const options = { connections: 1, rate: 1000, warmUp: 0, duration: 100, drain: 0, size: 20 }
    const generator = new Generator(loadSettings(server.url, options), { index: 0, count: 1 }, world)
    await generator.open()
    const running = generator.run(now)
    const { counts } = generator.tally
    comes(40)
    while (!generator.passed(40)) await new Promise(resolve => setImmediate(resolve))
    const inTime = counts.sent
    t.ok(inTime >= 40 && inTime <= 41, `${inTime}`)
    // For as long again as the plan lasts nothing has run on this thread.
    comes(200)
    t.equal(counts.sent, inTime)
    await running
    t.match(counts, { planned: 100, plannedInTime: 100, sent: 100, sentInTime: 100, sentOctetsInTime: 2000, missed: 0 })
    await generator.close()
    // Frames of 20 octets, masked; and a Close frame with its status code.
    t.same([counts.sentWireOctetsInTime, counts.sentWireOctets], [inTime * 26, 100 * 26 + 8])
  },
)

/** What the text says of a message, sent and received. */
function saidOfEach(text: string): readonly number[] {
  return [...text.matchAll(/^ {2}(?:sent|received) .*\/s .*\/s +([\d.]+)$/gm)].map(([, each]) => Number(each))
}

const octetByOctet = (connection: WebSocketConnection, data: string | Buffer) => {
  for (let i = 0; i < data.length; i++) {
    connection.send((data as Buffer).subarray(i, i + 1), { fin: i === data.length - 1 })
  }
}

const delayed = (by: number) => (connection: WebSocketConnection, data: string | Buffer) =>
  void setTimeout(() => connection.send(data), by)

/** Few may be counted on the other side of an edge than they were carried; and now and then there is a Ping. */
function isNearly(t: Test, said: number | undefined, is: number): void {
  t.ok(Math.abs(said! / is - 1) < 0.05, `${said} of ${is}`)
}

// All in the closed model, where nothing is late. Of 20 octets: frames, masked and not.
for (const [name, answer, options, received] of [
  ['in one frame', echo, { duration: 200 }, 22],
  ['in frames of one octet', octetByOctet, { duration: 300 }, 60],
  ['few on each connection, and Close frames behind them', delayed(300), { connections: 200, duration: 500 }, 22],
] as const) {
  t.test(`what a message takes on the wire: ${name}`, async t => {
    const server = await serve(t, answer)
    const said = saidOfEach(textReport(await load(server.url, { connections: 2, warmUp: 0, size: 20, ...options })))
    t.equal(said.length, 2)
    for (const [at, is] of [26, received].entries()) isNearly(t, said[at], is)
  })
}

t.test('what a message takes on the wire is the same where replies to the warm-up come behind it', async t => {
  const options: LoadOptions = { connections: 1, warmUp: 1000, duration: 1000, size: 128 }
  // It has all that is under way at 0.7, 1.4 and 2.1 s: of what is measured, replies to the warm-up come, and its own behind the end.
  const [now, later] = [await serve(t, echo), await serve(t, delayed(700))]
  const [prompt, late] = await Promise.all([load(now.url, options), load(later.url, { ...options, pipeline: 100 })])
  t.match(late.counts, { sent: 100, received: 100, receivedOctets: 200 * 128 })
  for (const report of [prompt, late]) {
    const said = saidOfEach(textReport(report))
    for (const [at, is] of [136, 132].entries()) isNearly(t, said[at], is)
  }
  const compared = compareReports([prompt], [late]).filter(({ unit }) => unit === 'octets')
  t.same(
    compared.map(({ name }) => name),
    ['sent on the wire', 'received on the wire'],
  )
  for (const { before, after } of compared) isNearly(t, after, before)
  t.notMatch(textReport(prompt), 'with replies to the warm-up')
  t.match(textReport(late), /^ {2}received +\d+ +\d+\/s.* {2}a second with replies to the warm-up$/m)
  t.match(textReport(late), /^ {2}received .* 25\.0 KiB .*\n {2}received: with replies to the warm-up$/m)
})

t.test('nothing is told of a message where there was none, or octets were not counted', async t => {
  const { counts } = new Tally()
  const told = (some: object) => wireOctetsEach({ ...counts, ...some }, 'received')
  t.equal(told({ receivedWireOctetsInTime: 7, receivedWireOctets: 9, received: 1 }), undefined)
  t.equal(told({ receivedInTime: 1, receivedWireOctetsInTime: 0 }), undefined)
  t.equal(told({ receivedInTime: 1, receivedWireOctetsInTime: undefined }), undefined)
  t.equal(told({ receivedInTime: 2, receivedWireOctetsInTime: 9 }), 4.5)
})
