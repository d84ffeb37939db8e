/** `framewright load SCENARIO`: YAML, JSON and JavaScript; what is wrong is told with its place. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli/main.js'
import type { LoadReport } from '../../../src/load.js'
import { echo, serve } from '../../load/known-servers.js'
import { madeReport } from '../../load/made-report.js'
import { CommandProcess } from '../command-process.js'
import { FakeTerminal } from '../fake-terminal.js'

const folder = mkdtempSync(join(tmpdir(), 'scenario-'))
t.teardown(() => rmSync(folder, { recursive: true }))

function written(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function run(...args: string[]) {
  const terminal = new FakeTerminal()
  const code = await main(['load', ...args], terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

const yaml = `
url: ws://127.0.0.1:1
warmUp: 0
phases: [{ name: all of it, duration: 100ms, rate: 100/s }]
classes:
  users: { connections: 2, steps: [{ send: "x{number}" }, { receive: { match: "^x{number}$" } }] }
  holders: { connections: 1 }
`

t.test(
  'connections that are only held: a gate wants the time that they took to open, as without a scenario',
  async t => {
    const server = await serve(t, echo)
    const json = join(folder, 'held.json')
    const path = written('held.yaml', yaml.replace(', rate: 100/s', '').replace(/ {2}users:.*\n/, ''))
    const { code, stdout } = await run(path, server.url, '--quiet', '--json', json)
    t.equal(code, 0)
    t.match(stdout, /\nidle; 1 connection, 1 thread\n/)
    const gated = await run('compare', json, json, '--gate', '5%')
    t.match(
      [gated.code, gated.stderr],
      [1, 'each side needs at least 5 seconds in which upgrade was measured, and one has '],
    )
  },
)

t.test('a file in YAML, with another URL and options beside it', async t => {
  const server = await serve(t, echo)
  const json = join(folder, 'run.json')
  const path = written('chat.yaml', yaml)
  const options = [
    '--quiet',
    '--threads',
    '1',
    '--json',
    json,
    '--fail-if',
    'users: received > 5',
    '--header',
    'x-y: z',
  ]
  const { code, stdout, stderr } = await run(path, server.url, ...options)
  t.same([code, stderr], [1, ''])
  t.equal(server.seen.length, 10)
  t.equal((JSON.parse(readFileSync(json, 'utf8')) as LoadReport).classes?.['users']?.counts.received, 10)
  t.match(stdout, /\nsteps, open model, evenly spaced; 3 connections, 1 thread\n/)
  t.match(
    stdout,
    /\nphases and classes\n +sent +received +missed +lost +wrong +p50 +p99 +max\n {2}all of it +10 +10 +0 +0 +0 +[\d.]+ +[\d.]+ +[\d.]+\n {2}class users +10 .*\n {2}class holders +0 +0 +0 +0 +0\n/,
  )
  t.match(stdout, /\n {2}all steps of a user /)
  t.match(stdout, /FAILED {2}users: received > 5 {2}it was 10\n/)
})

t.test('threads that the smallest class has no connections for', async t => {
  const server = await serve(t, echo)
  const path = written(
    'three.yaml',
    yaml.replace('connections: 2', 'connections: 7').replace('connections: 1', 'connections: 3'),
  )
  const sharded = await run(path, server.url, '--threads', '2', '--shard', '2/3')
  t.match(sharded.stderr, /^1 thread instead of 2: no more can share the 3 connections of holders in 3 shards\n/)
  const whole = await run(path, server.url, '--threads', '4')
  t.match(whole.stderr, /^3 threads instead of 4: no more can share the 3 connections of holders\n/)
})

t.test('a file in JavaScript, whose scenario is computed', async t => {
  const server = await serve(t, echo)
  const text = `const steps = ['a', 'b'].flatMap(send => [{ send }, { receive: {} }])
export default { url: '${server.url}', warmUp: 0, phases: [{ duration: 50, rate: 100 }], classes: { all: { steps } } }`
  const { code, stdout } = await run(written('chat.mjs', text), '--quiet')
  t.equal(code, 0)
  t.match(stdout, /\n {2}received +10 /)
})

t.test('a file in CommonJS, and one that begins with a byte order mark', async t => {
  const server = await serve(t, echo)
  const rest = `"warmUp": 0, "phases": [{ "duration": "50ms" }], "classes": { "all": { "connections": 1 } }`
  const text = `{ "url": "${server.url}", ${rest} }`
  t.equal((await run(written('chat.cjs', `module.exports = ${text}`), '--quiet')).code, 0)
  t.equal((await run(written('marked.json', `\ufeff${text}`), '--quiet')).code, 0)
  t.equal((await run(written('marked.yaml', `\ufeff${text}`), '--quiet')).code, 0)
})

t.test('a file in TypeScript, where Node runs it', async t => {
  const { code, stderr } = await run(written('chat.mts', 'export default 1 as number'), '--quiet')
  t.equal(code, 2)
  t.match(stderr, /chat\.mts: (?:expected a scenario: |cannot be run: .*; Node runs TypeScript from 22\.18 on\n$)/)
})

t.test('a URL is no file, however it ends', async t => {
  for (const url of ['http://127.0.0.1:1/x.js', 'https://127.0.0.1:1/x.json', 'ws://127.0.0.1:1/x.yaml']) {
    t.equal((await run(url, '--quiet', '--connections', '1', '--duration', '1ms', '--warm-up', '0')).code, 4)
  }
})

const mistakes: [name: string, file: string, text: string, args: string[], stderr: RegExp][] = [
  [
    'a mistake in YAML',
    'a.yaml',
    'phases:\n  - duration: soon\nclasses: {}',
    [],
    /a\.yaml:2:15: duration: expected a time such as .*, got "soon"\n$/,
  ],
  [
    'a mistake in JSON',
    'a.json',
    '{\n  "phases": [],\n  "classes": {}\n}',
    [],
    /a\.json:2:13: phases: expected a list of phases|a\.json:\d:\d+: expected classes/,
  ],
  [
    'a file named .json that is no JSON',
    'a.json',
    '{\n  "phases": [1 2]\n}',
    [],
    /a\.json:2:16: expected a comma before this\n {4}"phases": \[1 2\]\n {17}\^\n$/,
  ],
  [
    'a mistake in JavaScript',
    'a.mjs',
    'export default { phases: 1, classes: {} }',
    [],
    /a\.mjs: scenario\.phases: expected a list of phases, each with its duration, got 1\n$/,
  ],
  [
    'JavaScript that cannot be read',
    'c.mjs',
    'export default {\n  a: = 1,\n}',
    [],
    /c\.mjs:2: cannot be run: Unexpected token '='\n$/,
  ],
  [
    'JavaScript that ends with an error',
    'd.mjs',
    '\nexport default { url: missing }',
    [],
    /d\.mjs:2: cannot be run: missing is not defined\n$/,
  ],
  [
    'JavaScript that throws what is none, or imports what cannot be read',
    'e.mjs',
    "import './nothing.mjs'",
    [],
    /e\.mjs: cannot be run: Cannot find module /,
  ],
  [
    'JavaScript that imports what cannot be read',
    'f.mjs',
    "import './c.mjs'",
    [],
    /f\.mjs: cannot be run: Unexpected token '='\n$/,
  ],
  [
    'TypeScript, for a Node that does not run it',
    'g.mjs',
    "throw Object.assign(new Error('as told'), { code: 'ERR_UNKNOWN_FILE_EXTENSION' })",
    [],
    /g\.mjs:1: cannot be run: as told; Node runs TypeScript from 22\.18 on\n$/,
  ],
  [
    'the report of a load',
    'report.json',
    JSON.stringify(madeReport({ seconds: [] })),
    [],
    /report\.json is the report of a load, and no scenario: framewright load merge \S+ shows it, load compare compares it\n$/,
  ],
  [
    'an option that is wrong beside a scenario',
    'g.yaml',
    yaml,
    ['--fail-if', 'nobody: lost > 0'],
    /: --fail-if "nobody: lost > 0": there is no class nobody in this load; there are users, holders\n$/,
  ],
  [
    'a start that is too far away',
    'h.yaml',
    yaml,
    ['--start-at', new Date(Date.now() + 1000 * 86_400_000).toISOString()],
    /^framewright: --start-at is too far away: the load would end in 1000\.0 days, and the most is 24 days; call it nearer to that time\n$/,
  ],
  [
    'a warm-up that takes too long, beside JavaScript',
    'h.mjs',
    'export default { url: "ws://a", phases: [{ duration: 1 }], classes: { all: {} } }',
    ['--warm-up', '590h'],
    /^framewright: --warm-up "590h" is not a time from 0ms to 576h \(500ms, 20s, 2min, …\)\n$/,
  ],
  [
    'an address that is none',
    'i.yaml',
    yaml,
    ['--source-addresses', 'localhost'],
    /^framewright: --source-addresses: "localhost" is no IP address\n$/,
  ],
  [
    'no scenario',
    'b.mjs',
    'export const scenario = {}',
    [],
    /b\.mjs: expected a scenario: export default defineScenario\(\{ … \}\)\n$/,
  ],
  ['a program that throws nothing', 'null.mjs', 'throw null', [], /null\.mjs: cannot be run: it throws null\n$/],
  [
    'a program that throws text',
    'text.mjs',
    "throw 'no database'",
    [],
    /text\.mjs: cannot be run: it throws 'no database'\n$/,
  ],
  ['a program that fails', 'fails.mjs', 'throw new Error("oh no")', [], /fails\.mjs:1: cannot be run: oh no\n$/],
  [
    'what stands in the file',
    'c.yaml',
    yaml,
    ['--rate', '10'],
    /--rate does not go with a scenario: it stands in \S+c\.yaml\n$/,
  ],
  [
    'a report in the place of the scenario, however its path is spelt',
    'kept.yaml',
    yaml,
    ['--json', `${folder}/x/.././kept.yaml`],
    /^framewright: --json: \S+kept\.yaml is read: it would be lost\n$/,
  ],
  ['a URL that is none', 'd.yaml', yaml, ['localhost'], /did you mean ws:\/\/localhost\?\n$/],
  ['too much', 'e.yaml', yaml, ['ws://a', 'ws://b'], /unexpected argument ws:\/\/b\n$/],
]
for (const [name, file, text, args, stderr] of mistakes) {
  t.test(name, async t => {
    const ran = await run(written(file, text), ...args)
    t.same([ran.code, ran.stdout], [2, ''])
    t.match(ran.stderr, stderr)
  })
}

t.test('a file that is not there', async t => {
  t.match(
    (await run(join(folder, 'none.yaml'))).stderr,
    /^framewright: load: cannot read \S+none\.yaml: no such file\n$/,
  )
})

t.test('a program that waits for what never comes', async t => {
  const path = written('never.mjs', 'await new Promise(() => {})\nexport default {}')
  const command = new CommandProcess(t, ['load', path])
  t.same(await command.ended, { code: 2, signal: null })
  t.equal(command.stdout, '')
  t.match(command.stderr, /^framewright: \S+never\.mjs: cannot be run: it waits for what never comes \(await\)\n$/)
})

t.test('what a program leaves behind is not waited for once all is told', async t => {
  const server = await serve(t, echo)
  const scenario = `{ url: '${server.url}', warmUp: 0, phases: [{ duration: 50 }], classes: { all: { connections: 1 } } }`
  const path = written('client.mjs', `setInterval(() => {}, 1000)\nexport default ${scenario}`)
  const command = new CommandProcess(t, ['load', path, '--quiet', '--json', '-'])
  t.same(await command.ended, { code: 0, signal: null })
  t.equal((JSON.parse(command.stdout) as LoadReport).counts.opened, 1)
})
