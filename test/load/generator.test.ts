/** The share of one thread, in this one: with a clock that jumps, and connections that are no more. */
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { WebSocketConnection } from '../../src/index.js'
import { Generator } from '../../src/load/generator.js'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { eventLoop } from '../../src/load/pacer.js'
import { scenarioSettings } from '../../src/load/scenario/parse-scenario.js'
import type { Scenario } from '../../src/load/scenario/scenario.js'
import { echo, serve } from './known-servers.js'

const whole = { index: 0, count: 1 }

/** Turns of the event loop, until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate()
}

/** A load that has begun, and a clock that can be put forward. */
async function begun(url: string, options: LoadOptions) {
  let ahead = 0
  const world = { ...eventLoop, now: () => performance.now() + ahead }
  const generator = new Generator(loadSettings(url, options), whole, world)
  await generator.open()
  const over = generator.run(world.now())
  return {
    generator,
    /** Looks by a clock that is ahead by so many milliseconds. */
    look(milliseconds: number): void {
      ahead = milliseconds
      generator.look()
    },
    /** When the load is over, or now. */
    async end(when: 'when it is over' | 'now'): Promise<void> {
      if (when === 'now') generator.stop()
      await over
      await generator.close()
    },
  }
}

t.test('what the generator could not send in time is missed, and that it was its own fault', async t => {
  const server = await serve(t, echo)
  const settings = loadSettings(server.url, {
    connections: 1,
    rate: 1000,
    warmUp: 20,
    duration: 100,
  })
  let ahead = 0
  const world = { ...eventLoop, now: () => performance.now() + ahead }
  const generator = new Generator(settings, { index: 0, count: 1 }, world)
  await generator.open()
  // As if nothing had run on this thread for a minute.
  const running = generator.run(world.now() + 1000)
  ahead = 60_000
  await running
  const { counts, errors } = generator.tally
  t.same([counts.planned, counts.missed, counts.sent], [100, 100, 0])
  t.same([...errors], [['not sent: the generator was too slow', { count: 100, example: '' }]])
  t.equal(server.seen.length, 0)
  await generator.close()
})

t.test('stopped while it is behind, it has missed what was due by then, each where and when it was due', async t => {
  const server = await serve(t, echo)
  const options = { connections: 1, rate: 1000, warmUp: 500, duration: 60_000 }
  let ahead = 0
  const world = { ...eventLoop, now: () => performance.now() + ahead }
  const generator = new Generator(loadSettings(server.url, options), whole, world)
  await generator.open()
  const start = world.now() + 1000
  const running = generator.run(start)
  // As if it had done nothing for so long.
  ahead = 3500
  const before = world.now() - start
  generator.stop()
  const behind = world.now() - start
  await running
  await generator.close()
  const seconds = [0, 1].map(() => generator.takeSecond())
  t.match(seconds, [
    { counts: { planned: 500, plannedInTime: 500, missed: 500 }, warmUp: { counts: { planned: 500, missed: 500 } } },
    { counts: { planned: 1000, plannedInTime: 1000, missed: 1000 } },
  ])
  const rest = generator.takeAll()
  const missed = [...seconds, rest].reduce((sum, { counts }) => sum + counts.missed, 0)
  t.ok(missed >= Math.floor(before) - 500 && missed <= Math.ceil(behind) - 500, `${missed} of ${before} ms`)
  t.equal(rest.errors.get('not sent: the generator was too slow')?.count, rest.counts.missed)
  t.equal(server.seen.length, 0)
})

t.test('pings go round, one connection after the other; those that nobody answers are not timed', async t => {
  const pinged = new Set<object>()
  const server = await serve(t, echo, { handlers: { ping: connection => void pinged.add(connection) } })
  const settings = loadSettings(server.url, { connections: 3, duration: 1 })
  const generator = new Generator(settings, { index: 0, count: 1 })
  generator.look()
  await generator.open()
  for (let i = 0; i < 3; i++) generator.look()
  // What is measured has not begun.
  const { warmUp } = generator.tally
  await until(() => warmUp.times('ping').count >= 3)
  t.equal(pinged.size, 3)
  await generator.close()
  generator.look()
  await setImmediate()
  t.same([warmUp.times('ping').count, generator.tally.times('ping').count], [3, 0])
})

t.test(
  'pings of the warm-up are part of nothing, whenever they are answered; the first messages of connections are',
  async t => {
    const server = await serve(t, echo)
    const options = { connections: 1, rate: 10, warmUp: 60_000, duration: 60_000 }
    const { generator, look, end } = await begun(server.url, options)
    await until(() => server.seen.length > 0)
    look(0)
    look(60_001)
    const { tally } = generator
    await until(() => tally.times('ping').count + tally.warmUp.times('ping').count >= 2)
    t.same([tally.times('ping').count, tally.warmUp.times('ping').count], [1, 1])
    t.equal(tally.times('firstMessage').count, 1)
    await end('now')
  },
)

t.test('of connections that are only held each has its Ping within half a minute', async t => {
  const pinged = new Map<object, number>()
  const ping = (connection: object) => void pinged.set(connection, (pinged.get(connection) ?? 0) + 1)
  const server = await serve(t, echo, { handlers: { ping } })
  const settings = loadSettings(server.url, { connections: 40, workload: 'idle' })
  const generator = new Generator(settings, whole)
  await generator.open()
  for (let i = 0; i < 30; i++) generator.look()
  await until(() => generator.tally.warmUp.times('ping').count >= 40)
  t.same([pinged.size, new Set(pinged.values())], [40, new Set([1])])
  await generator.close()
})

t.test('stopped while it opens its connections, or before it begins: nothing is sent', async t => {
  const server = await serve(t, echo)
  const settings = loadSettings(server.url, { connections: 20, opening: 1, duration: 1000 })
  const opening = new Generator(settings, { index: 0, count: 1 })
  const opened = opening.open()
  opening.stop()
  await opened
  t.equal(opening.tally.counts.opened, 0)
  const waiting = new Generator(settings, { index: 0, count: 1 })
  await waiting.open()
  t.equal(waiting.tally.counts.opened, 20)
  const running = waiting.run(performance.now() + 60_000)
  waiting.stop()
  await running
  await waiting.close()
  t.equal(waiting.tally.closeCodes.get(1001), 20)
  const scenario: Scenario = {
    phases: [{ duration: 1 }],
    classes: { all: { steps: [{ send: 'x' }, { receive: {} }] } },
  }
  const [users] = scenarioSettings(scenario, {}, server.url).classes
  const steps = new Generator(users!.settings, { index: 0, count: 1 })
  await steps.open()
  const ran = steps.run(performance.now() + 60_000)
  // Of users it is the steps that say how long a reply is waited for.
  steps.look()
  steps.stop()
  await ran
  await steps.close()
  t.equal(steps.tally.closeCodes.get(1001), 10)
  t.equal(server.seen.length, 0)
})

t.test('ended while the last replies are waited for: they still are; stopped then, they are not', async t => {
  for (const stopped of [false, true]) {
    const held: (() => void)[] = []
    const server = await serve(t, (connection, data) => void held.push(() => connection.send(data)))
    const options = { connections: 1, warmUp: 0, duration: 60_000, drain: 60_000 }
    const { generator, end } = await begun(server.url, options)
    await until(() => held.length > 0)
    generator.end()
    await setImmediate()
    generator.end()
    if (!stopped) for (const reply of held) reply()
    else generator.stop()
    await end('when it is over')
    const { received, unanswered, sent } = generator.tally.counts
    t.same([received, unanswered, sent], stopped ? [0, 1, 1] : [1, 0, 1])
  }
})

t.test('a timer that comes before its time begins nothing and ends nothing', async t => {
  const server = await serve(t, echo)
  const settings = loadSettings(server.url, { connections: 1, warmUp: 0, duration: 20 })
  // A clock that goes at half the speed of the timers.
  const world = { ...eventLoop, now: () => performance.now() / 2 }
  const generator = new Generator(settings, { index: 0, count: 1 }, world)
  await generator.open()
  const start = world.now() + 10
  await generator.run(start)
  t.ok(world.now() >= start + 20)
  t.equal(generator.tally.counts.planned, server.seen.length)
  t.ok(server.seen.every(({ at }) => at / 2 >= start))
  await generator.close()
})

t.test('what waits in its sockets is seen; a connection that never opened has none', async t => {
  const refusing = await serve(t, echo, { handlers: { accept: () => ({ status: 503 }) } })
  const failed = new Generator(loadSettings(refusing.url, { connections: 1, warmUp: 0, duration: 20 }), whole)
  await failed.open()
  const ran = failed.run(performance.now())
  failed.look()
  await ran
  t.equal(failed.fared?.thread.buffered, 0)
  // It never reads, and more is sent than any kernel takes.
  const deaf = await serve(t, echo, { handlers: { connection: connection => connection.pause() } })
  const options = { connections: 1, warmUp: 0, duration: 300, size: 2 ** 20, pipeline: 64, drain: 0 }
  const generator = new Generator(loadSettings(deaf.url, options), whole)
  await generator.open()
  const running = generator.run(performance.now())
  await until(() => generator.tally.counts.sent > 0)
  generator.look()
  await running
  t.ok(generator.fared!.thread.buffered > 2 ** 20, `${generator.fared!.thread.buffered}`)
  generator.cut()
})

t.test('deserted is who has no open connection, and waits for none', async t => {
  const server = await serve(t, echo)
  const settings = { connections: 2, warmUp: 0, duration: 60_000 }
  const storm = { ...settings, workload: 'storm', backoff: { first: 1e9, longest: 1e9 } } as const
  for (const [options, deserted] of [
    [{ ...settings, workload: 'idle' }, true],
    [storm, false],
  ] as const) {
    const generator = new Generator(loadSettings(server.url, options), whole)
    t.equal(generator.isDeserted, true)
    await generator.open()
    t.equal(generator.isDeserted, false)
    const running = generator.run(performance.now())
    for (const connection of server.open) connection.terminate()
    await until(() => generator.tally.closeCodes.size > 0 && [...server.open].length === 0)
    t.equal(generator.isDeserted, deserted, options.workload)
    generator.stop()
    await running
    await generator.close()
  }
  t.equal(new Generator(loadSettings(server.url, { workload: 'connect' }), whole).isDeserted, false)
})

t.test('a storm cuts who is there: who was away, and is ended by the server later, is dropped', async t => {
  let asked = 0
  const connection = (one: WebSocketConnection) => void (++asked <= 2 && one.close(1012))
  const server = await serve(t, echo, { handlers: { connection } })
  const held: (() => void)[] = []
  let away = true
  const after: typeof eventLoop.after = (milliseconds, call) => {
    if (!away) return eventLoop.after(milliseconds, call)
    held.push(call)
    return () => {}
  }
  const backoff = { first: 1, longest: 1 }
  const settings = loadSettings(server.url, { workload: 'storm', connections: 1, warmUp: 0, duration: 60_000, backoff })
  const generator = new Generator(settings, whole, { ...eventLoop, after })
  await generator.open()
  await until(() => held.length === 1)
  away = false
  const running = generator.run(performance.now())
  await setImmediate()
  held[0]!()
  const { counts, closeCodes } = generator.tally
  await until(() => counts.opened === 3)
  t.match(counts, { dropped: 2, planned: 1, received: 1 })
  t.equal(closeCodes.get(1012), 2)
  generator.stop()
  await running
  await generator.close()
})

t.test('none of its connections behaves: all messages are missed', async t => {
  const server = await serve(t, echo)
  const settings = loadSettings(server.url, { connections: 2, rate: 100, warmUp: 20, duration: 100 })
  const generator = new Generator({ ...settings, badPeers: { halfOpen: 0.9 } }, { index: 1, count: 2 })
  await generator.open()
  await generator.run(performance.now())
  const { counts, errors } = generator.tally
  t.same([counts.planned, counts.missed, counts.opened], [5, 5, 0])
  t.same([...errors], [['not sent: no connection', { count: 5, example: '' }]])
  await generator.close()
})

t.test('seconds that nobody has taken are not lost', async t => {
  const server = await serve(t, echo)
  const options = { connections: 1, warmUp: 0, rate: 100, duration: 1050 }
  const generator = new Generator(loadSettings(server.url, options), whole)
  await generator.open()
  generator.takeAll()
  await generator.run(performance.now())
  await generator.close()
  const { counts } = generator.takeAll()
  t.match(counts, { planned: 105, sent: 105, received: 105 })
  t.equal(server.seen.length, 105)
})

t.test('what is due in the warm-up is counted by itself, whatever the workload', async t => {
  const server = await serve(t, echo)
  const rows: LoadOptions[] = [
    { connections: 2 },
    { connections: 2, rate: 1000 },
    { connections: 1, workload: 'connect' },
  ]
  for (const options of rows) {
    const generator = new Generator(loadSettings(server.url, { ...options, warmUp: 100, duration: 1 }), whole)
    await generator.open()
    generator.takeAll()
    await generator.run(performance.now())
    await generator.close()
    const { warmUp } = generator.tally
    const { counts } = warmUp
    t.ok(counts.planned > 0, JSON.stringify(options))
    t.equal(counts.sent, counts.planned)
    t.equal(counts.received, counts.sent)
    t.ok(options.rate === undefined || counts.planned === 100, `${counts.planned}`)
    t.equal(warmUp.times('rtt').count + warmUp.times('connect').count, counts.received)
  }
})

t.test('closed model: of very many messages some are sent at a time, between which others have their turn', async t => {
  const rows: [options: LoadOptions, stops: boolean, sent: number[]][] = [
    [{ connections: 1, pipeline: 20_000 }, false, [8192, 16_384, 20_000]],
    [{ connections: 3, pipeline: 5000 }, false, [8192, 15_000]],
    [{ connections: 2, pipeline: 10_000, burst: true }, false, [10_000, 20_000]],
    [{ connections: 64, pipeline: 100 }, false, [6400]],
    [{ connections: 1, pipeline: 20_000 }, true, [8192, 8192]],
  ]
  for (const [options, stops, sent] of rows) {
    const server = await serve(t, () => {})
    const told: number[] = []
    const world = {
      ...eventLoop,
      soon(call: () => void) {
        told.push(generator.tally.counts.sent)
        if (stops) generator.stop()
        eventLoop.soon(call)
      },
    }
    const settings = loadSettings(server.url, { size: 4, warmUp: 0, duration: 1e6, drain: 0, ...options })
    const generator = new Generator(settings, whole, world)
    await generator.open()
    const running = generator.run(world.now())
    const { counts } = generator.tally
    await until(() => counts.sent >= (stops ? 1 : sent.at(-1)!))
    generator.stop()
    await running
    await generator.close()
    t.same([...told, counts.sent], sent, JSON.stringify(options))
  }
})

t.test('closed model: a reply that never comes is lost after its time, and its connection goes on', async t => {
  const workloads: LoadOptions[] = [
    {},
    { burst: true, pipeline: 2 },
    { workload: 'request', request: { message: '{"id":"{id}"}' } },
    { workload: 'broadcast' },
    { workload: 'upload', size: 100, replyTimeout: 5000 },
  ]
  for (const options of workloads) {
    const name = JSON.stringify(options)
    let answers = false
    const late: (() => void)[] = []
    const server = await serve(t, (connection, data) => {
      if (answers) connection.send(data)
      else {
        late.push(() => connection.resume())
        // Of an upload the Pong is the reply.
        if (options.workload === 'upload') connection.pause()
      }
    })
    const told = { connections: 1, warmUp: 0, duration: 1e6, drain: 0, ...options }
    const { generator, look, end } = await begun(server.url, told)
    const pipeline = options.pipeline ?? 1
    await until(() => server.seen.length >= pipeline)
    answers = true
    look(2000)
    t.match(generator.tally.counts, { sent: pipeline, lost: 0 }, name)
    look(6000)
    const { counts, errors } = generator.tally
    t.match(counts, { sent: 2 * pipeline, lost: pipeline }, name)
    t.same([...errors], [['no reply', { count: pipeline, example: 'none within 5000 ms' }]])
    for (const release of late) release()
    await until(() => counts.received >= 5)
    await end('now')
    t.equal(counts.lost, pipeline, name)
  }
})

t.test(
  'closed model: what others have overtaken is lost, what something else came for is wrong, and both are given up',
  async t => {
    let swapped = 0
    const server = await serve(t, (connection, data, number) => {
      if (number === 1) connection.send(data)
      else if (number === 2) connection.send('something else')
      if (number < 3) swapped++
    })
    const options = { connections: 1, pipeline: 3, warmUp: 0, duration: 1e6, drain: 0, replyTimeout: 20_000 }
    const { generator, look, end } = await begun(server.url, options)
    // Two places are free again, and were taken by others.
    const { counts, errors } = generator.tally
    await until(() => swapped >= 3 && counts.sent >= 6)
    look(30_000)
    t.match(counts, { received: 1, wrong: 1, lost: 4, sent: 9 })
    t.equal(errors.get('no reply')?.count, 3, 'of one that was overtaken others were answered')
    await end('now')
  },
)

t.test('with a rate: something else has come for all messages, and nothing more does', async t => {
  const server = await serve(t, connection => void connection.send('something else'))
  const options = { connections: 2, rate: 20, warmUp: 0, duration: 300, drain: 1e6 }
  const { generator, look, end } = await begun(server.url, options)
  await until(() => server.seen.length >= 6)
  const { counts } = generator.tally
  await until(() => counts.receivedOctets >= 6 * 14)
  look(2000)
  t.match(counts, { sent: 6, wrong: 6 })
  // Nothing is waited for any more.
  await end('when it is over')
  t.match(counts, { wrong: 6, unanswered: 0 })
})

t.test('a message that a user sends behind the end is planned and sent, but not in time', async t => {
  let reply = () => {}
  const server = await serve(t, (connection, data, number) => {
    reply = () => void connection.send(data)
    if (number > 0) reply()
  })
  const step = [{ send: 'x' }, { receive: { within: 60_000 } }]
  const scenario: Scenario = {
    warmUp: 0,
    phases: [{ duration: 100, rate: 10 }],
    classes: { all: { connections: 1, steps: [...step, ...step] } },
  }
  const [users] = scenarioSettings(scenario, {}, server.url).classes
  const generator = new Generator(users!.settings, whole)
  await generator.open()
  const running = generator.run(performance.now())
  await until(() => generator.fared !== undefined && server.seen.length === 1)
  reply()
  await running
  await generator.close()
  const { counts } = generator.tally
  t.match(counts, { planned: 2, plannedInTime: 1, sent: 2, sentInTime: 1, received: 2, receivedInTime: 0 })
  t.match(counts, { sentOctets: 2, sentOctetsInTime: 1 })
  t.ok(counts.sentWireOctets > counts.sentWireOctetsInTime && counts.sentWireOctetsInTime > 0)
})

t.test(
  'a plan lasts to its end, also where nothing is due any more: what is pushed then is of it, and seconds are',
  async t => {
    const push = (connection: { send(data: string): unknown }) => {
      const timer = setInterval(() => connection.send('tick'), 20)
      t.teardown(() => clearInterval(timer))
    }
    const server = await serve(t, echo, { handlers: { connection: push } })
    const plan = [
      { from: 20, to: 20, duration: 200 },
      { from: 0, to: 0, duration: 2000 },
    ]
    const report = await load(server.url, { connections: 1, warmUp: 0, rate: plan, drain: 0 })
    t.match(report, { seconds: 2.2, counts: { planned: 4, sent: 4, received: 4 }, perSecond: { length: 2 } })
    t.equal(report.rate.planned, 4 / 2.2)
    const { seconds } = report.generator.threads[0]!
    t.ok(seconds > 1, `watched for ${seconds} s`)
    const [first, second] = report.perSecond.map(({ counts }) => counts.other)
    t.ok(first! > 5 && second! > 5 && report.counts.other > first! + second!, `${first}, ${second}`)
  },
)

t.test('users who think when the last one has come go on as long as the plan lasts', async t => {
  const server = await serve(t, echo)
  const step = [{ send: 'x' }, { receive: {} }]
  const scenario: Scenario = {
    warmUp: 0,
    phases: [
      { duration: 100, rate: 30 },
      { duration: 700, rate: 0 },
    ],
    classes: { all: { connections: 5, steps: [...step, { think: 300 }, ...step] } },
  }
  const [users] = scenarioSettings(scenario, {}, server.url).classes
  const generator = new Generator(users!.settings, whole)
  await generator.open()
  await generator.run(performance.now())
  await generator.close()
  t.match(generator.tally.counts, { planned: 6, plannedInTime: 6, received: 6 })
  t.equal(generator.tally.times('iteration').count, 3)
})

t.test('with a rate a reply is waited for to the end, however late it is', async t => {
  let reply = () => {}
  const server = await serve(t, (connection, data) => {
    reply = () => void connection.send(data)
  })
  const options = { connections: 1, rate: 1, warmUp: 0, duration: 900 }
  const { generator, look, end } = await begun(server.url, options)
  await until(() => server.seen.length > 0)
  look(10_000)
  reply()
  await end('when it is over')
  t.match(generator.tally.counts, { sent: 1, received: 1, lost: 0 })
})
