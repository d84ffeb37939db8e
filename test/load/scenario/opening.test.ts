/** Opening steps before a workload, and peers that do not behave, each of a class: what the server sees of both. */
import t from 'tap'
import type { WebSocketConnection } from '../../../src/index.js'
import { EchoMessages } from '../../../src/load/echo-messages.js'
import { Generator } from '../../../src/load/generator.js'
import { eventLoop } from '../../../src/load/pacer.js'
import { RequestMessages } from '../../../src/load/request-messages.js'
import { OpenedExchange, Opening } from '../../../src/load/scenario/opening.js'
import { scenarioSettings } from '../../../src/load/scenario/parse-scenario.js'
import { Tally } from '../../../src/load/tally.js'
import { loadScenario, type Scenario, type ScenarioStep } from '../../../src/load.js'
import { serve } from '../known-servers.js'
import { Told } from '../told.js'

const opening: ScenarioStep[] = [
  { send: 'login {connection} {room}' },
  { receive: { name: 'answer', match: '^(welcome|sorry)', check: '^welcome', capture: { token: 'welcome (.*)' } } },
  { think: 1 },
  { send: 'join {token}', binary: true },
  { receive: { match: '^joined' } },
]

/** A server for those who have logged in, and then joined; `logins` by path, with what each has said. Others are told at once. */
async function guarded(t: { teardown(callback: () => unknown): unknown }, lets = (_: string) => true) {
  const logins = new Map<string, string[]>()
  const seen = new Map<string, number>()
  const joined = new Set<WebSocketConnection>()
  const server = await serve(t, (connection, data, _) => {
    const { path } = connection.request
    if (joined.has(connection)) {
      seen.set(path, (seen.get(path) ?? 0) + 1)
      if (path !== '/upload') connection.send(data)
      return
    }
    const [kind, name = ''] = String(data).split(' ')
    if (kind === 'login') {
      logins.set(path, [...(logins.get(path) ?? []), String(data)])
      connection.send(lets(name) ? `welcome t${name}` : 'sorry')
    } else if (kind === 'join' && typeof data !== 'string') {
      joined.add(connection)
      connection.send('joined')
    } else throw new Error(`not logged in: ${data}`)
  })
  return { at: (path: string) => server.url.replace(/\/?$/, path), logins, seen, joined, server }
}

t.test('what the workload has waited for too long is given up', async t => {
  const script = { opening: [], steps: [], values: [] }
  const steps = new Opening({ script, tally: new Tally(), world: eventLoop, random: () => 0 }, 0)
  const exchange = new OpenedExchange(steps, new EchoMessages(false, Buffer.alloc(10)))
  exchange.next(1, 2)
  const lost: number[] = []
  exchange.expire(3, due => lost.push(due), 5)
  t.same([lost, exchange.underWay], [[1], 0])
})

t.test('what comes in parts is that of the workload only behind them', async t => {
  const script = { opening: [{ kind: 'think', time: { from: 1, to: 1 } }], steps: [], values: [] } as const
  const calls: (() => void)[] = []
  const after = (_: number, call: () => void) => {
    calls.push(call)
    return () => {}
  }
  const world = { ...eventLoop, after }
  const steps = new Opening({ script, tally: new Tally(), world, random: () => 0 }, 0)
  const owner = Object.assign(new Told(), { send: () => true })
  const exchange = new OpenedExchange(steps, new RequestMessages({ message: 'get' }, 0, true))
  const joined = exchange.join(owner)
  exchange.arriving(1)
  for (const call of calls) call()
  await joined
  exchange.next(2, 2)
  exchange.receive(Buffer.from('whole'), 3, owner, true)
  exchange.next(4, 4)
  exchange.arriving(5)
  exchange.receive(Buffer.from('in parts'), 6, owner, true)
  t.same(owner.take(), ['began 2 3', 'answered 2 2 3', 'began 4 5', 'answered 4 4 6'])
  // Echoes do not ask when they begin.
  const echoes = new OpenedExchange(steps, new EchoMessages(false, Buffer.alloc(10)))
  echoes.next(7, 7)
  echoes.arriving(8)
  t.equal(echoes.awaited, 1)
})

t.test('stopped while they wait for replies: all are given up at once, and closed with 1001', async t => {
  const abort = new AbortController()
  let logins = 0
  const server = await serve(t, () => {
    if (++logins === 8) abort.abort()
  })
  const never: ScenarioStep[] = [{ send: 'login' }, { receive: { match: '^welcome', within: '1h' } }]
  const report = await loadScenario(
    {
      url: server.url,
      phases: [{ duration: '1min', rate: 5 }],
      classes: {
        users: { connections: 3, opening: never, steps: [{ send: 'hello' }] },
        others: { connections: 5, workload: 'echo', opening: never, slowReaders: 0.4 },
      },
    },
    { signal: abort.signal },
  )
  t.match(report, { interruptedBy: 'signal', perSecond: [], errors: [], closeCodes: { 1001: 6 } })
  t.match(report.counts, { opened: 6, failed: 0, sent: 0, unanswered: 0, lost: 0, dropped: 0 })
  t.match(report.badPeers.slowReaders, { connections: 2, counts: { opened: 2, failed: 0, dropped: 0 } })
  t.same((await server.ended(8)).toSorted(), [1001, 1001, 1001, 1001, 1001, 1001, 1006, 1006])
})

t.test('each workload begins behind them, and does not count them', async t => {
  const { at, logins, seen } = await guarded(t)
  const values = { room: ['red'] }
  const scenario: Scenario = {
    warmUp: 0,
    drain: '20s',
    phases: [{ duration: 300, rate: 300 }],
    classes: {
      echoes: { url: at('/echo'), connections: 4, workload: 'echo', text: true, opening, values },
      asks: { url: at('/ask'), connections: 2, workload: 'request', message: { id: '{id}' }, opening, values },
      files: { url: at('/upload'), connections: 2, workload: 'upload', size: '64KiB', opening, values },
      loads: { url: at('/load'), connections: 2, workload: 'download', message: 'get', opening, values },
      rooms: { url: at('/room'), connections: 1, workload: 'broadcast', opening, values },
      new: { url: at('/new'), workload: 'connect', opening, values },
      held: { url: at('/held'), connections: 3, opening, values },
    },
  }
  const { classes = {}, errors } = await loadScenario(scenario)
  t.same(errors, [])
  const logged = (path: string) => logins.get(path)?.sort()
  for (const [name, path, connections] of [
    ['echoes', '/echo', 4],
    ['asks', '/ask', 2],
    ['files', '/upload', 2],
    ['loads', '/load', 2],
    ['rooms', '/room', 1],
  ] as const) {
    const { counts, times } = classes[name]!
    t.match(counts, { opened: connections, planned: 15, sent: 15, received: 15, lost: 0, missed: 0, other: 0 }, name)
    t.equal(seen.get(path), 15, name)
    t.equal(times.rtt!.count, 15)
    t.same(
      logged(path),
      Array.from({ length: connections }, (_, i) => `login ${i} red`),
      name,
    )
  }
  // Each connection of these is a new one.
  t.match(classes['new']!.counts, { planned: 15, sent: 15, received: 15, lost: 0 })
  t.equal(logged('/new')?.length, 15)
  t.equal(classes['held']!.counts.opened, 3)
  t.same(logged('/held'), ['login 0 red', 'login 1 red', 'login 2 red'])
})

t.test('a storm: who comes back logs in again', async t => {
  const { at, logins, joined } = await guarded(t)
  const abort = new AbortController()
  const scenario: Scenario = {
    url: at('/'),
    warmUp: 0,
    phases: [{ duration: '1min' }],
    classes: {
      all: { workload: 'storm', connections: 3, backoff: { first: 1, longest: 10 }, opening, values: { room: [1] } },
    },
  }
  const over = loadScenario(scenario, { signal: abort.signal })
  while (joined.size < 6) await new Promise(resolve => setImmediate(resolve))
  // Whoever answers has read that it has joined.
  await Promise.all([...joined].slice(3).map(connection => connection.ping()))
  abort.abort()
  const report = await over
  t.match(report.counts, { opened: 6, dropped: 0, planned: 3, received: 3, unanswered: 0 })
  t.equal(logins.get('/')!.length, 6)
  t.equal(joined.size, 6)
})

t.test('a storm: a server that ends those that log in again, each of which is back once', async t => {
  let logins = 0
  let back = 0
  const abort = new AbortController()
  const server = await serve(t, (connection, data) => {
    const login = ++logins
    if (login > 3 && login <= 6) connection.close(1013)
    else connection.send(data)
    // Whoever answers has read that it is back.
    if (login > 6) void connection.ping().then(() => ++back === 3 && abort.abort())
  })
  const backoff = { first: 1, longest: 10 }
  const steps: ScenarioStep[] = [{ send: 'login' }, { receive: { within: '1h' } }]
  const report = await loadScenario(
    {
      url: server.url,
      warmUp: 0,
      phases: [{ duration: '1min' }],
      classes: { all: { workload: 'storm', connections: 3, backoff, opening: steps } },
    },
    { signal: abort.signal },
  )
  t.match(report.counts, { opened: 9, dropped: 3, planned: 3, received: 3, unanswered: 0 })
  t.equal(logins, 9)
})

t.test('a storm: where nobody can log in nobody is to come back, and that ends it', async t => {
  const { at, logins } = await guarded(t, () => false)
  const report = await loadScenario({
    url: at('/'),
    phases: [{ duration: '1h' }],
    classes: { all: { workload: 'storm', connections: 3, opening, values: { room: [1] } } },
  })
  t.match(report, { interruptedBy: 'disconnected', verdict: { measured: false } })
  t.match(report.counts, { opened: 3, dropped: 0, planned: 0 })
  t.equal(logins.get('/')!.length, 3)
})

t.test('a storm: who once was there comes back, whatever becomes of the first attempts', async t => {
  let asked = 0
  const { at } = await guarded(t, () => ++asked <= 2)
  const scenario: Scenario = {
    warmUp: 0,
    phases: [{ duration: '1h' }],
    classes: {
      all: {
        workload: 'storm',
        connections: 2,
        backoff: { first: '1ms', longest: '1ms' },
        opening,
        values: { room: [1] },
      },
    },
  }
  const [storm] = scenarioSettings(scenario, {}, at('/')).classes
  const generator = new Generator(storm!.settings, { index: 0, count: 1 })
  await generator.open()
  const running = generator.run(performance.now())
  const { counts, errors } = generator.tally
  let deserted = false
  while ((errors.get('check failed: answer')?.count ?? 0) < 4) {
    deserted ||= generator.isDeserted
    await new Promise(resolve => setImmediate(resolve))
  }
  t.equal(deserted, false)
  generator.stop()
  await running
  await generator.close()
  t.match(counts, { planned: 2, received: 0, unanswered: 2, dropped: 0 })
})

t.test('a storm, over while they log in again: nobody of them is back', async t => {
  let logins = 0
  const abort = new AbortController()
  const server = await serve(t, (connection, data) => {
    if (++logins <= 3) connection.send(data)
    if (logins === 6) abort.abort()
  })
  const steps: ScenarioStep[] = [{ send: 'login' }, { receive: { within: '1h' } }]
  const backoff = { first: 1, longest: 10 }
  const report = await loadScenario(
    {
      url: server.url,
      warmUp: 0,
      phases: [{ duration: '1min' }],
      classes: { all: { workload: 'storm', connections: 3, backoff, opening: steps } },
    },
    // One is closed after the other.
    { signal: abort.signal, opening: 1 },
  )
  t.match(report.counts, { opened: 6, planned: 3, expected: 3, received: 0, unanswered: 3, dropped: 0 })
  t.equal(report.times.reconnect, undefined)
})

t.test('who cannot log in has no part: it is ended, and what was planned for it is missed', async t => {
  const { at, seen } = await guarded(t, name => name === '0')
  const report = await loadScenario({
    url: at('/'),
    warmUp: 0,
    phases: [{ duration: 200, rate: 100 }],
    classes: { all: { workload: 'echo', connections: 2, opening, values: { room: ['red'] } } },
  })
  t.match(report.counts, { opened: 2, planned: 20, sent: 10, received: 10, missed: 10, dropped: 0 })
  t.match(report.errors, [
    { kind: 'not sent: no connection', count: 10 },
    { kind: 'check failed: answer', count: 1, example: 'sorry' },
  ])
  t.equal(seen.get('/'), 10)
})

t.test('connections of which each is to log in: those that cannot are lost', async t => {
  const silent = await serve(t, () => {})
  const steps: ScenarioStep[] = [{ send: 'login' }, { receive: { name: 'welcome', within: 200 } }]
  const report = await loadScenario({
    url: silent.url,
    warmUp: 0,
    phases: [{ duration: 100, rate: 50 }],
    classes: { all: { workload: 'connect', opening: steps } },
  })
  t.match(report.counts, { planned: 5, received: 0, lost: 5 })
  t.match(report.errors, [{ kind: 'no reply: welcome', count: 5, example: 'none within 200 ms' }])
})

t.test('connections that still log in when all is over are not opened, and not waited for', async t => {
  for (const rate of [undefined, 50]) {
    for (const stopped of [false, true]) {
      const abort = new AbortController()
      let logins = 0
      const server = await serve(t, () => {
        if (++logins === 2 && stopped) abort.abort()
      })
      const never: ScenarioStep[] = [{ send: 'login' }, { receive: { match: '^welcome', within: '1h' } }]
      const report = await loadScenario(
        {
          url: server.url,
          warmUp: 0,
          drain: 100,
          phases: [{ duration: stopped ? '1min' : 100, rate }],
          classes: { new: { workload: 'connect', connections: 2, opening: never } },
        },
        { signal: abort.signal },
      )
      const { expected, opened, unopened, received, lost, unanswered, dropped } = report.counts
      const name = `${rate} ${stopped}`
      t.same([received, lost, dropped, unanswered], [0, 0, 0, expected], name)
      t.equal(opened + unopened, expected, name)
      t.match(report, { closeCodes: { 1001: opened }, errors: [] }, name)
    }
  }
})

t.test('peers that do not behave log in as the others do, each with a number of its own', async t => {
  const { at, logins, seen } = await guarded(t)
  const { badPeers, counts, errors } = await loadScenario({
    warmUp: 0,
    phases: [{ duration: 500, rate: 80 }],
    classes: {
      echoes: {
        url: at('/echo'),
        workload: 'echo',
        connections: 8,
        slowReaders: '25%',
        opening,
        values: { room: [1] },
      },
      users: {
        url: at('/users'),
        connections: 8,
        halfOpen: 0.125,
        resetting: '25%',
        opening,
        values: { room: [2] },
        steps: [{ send: 'x' }, { receive: {} }],
      },
    },
  })
  t.same(errors, [])
  t.match(counts, { opened: 11, planned: 40, sent: 40, received: 40 })
  t.match(badPeers.slowReaders, { connections: 2, counts: { opened: 2, failed: 0, dropped: 0 } })
  t.ok(badPeers.slowReaders!.counts.sent >= 4096)
  t.match(badPeers.halfOpen, { connections: 1, counts: { opened: 1, failed: 0, sent: 0 } })
  t.match(badPeers.resetting, { connections: 2, counts: { failed: 0, sent: 0 } })
  const names = (path: string) => [...new Set(logins.get(path)!.map(login => login.split(' ')[1]))].sort()
  t.same(names('/echo'), ['0', '1', '2', '3', '4', '5', '6', '7'])
  t.same(names('/users'), ['0', '1', '2', '3', '4', '5', '6', '7'])
  t.equal(seen.get('/users'), 20, 'nothing but the steps')
})

t.test('peers that do not behave, and that may not log in', async t => {
  const { at } = await guarded(t, name => Number(name) < 6)
  const { badPeers, counts } = await loadScenario({
    url: at('/'),
    warmUp: 0,
    phases: [{ duration: 100 }],
    classes: { all: { connections: 8, halfOpen: '25%', opening, values: { room: [1] } } },
  })
  t.match(counts, { opened: 6 })
  t.match(badPeers.halfOpen, { connections: 2, counts: { opened: 2, failed: 2, dropped: 0 } })
})

t.test('who is logging in when the run ends has not failed', async t => {
  const known = new Set<string>()
  const { at } = await guarded(t, name => known.size < known.add(name).size)
  const again: ScenarioStep[] = [{ send: 'login {connection} 1' }, { receive: { match: '^welcome', within: '1min' } }]
  const { badPeers } = await loadScenario({
    url: at('/'),
    warmUp: 0,
    phases: [{ duration: 1500 }],
    classes: { all: { connections: 8, resetting: '50%', opening: again } },
  })
  const { connections, counts } = badPeers.resetting!
  t.match({ connections, counts }, { connections: 4, counts: { failed: 0, dropped: 0 } })
  t.ok(counts.opened > 4, `${counts.opened}`)
})

t.test('opening steps that cannot leave', async t => {
  const server = await serve(t, () => {})
  const { counts, errors } = await loadScenario({
    url: server.url,
    warmUp: 0,
    phases: [{ duration: 100 }],
    // More than may wait in a socket, all of it in one turn.
    classes: { all: { connections: 1, opening: [{ repeat: 100, steps: [{ send: 'x'.repeat(2 ** 17) }] }] } },
  })
  t.match(counts, { opened: 1, sent: 0, sentOctets: 0 })
  t.same(errors, [{ kind: 'not sent: the server does not read', count: 1, example: 'a message of the opening steps' }])
})

t.test('the server ends those that were logging in', async t => {
  const server = await serve(t, connection => void connection.close(1008))
  const { badPeers, counts, errors } = await loadScenario({
    url: server.url,
    warmUp: 0,
    phases: [{ duration: 100 }],
    classes: {
      all: { workload: 'echo', connections: 8, slowReaders: '25%', opening: [{ send: 'x' }, { receive: {} }] },
    },
  })
  t.match(counts, { opened: 6, sent: 0 })
  t.ok(errors.some(({ kind, count }) => kind === 'closed with 1008' && count === 6))
  t.match(badPeers.slowReaders, { counts: { opened: 2, dropped: 2 }, closeCodes: { 1008: 2 } })
})

const url = 'ws://127.0.0.1:9001'
function settingsOf(classes: string) {
  return scenarioSettings(
    { name: 'chat.yaml', text: `url: ${url}\nphases: [{ duration: 1s }]\nclasses:\n${classes}` },
    {},
  )
}

t.test('shares of a class are those of its settings, and another share is another scenario', async t => {
  const { classes, badPeers } = settingsOf(`
  a: { workload: echo, connections: 20, slowReaders: 5%, slowWriters: 0.1, halfOpen: 0%, resetting: 10% }
  b: { steps: [{ send: x }, { receive: {} }], slowReaders: 20% }
  c: {}`)
  const shares = { slowReaders: 0.05, slowWriters: 0.1, halfOpen: 0, resetting: 0.1 }
  t.same(
    classes.map(({ settings }) => settings.badPeers),
    [shares, { slowReaders: 0.2 }, {}],
  )
  t.same(badPeers, {})
  const digest = (text: string) => settingsOf(text).scenario?.digest
  t.not(digest('  a: { connections: 20, halfOpen: 5% }'), digest('  a: { connections: 20, halfOpen: 10% }'))
})

const mistakes: [classes: string, message: string][] = [
  [
    '  a: { workload: echo, slowReaders: many }',
    'chat.yaml:4:37: slowReaders: expected a share such as 30% or 0.3, got "many"',
  ],
  ['  a: { workload: echo, halfOpen: 1% }', 'chat.yaml:1:6: url: `halfOpen` have none of 10 connections'],
  [
    '  a: { workload: echo, halfOpen: 60%, resetting: 40% }',
    'chat.yaml:1:6: url: `badPeers` are all of the connections',
  ],
  ['  a: { workload: storm, halfOpen: 20% }', 'chat.yaml:1:6: url: `badPeers` do not go with the workload storm'],
  [
    '  a: { steps: [{ send: x }, { receive: {} }], slowWriters: 20% }',
    'chat.yaml:4:60: slowWriters: slowWriters write the messages of a workload, and there are steps here',
  ],
  [
    '  a: { workload: echo, steps: [{ send: x }, { think: 1s }] }',
    'chat.yaml:4:31: steps: a class has a workload or steps, and not both',
  ],
  [
    '  a: { workload: echo, values: { b: [c] } }',
    'chat.yaml:4:32: values: values stand in what steps send, and there are none here',
  ],
  ['  a: { workload: echo, opening: [{ send: "{b}" }] }', 'chat.yaml:4:42: send: there is no {b} here; there are {id}'],
]
for (const [classes, message] of mistakes) {
  t.test(`mistake: ${classes.trim()}`, async t => {
    const error = t.throws(() => settingsOf(classes), { code: 'WS_INVALID_OPTION' }) as Error | false
    t.equal(error === false ? '' : error.message.slice(0, message.length), message)
  })
}
