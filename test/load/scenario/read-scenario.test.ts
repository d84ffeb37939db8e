/** Scenario files: what they come to, and for each mistake the line, the column and what was expected. */
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { scenarioSettings } from '../../../src/load/scenario/parse-scenario.js'
import { defineScenario, type Scenario } from '../../../src/load.js'

const url = 'ws://127.0.0.1:9001'

function settingsOf(text: string, name = 'chat.yaml') {
  return scenarioSettings({ text, name }, {})
}

t.test('phases and classes become plans, connections and steps', async t => {
  const settings = settingsOf(`
url: ${url}/chat
headers: { x-token: 12 }
protocols: [chat]
arrival: poisson
phases:
  - { name: calm, duration: 10s, rate: 100 }
  - { duration: 1.5s, rate: 100..400/s }
classes:
  writers:
    weight: 3
    connections: 6
    headers: { x-kind: writer }
    values: { room: [red, 7] }
    steps:
      - send: { id: "{id}", room: "{room}" }
        binary: true
      - receive: { name: answer, match: { /id: "{id}", /ok: true }, capture: { token: /token, part: 'p=(\\d+)' }, count: 2 }
      - think: 1s..2s
      - repeat: 2
        steps:
          - send: "{token}{part}{number}"
          - think: { mean: 1min }
          - receive: { check: "^{token}$", within: 1.5s }
    failIf: ['rtt.p99 > 20ms']
  readers:
    protocols: [other]
    opening: [{ send: hello }, { receive: {} }]
    steps: [{ send: x }]
  holders:
    url: ${url}/quiet
    connections: 3
failIf: [lost > 0]
`)
  t.match(settings, {
    workload: 'steps',
    connections: 19,
    duration: 11_500,
    warmUp: 3000,
    arrival: 'poisson',
    failIf: ['lost > 0', 'writers: rtt.p99 > 20ms'],
    segments: [
      { from: 100, to: 100, duration: 3000 },
      { from: 100, to: 100, duration: 10_000 },
      { from: 100, to: 400, duration: 1500 },
    ],
    scenario: {
      phases: [
        { name: 'calm', duration: 10_000 },
        { name: 'phase 2', duration: 1500 },
      ],
    },
  })
  const [writers, readers, holders] = settings.classes
  t.same(
    [writers, readers, holders].map(one => [one!.name, one!.settings.workload, one!.settings.connections]),
    [
      ['writers', 'steps', 6],
      ['readers', 'steps', 10],
      ['holders', 'idle', 3],
    ],
  )
  t.same(
    writers!.settings.segments?.map(({ from, to }) => [from, to]),
    [
      [75, 75],
      [75, 75],
      [75, 300],
    ],
  )
  t.same(readers!.settings.segments?.at(-1), { from: 25, to: 100, duration: 1500 })
  t.equal(holders!.settings.segments, undefined)
  t.equal(holders!.settings.url, `${url}/quiet`)
  t.same(writers!.settings.connect, {
    headers: [
      ['x-token', '12'],
      ['x-kind', 'writer'],
    ],
    protocols: ['chat'],
  })
  t.same(readers!.settings.connect.protocols, ['other'])
  t.not(writers!.settings.seed, readers!.settings.seed)
  const [send, receive, think, first, mean, second] = writers!.settings.script.steps
  t.match(send, { kind: 'send', binary: true, replies: 2, template: ['{"id":"', 'id', '","room":"', 'room', '"}'] })
  t.match(receive, { kind: 'receive', label: 'answer', within: 5000, count: 2, check: undefined })
  t.match(receive, {
    match: {
      kind: 'json',
      fields: [
        ['/id', ['', 'id', '']],
        ['/ok', ['true']],
      ],
    },
  })
  t.match(receive, {
    capture: [
      ['token', { kind: 'json', pointer: '/token' }],
      ['part', { kind: 'regexp', source: 'p=(\\d+)' }],
    ],
  })
  t.same(think, { kind: 'think', time: { from: 1000, to: 2000 } })
  t.match(first, { kind: 'send', binary: false, replies: 1 })
  t.same(mean, { kind: 'think', time: { mean: 60_000 } })
  t.match(second, { label: 'step 4, step 3', within: 1500, check: { source: ['^', 'token', '$'] } })
  t.equal(writers!.settings.script.steps.length, 9)
  t.same(writers!.settings.script.values, [['room', ['red', '7']]])
  t.equal(readers!.settings.script.opening.length, 2)
})

t.test('JSON, JavaScript and YAML come to the same; what differs has another digest', async t => {
  const scenario = {
    url,
    phases: [{ duration: '500ms' }],
    classes: { all: { steps: [{ send: { a: [1, null] } }, { receive: {} }], connections: 2, url: undefined } },
    warmUp: '2s',
    drain: '1s',
    threads: 2,
    seed: 7,
  } satisfies Scenario
  const yaml = `
url: ${url}
phases: [{ duration: 500ms }]
classes: &classes
  all: { steps: [{ send: { a: [1, null] } }, { receive: {} }], connections: 2 }
warmUp: 2s
drain: 1s
threads: 2
seed: 7`
  const expected = settingsOf(yaml)
  t.same(settingsOf(JSON.stringify(scenario, undefined, 2), 'chat.json'), expected)
  t.same(scenarioSettings(defineScenario(scenario), {}), expected)
  t.match(expected, { duration: 500, warmUp: 2000, drain: 1000, threads: 2, seed: 7, segments: undefined })
  t.equal(settingsOf(yaml.replace('warmUp: 2s', '')).warmUp, 1000)
  const other = settingsOf(yaml.replace('connections: 2', 'connections: 3'))
  t.not(other.scenario?.digest, expected.scenario?.digest)
})

t.test('what is said beside it counts more', async t => {
  const text = `
phases: [{ duration: 1s }]
headers: { a: b }
classes: { all: { steps: [{ send: x }, { receive: {} }] } }
threads: 4
failIf: [lost > 0]`
  const options = {
    threads: 2,
    warmUp: 0,
    seed: 9,
    failIf: ['wrong > 0'],
    shard: { index: 1, count: 3 },
    connect: { headers: { c: ['d', 'e'], f: undefined }, protocols: ['p'] },
  }
  const settings = scenarioSettings({ text, name: 'x.yaml' }, options, `${url}/other`)
  t.match(settings, { threads: 2, warmUp: 0, seed: 9, failIf: ['lost > 0', 'wrong > 0'], shard: { count: 3 } })
  t.match(settings.classes[0]?.settings, {
    url: `${url}/other`,
    threads: 2,
    connect: {
      headers: [
        ['a', 'b'],
        ['c', 'd'],
        ['c', 'e'],
      ],
      protocols: ['p'],
    },
  })
  const pairs = { connect: { headers: new Map([['x', 'y']]) } }
  const more = scenarioSettings({ text, name: 'x.yaml' }, pairs, url)
  t.match(more.classes[0]?.settings.connect.headers, [
    ['a', 'b'],
    ['x', 'y'],
  ])
})

/** A file with one class, whose steps stand in its sixth line. */
const around = (steps: string) => `url: ${url}
phases:
  - duration: 1s
classes:
  all:
    steps: ${steps}
`
/** The same up to the classes, with something else behind. */
const beside = (line: string) => `${around('[{ send: x }, { receive: {} }]')}${line}\n`

const mistakes: [name: string, text: string, message: string][] = [
  ['nothing at all', '', 'chat.yaml:1:1: expected a mapping of url, phases, classes, headers, '],
  ['a list', '- a', 'chat.yaml:1:1: expected a mapping of url, phases, classes, '],
  ['no phases', `url: ${url}`, 'chat.yaml:1:1: expected phases, a list, each with its duration'],
  ['no classes', 'phases: [{ duration: 1s }]', 'chat.yaml:1:1: expected classes, a mapping of names'],
  [
    'classes of nothing',
    'phases: [{ duration: 1s }]\nclasses: {}',
    'chat.yaml:2:10: classes: expected at least one class, ',
  ],
  ['another key', beside('step: 1'), 'chat.yaml:7:7: step: there is no such key; there are url, phases, classes, '],
  [
    'another key of a class',
    around('[]\n    weigth: 2'),
    'chat.yaml:7:13: weigth: there is no such key; did you mean weight?',
  ],
  [
    'no phase',
    'phases: []\nclasses: {}',
    'chat.yaml:1:9: phases: expected a list of phases, each with its duration, got a list',
  ],
  [
    'a phase without time',
    'phases: [{ name: x }]\nclasses: {}',
    'chat.yaml:1:10: phases: expected a duration, such as 30s',
  ],
  [
    'a time that is none',
    'phases:\n  - duration: soon\nclasses: {}',
    'chat.yaml:2:15: duration: expected a time such as 500ms, 2s or 1min, above 0, got "soon"',
  ],
  [
    'phases that take a month',
    `url: ${url}\nphases: [{ duration: 300h }, { duration: 400h }]\nclasses: { all: {} }`,
    'chat.yaml:2:9: phases: the load would last 29.2 days, and the most is 24 days: take a shorter `duration` ',
  ],
  [
    'a time of another unit',
    beside('drain: 5y'),
    'chat.yaml:7:8: drain: expected a time such as 500ms, 2s or 1min, got "5y"',
  ],
  [
    'a time of nothing',
    'phases: [{ duration: 0 }]\nclasses: {}',
    'chat.yaml:1:22: duration: expected a time such as 500ms, 2s or 1min, above 0, got 0',
  ],
  [
    'a time that is true',
    beside('warmUp: true'),
    'chat.yaml:7:9: warmUp: expected a time such as 500ms, 2s or 1min, got true',
  ],
  [
    'a rate that is none',
    'phases: [{ duration: 1s, rate: fast }]\nclasses: {}',
    'chat.yaml:1:32: rate: expected a rate such as 500/s, or one that changes: 0..500/s, got "fast"',
  ],
  [
    'a rate for some',
    'phases: [{ duration: 1s, rate: 1 }, { duration: 1s }]\nclasses: {}',
    'chat.yaml:1:9: phases: expected a rate in each phase, or in none',
  ],
  [
    'a rate of nothing',
    'phases: [{ duration: 1s, rate: 0 }]\nclasses: {}',
    'chat.yaml:1:9: phases: expected a rate above 0 in one phase at least',
  ],
  [
    'a name of a phase',
    'phases: [{ duration: 1s, name: [] }]\nclasses: {}',
    'chat.yaml:1:32: name: expected text, got a list',
  ],
  [
    'a name of a class',
    `url: ${url}\nphases: [{ duration: 1s }]\nclasses: { "a b": {} }`,
    'chat.yaml:3:19: a b: expected a name of letters, digits, - and _',
  ],
  [
    'no number',
    around('[{ send: x }, { receive: {} }]\n    connections: many'),
    'chat.yaml:7:18: connections: expected a whole number from 1 to 10000000, got "many"',
  ],
  [
    'too little',
    around('[{ send: x }, { receive: {} }]\n    weight: 0'),
    'chat.yaml:7:13: weight: expected a whole number from 1 on, got 0',
  ],
  ['no steps', around('[]'), 'chat.yaml:6:12: steps: expected a list of steps, got a list'],
  [
    'a step of nothing',
    around('[{}]'),
    'chat.yaml:6:13: steps: expected one of send, receive, think, repeat, got a mapping',
  ],
  [
    'another step',
    around('[{ jump: 1 }]'),
    'chat.yaml:6:21: jump: there is no such step; there are send, receive, think, repeat',
  ],
  [
    'a step that is none',
    around('[send]'),
    'chat.yaml:6:13: steps: expected a mapping of what is done: send, receive, think or repeat, got "send"',
  ],
  [
    'two in one',
    around('[{ send: x, think: 1s }]'),
    'chat.yaml:6:31: think: there is no such key; there are send, binary, name',
  ],
  ['binary', around('[{ send: x, binary: 1 }]'), 'chat.yaml:6:32: binary: expected true or false, got 1'],
  [
    'a first step that does not send',
    around('[{ receive: {} }]'),
    'chat.yaml:6:12: steps: expected a first step that sends',
  ],
  ['nothing to wait for', around('[{ send: x }]'), 'chat.yaml:6:12: steps: expected a step that receives or thinks, '],
  [
    'a name that nobody has',
    around('[{ send: "{token}" }]'),
    'chat.yaml:6:21: send: there is no {token} here; there are {id}, {connection}, {number}',
  ],
  [
    'a name too early',
    around('[{ send: x }, { receive: { match: "{t}", capture: { t: /t } } }]'),
    'chat.yaml:6:46: match: there is no {t} here',
  ],
  [
    'no regular expression',
    around('[{ send: x }, { receive: { match: "(" } }]'),
    'chat.yaml:6:46: match: expected a regular expression, got "(": Invalid regular expression',
  ],
  ['no pattern', around('[{ send: x }, { receive: { check: 1 } }]'), 'chat.yaml:6:46: check: expected text, got 1'],
  [
    'no pointer',
    around('[{ send: x }, { receive: { check: { ok: 1 } } }]'),
    'chat.yaml:6:52: ok: expected a JSON Pointer such as /status, got "ok"',
  ],
  [
    'no value',
    around('[{ send: x }, { receive: { check: { /ok: [] } } }]'),
    'chat.yaml:6:53: /ok: expected text, a number, true, false or null, got a list',
  ],
  [
    'a capture without a group',
    around('[{ send: x }, { receive: { capture: { a: "x" } } }]'),
    'chat.yaml:6:53: a: expected a JSON Pointer such as /token, or a regular expression with a group, got "x"',
  ],
  [
    'a capture with no name',
    around('[{ send: x }, { receive: { capture: { 1a: /x } } }]'),
    'chat.yaml:6:54: 1a: expected a name of letters, digits and _',
  ],
  [
    'a capture named as what is another one for each message',
    around('[{ send: x }, { receive: { capture: { id: /id } } }]'),
    'chat.yaml:6:54: id: {id} is another one for each message already; call this otherwise',
  ],
  [
    'a capture named as the number of the connection',
    around('[{ send: x }, { receive: { capture: { connection: /id } } }]'),
    'chat.yaml:6:62: connection: {connection} is the number of the connection already; call this otherwise',
  ],
  [
    'a capture named as the number of the iteration',
    around("[{ send: x }, { receive: {} }]\n    opening: [{ receive: { capture: { number: 'a(.)' } } }]"),
    'chat.yaml:7:47: number: {number} is how often the steps have begun already; call this otherwise',
  ],
  [
    'a capture named as a list of values',
    around('[{ send: x }, { receive: { capture: { room: /id } } }]\n    values: { room: [red] }'),
    'chat.yaml:6:56: room: {room} is one of its values already; call this otherwise',
  ],
  [
    'values named as what is another one for each message',
    around('[{ send: x }, { receive: {} }]\n    values: { id: [red] }'),
    'chat.yaml:7:19: id: {id} is another one for each message already; call this otherwise',
  ],
  [
    'values with no name',
    around('[{ send: x }, { receive: {} }]\n    values: { a-b: [red] }'),
    'chat.yaml:7:20: a-b: expected a name of letters, digits and _',
  ],
  [
    'a think that is none',
    around('[{ send: x }, { think: 1..2..3h }]'),
    'chat.yaml:6:35: think: expected a time such as 500ms, 2s or 1min, got "1..2"',
  ],
  [
    'a think that ends before it begins',
    around('[{ send: x }, { think: 5s..1s }]'),
    'chat.yaml:6:35: think: expected the shorter time first: 1s..5s, got "5s..1s"',
  ],
  [
    'a think of which one time has no unit',
    around('[{ send: x }, { think: 1..3s }]'),
    'chat.yaml:6:35: think: expected a time with its unit: 1s or 1ms, got "1"',
  ],
  [
    'a time without its unit',
    'phases: [{ duration: 30 }]\nclasses: {}',
    'chat.yaml:1:22: duration: expected a time with its unit: 30s or 30ms, got 30',
  ],
  [
    'a mean of nothing',
    around('[{ send: x }, { think: {} }]'),
    'chat.yaml:6:35: think: expected mean, mean and deviation, or p50 and p99, each a time',
  ],
  [
    'a reply to any of several',
    around('[{ send: x }, { think: 1s }, { send: y }, { receive: { match: y } }, { receive: { match: x } }]'),
    'chat.yaml:6:65: receive: it may answer more than one message, and is timed from the one it answers; name that: ',
  ],
  [
    'a reply to one of several that are not all answered',
    around('[{ send: x }, { send: y }, { receive: {} }]'),
    'chat.yaml:6:50: receive: it may answer more than one message',
  ],
  [
    'more replies than messages, and not of one',
    around('[{ send: x }, { send: y }, { receive: { count: 3 } }]'),
    'chat.yaml:6:50: receive: it may answer more than one message',
  ],
  [
    'a reply to one of two ids that are under way',
    around('[{ send: "{id}" }, { send: "{id}" }, { receive: { match: "{id}" } }, { receive: { match: "{id}" } }]'),
    'chat.yaml:6:60: receive: it may answer more than one message',
  ],
  [
    'a reply to an id, or to another one that nobody answers',
    around('[{ send: "{id}" }, { think: 1s }, { send: "{id}" }, { receive: { match: { /id: "{id}" } } }]'),
    'chat.yaml:6:75: receive: it may answer more than one message',
  ],
  [
    'a reply to one of two ids, of opening steps: they are not timed, but it would not come',
    around(
      '[{ send: x }, { receive: {} }]\n    opening: [{ send: "{id}" }, { send: "{id}" }, { receive: { match: "{id}" } }]',
    ),
    'chat.yaml:7:62: receive: it may answer more than one message',
  ],
  [
    'an id where none was sent',
    around('[{ send: x }, { receive: { match: "{id}" } }]'),
    'chat.yaml:6:37: receive: {id} is that of the message that is answered; expected {id} in what is sent before',
  ],
  [
    'an id that what is answered has not',
    around('[{ send: "{id}" }, { send: x, name: x }, { receive: { of: x, check: { /id: "{id}" } } }]'),
    'chat.yaml:6:64: receive: {id} is that of the message that is answered; expected {id} in what is sent before',
  ],
  [
    'a reply to nothing',
    around('[{ send: x }, { receive: { of: x } }]'),
    'chat.yaml:6:37: receive: no message before this has the name x; none has a name',
  ],
  [
    'a reply to what is misspelt',
    around('[{ send: x, name: login }, { receive: { of: logon } }]'),
    'chat.yaml:6:50: receive: no message before this has the name logon; did you mean login?',
  ],
  ['repeat without steps', around('[{ repeat: 2 }]'), 'chat.yaml:6:13: steps: expected steps beside repeat'],
  ['too many steps', around('[{ repeat: 1001, steps: [{ send: x }] }]'), 'chat.yaml:6:13: steps: more than 1000 steps'],
  [
    'too many steps together',
    around('[{ repeat: 999, steps: [{ send: x }] }, { repeat: 2, steps: [{ send: x }] }]'),
    'chat.yaml:6:12: steps: 1001 steps, more than 1000',
  ],
  [
    'a condition that is none',
    beside('failIf: [slow]'),
    'chat.yaml:7:10: failIf: "slow": it is no condition such as \'rtt.p99 > 20ms\'',
  ],
  [
    'a condition of a class that is not there',
    beside("failIf: ['b: lost > 0']"),
    'chat.yaml:7:10: failIf: "b: lost > 0": there is no class b in this load; there are all',
  ],
  [
    'a condition on what is never measured',
    beside("failIf: ['all: tls.p99 > 1s']"),
    'chat.yaml:7:10: failIf: "all: tls.p99 > 1s": this load never measures tls; it measures tcp, upgrade, ',
  ],
  [
    'a step that is misspelt',
    around('[{ send: x }, { recieve: {} }]'),
    'chat.yaml:6:37: recieve: there is no such step; did you mean receive?',
  ],
  ['a key that is misspelt', beside('warmup: 1s'), 'chat.yaml:7:9: warmup: there is no such key; did you mean warmUp?'],
  [
    'an arrival that is none',
    beside('arrival: never'),
    'chat.yaml:7:10: arrival: expected constant or poisson, got "never"',
  ],
  [
    'headers that are none',
    beside('headers: [a]'),
    'chat.yaml:7:10: headers: expected a mapping of header fields, got a list',
  ],
  ['a header that cannot be', beside('headers: { "a b": c }'), 'chat.yaml:1:6: url: '],
  ['a URL that is none', 'url: http//x\nphases: [{ duration: 1s }]\nclasses: { a: {} }', 'chat.yaml:1:6: url: '],
  [
    'no URL',
    'phases: [{ duration: 1s }]\nclasses: { a: {} }',
    'chat.yaml:2:15: a: expected a url, here or of the whole scenario',
  ],
  [
    'a time too long',
    'phases: [{ duration: 600h }]\nclasses: { a: {} }',
    'chat.yaml:1:22: duration: expected a time such as',
  ],
  ['a value of another kind', 'a: !!binary aGVsbG8=', 'chat.yaml:1:13: a: a value of a kind that has no meaning here'],
  [
    'references that go round',
    'a: &a [*a]',
    'chat.yaml:1:7: a: expected 32 lists and mappings within each other at most, and this is deeper',
  ],
  [
    'references that multiply',
    `${[...'bcdef'].reduce((text, name, i) => `${text}${name}: &${name} [${`*${'abcde'[i]}, `.repeat(10)}]\n`, 'a: &a 1\n')}`,
    'chat.yaml:2:7: f: expected 100000 values at most, and this is one more',
  ],
  [
    'more threads than any machine has',
    beside('threads: 257'),
    'chat.yaml:7:10: threads: expected a whole number from 1 to 256, got 257',
  ],
]
for (const [name, text, message] of mistakes) {
  t.test(`mistake: ${name}`, async t => {
    const error = t.throws(() => settingsOf(text), { name: 'UsageError', code: 'WS_INVALID_OPTION' }) as Error | false
    t.equal(error === false ? '' : error.message.slice(0, message.length), message)
  })
}

for (const name of ['chat.yaml', 'chat.json']) {
  t.test(`mistake: more lists than the parser can follow, in ${name}`, async t => {
    const nested = `{"a": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    // It goes as deep as there is room on the stack.
    const message = /^chat\.\w+:1:\d+: expected 32 lists and mappings within each other at most, and this is deeper$/
    t.throws(() => settingsOf(nested, name), { code: 'WS_INVALID_OPTION', message })
  })
}

/** [name, steps, of each that receives: the places of what it answers] */
const whose: [name: string, steps: string, ...answers: string[]][] = [
  ['the only one', '[{ send: x }, { receive: {} }, { send: y }, { receive: { match: y } }]', '0', '2'],
  [
    'the one whose id is looked for',
    '[{ send: x }, { send: "{id}" }, { receive: { match: { /id: "{id}" } } }, { receive: { match: x } }]',
    ...['1', '0'],
  ],
  [
    'the one that is named',
    '[{ send: x, name: slow }, { send: y, name: fast }, { receive: { of: fast } }, { receive: { match: x } }]',
    ...['1', '0'],
  ],
  [
    'the one whose id is looked for, of two of which one is named',
    '[{ send: "{id}", name: a }, { send: "{id}" }, { receive: { of: a, match: "{id}" } }, { receive: { match: "{id}" } }]',
    ...['0', '1'],
  ],
  [
    'one more with the same id',
    '[{ repeat: 2, steps: [{ send: "{id}" }, { receive: { match: "{id}" } }, { receive: { match: "{id}" } }] }]',
    ...['0', '0', '3', '3'],
  ],
  ['in order', '[{ send: x }, { send: y }, { receive: {} }, { receive: {} }]', '0', '1'],
  ['in order, by one step', '[{ send: x }, { send: y }, { receive: { count: 2 } }]', '0,1'],
  [
    'in order, of those of a name',
    '[{ send: z }, { repeat: 2, steps: [{ send: x, name: a }] }, { repeat: 2, steps: [{ receive: { of: a, match: x } }] }]',
    ...['1', '2'],
  ],
  ['several of one', '[{ send: x }, { receive: { count: 3 } }]', '0'],
  ['a second one of one that is named', '[{ send: x, name: a }, { receive: {} }, { receive: { of: a } }]', '0', '0'],
  ['nobody knows', '[{ send: x }, { receive: {} }, { receive: { match: tick } }]', '0', '0, not timed'],
]
for (const [name, steps, ...answers] of whose) {
  t.test(`whose reply it is: ${name}`, async t => {
    const { script } = settingsOf(around(steps)).classes[0]!.settings
    const found = script.steps.flatMap(step => {
      return step.kind === 'receive' ? [`${step.answers}${step.timed ? '' : ', not timed'}`] : []
    })
    t.same(found, answers)
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b)
    t.equal(
      sum(script.steps.map(step => (step.kind === 'send' ? step.replies : 0))),
      sum(script.steps.map(step => (step.kind === 'receive' ? step.count : 0))),
    )
  })
}

t.test('opening steps are not timed: nothing has to be known there', async t => {
  const steps =
    '[{ receive: {} }, { send: x }, { send: y }, { receive: { match: y } }, { receive: {} }, { receive: {} }]'
  const { script } = settingsOf(around(`[{ send: x }, { receive: {} }]\n    opening: ${steps}`)).classes[0]!.settings
  t.same(
    script.opening.flatMap(step => (step.kind === 'receive' ? [step.answers] : [])),
    [[], [1], [2], [2]],
  )
})

t.test('mistakes of programs name the value', async t => {
  const classes: Record<string, unknown> = {}
  classes['a'] = classes
  const rows: [unknown, string][] = [
    [
      { phases: [{ duration: 1 }], classes },
      `scenario.classes${'.a'.repeat(31)}.a: expected 32 lists and mappings within each other at most`,
    ],
    [{ phases: [{ duration: 'x' }], classes: {} }, 'scenario.phases[0].duration: expected a time such as'],
    [
      { phases: [{ duration: 1 }], classes: { a: { steps: [{ send: 'x' }, { think: () => 1 }] } } },
      'scenario.classes.a.steps[1].think: a function, where only data can be',
    ],
  ]
  for (const [scenario, message] of rows) {
    const error = t.throws(() => scenarioSettings(scenario as Scenario, {}, url)) as Error
    t.equal(error.message.slice(0, message.length), message)
  }
})

t.test('references and what is left empty', async t => {
  const settings = settingsOf(`
url: ${url}
phases: [{ duration: 1s }]
classes:
  a: { steps: &steps [{ send: null }, { think: 0 }] }
  b: { steps: *steps }
`)
  t.same(settings.classes[0]?.settings.script, settings.classes[1]?.settings.script)
  t.match(settings.classes[0]?.settings.script.steps[0], { template: ['null'] })
  t.throws(() => settingsOf(`url: ${url}\nphases:\nclasses: {}`), {
    message: /^chat\.yaml:2:\d: phases: expected a list of/,
  })
})

t.test('merge keys: keys of other mappings, behind those that are its own', async t => {
  const text = (classes: string) => `
url: ${url}
phases: [{ duration: 1s, rate: 1 }]
classes:
  a: &a { connections: 3, headers: { X: a }, steps: [{ send: a }] }
  b: &b { connections: 4, headers: { X: b }, slowReaders: 50%, steps: [{ send: b }] }
${classes}`
  const rows: [string, connections: number, template: string, slowReaders: number | undefined][] = [
    ['{ <<: *b }', 4, 'b', 0.5],
    ['{ <<: *b, connections: 6 }', 6, 'b', 0.5],
    ['{ connections: 6, <<: *b }', 6, 'b', 0.5],
    ['{ <<: [*a, *b] }', 3, 'a', 0.5],
    ['{ <<: { <<: *b, connections: 8 } }', 8, 'b', 0.5],
  ]
  for (const [c, connections, template, slowReaders] of rows) {
    const { settings } = settingsOf(text(`  c: ${c}`)).classes[2]!
    t.equal(settings.connections, connections, c)
    t.match(settings.script.steps[0], { template: [template] })
    t.equal(settings.badPeers.slowReaders, slowReaders)
  }
  const mistakes: [string, string][] = [
    ['{ <<: 7 }', 'chat.yaml:7:12: <<: expected a mapping to take keys from, or a list of those'],
    ['{ <<: [*a, 7] }', 'chat.yaml:7:12: <<: expected a mapping to take keys from, or a list of those'],
    ['{ "<<": *a }', 'chat.yaml:7:14: <<: there is no such key'],
  ]
  for (const [c, message] of mistakes) {
    const error = t.throws(() => settingsOf(text(`  c: ${c}`))) as Error
    t.equal(error.message.slice(0, message.length), message)
  }
})

t.test('an option that is wrong is no mistake of the scenario', async t => {
  const said = (options: Parameters<typeof scenarioSettings>[1], text = around('[{ send: x }, { receive: {} }]')) => {
    const error = t.throws(() => scenarioSettings({ text, name: 'chat.yaml' }, options), { code: 'WS_INVALID_OPTION' })
    return (error as Error).message
  }
  const day = 86_400_000
  const far = 'is too far away: the load would end in 30.0 days, and the most is 24 days; call it nearer to that time'
  t.equal(said({ startAt: Date.now() + 30 * day }), `\`startAt\` ${far}`)
  t.equal(said({ drain: 30 * day }), 'drain is 30.0 days, and the most is 24 days')
  t.equal(said({ sourceAddresses: ['localhost'] }), '`sourceAddresses`: "localhost" is no IP address')
  t.equal(said({ abortOnFail: true }), '`abortOnFail` needs a condition that may end the run: `failIf`')
  t.equal(said({ abortOnFail: 1 as never }), 'abortOnFail is a boolean')
  const text = `${around('[{ send: x }, { receive: {} }]')}\nfailIf: [lost > 0]`
  t.match(scenarioSettings({ text, name: 'chat.yaml' }, { abortOnFail: true }), {
    abortOnFail: true,
    failIf: ['lost > 0'],
  })
  t.match(said({ drain: 1 }, around('[{ send: x }, { receive: {} }]').replace(url, 'drain')), /^chat\.yaml:1:6: url: /)
})

t.test('the scenario in docs/load-testing.md is one, and its message is what it says', async t => {
  const page = await readFile(new URL('../../../../docs/load-testing.md', import.meta.url), 'utf8')
  const [, text = ''] = /```yaml\n(url: .*?)```/s.exec(page) ?? []
  const { classes, duration } = settingsOf(text)
  t.same(
    classes.map(({ name, settings }) => [name, settings.connections, settings.script.steps.length]),
    [
      ['writers', 500, 7],
      ['readers', 500, 2],
      ['watchers', 50, 0],
      ['uploads', 5, 0],
      ['lurkers', 5000, 0],
    ],
  )
  t.equal(duration, 390_000)
  const [, message = ''] = /`(chat\.yaml:12:18: within: [^`]+)`/.exec(page) ?? []
  const lines = [
    `url: ${url}`,
    'phases: [{ duration: 1s }]',
    'classes:',
    '  a:',
    '    steps:',
    '      - send: x',
    '',
    '',
    '',
    '',
  ]
  t.throws(() => settingsOf([...lines, '      - receive:', '         within: soon'].join('\n')), { message })
})
