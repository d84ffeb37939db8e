/** The command `framewright` as a process: help, versions, mistakes, signals; and as a link, as npm installs it. */
import { once } from 'node:events'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { connect } from '../../src/api/client.js'
import { main } from '../../src/cli/main.js'
import { processTerminal } from '../../src/cli/terminal.js'
import { RawClient } from '../transport/raw-client.js'
import { CommandProcess } from './command-process.js'
import { FakeTerminal } from './fake-terminal.js'

const root = new URL('../../../', import.meta.url)

t.test('help, version, and what is no command', async t => {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }
  const rows: [string[], number, RegExp, RegExp][] = [
    [['--help'], 0, /^Usage: framewright COMMAND[\s\S]*\n {2}echo +an echo server[\s\S]*\n {2}connect +a client/, /^$/],
    [['-h'], 0, /^Usage: framewright COMMAND/, /^$/],
    [['help'], 0, /^Usage: framewright COMMAND/, /^$/],
    [['help', 'echo'], 0, /^Usage: framewright echo \[options\]/, /^$/],
    [['help', 'echo', 'extra'], 2, /^$/, /unexpected argument 'extra'; help takes a command/],
    [['help', 'conform', 'extra'], 2, /^$/, /unknown command conform extra/],
    [['echo', '--help'], 0, /^Usage: framewright echo[\s\S]*Options:[\s\S]*Exit codes:[\s\S]*Examples:/, /^$/],
    [['connect', 'ws://x', '-h'], 0, /^Usage: framewright connect URL [\s\S]*\n {2}-H, --header 'NAME: VALUE' /, /^$/],
    [['--version'], 0, new RegExp(`^${version}\n$`), /^$/],
    [['-V'], 0, new RegExp(`^${version}\n$`), /^$/],
    [[], 2, /^$/, /^framewright: which command\? echo, connect, conform, load, testee; see framewright --help\n$/],
    [['ehco'], 2, /^$/, /^framewright: unknown command ehco; did you mean echo\?\n$/],
    [['serve'], 2, /^$/, /^framewright: unknown command serve; there are echo, connect, conform, load, testee\n$/],
    [['help', 'conect'], 2, /^$/, /^framewright: unknown command conect; did you mean connect\?\n$/],
    [['--port', '1'], 2, /^$/, /^framewright: unknown option --port; see framewright --help\n$/],
    [['connect', '--', '--help'], 2, /^$/, /^framewright: not a WebSocket URI: /],
    [['\x1b[2J'], 2, /^$/, /^framewright: unknown command \\x1b\[2J; /],
  ]
  for (const [args, code, stdout, stderr] of rows) {
    const terminal = new FakeTerminal()
    t.equal(await main(args, terminal), code, args.join(' '))
    t.match(terminal.stdout.text, stdout)
    t.match(terminal.stderr.text, stderr)
  }
})

t.test('help fits into 120 columns', async t => {
  for (const args of [['--help'], ['echo', '--help'], ['connect', '--help']]) {
    const terminal = new FakeTerminal()
    await main(args, terminal)
    t.same(
      terminal.stdout.text.split('\n').filter(line => line.length > 120),
      [],
    )
  }
})

t.test('a mistake of ours is not told as one of the user', async t => {
  const terminal = new FakeTerminal()
  const mistake = new TypeError('a mistake of ours')
  terminal.stdout.write = () => {
    throw mistake
  }
  await t.rejects(main(['--version'], terminal), mistake)
})

t.test('on a terminal the name of the program is set off', async t => {
  const terminal = new FakeTerminal({ isTTY: true })
  await main(['nonsense'], terminal)
  t.match(terminal.stderr.text, /^␛\[31mframewright:␛\[39m unknown command nonsense/)
})

t.test('this process: signals are heard until they are no longer listened for', async t => {
  const terminal = processTerminal()
  t.equal(terminal.stdout, process.stdout)
  let heard = 0
  const before = process.listenerCount('SIGTERM')
  const ignore = terminal.onInterrupt(() => heard++)
  process.emit('SIGINT')
  process.emit('SIGTERM')
  t.equal(heard, 2)
  ignore()
  t.equal(process.listenerCount('SIGTERM'), before)
})

t.test('echo: the first line, then messages; SIGINT closes with 1001 and exits 0', async t => {
  const echo = new CommandProcess(t, ['echo', '--port', '0'])
  const [, url] = await echo.until(/^listening on (ws:\/\/127\.0\.0\.1:\d+)\n/)
  const connection = await connect(url!)
  connection.send('hello')
  for await (const message of connection) {
    t.equal(message, 'hello')
    break
  }
  const client = await RawClient.connect({ port: Number(new URL(url!).port) })
  await client.open()
  client.binary(Buffer.from([1, 2]))
  t.equal(await client.line(), 'binary 0102')
  echo.child.kill('SIGINT')
  t.match(await connection.closed, { code: 1001, clean: true, initiator: 'peer' })
  t.equal(await client.line(), 'close 1001 ""')
  client.close(1001)
  client.stream.end()
  t.same(await echo.ended, { code: 0, signal: null })
  t.equal(echo.stderr, 'closing 2 connections; Ctrl-C again cuts\n')
})

t.test('echo: SIGTERM as SIGINT; a second signal cuts, 130', async t => {
  const echo = new CommandProcess(t, ['echo', '--port', '0', '--tls-self-signed'])
  const [, url] = await echo.until(/^listening on (wss:\S+)\n/)
  await echo.until(/SHA-256/)
  const connection = await connect(url!, { tls: { rejectUnauthorized: false } })
  connection.pause() // it does not come to the Close frame
  echo.child.kill('SIGTERM')
  while (!/closing one/.test(echo.stderr)) await once(echo.child.stderr!, 'data')
  echo.child.kill('SIGINT')
  t.same(await echo.ended, { code: 130, signal: null })
  connection.terminate()
})

t.test('echo: the port is in use', async t => {
  const first = new CommandProcess(t, ['echo', '--port', '0'])
  const [, port] = await first.until(/^listening on ws:\/\/127\.0\.0\.1:(\d+)\n/)
  const second = new CommandProcess(t, ['echo', '--port', port!])
  t.same(await second.ended, { code: 1, signal: null })
  t.equal(second.stdout, '')
  t.match(second.stderr, /^framewright: cannot listen on 127\.0\.0\.1:\d+: the port is in use; [^\n]*\n$/)
})

t.test('connect: a pipe, both ways; exit codes', async t => {
  const echo = new CommandProcess(t, ['echo', '--port', '0'])
  const [, url] = await echo.until(/^listening on (\S+)\n/)
  const connected = new CommandProcess(t, ['connect', url!, '--replies', '1'])
  connected.child.stdin!.end('hi\n')
  t.same(await connected.ended, { code: 0, signal: null })
  t.equal(connected.stdout, 'hi\n')
  t.equal(connected.stderr, '')
  const refused = new CommandProcess(t, ['connect', 'ws://127.0.0.1:1'])
  t.same(await refused.ended, { code: 4, signal: null })
  t.match(refused.stderr, /^framewright: cannot reach [^\n]*\n$/)
  // Its input stays open: the end of the connection is its end all the same.
  const left = new CommandProcess(t, ['connect', url!])
  left.child.stdin!.write('x\n')
  await left.until(/^x\n/)
  echo.child.kill('SIGINT')
  t.same(await left.ended, { code: 0, signal: null })
})

t.test('the command is a program with a first line for the shell, also where a link leads to it', async t => {
  const program = fileURLToPath(new URL('build/src/cli/main.js', root))
  t.match(readFileSync(program, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  const link = join(t.testdir(), 'framewright')
  symlinkSync(program, link)
  const linked = new CommandProcess(t, ['--version'], link)
  t.same(await linked.ended, { code: 0, signal: null })
  t.match(linked.stdout, /^\d+\.\d+\.\d+/)
})
