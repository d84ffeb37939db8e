/**
 * Each time that a load tells, beside a server that holds it up: it is no shorter than from when the server had what begins it to
 * when what ends it left, and no longer than from before the one to behind the other. Generator and server are one thread, so there
 * is one clock, and these bounds hold on any machine, however busy. The stages of a dial are computed from what it tells, besides.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { DueParts } from '../../src/load/due-parts.js'
import { Generator } from '../../src/load/generator.js'
import { LoadConnection, type LoadScope } from '../../src/load/load-connection.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { scenarioSettings } from '../../src/load/scenario/parse-scenario.js'
import type { Scenario } from '../../src/load/scenario/scenario.js'
import { Tally, type TimeName } from '../../src/load/tally.js'
import type { ThreadSettings } from '../../src/load/thread-settings.js'
import type { DialTimes } from '../../src/transport/dial.js'
import { acceptFor, listening, onRequest } from '../transport/scripted-server.js'
import { serve } from './known-servers.js'

const now = () => performance.now()

/** When something was held up, and until when. */
interface Span {
  readonly from: number
  readonly to: number
}

/** Holds something up for a while that is known afterwards. */
async function hold(): Promise<Span> {
  const from = now()
  await sleep(30)
  return { from, to: now() }
}

const length = ({ from, to }: Span) => to - from

/** What a server does meanwhile: it reads nothing of a connection, not even a Pong, until whoever was given a message is done. */
function aside(act: () => Promise<void>): void {
  void act()
}

/** Turns of the event loop, until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate()
}

/** The only one that there was; it is kept in whole microseconds. */
function isBetween(t: Test, tally: Tally, name: TimeName, least: number, most: number): void {
  const { count, min, max } = tally.times(name)
  t.same([count, min], [1, max], name)
  t.ok(max >= least - 0.001 && max <= most + 0.001, `${name}: ${max} is from ${least} to ${most}`)
}

const alone: LoadOptions = { connections: 1, warmUp: 0, size: 20 }
/** One message, or one connection, due at the start. */
const one: LoadOptions = { ...alone, rate: 10, duration: 100 }

function generatorOf(settings: ThreadSettings): Generator {
  return new Generator(settings, { index: 0, count: 1 })
}

/** Runs it to its end. Returns what it has counted, and when it began. */
async function ran(settings: ThreadSettings): Promise<{ readonly tally: Tally; readonly due: number }> {
  const generator = generatorOf(settings)
  await generator.open()
  const due = now()
  await generator.run(due)
  await generator.close()
  return { tally: generator.tally, due }
}

t.test('the stages of a dial: each is what it took by itself, and together they are all of it', async t => {
  const stages = ['dns', 'tcp', 'tls', 'upgrade'] as const
  // What a dial tells is counted from when it began.
  const rows: [told: DialTimes, each: readonly number[]][] = [
    [{ dns: 1, tcp: 3, tls: 7, upgrade: 15 }, [1, 2, 4, 8]],
    [{ dns: undefined, tcp: 3, tls: 7, upgrade: 15 }, [0, 3, 4, 8]],
    [{ dns: 1, tcp: 3, tls: undefined, upgrade: 15 }, [1, 2, 0, 12]],
    [{ dns: undefined, tcp: 3, tls: undefined, upgrade: 15 }, [0, 3, 0, 12]],
  ]
  for (const [times, each] of rows) {
    const settings = loadSettings('ws://a', alone)
    const tally = new Tally()
    const connector = { openWith: async () => ({ state: 'open', times }) }
    const scope = { settings, parts: new DueParts(settings, tally), connector } as unknown as LoadScope
    await new LoadConnection(scope, { join() {} } as never).open(new AbortController().signal)
    const told = stages.map(name => tally.times(name).max)
    t.same(told, each, JSON.stringify(times))
    t.equal(
      told.reduce((sum, time) => sum + time),
      times.upgrade,
    )
    const counts = stages.map(name => tally.times(name).count)
    t.same(
      counts,
      each.map(time => (time === 0 ? 0 : 1)),
      'what there was not is not told',
    )
  }
})

/** Goes between a load and its server, and holds up what the load says first: of TLS that is its first message. */
async function holdingProxy(t: Test, to: string): Promise<{ readonly url: string; readonly held: Promise<Span> }> {
  let tell!: (span: Span) => void
  const held = new Promise<Span>(resolve => {
    tell = resolve
  })
  const server = createServer(client => {
    const target = connect(Number(new URL(to).port), '127.0.0.1')
    for (const socket of [client, target]) socket.on('error', () => {})
    target.pipe(client)
    client.once('data', async first => {
      client.pause()
      tell(await hold())
      target.write(first)
      client.pipe(target)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const url = new URL(to)
  url.port = String((server.address() as AddressInfo).port)
  return { url: String(url), held }
}

t.test('TCP, TLS, the upgrade, a connection, and its close', async t => {
  const file = (name: string) => readFile(new URL(`../../../test/certificates/${name}`, import.meta.url), 'utf8')
  const tls = { key: await file('localhost.key'), cert: await file('localhost.pem') }
  let accepted!: Span
  const accept = async () => {
    accepted = await hold()
    return undefined
  }
  const server = await serve(t, () => {}, { options: { tls }, handlers: { accept } })
  const { url, held } = await holdingProxy(t, server.url)
  const before = now()
  const trusting = { ...one, workload: 'connect', connect: { tls: { rejectUnauthorized: false } } } as const
  const { tally, due } = await ran(loadSettings(url, trusting))
  const after = now()
  const secured = await held
  isBetween(t, tally, 'tcp', 0, secured.from - before)
  isBetween(t, tally, 'tls', length(secured), accepted.from - before)
  isBetween(t, tally, 'upgrade', length(accepted), after - secured.to)
  isBetween(t, tally, 'connect', accepted.to - due, after - due)
  isBetween(t, tally, 'close', 0, after - accepted.to)
  isBetween(t, tally, 'lateness', 0, secured.from - due)
  const parts = (['lateness', 'tcp', 'tls', 'upgrade'] as const).reduce((sum, name) => sum + tally.times(name).max, 0)
  // Each of the five is rounded to a microsecond.
  t.ok(parts <= tally.times('connect').max + 0.003, `${parts} are part of ${tally.times('connect').max}`)
})

t.test('a Ping, and the Closing Handshake', async t => {
  const held = new Map<number, Span>()
  const answer = async (socket: Socket, frame: Buffer) => {
    const [opcode, octets] = [frame[0]! & 15, frame[1]! & 127]
    const payload = frame.subarray(6, 6 + octets).map((octet, i) => octet ^ frame[2 + (i % 4)]!)
    held.set(opcode, await hold())
    const reply = Buffer.concat([Buffer.of(opcode === 9 ? 0x8a : 0x88, octets), payload])
    if (opcode === 9) socket.write(reply)
    else socket.end(reply)
  }
  const { port } = await listening(t, socket =>
    onRequest(socket, head => {
      const field = `Sec-WebSocket-Accept: ${acceptFor(head)}`
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${field}\r\n\r\n`)
      socket.on('data', frame => void answer(socket, frame))
    }),
  )
  const generator = generatorOf(loadSettings(`ws://127.0.0.1:${port}`, { ...alone, workload: 'idle' }))
  await generator.open()
  // What is measured has not begun: it counts for the warm-up.
  const { tally } = generator
  const [asked, { warmUp }] = [now(), tally]
  generator.look()
  await until(() => warmUp.times('ping').count > 0)
  isBetween(t, warmUp, 'ping', length(held.get(9)!), now() - asked)
  const closing = now()
  await generator.close()
  isBetween(t, tally, 'close', length(held.get(8)!), now() - closing)
})

t.test('the first round trip of a connection, from when it was due, and no other', async t => {
  let answered!: Span
  const server = await serve(t, async (connection, data, number) => {
    if (number === 0) answered = await hold()
    connection.send(data)
  })
  const { tally, due } = await ran(loadSettings(server.url, { ...one, duration: 300 }))
  t.equal(tally.times('rtt').count, 3)
  isBetween(t, tally, 'firstMessage', answered.to - due, now() - due)
  const { tally: single } = await ran(loadSettings(server.url, one))
  const [first, all] = [single.times('firstMessage'), single.times('rtt')]
  t.same([first.count, first.max], [1, all.max])
})

t.test('the first of several replies, and the last', async t => {
  let [early, late]: Span[] = []
  const server = await serve(t, (connection, data) =>
    aside(async () => {
      early = await hold()
      connection.send(data)
      // Whoever answers has read what is before it.
      await connection.ping()
      late = await hold()
      connection.send(data)
    }),
  )
  const request = { message: '{"id":"{id}"}', replies: 2 }
  const { tally, due } = await ran(loadSettings(server.url, { ...one, workload: 'request', request }))
  isBetween(t, tally, 'firstReply', early!.to - due, late!.from - due)
  isBetween(t, tally, 'rtt', late!.to - due, now() - due)
})

// Where every connection is read into one memory those of downloads are, too, which else are not: then the stream tells nothing.
const skip = process.env['FRAMEWRIGHT_READS'] === 'reused' && 'downloads are read plainly'

t.test('the first octets of a reply, and the last', { skip }, async t => {
  let [early, late]: Span[] = []
  const half = Buffer.alloc(100_000)
  const server = await serve(t, connection =>
    aside(async () => {
      early = await hold()
      connection.send(half, { fin: false })
      await connection.ping()
      late = await hold()
      connection.send(half)
    }),
  )
  const options = { ...one, workload: 'download', request: { message: 'get' } } as const
  const { tally, due } = await ran(loadSettings(server.url, options))
  isBetween(t, tally, 'firstOctet', early!.to - due, late!.from - due)
  isBetween(t, tally, 'rtt', late!.to - due, now() - due)
})

t.test('a broadcast: until the first receiver has it, and until the last', async t => {
  let late!: Span
  const server = await serve(t, (_, data) =>
    aside(async () => {
      const [first, last] = server.open
      first!.send(data)
      await first!.ping()
      late = await hold()
      last!.send(data)
    }),
  )
  const options = { ...one, connections: 2, workload: 'broadcast' } as const
  const { tally, due } = await ran(loadSettings(server.url, options))
  const { count, min, max } = tally.times('rtt')
  t.equal(count, 2)
  t.ok(min <= late.from - due + 0.001, `${min} is no more than ${late.from - due}`)
  isBetween(t, tally, 'lastReceiver', late.to - due, now() - due)
  t.equal(tally.times('lastReceiver').max, max)
})

t.test('all steps of a user', async t => {
  let last = 0
  const server = await serve(t, async (connection, data) => {
    last = (await hold()).to
    connection.send(data)
  })
  const step = [{ send: 'x' }, { receive: {} }]
  const classes: Scenario['classes'] = { all: { connections: 1, steps: [...step, { think: 10 }, ...step] } }
  // Nobody goes on behind the end, which is far away.
  const phases = [
    { duration: 100, rate: 10 },
    { duration: 60_000, rate: 0 },
  ]
  const generator = generatorOf(scenarioSettings({ warmUp: 0, phases, classes }, {}, server.url).classes[0]!.settings)
  await generator.open()
  const due = now()
  const running = generator.run(due)
  const { tally } = generator
  await until(() => tally.times('iteration').count > 0)
  isBetween(t, tally, 'iteration', last - due, now() - due)
  t.equal(server.seen.length, 2)
  generator.stop()
  await running
  await generator.close()
})

t.test('a connection that comes back', async t => {
  const held: Span[] = []
  let cut = 0
  const accept = async () => {
    held.push(await hold())
    return undefined
  }
  const server = await serve(t, () => {}, { handlers: { accept } })
  const backoff = { first: 1, longest: 1 }
  const storm = { ...alone, workload: 'storm', cutAll: false, backoff, duration: 60_000 } as const
  const generator = generatorOf(loadSettings(server.url, storm))
  await generator.open()
  const running = generator.run(now())
  cut = now()
  for (const connection of server.open) connection.terminate()
  const { tally } = generator
  await until(() => tally.times('reconnect').count > 0)
  isBetween(t, tally, 'reconnect', length(held[1]!), now() - cut)
  generator.stop()
  await running
  await generator.close()
})
