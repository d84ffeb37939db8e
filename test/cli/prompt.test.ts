/** `framewright connect` at a terminal: the prompt, its commands, and what is printed above it. */
import { once } from 'node:events'
import t from 'tap'
import { createServer, type Server } from '../../src/api/server.js'
import type { ServerHandlers } from '../../src/api/server-options.js'
import { main } from '../../src/cli/main.js'
import { FakeTerminal } from './fake-terminal.js'
import { runEcho } from './running-echo.js'

type Test = { teardown(callback: () => unknown): unknown }

const ctrlC = '\x03'
const ctrlD = '\x04'

/** The command at a prompt; `typed` is sent as if it were. */
function start(url: string, ...args: readonly string[]) {
  const terminal = new FakeTerminal({ isTTY: true })
  const exit = main(['connect', url, ...args], terminal)
  const type = (typed: string) => void terminal.stdin.write(typed)
  return { terminal, exit, type }
}

async function serve(t: Test, handlers: ServerHandlers): Promise<Server> {
  const server = createServer({}, handlers)
  t.teardown(() => {
    for (const connection of server.connections) connection.terminate()
    return server.close()
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  return server
}

t.test('a line is sent, an answer printed, and the prompt shown again', async t => {
  const { url } = await runEcho(t)
  const { terminal, exit, type } = start(url)
  await terminal.stderr.until(/connected to ws:.*; \/help lists the commands/)
  type('hello\r')
  await terminal.stdout.until(/hello/)
  t.equal(terminal.stdout.text, '␛[32m< ␛[39mhello\n')
  type('//slash\r')
  await terminal.stdout.until(/< ␛\[39m\/slash\n/)
  type('half a line')
  await terminal.stderr.until(/half a line/)
  type(ctrlC)
  t.equal(await exit, 0)
  t.match(terminal.stderr.text, /closed with 1000␛\[22m\n$/)
  t.equal(terminal.interruptible, 0)
})

t.test('NO_COLOR, and terminals that show none: plain text', async t => {
  const { url } = await runEcho(t)
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const terminal = new FakeTerminal({ isTTY: true, env })
    const exit = main(['connect', url], terminal)
    terminal.stdin.write('hello\r')
    await terminal.stdout.until(/hello/)
    t.equal(terminal.stdout.text, '< hello\n')
    terminal.stdin.write('/quit\r')
    t.equal(await exit, 0)
    t.notMatch(terminal.stderr.text, '␛[2m')
  }
})

t.test('what the peer sends cannot steer the terminal', async t => {
  const { url } = await runEcho(t)
  const { terminal, exit, type } = start(url)
  await terminal.stderr.until(/connected/)
  type('/binary 1b 5b 32 4a\r')
  await terminal.stdout.until(/<< ␛\[39m1b 5b 32 4a\n/)
  const server = await serve(t, { connection: connection => void connection.send('\x1b[2Jboo') })
  const other = start(server.url!)
  await other.terminal.stdout.until(/< ␛\[39m\\x1b\[2Jboo\n/)
  type('/quit\r')
  other.type('/quit\r')
  t.same([await exit, await other.exit], [0, 0])
})

t.test('/ping, /info, /help, and what is not understood', async t => {
  const { url, port } = await runEcho(t)
  const { terminal, exit, type } = start(url, '--ping')
  await terminal.stderr.until(/pong after [\d.]+ ms/)
  type('/ping again\r')
  await terminal.stderr.until(/pong after[\s\S]*pong after/)
  type('/info\r')
  await terminal.stderr.until(/connected[\s\S]*connected to ws:/)
  t.match(terminal.stderr.text, new RegExp(`open, to 127\\.0\\.0\\.1 port ${port}, round trip [\\d.]+ ms on average\n`))
  t.match(terminal.stderr.text, /\noctets: \d+ received, \d+ sent, 0 waiting/)
  type('/help\r')
  await terminal.stderr.until(/\/binary HEX {12}sends a binary message/)
  type('/nonsense\r')
  await terminal.stderr.until(/unknown command \/nonsense/)
  type(ctrlD)
  t.equal(await exit, 0)
})

t.test('/info before any round trip was measured', async t => {
  const { url } = await runEcho(t)
  const { terminal, exit, type } = start(url)
  type('/info\r/quit\r')
  t.equal(await exit, 0)
  t.match(terminal.stderr.text, /open, to 127\.0\.0\.1 port \d+\n/)
})

t.test('/close, /quit and Ctrl-D close: with what was typed, or as --close says', async t => {
  const closes: string[] = []
  const server = await serve(t, { closing: (_, close) => void closes.push(`${close?.code} ${close?.reason}`) })
  for (const typed of ['/close 3001 good bye\r', '/close\r', '/quit\r', ctrlD]) {
    const { terminal, exit, type } = start(server.url!, '--close', '4001:as told')
    await terminal.stderr.until(/connected/)
    type(typed)
    t.equal(await exit, 0)
  }
  t.same(closes, ['3001 good bye', '4001 as told', '4001 as told', '4001 as told'])
})

t.test('the server closes: its code and reason are told', async t => {
  const server = await serve(t, { message: connection => connection.close(4400, 'not so\x07') })
  const { terminal, exit, type } = start(server.url!)
  type('hello\r')
  t.equal(await exit, 1)
  t.match(terminal.stderr.text, /the server closed with 4400 \(not so\\x07\)/)
})

t.test('a second Ctrl-C cuts: 130', async t => {
  // Paused, the server does not come to the Close frame.
  const server = await serve(t, { connection: connection => connection.pause() })
  const { terminal, exit, type } = start(server.url!)
  await terminal.stderr.until(/connected/)
  type(ctrlC)
  type(ctrlC)
  t.equal(await exit, 130)
  t.match(terminal.stderr.text, /cut/)
})

t.test('after Ctrl-Z and fg it goes on', async t => {
  const { url } = await runEcho(t)
  const { terminal, exit, type } = start(url)
  await terminal.stderr.until(/connected/)
  const { kill } = process
  t.teardown(() => {
    process.kill = kill
  })
  const signals: unknown[] = []
  process.kill = (_, signal) => {
    signals.push(signal)
    process.emit('SIGCONT') // the shell's fg
    return true
  }
  const resumed = once(process, 'SIGCONT')
  type('\x1a')
  await resumed
  type('back\r')
  await terminal.stdout.until(/back/)
  t.same(signals, ['SIGTSTP'])
  type(ctrlD)
  t.equal(await exit, 0)
})

t.test('SIGTERM closes as Ctrl-C does', async t => {
  const { url } = await runEcho(t)
  const { terminal, exit } = start(url)
  await terminal.stderr.until(/connected/)
  terminal.interrupt()
  t.equal(await exit, 0)
})

t.test('output that goes to a pipe is as in a pipe', async t => {
  const { url } = await runEcho(t)
  const { terminal, stdout, exit } = startIntoPipe(url)
  terminal.stdin.write('text\r/binary 00ff\r')
  await stdout.until(/\n[\s\S]{2}/)
  t.same(stdout.octets, Buffer.from('text\n\x00\xff', 'latin1'))
  stdout.refuse('EPIPE')
  terminal.stdin.write('unread\r')
  t.equal(await exit, 0, 'whoever reads has had enough')
})

t.test('output that cannot be written ends it: 5', async t => {
  const { url } = await runEcho(t)
  const { terminal, stdout, exit } = startIntoPipe(url)
  stdout.refuse('ENOSPC')
  terminal.stdin.write('text\r')
  t.equal(await exit, 5)
  t.match(terminal.stderr.text, /cannot write to stdout: no space left on device\n$/)
})

/** At a prompt, but stdout is a pipe. */
function startIntoPipe(url: string) {
  const terminal = new FakeTerminal({ isTTY: true })
  const { stdin, stderr, env } = terminal
  const { stdout } = new FakeTerminal()
  const onInterrupt = terminal.onInterrupt.bind(terminal)
  return { terminal, stdout, exit: main(['connect', url, '--binary'], { stdin, stdout, stderr, env, onInterrupt }) }
}

t.test('a prompt that nobody would see is none: lines are sent as they come', async t => {
  const { url } = await runEcho(t)
  const terminal = new FakeTerminal({ isTTY: true })
  const { stdin, stdout, env } = terminal
  const { stderr } = new FakeTerminal()
  const onInterrupt = terminal.onInterrupt.bind(terminal)
  const exit = main(['connect', url, '--replies', '1'], { stdin, stdout, stderr, env, onInterrupt })
  stdin.end('/help\n')
  t.equal(await exit, 0)
  t.equal(stdout.text, '␛[32m< ␛[39m/help\n')
  t.equal(stderr.text, '')
})

t.test('a message of several lines does not look like several messages', async t => {
  const server = await serve(t, { connection: connection => void connection.send('one\n< two') })
  const { terminal, exit, type } = start(server.url!)
  await terminal.stdout.until(/two\n/)
  t.equal(terminal.stdout.text, '␛[32m< ␛[39mone\n  < two\n')
  type('/quit\r')
  t.equal(await exit, 0)
})

t.test('what is typed while it closes is not sent, and told so', async t => {
  // Paused, the server does not come to the Close frame.
  const server = await serve(t, { connection: connection => connection.pause() })
  const { terminal, exit, type } = start(server.url!)
  await terminal.stderr.until(/connected/)
  type(`${ctrlC}late\r/binary 00\r`)
  await terminal.stderr.until(/(not sent: the connection is closing[\s\S]*){2}/)
  type(ctrlC)
  t.equal(await exit, 130)
})

t.test('what is being typed over several rows makes room for a message, all of it', async t => {
  const { url } = await runEcho(t)
  const { terminal, exit, type } = start(url)
  terminal.stderr.columns = 20
  await terminal.stderr.until(/connected/)
  const long = 'x'.repeat(50)
  type(`hello\r${long}`)
  await terminal.stdout.until(/hello/)
  await terminal.stderr.until(new RegExp(`␛\\[2A␛\\[1G␛\\[0J.*␛\\[1G␛\\[0J> ${long}`))
  type('\r')
  await terminal.stdout.until(new RegExp(`< ␛\\[39m${long}\n`))
  type(ctrlD)
  t.equal(await exit, 0)
})
