/** Classes of a scenario that go through no steps: each does one of the workloads, and is counted by itself. */
import t from 'tap'
import { scenarioSettings } from '../../../src/load/scenario/parse-scenario.js'
import { loadScenario, type Scenario } from '../../../src/load.js'
import { serve } from '../known-servers.js'

const url = 'ws://127.0.0.1:9001'

function settingsOf(classes: string, phases = '[{ duration: 1s }]') {
  return scenarioSettings({ name: 'chat.yaml', text: `url: ${url}\nphases: ${phases}\nclasses:\n${classes}` }, {})
}

t.test('what is said of a workload becomes its options', async t => {
  const { classes } = settingsOf(`
  echoes: { workload: echo, size: 1.5KiB, random: 30%, text: true, pipeline: 4, replyTimeout: 2s }
  chance: { workload: echo, random: 1 }
  asks: { workload: request, message: { id: "{id}", n: [1, null] }, replyId: 'id=(\\d+)', replies: 2 }
  plain: { workload: download, message: get }
  all: { workload: broadcast, size: 64, toSender: false, connections: 3 }
  files: { workload: upload, size: 2MiB }
  more: { workload: upload }
  back: { workload: storm, backoff: { first: 10ms, longest: 1s }, cutAll: false }
  new: { workload: connect }
  held: { workload: idle }`)
  const settings = Object.fromEntries(classes.map(({ name, settings }) => [name, settings]))
  t.match(settings['echoes'], {
    workload: 'echo',
    size: 1536,
    randomness: 0.3,
    text: true,
    pipeline: 4,
    replyTimeout: 2000,
    duration: 1000,
  })
  t.match(settings['chance'], { randomness: 1, size: 128 })
  t.match(settings['asks'], {
    workload: 'request',
    request: { message: '{"id":"{id}","n":[1,null]}', replyId: 'id=(\\d+)', replies: 2 },
  })
  t.match(settings['plain'], { workload: 'download', request: { message: 'get' } })
  t.match(settings['all'], { workload: 'broadcast', size: 64, toSender: false, connections: 3 })
  t.match(settings['files'], { workload: 'upload', size: 2 ** 21 })
  t.match(settings['more'], { workload: 'upload', size: 2 ** 20 })
  t.match(settings['back'], { workload: 'storm', backoff: { first: 10, longest: 1000 }, cutAll: false })
  t.match(settings['new'], { workload: 'connect', script: { steps: [] } })
  t.equal(settings['held']?.workload, 'idle')
})

t.test('of a rate each has its share, but those that only hold connections', async t => {
  const { classes } = settingsOf(
    `
  users: { steps: [{ send: x }, { receive: {} }], weight: 2 }
  files: { workload: upload }
  new: { workload: connect }
  held: { workload: idle, weight: 7 }
  back: { workload: storm, weight: 7 }`,
    '[{ duration: 1s, rate: 0..100 }]',
  )
  t.same(
    classes.map(({ name, settings }) => [name, settings.segments?.at(-1)?.to]),
    [
      ['users', 50],
      ['files', 25],
      ['new', 25],
      ['held', undefined],
      ['back', undefined],
    ],
  )
})

t.test('what is made of connections only is a load of that workload, whatever its classes are called', async t => {
  for (const [classes, workload] of [
    ['  a: {}', 'idle'],
    ['  a: { connections: 2 }\n  b: { workload: idle, opening: [{ send: x }] }', 'idle'],
    ['  a: { workload: storm }', 'storm'],
    ['  a: { workload: storm }\n  b: {}', 'steps'],
    ['  a: { workload: echo }', 'steps'],
    ['  a: { steps: [{ send: x }, { receive: {} }] }\n  b: {}', 'steps'],
  ] as const) {
    t.equal(settingsOf(classes).workload, workload, classes)
  }
})

t.test('another workload is another scenario', async t => {
  const digest = (classes: string) => settingsOf(classes).scenario?.digest
  t.not(digest('  a: { workload: echo }'), digest('  a: { workload: echo, size: 1 }'))
  t.equal(digest('  a: { workload: echo }'), digest('  a: { workload: "echo" }'))
  t.not(digest('  a: { workload: echo }'), digest('  a: { workload: echo, headers: { b: c } }'))
  t.not(digest('  a: { workload: echo }'), digest('  a: { workload: echo, protocols: [b] }'))
  t.equal(digest('  a: { headers: { b: c } }'), digest('  a: { headers: { B: other } }'), 'values may be secret')
  t.equal(digest('  a: { protocols: [b] }'), digest('  a: { protocols: [c] }'), 'likewise')
})

const mistakes: [string, string, phases?: string][] = [
  ['  a: { workload: mixed }', 'chat.yaml:4:18: workload: expected one of echo, request, broadcast, idle, connect, '],
  ['  a: { size: 1KiB }', 'chat.yaml:4:14: size: size is said of a workload, and there is none here'],
  ['  a: { workload: echo, size: 1KB }', 'chat.yaml:4:30: size: expected a number of octets such as 128, 64KiB or'],
  ['  a: { workload: echo, size: 0.5 }', 'chat.yaml:4:30: size: expected a number of octets'],
  ['  a: { workload: echo, random: 130% }', 'chat.yaml:4:32: random: expected a share such as 30% or 0.3, got "130%"'],
  ['  a: { workload: echo, random: many }', 'chat.yaml:4:32: random: expected a share such as'],
  ['  a: { workload: echo, text: 1 }', 'chat.yaml:4:30: text: expected true or false'],
  ['  a: { workload: storm, backoff: 1s }', 'chat.yaml:4:34: backoff: expected a mapping of first and longest, times'],
  ['  a: { workload: storm, backoff: { first: 1s } }', 'chat.yaml:4:34: backoff: expected first and longest, times'],
  ['  a: { workload: storm, backoff: { longest: 1s } }', 'chat.yaml:4:34: backoff: expected first and longest, times'],
  ['  a: { workload: request }', 'chat.yaml:1:6: url: the workload request needs a `request`, such as {"id":"{id}"}'],
  [
    '  a: { workload: idle }',
    'chat.yaml:4:3: classes: expected a class with steps or a workload',
    '[{ duration: 1s, rate: 5 }]',
  ],
]
for (const [classes, message, phases] of mistakes) {
  t.test(`mistake: ${classes.trim()}`, async t => {
    const error = t.throws(() => settingsOf(classes, phases), { code: 'WS_INVALID_OPTION' }) as Error | false
    t.equal(error === false ? '' : error.message.slice(0, message.length), message)
  })
}

t.test('side by side: users, requests, uploads and connections, each with what the server saw of it', async t => {
  const seen: Record<string, number> = {}
  const server = await serve(t, (connection, data) => {
    const { path } = connection.request
    seen[path] = (seen[path] ?? 0) + 1
    if (path !== '/upload') connection.send(data)
  })
  const at = (path: string) => server.url.replace(/\/?$/, path)
  const scenario: Scenario = {
    warmUp: 0,
    drain: '20s',
    phases: [{ duration: 300, rate: 200 }],
    classes: {
      users: { url: at('/users'), connections: 4, steps: [{ send: 'x{number}' }, { receive: {} }] },
      asks: { url: at('/asks'), connections: 2, workload: 'request', message: { id: '{id}' } },
      files: { url: at('/upload'), connections: 2, workload: 'upload', size: '64KiB' },
      new: { url: at('/new'), workload: 'connect' },
      held: { url: at('/held'), connections: 3 },
    },
  }
  const { classes = {}, counts, errors } = await loadScenario(scenario)
  t.same(errors, [])
  for (const name of ['users', 'asks', 'files', 'new']) {
    t.match(classes[name]?.counts, { planned: 15, sent: 15, received: 15, lost: 0, missed: 0, unanswered: 0 }, name)
  }
  t.same(seen, { '/users': 15, '/asks': 15, '/upload': 15 })
  t.equal(classes['new']?.times.connect?.count, 15)
  t.equal(classes['new']?.times.rtt, undefined)
  t.equal(classes['files']?.counts.sentOctets, 15 * 65_536)
  t.equal(classes['held']?.counts.opened, 3)
  t.equal(counts.received, 60)
})
