/** Loads by scenarios, of servers of which it is known what they do: what the report says is what they saw. */
import t from 'tap'
import { firstSeconds } from '../../../src/load/scenario/phase-report.js'
import {
  type LoadReport,
  type LoadScenarioOptions,
  load,
  loadScenario,
  mergeReports,
  type Scenario,
  type ScenarioClass,
} from '../../../src/load.js'
import { echo, serve } from '../known-servers.js'

/** One class, ten users of which come within 100 ms; no warm-up: everything counts. */
function alone(one: ScenarioClass, rate: number | undefined = 100): Scenario {
  return { phases: [{ duration: 100, rate }], classes: { all: { connections: 2, ...one } }, warmUp: 0 }
}

function kinds({ errors }: LoadReport): Record<string, number> {
  return Object.fromEntries(errors.map(({ kind, count }) => [kind, count]))
}

t.test('users log in, ask with what they have captured, and replies are checked', async t => {
  const wrong: string[] = []
  let asked = 0
  const server = await serve(t, (connection, data) => {
    const { login, id, token, room } = JSON.parse(String(data)) as Record<string, string>
    if (login !== undefined) connection.send(JSON.stringify({ session: { token: `t-${login}` } }))
    else {
      asked++
      if (!/^t-user[01]$/.test(token!) || !/^(red|green)$/.test(room!)) wrong.push(String(data))
      connection.send('a tick that nobody asked for')
      connection.send(JSON.stringify({ id, 'o/k': true, echo: { room } }))
    }
  })
  const scenario = alone({
    values: { room: ['red', 'green'] },
    opening: [{ send: { login: 'user{connection}' } }, { receive: { capture: { token: '/session/token' } } }],
    steps: [
      { send: { id: '{id}', token: '{token}', room: '{room}' } },
      { receive: { match: { '/id': '{id}' }, check: { '/o~1k': true, '/echo/room': '{room}' } } },
    ],
  })
  const report = await loadScenario(scenario, { url: server.url })
  const { counts, times, classes, errors } = report
  t.same([wrong, errors], [[], []])
  t.equal(asked, 10)
  t.equal(server.seen.length, asked + 2)
  t.match(counts, { opened: 2, sent: asked, received: asked, expected: asked, lost: 0, wrong: 0 })
  t.equal(counts.other, asked, 'ticks')
  t.equal(times.rtt?.count, asked)
  t.equal(times.iteration?.count, asked)
  t.match(classes, { all: { counts: { ...counts } } })
})

t.test('with a rate users come when they are due; classes have their shares, phases their seconds', async t => {
  const server = await serve(t, echo)
  const steps = [{ send: 'x{number}' }, { receive: { match: '^x{number}$' } }]
  const scenario: Scenario = {
    url: server.url,
    warmUp: 0,
    phases: [
      { name: 'calm', duration: '1s', rate: 100 },
      { name: 'rush', duration: '1s', rate: '100..300/s' },
    ],
    classes: { many: { weight: 3, steps }, few: { steps, failIf: ['received > 0'] }, still: { connections: 2 } },
    failIf: ['many: sent < 1'],
  }
  const report = await loadScenario(scenario, { threads: 2 })
  const { counts, classes, phases, conditions, settings, times } = report
  t.equal(counts.planned, 300)
  t.equal(counts.received, server.seen.length)
  t.same([classes?.['many']?.counts.planned, classes?.['few']?.counts.planned], [225, 75])
  t.match(classes?.['still']?.counts, { opened: 2, planned: 0 })
  t.equal(times.lateness?.count, 300)
  t.same(
    phases?.map(({ name, duration }) => [name, duration]),
    [
      ['calm', 1000],
      ['rush', 1000],
    ],
  )
  t.same(
    conditions.map(({ failed, value }) => [failed, value]),
    [
      [false, 225],
      [true, 75],
    ],
  )
  t.equal(settings.connections, 22)
  // All of it comes back out of a file, and adds up.
  const again = JSON.parse(JSON.stringify(report)) as LoadReport
  const shard = (index: number) => ({ ...again, settings: { ...again.settings, shard: { index, count: 2 } } })
  const merged = mergeReports([shard(0), shard(1)])
  t.equal(merged.classes?.['many']?.counts.planned, 450)
  t.same(
    merged.phases?.map(({ counts }) => counts.sent),
    phases?.map(({ counts }) => counts.sent * 2),
  )
  const other = await load(server.url, { duration: 10, warmUp: 0 })
  t.same([other.classes, other.phases, other.settings.scenario], [undefined, undefined, undefined])
})

t.test('phases and seconds have what was due in them, to a message, and the errors of what came in them', async t => {
  let asked = 0
  const server = await serve(t, connection => void connection.send(asked++ % 5 === 0 ? 'no' : 'yes'))
  const scenario: Scenario = {
    url: server.url,
    warmUp: 0,
    threads: 2,
    phases: [
      { name: 'slow', duration: 1000, rate: 40 },
      { name: 'fast', duration: 1000, rate: 80 },
    ],
    classes: { all: { connections: 20, steps: [{ send: 'x' }, { receive: { name: 'it', check: 'yes' } }] } },
  }
  const { phases, perSecond, counts, errors } = await loadScenario(scenario)
  t.same(
    phases?.map(({ counts }) => [counts.planned, counts.sent]),
    [
      [40, 40],
      [80, 80],
    ],
  )
  t.same(
    perSecond.map(({ counts }) => counts.planned),
    [40, 80],
  )
  t.match(errors, [{ kind: 'check failed: it', count: 24 }])
  t.equal(counts.wrong, 24)
  for (const { name, counts, errors } of phases!) t.match(errors, [{ count: counts.wrong }], name)
  t.equal(
    phases!.map(({ counts }) => counts.wrong).reduce((a, b) => a + b),
    24,
  )
})

t.test('what a rush has done stands under the rush, however late it comes', async t => {
  let asked = 0
  const server = await serve(t, (connection, data, number) => {
    const reply = () => connection.send(data)
    // The last of the rush are answered when it is over, and after some of what came behind it.
    if (number < 20) setTimeout(reply, 710)
    else reply()
    asked++
  })
  const scenario: Scenario = {
    url: server.url,
    warmUp: 0,
    phases: [
      { name: 'rush', duration: 1000, rate: 20 },
      { name: 'after', duration: 1000, rate: 20 },
    ],
    classes: {
      users: { connections: 30, steps: [{ send: 'x' }, { receive: {} }] },
      echoes: { workload: 'echo', connections: 30, size: 20 },
    },
  }
  const { phases, perSecond, counts, times, classes } = await loadScenario(scenario)
  t.equal(asked, 40)
  t.same(
    phases!.map(({ counts, times }) => [counts.sent, counts.received, times.rtt?.count]),
    [
      [20, 20, 20],
      [20, 20, 20],
    ],
  )
  t.ok(phases![0]!.times.rtt!.min >= 700)
  t.same([counts.received, times.rtt?.count], [40, 40])
  t.same([classes?.['users']?.counts.received, classes?.['echoes']?.times.rtt?.count], [20, 20])
  // Over time they are where they came.
  t.ok(perSecond[0]!.counts.received <= 6, `${perSecond[0]!.counts.received}`)
})

t.test('a phase in which no second begins has none', async t => {
  const seconds = firstSeconds(
    [1000, 100, 1000].map((duration, i) => ({ name: String(i), duration })),
    1500,
  )
  t.same(seconds, [1, 3, 3])
  const server = await serve(t, echo)
  const { phases } = await loadScenario({
    url: server.url,
    warmUp: 0,
    phases: [300, 300, 600].map(duration => ({ duration, rate: 20 })),
    classes: { all: { connections: 2, steps: [{ send: 'x' }, { receive: {} }] } },
  })
  const [one, none, last] = phases!.map(({ counts }) => counts.received) as [number, number, number]
  t.same([none, one + last], [0, 24])
  t.ok(last >= 3 && last <= 5, `${last}`)
})

t.test('who finds all connections busy waits, and that counts', async t => {
  const held: (() => void)[] = []
  const server = await serve(t, (connection, data, number) => {
    held.push(() => connection.send(data))
    // The first is held until the others have long been due.
    if (number === 0) setTimeout(() => held.shift()!(), 100)
    else held.shift()!()
  })
  const scenario: Scenario = {
    url: server.url,
    warmUp: 0,
    phases: [{ duration: 50, rate: 100 }],
    classes: { all: { connections: 1, steps: [{ send: 'x' }, { receive: {} }] } },
  }
  const { counts, times } = await loadScenario(scenario)
  t.match(counts, { planned: 5, sent: 5, received: 5, missed: 0 })
  t.ok(times.rtt!.min >= 55, `${times.rtt!.min}: the last was due after 40 ms`)
  t.equal(times.lateness?.count, 5)
})

t.test('who still waits at the end has been missed', async t => {
  const server = await serve(t, () => {})
  const scenario: Scenario = {
    url: server.url,
    warmUp: 0,
    drain: 0,
    phases: [{ duration: 50, rate: 100 }],
    classes: { all: { connections: 1, steps: [{ send: 'x' }, { receive: {} }] } },
  }
  const report = await loadScenario(scenario)
  t.match(report.counts, { planned: 5, sent: 1, missed: 4, unanswered: 1 })
  t.match(kinds(report), { 'not begun: all connections were busy': 4 })
})

t.test('a reply that does not come is lost, one that is wrong is wrong, and the steps are given up', async t => {
  const server = await serve(t, (connection, data, number) => {
    if (number % 3 === 0) return
    connection.send(number % 3 === 1 ? 'no' : data)
  })
  const steps = [
    { send: 'yes' },
    { receive: { name: 'answer', check: '^yes$', within: '2s' } },
    { send: 'never' },
    { receive: { within: 1 } },
  ]
  // Users come one after the other, and the server counts: lost, wrong, right and then lost, wrong, right and …
  const report = await loadScenario(alone({ connections: 1, steps }), { url: server.url })
  t.same(kinds(report), { 'check failed: answer': 5, 'no reply: step 4': 4, 'no reply: answer': 1 })
  t.match(report.counts, { planned: 14, sent: 14, received: 4, wrong: 5, lost: 5, unanswered: 0 })
  t.equal(report.times.iteration, undefined)
})

t.test('values and captures are the same text on the wire, whatever characters they have', async t => {
  const texts: string[] = []
  const server = await serve(t, (connection, data) => {
    const message = JSON.parse(String(data)) as { who?: string; quote?: string }
    texts.push((message.who ?? message.quote)!)
    connection.send(data)
  })
  const who = 'O"Brien\\new\n{x}'
  const steps = [
    { send: { id: '{id}', who: '{who}', '{who}': [1, 'by {who}'] } },
    { receive: { match: { '/id': '{id}' }, check: { '/who': '{who}' }, capture: { list: `/${who}`, say: '/who' } } },
    { send: { id: '{id}', quote: '{list}{say}' } },
    { receive: { match: { '/id': '{id}' }, check: { '/quote': '{list}{say}' } } },
  ]
  const scenario = alone({ connections: 1, values: { who: [who] }, steps }, 20)
  const { counts, errors } = await loadScenario(scenario, { url: server.url })
  t.same([counts.received, errors], [4, []])
  const list = JSON.stringify([1, `by ${who}`])
  const [first, second] = texts
  t.equal(first, who)
  t.equal(second, list + who)
})

t.test('what is to be captured and is not there', async t => {
  const server = await serve(t, connection => void connection.send('{"a":{"b":null}}'))
  const rows: [Record<string, string>, boolean][] = [
    [{ x: '/a/b' }, true],
    [{ x: '/a' }, true],
    [{ x: '"(b)"' }, true],
    [{ x: '/a/c' }, false],
    [{ x: '/a/b/c' }, false],
    [{ x: '(c)' }, false],
  ]
  for (const [capture, there] of rows) {
    const report = await loadScenario(alone({ steps: [{ send: 'x' }, { receive: { capture } }] }), {
      url: server.url,
    })
    t.equal(kinds(report)['nothing to capture as x: step 2'] ?? 0, there ? 0 : 10, JSON.stringify(capture))
    t.equal(report.counts.received, there ? 10 : 0)
  }
  const text = await serve(t, connection => void connection.send('no JSON'))
  const report = await loadScenario(alone({ steps: [{ send: 'x' }, { receive: { capture: { x: '/a' } } }] }), {
    url: text.url,
  })
  t.equal(report.counts.received, 0)
})

t.test('several replies, out of order, some before they are asked for', async t => {
  const server = await serve(t, connection => {
    for (const text of ['c1', 'b', 'a', 'c2', 'other']) connection.send(text)
  })
  const steps = [
    { send: 'go', binary: true, name: 'go' },
    { receive: { match: '^a$' } },
    { think: 1 },
    { receive: { match: 'b' } },
    { receive: { of: 'go', match: 'c', count: 2 } },
  ]
  const { counts, times, errors } = await loadScenario(alone({ steps }), { url: server.url })
  t.same(errors, [])
  t.equal(counts.sent, 10)
  t.ok(server.seen.every(({ text }) => !text))
  t.equal(counts.received, 4 * counts.sent)
  t.equal(counts.expected, counts.received)
  t.equal(times.rtt?.count, 2 * counts.sent, 'nobody knows whose b is')
  t.equal(times.iteration?.count, counts.sent)
  t.equal(times.firstReply?.count, counts.sent)
  t.equal(counts.other, counts.sent)
})

t.test('what nobody asks for is not kept for ever', async t => {
  const server = await serve(t, connection => {
    for (let i = 0; i < 100; i++) connection.send(`tick ${i}`)
    connection.send('end')
  })
  const steps = [
    { send: 'go' },
    { receive: { match: 'end' } },
    { receive: { match: 'tick 50' } },
    { receive: { match: 'tick 3$', within: 5 } },
  ]
  const report = await loadScenario(alone({ connections: 1, steps }), { url: server.url })
  t.equal(report.counts.sent, 10)
  t.equal(report.counts.received, 2 * report.counts.sent)
  t.equal(kinds(report)['no reply: step 4'], report.counts.sent)
})

t.test('opening: a greeting is waited for; who is turned away takes no part', async t => {
  let number = 0
  const server = await serve(t, echo, {
    handlers: { connection: connection => void connection.send(number++ === 0 ? 'welcome' : 'go away') },
  })
  const opening = [{ receive: { check: 'welcome', name: 'greeting' } }, { think: 1 }]
  const steps = [{ send: 'x' }, { receive: {} }]
  const report = await loadScenario(alone({ opening, steps }), { url: server.url })
  t.same(kinds(report), { 'check failed: greeting': 1 })
  t.equal(report.counts.wrong, 0, 'before the load')
  t.same([report.counts.sent, report.counts.received], [10, 10])
})

t.test('nobody can log in: those connections are ended, and nothing was measured, with rates and without', async t => {
  const server = await serve(t, echo)
  const turnedAway: ScenarioClass = {
    opening: [{ receive: { match: 'x', within: 1 } }],
    steps: [{ send: 'x' }, { receive: {} }],
  }
  for (const phase of [{ duration: 60_000, rate: 100 }, { duration: 60_000 }]) {
    const scenario = { ...alone(turnedAway), phases: [phase] }
    const { counts, interruptedBy, verdict, errors } = await loadScenario(scenario, { url: server.url })
    t.match(counts, { opened: 2, failed: 0, sent: 0, dropped: 0 })
    t.match([interruptedBy, verdict], ['disconnected', { measured: false }])
    t.match(errors, [{ kind: 'no reply: step 1', count: 2 }])
  }
  // Others are there, but not for those who were due.
  const beside: Scenario = {
    warmUp: 0,
    phases: [{ duration: 100, rate: 100 }],
    classes: { users: { connections: 2, ...turnedAway }, held: { connections: 1 } },
  }
  const { counts, interrupted, verdict, errors } = await loadScenario(beside, { url: server.url })
  t.match(counts, { opened: 3, planned: 10, missed: 10 })
  t.match([interrupted, verdict], [false, { measured: false }])
  t.match(errors, [{ kind: 'not sent: no connection', count: 10 }, {}])
  t.same(await server.ended(7), [1006, 1006, 1006, 1006, 1006, 1006, 1000])
})

t.test('a connection that ends takes its user with it', async t => {
  const server = await serve(t, (connection, data, number) => {
    if (number === 5) connection.terminate()
    else connection.send(data)
  })
  const scenario = alone({ connections: 1, steps: [{ send: 'x' }, { receive: {} }, { send: 'y' }, { receive: {} }] })
  const report = await loadScenario(scenario, { url: server.url })
  t.match(report.counts, { sent: 6, received: 5, lost: 1, dropped: 1 })
  t.equal(report.counts.missed, 7, 'users who came later')
})

t.test('without a rate each connection begins again and again, until it is over', async t => {
  const end = new AbortController()
  const server = await serve(t, (connection, data, number) => {
    connection.send(data)
    if (number === 40) end.abort()
  })
  const steps = [{ send: 'x{number}' }, { receive: { match: '^x{number}$' } }]
  const scenario = { ...alone({ steps }), phases: [{ duration: '1min' }] }
  const { counts, times, interrupted } = await loadScenario(scenario, { url: server.url, signal: end.signal })
  t.equal(interrupted, true)
  t.ok(counts.sent > 40)
  t.equal(counts.received + counts.unanswered, counts.sent)
  t.equal(times.iteration?.count, counts.received)
  t.equal(times.lateness, undefined, 'nothing was due')
})

t.test('nobody begins to think when the time is over', async t => {
  const server = await serve(t, (connection, data) => void setTimeout(() => connection.send(data), 150))
  const steps = [{ send: 'x' }, { think: 1 }, { receive: {} }, { think: '1h' }, { send: 'never' }, { receive: {} }]
  const { counts, times } = await loadScenario(alone({ steps, connections: 10 }), { url: server.url })
  t.equal(server.seen.length, 10)
  t.match(counts, { sent: 10, received: 10, unanswered: 0 })
  t.equal(times.iteration, undefined)
})

t.test('what happens in the warm-up does not count', async t => {
  const server = await serve(t, echo)
  const scenario = { ...alone({ steps: [{ send: 'x' }, { receive: {} }] }), warmUp: 100 }
  const report = await loadScenario(scenario, { url: server.url })
  t.equal(server.seen.length, 20)
  t.match(report.counts, { sent: 10, received: 10 })
  t.match(report.phases, [{ name: 'phase 1', counts: { sent: 10 } }])
})

t.test(
  'what goes wrong with what was due in the warm-up is no error of the load; who cannot log in is one',
  async t => {
    let logins = 0
    let asked = 0
    const server = await serve(t, (connection, data) => {
      const login = String(data) === 'log in'
      const number = login ? logins++ : asked++
      if (login) connection.send(number === 0 ? 'no' : 'ok')
      // The last one of the warm-up has no reply.
      else if (number !== 9) connection.send(number < 9 ? 'bad' : 'ok')
    })
    const opening = [{ send: 'log in' }, { receive: { check: '^ok$', name: 'log-in' } }]
    const steps = [{ send: 'x' }, { receive: { check: '^ok$', within: 500 } }]
    const failIf = ['errors > 1', 'wrong > 0', 'all: errors > 1']
    const scenario = { ...alone({ opening, steps }), warmUp: 100, failIf }
    const report = await loadScenario(scenario, { url: server.url })
    const { counts, conditions, classes, phases } = report
    t.match(conditions, [{ failed: false }, { failed: false }, { failed: false }])
    t.match(counts, { sent: 10, received: 10, wrong: 0, lost: 0 })
    t.same(kinds(report), { 'check failed: log-in': 1 })
    t.match(classes, { all: { errors: [{ kind: 'check failed: log-in', count: 1 }] } })
    t.match(phases, [{ counts: { wrong: 0 } }])
    t.equal(asked, 20, 'half of them in the warm-up')
  },
)

t.test('ended before it began', async t => {
  const server = await serve(t, echo)
  const scenario = alone({ steps: [{ send: 'x' }, { receive: {} }] })
  const { counts, generator } = await loadScenario(scenario, { url: server.url, signal: AbortSignal.abort() })
  t.same([counts.sent, generator.threads], [0, []])
})

t.test('a program that gives it something else is told what, before anything is opened', async t => {
  const scenario = { ...alone({ steps: [{ send: 'x' }, { receive: {} }] }), url: 'ws://127.0.0.1:1' }
  const rows: [given: unknown, options: unknown, message: string][] = [
    [scenario, null, 'options is an object'],
    [scenario, { foo: 1 }, "options has no option 'foo'"],
    [scenario, { rate: 5 }, "options has no option 'rate'"],
    [scenario, { duration: 5 }, "options has no option 'duration'"],
    [scenario, { onSecond: 5 }, 'onSecond is a function'],
    [scenario, { signal: 5 }, 'signal is an AbortSignal'],
    [scenario, { exporters: [{}] }, 'exporters is a list of exporters'],
    [scenario, { samples: 'x' }, "samples is a writable stream, and 'csv' or 'ndjson'"],
    [scenario, { url: 5 }, 'url is text'],
    ['chat.yaml', {}, 'scenario: expected an object, or the text of a file as { text, name }, got "chat.yaml"'],
    [null, {}, 'scenario: expected an object, or the text of a file as { text, name }, got null'],
    [{ text: 5, name: 'x' }, {}, 'scenario: expected text and name of a file, both text, got a mapping'],
    [{ text: '' }, {}, 'scenario: expected text and name of a file, both text, got a mapping'],
  ]
  for (const [given, options, message] of rows) {
    const told = loadScenario(given as Scenario, options as LoadScenarioOptions)
    await t.rejects(told, { code: 'WS_INVALID_OPTION', message })
  }
})
