/** `framewright conform client --control`: a program that is started, and ordered about. */
import { createServer } from 'node:net'
import t from 'tap'
import { withoutHooks } from '../coverage/child-environment.js'
import { listening, run } from './conform-runs.js'
import { FakeTerminal } from './fake-terminal.js'

/** A program that does what it is told by `orders`, a function body over `order`; in the end `atEnd`. */
function program(orders: string, atEnd = 'process.exit()'): string[] {
  const tell = 'const tell = told => console.log(JSON.stringify({ connection: order.connection, ...told }))'
  const source = `console.log('{"event":"ready","agent":"toy 1"}')
require('node:readline').createInterface({ input: process.stdin }).on('line', line => {
  const order = JSON.parse(line)
  ${tell}
  ${orders}
}).on('close', () => ${atEnd})`
  return ['/usr/bin/env', ...withoutHooks, '-e', source]
}

const refusing = "tell({ event: 'refused', do: order.do, why: 'no' })"
const failing = "tell({ event: 'error' })"
const some = ['--case', '6455/4.1/ordered-a-subprotocol-*', '--timeout-scale', '0.5']
const controlled = (...args: readonly string[]) => ['conform', 'client', '--control', ...some, ...args]

t.test('a program whose client refuses what it should', async t => {
  const { code, stdout, stderr } = await run(controlled('--', ...program(refusing)))
  t.equal(stderr, '')
  t.match(stdout, /client toy 1 in /)
  t.match(stdout, /PASS \d+/)
  t.equal(code, 0)
})

t.test('what fails can be run again', async t => {
  const args = [
    'conform',
    'client',
    '--control',
    '--case',
    '6455/5.6/sends-text',
    '--name',
    'toy',
    '--',
    ...program(failing),
  ]
  const { code, stdout } = await run(args)
  t.equal(code, 1)
  t.match(stdout, /client toy in /)
  t.match(stdout, /again: +framewright conform client --control --case '6455\/5.6\/sends-text' --seed 1 --verbose -- /)
})

t.test('lines that are no events are told of', async t => {
  const { stderr } = await run(controlled('--', ...program(`console.log('what?'); ${refusing}`)))
  t.equal(stderr.split('\n')[0], 'the program said "what?", which is no event')
})

t.test('a program that ends', async t => {
  const { code, stderr } = await run(
    controlled('--', ...program(`${refusing}; process.exitCode = 3; process.stdin.destroy()`)),
  )
  t.match(stderr, /the program has ended; \d of \d cases were run/)
  t.equal(code, 1)
})

t.test('a program that does not go is ended', async t => {
  const { code } = await run(controlled('--', ...program(refusing, 'setInterval(() => {}, 1e5)')))
  t.equal(code, 0)
})

t.test('a program that does not listen', async t => {
  const deaf = `console.log('{"event":"ready"}'); require('node:fs').closeSync(0); setTimeout(() => {}, 1e5)`
  const args = ['conform', 'client', '--control', '--case', '6455/5.6/sends-text', '--timeout-scale', '0.3']
  const { code, stdout } = await run([...args, '--', process.execPath, '-e', deaf])
  t.equal(code, 1)
  t.match(stdout, /its program opened no connection/)
})

t.test('Ctrl-C', async t => {
  const terminal = new FakeTerminal({ isTTY: true })
  const running = run(controlled('--', ...program(`if (order.connection === 1) ${refusing}`)), terminal)
  await terminal.stderr.until(/1\/\d/)
  terminal.interrupt()
  t.equal((await running).code, 130)
})

const wrong: [what: string, args: string[], message: RegExp][] = [
  [
    'no program',
    ['conform', 'client', '--control'],
    /--control: which program\? framewright conform client --control -- node client.mjs/,
  ],
  ['no TLS', controlled('--tls-self-signed', '--', 'x'), /--tls-self-signed does not go with --control/],
  ['no such program', controlled('--', '/no/such/program'), /\/no\/such\/program: cannot be started: no such file/],
  [
    'a program that says nothing',
    [
      'conform',
      'client',
      '--control',
      '--timeout-scale',
      '0.05',
      '--',
      process.execPath,
      '-e',
      'setTimeout(() => {}, 1e5)',
    ],
    /did not say within 0.75 s that it is ready: \{"event":"ready"\}/,
  ],
  [
    'a program that ends at once',
    controlled('--', process.execPath, '-e', "console.log('hm'); process.exitCode = 7"),
    /: ended with 7; it said "hm"/,
  ],
  [
    'a program that is killed',
    controlled('--', process.execPath, '-e', "process.kill(process.pid, 'SIGKILL')"),
    /: ended with SIGKILL/,
  ],
]

for (const [what, args, message] of wrong) {
  t.test(what, async t => {
    const { code, stderr } = await run(args)
    t.equal(code, 2)
    t.match(stderr, message)
  })
}

t.test('a port that is taken', async t => {
  const port = await listening(t, createServer())
  const { code, stderr } = await run(
    controlled('--port', String(port), '--host', '127.0.0.1', '--', ...program(refusing)),
  )
  t.equal(code, 1)
  t.match(stderr, /cannot listen on 127.0.0.1:\d+: the port is in use/)
})
