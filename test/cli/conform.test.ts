/** `framewright conform`: help, mistakes, lists, reports side by side, proxies. */
import { writeFileSync } from 'node:fs'
import { connect as connectTcp, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { listening, naiveServer, run } from './conform-runs.js'
import { FakeTerminal } from './fake-terminal.js'

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
    [
      ['conform', 'server', 'ws+unix:/s'],
      2,
      /not a WebSocket URI: .*; for a unix socket: ws:\/\/localhost --socket PATH\n/,
    ],
    [['conform', 'server', 'ws://a', '--profile', 'corr'], 2, /--profile "corr" is not 'core', 'strict', /],
    [['conform', 'server', 'ws://a', '--case', 'nothing'], 2, /--case nothing names no case; framewright conform list/],
    [
      ['conform', 'server', 'ws://a', '--case', '6455/5.1', '--case', 'x'],
      2,
      /--case x names no case; framewright conform list shows/,
    ],
    [['conform', 'server', 'ws://a', '--case', 'a,b'], 2, /--case a,b names no case; give the option once for each/],
    [['conform', 'server', 'ws://a', '--not', 'x'], 2, /--not x names no case; /],
    [['conform', 'server', 'ws://a', '--not', '*'], 2, /no case is selected: --not leaves none\n/],
    [['conform', 'client', '--case', '6455/5.1/unmasked-text'], 2, /unmasked-text names no case for a client; /],
    [['conform', 'client', '-H', 'Upgrade: x'], 2, /--header: header field Upgrade is not/],
    [['conform', 'client', '--jobs', '0'], 2, /--jobs "0" is not a whole number from 1 on/],
    [
      ['conform', 'server', 'ws://a', '--case', '6455/5.1', '--case', 'x', '--profile', 'core'],
      2,
      /x names no case of the profile core/,
    ],
    [['conform', 'server', 'ws://a', '--timeout-scale', '0'], 2, /--timeout-scale "0" is not a number above 0/],
    [['conform', 'server', 'ws://a', '--timeout-scale', 'x'], 2, /--timeout-scale "x" is not/],
    [['conform', 'server', 'ws://a', '--jobs', '0'], 2, /--jobs "0" is not a whole number from 1 on/],
    [['conform', 'server', 'ws://a', '--seed', '-1'], 2, /--seed "-1" is not a whole number from 0 on/],
    [['conform', 'server', 'ws://a', '--timeout-scale', '-1'], 2, /--timeout-scale "-1" is not a number above 0/],
    [['conform', 'server', 'ws://a', '-H', 'x'], 2, /--header needs 'NAME: VALUE'/],
    [['conform', 'server', 'ws://a', '-H', 'Host: x'], 2, /--header: header field Host is not/],
    [['conform', 'server', 'ws://a', '--baseline', '/nowhere'], 2, /--baseline: cannot read \/nowhere: no such file/],
    [
      ['conform', 'server', 'ws://a', '--baseline', 'package.json'],
      2,
      /package.json is no baseline; --update-baseline writes one/,
    ],
    [['conform', 'server', 'ws://a', '--baseline', 'a', '--update-baseline', 'b'], 2, /give one of them/],
    [['conform', 'server', 'ws://127.0.0.1:1'], 2, /cannot reach ws:\/\/127.0.0.1:1\/: nothing listens there/],
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
    const back = () => Number(/connects to: 127.0.0.1:(\d+)/.exec(terminal.stderr.text)![1])
    const proxy = createServer({ allowHalfOpen: true }, socket => {
      const behind = connectTcp({ port: back(), allowHalfOpen: true })
      socket.on('error', () => behind.destroy()).pipe(behind)
      behind.on('error', () => socket.destroy())
      if (!flip) behind.pipe(socket)
      else behind.on('data', chunk => socket.write(changed(chunk))).on('end', () => socket.end())
    })
    const front = `ws://127.0.0.1:${await listening(t, proxy)}`
    const { code, stdout, stderr } = await run(
      ['conform', 'proxy', front, '--port', '0', '--case', '6455/5.4', '--case', '6455/5.5.1', '--not', '*@*'],
      terminal,
    )
    t.match(stderr, /what the proxy connects to: 127.0.0.1:\d+/)
    t.equal(code, flip ? 1 : 0)
    t.match(stdout, /: proxy ws:/)
  }
})

t.test('no proxy: nothing comes behind it, or there is nothing between', async t => {
  t.match(await run(['conform', 'proxy', await naiveServer(t), '--port', '0']), {
    code: 2,
    stdout: '',
    stderr:
      /ws:\/\/127.0.0.1:\d+\/: no connection came behind it: it answered with 101 instead of passing the request on; the proxy is to connect to port \d+ \(--port\)\n$/,
  })
  const free = createServer()
  const port = String(await listening(t, free))
  free.close()
  t.match(await run(['conform', 'proxy', `ws://127.0.0.1:${port}`, '--port', port]), {
    code: 2,
    stdout: '',
    stderr: /: there is no proxy: the URL leads straight to us; /,
  })
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
  const numbered = JSON.parse((await run(['conform', 'list', '--format', 'json', '--case', '7.3'])).stdout)
  t.same(
    numbered.flatMap(({ autobahn }: { autobahn: string[] }) => autobahn).sort(),
    ['7.3.1', '7.3.2', '7.3.3', '7.3.4', '7.3.5', '7.3.6'],
    'numbers of Autobahn stand for what is below them, too',
  )
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
  const nowhere = await run(['conform', 'report', join(dir, 'a.json'), '--html', '-'])
  t.match(nowhere, {
    code: 2,
    stdout: '',
    stderr: '--html -: this cannot be standard output; ./- is a path of that name',
  })
})
