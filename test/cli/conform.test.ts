/** `framewright conform` and `framewright testee`: selections, outputs, exit codes; each against the other. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect as connectTcp, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createServer as createWebSocketServer } from '../../src/api/server.js'
import { createEchoServer } from '../../src/cli/echo-server.js'
import { main } from '../../src/cli/main.js'
import { selfSignedCertificate } from '../../src/cli/self-signed-certificate.js'
import { parseReport } from '../../src/conformance/report/conformance-report.js'
import type { Break } from '../conformance/mutants/mutants.js'
import { NaiveServer } from '../conformance/mutants/naive-server.js'
import { CommandProcess } from './command-process.js'
import { FakeTerminal } from './fake-terminal.js'

async function run(args: string[], terminal = new FakeTerminal()) {
  const code = await main(args, terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

async function echoServer(t: Test, tls?: { key: string; cert: string }): Promise<string> {
  const server = createEchoServer({ allowedOrigins: 'any', tls })
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  return server.url!
}

async function naiveServer(t: Test, ...breaks: Break[]): Promise<string> {
  const server = new NaiveServer(new Set(breaks))
  t.teardown(() => server.stop())
  return await server.listen()
}

/** Listens until the test is over; resolves with the port. */
async function listening(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('mistakes', async t => {
  const rows: [args: string[], code: number, told: RegExp][] = [
    [
      ['conform'],
      2,
      /^framewright: conform what\? server, client, proxy, list, report; see framewright conform --help\n$/,
    ],
    [['conform', 'sever'], 2, /^framewright: unknown command conform sever; did you mean conform server\?\n$/],
    [['conform', '--json', 'x'], 2, /^framewright: unknown option --json; see framewright conform --help\n$/],
    [
      ['conform', 'xyz'],
      2,
      /^framewright: unknown command conform xyz; there are server, client, proxy, list, report\n$/,
    ],
    [['conform', 'server'], 2, /which server\? framewright conform server ws:/],
    [['conform', 'proxy'], 2, /which server\? framewright conform proxy ws:/],
    [['conform', 'server', 'x'], 2, /not a WebSocket URI/],
    [['conform', 'server', 'ws://a', 'b'], 2, /unexpected argument b/],
    [['conform', 'server', 'ws://a', '--profile', 'corr'], 2, /--profile "corr" is not 'core', 'strict', /],
    [['conform', 'server', 'ws://a', '--case', 'nothing'], 2, /no case is selected; framewright conform list/],
    [['conform', 'server', 'ws://a', '--case', '6455/5.1', '--case', 'x'], 2, /--case x names no case\n/],
    [
      ['conform', 'server', 'ws://a', '--case', '6455/5.1', '--case', 'x', '--profile', 'core'],
      2,
      /x names no case of the profile core/,
    ],
    [['conform', 'server', 'ws://a', '--timeout-scale', '0'], 2, /--timeout-scale "0" is not a number above 0/],
    [['conform', 'server', 'ws://a', '--timeout-scale', 'x'], 2, /--timeout-scale "x" is not/],
    [['conform', 'server', 'ws://a', '--jobs', '0'], 2, /--jobs "0" is not a whole number from 1 on/],
    [['conform', 'server', 'ws://a', '--seed', '-1'], 2, /--seed needs a value/],
    [['conform', 'server', 'ws://a', '-H', 'x'], 2, /--header needs 'NAME: VALUE'/],
    [['conform', 'server', 'ws://a', '-H', 'Host: x'], 2, /--header: header field Host is not/],
    [['conform', 'server', 'ws://a', '--baseline', '/nowhere'], 2, /--baseline: cannot read \/nowhere: no such file/],
    [
      ['conform', 'server', 'ws://a', '--baseline', 'package.json'],
      2,
      /package.json is no baseline; --update-baseline writes one/,
    ],
    [['conform', 'server', 'ws://a', '--baseline', 'a', '--update-baseline', 'b'], 2, /give one of them/],
    [['conform', 'server', 'ws://127.0.0.1:1'], 2, /cannot connect to ws:\/\/127.0.0.1:1\/: /],
    [['conform', 'client', '--host', '192.0.2.1'], 1, /cannot listen on 192.0.2.1:9002: this machine has no such/],
    [['conform', 'proxy', 'ws://a', '--host', '192.0.2.1'], 1, /cannot listen on 192.0.2.1:9003: this machine has/],
    [['conform', 'client', 'x'], 2, /unexpected argument x/],
    [['conform', 'client', '--port', 'x'], 2, /--port "x" is not a port/],
    [['conform', 'list', '--format', 'xml'], 2, /--format "xml" is not 'text', 'json' or 'markdown'/],
    [['conform', 'list', '--case', 'nothing'], 2, /no case is selected/],
    [['conform', 'report'], 2, /which reports\?/],
    [['conform', 'report', '/nowhere'], 2, /report: cannot read \/nowhere: no such file/],
    [['conform', 'report', 'package.json'], 2, /package.json is no report/],
    [['testee'], 2, /which server\?/],
    [['testee', 'ws://a', 'b'], 2, /unexpected argument b/],
    [['testee', 'ws://127.0.0.1:1'], 4, /cannot reach ws:\/\/127.0.0.1:1/],
  ]
  for (const [args, code, told] of rows) {
    const ran = await run(args)
    t.equal(ran.code, code, args.join(' '))
    t.match(ran.stderr, told)
    t.equal(ran.stdout, '')
  }
})

t.test('help', async t => {
  t.match(
    (await run(['conform', '--help'])).stdout,
    /^Usage: framewright conform COMMAND \[options\]\n[\s\S]*\n {2}server +judges a server/,
  )
  t.match((await run(['help', 'conform'])).stdout, /^Usage: framewright conform COMMAND/)
  for (const name of ['server', 'client', 'proxy', 'list', 'report']) {
    const { stdout } = await run(['conform', name, '--help'])
    t.match(stdout, new RegExp(`^Usage: framewright conform ${name} [\\s\\S]*Exit codes:[\\s\\S]*Examples:`))
    t.equal((await run(['help', 'conform', name])).stdout, stdout)
    t.same(
      stdout.split('\n').filter(line => line.length > 120),
      [],
    )
  }
  t.match((await run(['testee', '-h'])).stdout, /^Usage: framewright testee URL/)
})

t.test('our server passes core and every segmentation of it, over TCP', async t => {
  const { code, stdout } = await run(['conform', 'server', await echoServer(t), '--profile', 'strict'])
  t.equal(code, 0)
  t.match(stdout, /\nPASS \d+: server ws:\/\/127.0.0.1:\d+\/ in \d+\.\d s\n$/)
})

t.test('our server passes core over TLS', async t => {
  const url = await echoServer(t, await selfSignedCertificate())
  t.match(await run(['conform', 'server', url]), { code: 2, stderr: /self-signed certificate/ })
  const terminal = new FakeTerminal({ isTTY: true })
  const { code, stdout, stderr } = await run(
    ['conform', 'server', url.replace('127.0.0.1', 'localhost'), '--tls-insecure'],
    terminal,
  )
  t.equal(code, 0)
  t.match(stdout, /\n␛\[32mPASS \d+␛\[39m: server wss/)
  t.match(stderr, /\d+\/\d+ {2}␛\[32mPASS \d+␛\[39m {2}␛\[2m6455\//, 'progress')
  t.match(stderr, /\r␛\[K$/, 'which is taken away')
})

t.test('files: JSON, JUnit, Autobahn; TAP', async t => {
  const url = await naiveServer(t, 'answers Pongs')
  const dir = t.testdir()
  const files = ['--json', join(dir, 'new/a.json'), '--junit', join(dir, 'a.xml'), '--autobahn', dir]
  const args = [
    'conform',
    'server',
    url,
    '--case',
    '6455/5.5.3',
    '--case',
    '6455/5.5/close-of-126-octets',
    '--seed',
    '9',
    ...files,
  ]
  const { code, stdout } = await run([...args, '-H', "X: it's", '--timeout-scale', '2', '--not', '*@*'])
  t.equal(code, 0, 'a SHOULD missed is no failure')
  t.match(stdout, /^WARN {2}6455\/5.5.3\/unsolicited-pong\n/)
  const report = parseReport(readFileSync(join(dir, 'new/a.json'), 'utf8'))!
  t.match(report, { seed: 9, tested: { role: 'server', name: `${url}/` }, counts: { WARN: 3 } })
  const [first] = report.cases.filter(({ verdict }) => verdict === 'WARN')
  t.equal(
    first?.reproduce,
    `framewright conform server ${url}/ --case '6455/5.5.3/unsolicited-pong' --header 'X: it'\\''s' --seed 9 --timeout-scale 2 --verbose`,
  )
  t.match(readFileSync(join(dir, 'a.xml'), 'utf8'), /<testcase name="6455\/5.5\/close-of-126-octets"/)
  t.match(JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')), {
    [`${url}/`]: { '2.7': { behavior: 'NON-STRICT' } },
  })
  t.ok(parseReport(readFileSync(join(dir, 'report.json'), 'utf8')))
  t.match((await run([...args.slice(0, 5), '--tap'])).stdout, /^TAP version 13\n/)
  t.ok(parseReport((await run([...args.slice(0, 5), '--json', '-'])).stdout))
  t.match(await run([...args.slice(0, 5), '--json', '/dev/null/x']), {
    code: 1,
    stderr: /--json: cannot write \/dev\/null\/x: /,
  })
  t.match(
    (await run([...args.slice(0, 4), '6455/5.5/close-of-126-octets', '--verbose'])).stdout,
    /^PASS {2}6455\/5.5\/close/,
  )
})

t.test('baselines: known failures, new ones, and mended ones', async t => {
  const url = await naiveServer(t, 'takes every status code')
  const file = join(t.testdir(), 'baseline.json')
  const args = [
    'conform',
    'server',
    url,
    '--case',
    '6455/7.4.1/close-with-1005',
    '--case',
    '6455/7.4.1/close-with-1006',
    '--not',
    '*@*',
  ]
  t.match(await run(args), { code: 1, stderr: '' })
  t.equal((await run([...args, '--update-baseline', file])).code, 0)
  t.same(Object.keys(JSON.parse(readFileSync(file, 'utf8')).expected), [
    '6455/7.4.1/close-with-1005',
    '6455/7.4.1/close-with-1006',
  ])
  t.match(await run([...args, '--baseline', file]), { code: 0, stderr: '' })
  const mended = [...args.slice(0, 2), await naiveServer(t), ...args.slice(3), '--baseline', file]
  t.match(await run(mended), {
    code: 1,
    stderr: /expected to fail, and passes now; --update-baseline [^\n]*\n {2}6455\/7.4.1\/close-with-1005\n/,
  })
  const more = [...args, '--case', '6455/7.4.1/close-with-1015', '--baseline', file]
  t.match(await run(more), { code: 1, stderr: /not expected to fail:\n {2}6455\/7.4.1\/close-with-1015\n$/ })
})

t.test('Ctrl-C ends a run, and what there is is reported', async t => {
  const terminal = new FakeTerminal()
  const running = run(
    [
      'conform',
      'server',
      await naiveServer(t, 'answers no Ping'),
      '--case',
      '6455/5.5.2',
      '--jobs',
      '1',
      '--timeout-scale',
      '0.1',
    ],
    terminal,
  )
  while (terminal.interruptible === 0) await new Promise(setImmediate)
  terminal.interrupt()
  const { code, stdout } = await running
  t.equal(code, 130)
  t.match(stdout, /: server ws/)
})

t.test('our client passes every case, over TCP and TLS', async t => {
  for (const tls of [false, true]) {
    const terminal = new FakeTerminal()
    const args = [
      'conform',
      'client',
      '--port',
      '0',
      ...(tls ? ['--tls-self-signed', '--case', '6455/5.1'] : ['--profile', 'strict']),
    ]
    const judging = run(args, terminal)
    const [, url] = await terminal.stderr.until(/listening on (wss?:\/\/127.0.0.1:\d+): \d+ cases wait/)
    const tty = new FakeTerminal({ isTTY: tls })
    const { code, stdout, stderr } = await run(
      ['testee', `${url}/`, '--agent', 'my name', ...(tls ? ['--tls-insecure'] : [])],
      tty,
    )
    t.equal(code, 0)
    t.match(stdout, /^\d+ cases\n$/)
    t.match(stderr, tls ? /1\/\d+[\s\S]*\r␛\[K$/ : /^$/)
    const judged = await judging
    t.equal(judged.code, 0)
    t.match(judged.stdout, /\nPASS \d+: client my name in/)
  }
})

t.test('a client that leaves in the middle', async t => {
  for (const agents of [0, 1]) {
    const terminal = new FakeTerminal()
    const judging = run(
      ['conform', 'client', '--port', '0', '--host', '::1', '--case', '6455/5.1', '--not', '*@*'],
      terminal,
    )
    const [, port] = await terminal.stderr.until(/listening on ws:\/\/\[::1\]:(\d+)/)
    if (agents > 0) {
      const socket = connectTcp({ port: Number(port), host: '::1' })
      socket.write('GET /runCase?case=1&agent=me HTTP/1.1\r\n\r\n')
      await new Promise(resolve =>
        socket
          .on('error', () => {})
          .on('close', resolve)
          .resume(),
      )
    }
    terminal.interrupt()
    const { code, stdout } = await judging
    t.equal(code, 130)
    t.match(stdout, agents === 0 ? /: client no client in/ : /: client me in/)
    t.match(stdout, /the client did not ask for this case/)
    t.match(
      stdout,
      new RegExp(`again: {5}framewright conform client --port ${port} --case '6455/5.1/[a-z-]+' --seed 1 --verbose`),
    )
  }
})

t.test('a port in use', async t => {
  const port = new URL(await naiveServer(t)).port
  t.match(await run(['conform', 'client', '--port', port]), {
    code: 1,
    stderr: /cannot listen on 127.0.0.1:\d+: the port is in use/,
  })
  t.match(await run(['conform', 'proxy', 'ws://a', '--port', port]), { code: 1, stderr: /cannot listen on/ })
})

function changed(chunk: Buffer): Buffer {
  return Buffer.from(chunk.toString('latin1').replace('Hello', 'hello'), 'latin1')
}

t.test('a proxy: one that forwards octets passes, one that changes them does not', async t => {
  for (const flip of [false, true]) {
    const terminal = new FakeTerminal()
    const free = createServer()
    const back = await listening(t, free)
    free.close()
    const proxy = createServer({ allowHalfOpen: true }, socket => {
      const behind = connectTcp({ port: back, allowHalfOpen: true })
      socket.on('error', () => behind.destroy()).pipe(behind)
      behind.on('error', () => socket.destroy())
      if (!flip) behind.pipe(socket)
      else behind.on('data', chunk => socket.write(changed(chunk))).on('end', () => socket.end())
    })
    const front = `ws://127.0.0.1:${await listening(t, proxy)}`
    const { code, stdout, stderr } = await run(
      ['conform', 'proxy', front, '--port', String(back), '--case', '6455/5.4', '--case', '6455/5.5.1', '--not', '*@*'],
      terminal,
    )
    t.match(stderr, /the server behind the proxy: ws:\/\/127.0.0.1:\d+/)
    t.equal(code, flip ? 1 : 0)
    t.match(stdout, /: proxy ws:/)
  }
})

t.test('the list, in three forms', async t => {
  const text = (await run(['conform', 'list'])).stdout
  t.match(text, /^6455\/5.1\/unmasked-text +MUST +core +server +a text frame, not masked\n/)
  t.match(text, /\n\d+ cases, \d+ requirements\n$/)
  const json = JSON.parse((await run(['conform', 'list', '--format', 'json', '--profile', 'all'])).stdout)
  t.match(json[0], {
    id: '6455/5.1/unmasked-text',
    section: 'RFC 6455 §5.1',
    level: 'MUST',
    roles: ['server'],
    steps: ['send text "Hello", not masked', /^await that it fails the connection, with 1002 or silently$/],
  })
  const client = (await run(['conform', 'list', '--case', '6455/5.1/masked-*', '--format', 'markdown'])).stdout
  t.match(client, /^\| case \| level \| [\s\S]*\| `6455\/5.1\/masked-text` \| MUST \| core \| client \| /)
  t.notMatch(client, /unmasked/)
})

t.test('reports side by side', async t => {
  const dir = t.testdir()
  for (const [name, url] of [
    ['a', await naiveServer(t)],
    ['b', await naiveServer(t, 'answers Pongs')],
  ] as const) {
    await run(['conform', 'server', url, '--case', '6455/5.5.3', '--not', '*@*', '--json', join(dir, `${name}.json`)])
  }
  const { code, stdout } = await run(['conform', 'report', join(dir, 'a.json'), join(dir, 'b.json')])
  t.equal(code, 0)
  t.match(stdout, /\| `6455\/5.5.3\/unsolicited-pong` \| PASS \| WARN \|\n/)
  writeFileSync(join(dir, 'c.json'), '{}')
  t.equal((await run(['conform', 'report', join(dir, 'c.json')])).code, 2)
})

t.test('a testee of something that is no fuzzing server', async t => {
  const refusing = createServer(socket => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'))
  const port = await listening(t, refusing)
  t.match(await run(['testee', `ws://127.0.0.1:${port}`]), { code: 3, stderr: /404/ })
  const closing = createWebSocketServer({}, { connection: connection => connection.close(1000) })
  await closing.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => closing.close())
  t.match(await run(['testee', closing.url!]), { code: 3, stderr: /not send a number of cases: is it a fuzzing/ })
})

t.test('a testee whose handshakes are refused goes on', async t => {
  const paths: string[] = []
  const server = createWebSocketServer(
    {},
    {
      accept(request) {
        paths.push(request.path)
        return request.path.startsWith('/runCase') ? { status: 403 } : {}
      },
      connection(connection) {
        if (connection.request.path === '/getCaseCount') connection.send('2')
        connection.close(1000)
      },
    },
  )
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  t.match(await run(['testee', server.url!]), { code: 0, stdout: '2 cases\n' })
  t.same(paths, [
    '/getCaseCount',
    '/runCase?case=1&agent=framewright',
    '/runCase?case=2&agent=framewright',
    '/updateReports?agent=framewright',
  ])
})

t.test('as a process', async t => {
  const conform = new CommandProcess(t, ['conform', 'server', await echoServer(t), '--case', '7.3.2'])
  t.same(await conform.ended, { code: 0, signal: null })
  t.match(conform.stdout, /PASS 4: server/)
})
