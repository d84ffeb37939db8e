/** `framewright connect` in a pipe: what is sent, what comes out, how long it stays, and what it exits with. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { createServer, type Server } from '../../src/api/server.js'
import type { ServerHandlers, ServerOptions } from '../../src/api/server-options.js'
import { main } from '../../src/cli/main.js'
import { localhostTls } from '../api/serving.js'
import { FakeTerminal } from './fake-terminal.js'
import { runEcho } from './running-echo.js'

type Test = { teardown(callback: () => unknown): unknown }

/** A server of the test's own. */
async function serve(t: Test, options: ServerOptions = {}, handlers: ServerHandlers = {}): Promise<Server> {
  const server = createServer(options, handlers)
  t.teardown(() => {
    for (const connection of server.connections) connection.terminate()
    return server.close()
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  return server
}

/** Runs the command with this input; its end, once it has come. */
async function pipe(
  url: string,
  input: string | Buffer | undefined,
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string; terminal: FakeTerminal }> {
  const terminal = new FakeTerminal()
  if (input !== undefined) terminal.stdin.end(input)
  const code = await main(['connect', url, ...args], terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text, terminal }
}

t.test('each line is a message, each message a line', async t => {
  const { url } = await runEcho(t)
  const rows: [string, number, string][] = [
    ['hi\n', 1, 'hi\n'],
    ['hi', 1, 'hi\n'],
    ['one\r\n\ntwo ✓', 3, 'one\n\ntwo ✓\n'],
    ['/quit\n\x1b[2J', 2, '/quit\n\x1b[2J\n'],
  ]
  for (const [input, replies, output] of rows) {
    const { code, stdout, stderr } = await pipe(url, input, '--replies', String(replies))
    t.same({ code, stdout, stderr }, { code: 0, stdout: output, stderr: '' }, JSON.stringify(input))
  }
})

/** Stands for the timer of this wait: how often it was put off, and a way to let it run out. */
function heldWait(t: Test, time: number): { putOff: number; runOut(): void } {
  const { setTimeout } = globalThis
  t.teardown(() => {
    globalThis.setTimeout = setTimeout
  })
  const wait = { putOff: 0, runOut: () => {} }
  globalThis.setTimeout = ((callback: () => void, after: number) => {
    if (after !== time) return setTimeout(callback, after)
    wait.runOut = callback
    return { refresh: () => wait.putOff++ }
  }) as typeof globalThis.setTimeout
  return wait
}

t.test('it waits for replies until it has been quiet for a while', async t => {
  const { url } = await runEcho(t)
  const wait = heldWait(t, 54_321)
  const terminal = new FakeTerminal()
  terminal.stdin.end('a\nb\n')
  const ended = main(['connect', url, '--wait', '54321ms'], terminal)
  await terminal.stdout.until(/^a\nb\n/)
  while (wait.putOff === 0) await new Promise(resolve => setImmediate(resolve))
  wait.runOut()
  t.equal(await ended, 0)
  t.match(await pipe(url, 'a\nb\n', '--wait', '0'), { code: 0 })
  t.match(await pipe(url, '', '--wait', '1ms'), { code: 0, stdout: '' })
})

t.test('one second of quiet by default; ten where replies are expected', async t => {
  const { url } = await runEcho(t)
  const waits: number[] = []
  const { setTimeout } = globalThis
  t.teardown(() => {
    globalThis.setTimeout = setTimeout
  })
  globalThis.setTimeout = ((callback: () => void, time: number) => {
    waits.push(time)
    return setTimeout(callback, time >= 1000 ? 1 : time)
  }) as typeof setTimeout
  await pipe(url, '')
  await pipe(url, '', '--replies', '1')
  t.same(
    waits.filter(time => time === 1000 || time === 10_000),
    [1000, 10_000],
  )
})

t.test('fewer messages than --replies: 1', async t => {
  const { url } = await runEcho(t)
  const wait = heldWait(t, 54_321)
  const terminal = new FakeTerminal()
  terminal.stdin.end('a\n')
  const ended = main(['connect', url, '--replies', '2', '--wait', '54321ms'], terminal)
  await terminal.stdout.until(/^a\n/)
  while (wait.putOff === 0) await new Promise(resolve => setImmediate(resolve))
  wait.runOut()
  t.equal(await ended, 1)
  t.equal(terminal.stderr.text, 'framewright: 1 of 2 messages came\n')
})

t.test('--wait forever: until the server closes', async t => {
  const server = await serve(t, {}, { message: connection => connection.close(1001, 'bye') })
  t.match(await pipe(server.url!, 'go\n', '--wait', 'forever', '--verbose'), {
    code: 0,
    stderr: /\nthe server closed with 1001 \(bye\)\n$/,
  })
})

t.test('--binary: all of the input is one message, what comes is written as it is', async t => {
  const { url } = await runEcho(t)
  const octets = Buffer.from([0, 10, 13, 255])
  const { code, terminal } = await pipe(url, octets, '--binary', '--replies', '1')
  t.equal(code, 0)
  t.same(terminal.stdout.octets, octets)
  t.match(await pipe(url, '', '--binary', '--wait', '1ms'), { code: 0, stdout: '' }, 'nothing is sent of nothing')
})

t.test('without --binary, binary messages are lines of hexadecimal octets', async t => {
  const server = await serve(t, {}, { connection: connection => void connection.send(Buffer.from([0, 255, 126])) })
  t.match(await pipe(server.url!, '', '--replies', '1'), { code: 0, stdout: '00 ff 7e\n' })
})

t.test('§7.1.2: it closes with --close when all is done', async t => {
  const closes: string[] = []
  const server = await serve(t, {}, { closing: (_, close) => void closes.push(`${close?.code} ${close?.reason}`) })
  for (const args of [[], ['--close', '3000'], ['--close', '4000:all done']]) {
    t.match(await pipe(server.url!, '', '--wait', '0', ...args), { code: 0, stderr: '' })
  }
  t.same(closes, ['1000 ', '3000 ', '4000 all done'])
})

t.test('what the server is asked: header fields, subprotocols, Origin', async t => {
  const asked: string[] = []
  const server = await serve(
    t,
    { protocols: ['b'], allowedOrigins: 'any' },
    {
      connection: ({ request, protocol }) => {
        asked.push(protocol, request.origin ?? '', request.headers.get('x-one') ?? '', request.path)
      },
    },
  )
  const args = ['-s', 'a', '--subprotocol', 'b', '-H', 'X-One: 1:2 ', '--origin', 'https://a.example']
  const { code, stderr } = await pipe(`${server.url!.replace('ws', 'http')}/p?q`, '', '-w', '0', '-v', ...args)
  t.equal(code, 0)
  t.same(asked, ['b', 'https://a.example', '1:2', '/p?q'])
  t.match(
    stderr,
    /^connected to ws:\/\/127\.0\.0\.1:\d+\/p\?q, subprotocol b in [\d.]+ ms \(tcp [\d.]+ ms, upgrade [\d.]+ ms\)\n/,
  )
  t.match(stderr, /\nclosed with 1000\n$/)
})

t.test('--ping tells the round-trip time; or that the connection ended', async t => {
  const { url } = await runEcho(t)
  t.match(await pipe(url, 'a', '--ping', '--replies', '1'), { code: 0, stderr: /^pong after \d+\.?\d* ms\n$/ })
  // A server that answers nothing but the handshake, then leaves.
  const server = await serve(t, {}, { connection: connection => connection.terminate() })
  const { code, stderr } = await pipe(server.url!, '', '--ping', '--wait', 'forever')
  t.equal(code, 1)
  t.match(stderr, /^no pong: the connection ended\nframewright: the connection was lost: /)
})

t.test('TLS: --tls-ca trusts, --tls-insecure takes anything', async t => {
  const { port, url, terminal } = await runEcho(t, '--tls-self-signed')
  await terminal.stdout.until(/SHA-256/)
  t.match(await pipe(url, 'a', '-n', '1', '--tls-insecure'), { code: 0, stdout: 'a\n' })
  t.match(await pipe(url, 'a', '-n', '1', '-k', '-v'), { code: 0, stderr: /\(tcp [\d.]+ ms, tls [\d.]+ ms, upgrade / })
  t.match(await pipe(url, 'a'), {
    code: 4,
    stderr: /^framewright: cannot reach wss:.*; --tls-insecure accepts it, .*\n$/,
  })
  t.match(await pipe(`ws://127.0.0.1:${port}`, 'a'), { code: 3, stderr: /^framewright: no WebSocket at / })
  const server = await serve(t, { tls: localhostTls })
  const file = join(t.testdir(), 'ca.pem')
  writeFileSync(file, localhostTls.cert)
  const ca = new URL('../../../test/certificates/ca.pem', import.meta.url).pathname
  t.match(await pipe(server.url!, '', '-w', '0', '--tls-ca', ca), { code: 0 })
  t.match(await pipe(server.url!, '', '-w', '0', '--tls-ca', file), { code: 4 }, 'a leaf is no authority')
})

t.test('TLS: a certificate of our own, and the name that is asked for', async t => {
  const folder = new URL('../../../test/certificates/', import.meta.url).pathname
  const [ca, cert, key] = ['ca.pem', 'localhost.pem', 'localhost.key'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const tls = { ...localhostTls, requestCert: true, rejectUnauthorized: true, ca: readFileSync(ca) }
  const server = await serve(t, { tls })
  const { port } = new URL(server.url!)
  const through = (name: string, ...more: string[]) =>
    pipe(`wss://127.0.0.1:${port}`, '', '-w', '0', '--tls-ca', ca, '--tls-servername', name, ...more)
  const own = ['--tls-cert', cert, '--tls-key', key]
  t.match(await through('localhost', ...own), { code: 0 })
  t.not((await through('localhost')).code, 0, 'the server wants a certificate')
  t.not((await through('other.example', ...own)).code, 0, 'a certificate for another name')
})

t.test('a message over --max-message: 1, and what to do about it', async t => {
  const { url } = await runEcho(t)
  const { code, stderr } = await pipe(url, 'longer than three', '--max-message', '3')
  t.equal(code, 1)
  t.match(stderr, /^framewright: closed with 1009: .* limit of 3 octets; --max-message SIZE takes more\n$/)
  t.match(await pipe(url, 'any', '--max-message', 'unlimited', '--timeout', 'off', '-n', '1'), { code: 0 })
})

t.test('what cannot be', async t => {
  const silent = createTcpServer(socket => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
  await new Promise(resolve => silent.once('listening', resolve))
  t.teardown(() => silent.close())
  const { port } = silent.address() as import('node:net').AddressInfo
  const server = await serve(t, {}, { accept: () => ({ status: 403, body: 'Not you\n' }) })
  const key = new URL('../../../test/certificates/localhost.key', import.meta.url).pathname
  const rows: [string[], RegExp, number][] = [
    [[], /^connect needs a URL, such as ws:\/\/localhost:9001$/, 2],
    [['ws://localhost', 'extra'], /^unexpected argument extra$/, 2],
    [['localhost:9001'], /^not a WebSocket URI: .*; did you mean ws:\/\/localhost:9001\?$/, 2],
    [['127.0.0.1:9001/a'], /^not a WebSocket URI: .*; did you mean ws:\/\/127\.0\.0\.1:9001\/a\?$/, 2],
    [['user:secret@localhost'], /^not a WebSocket URI: [^;]*$/, 2],
    [['ftp://localhost'], /^not a WebSocket URI: its scheme must be ws or wss, http or https$/, 2],
    [['ws://localhost:99999'], /^not a WebSocket URI: it cannot be parsed$/, 2],
    [['ws://localhost', '--header', 'novalue'], /^--header needs 'NAME: VALUE', not "novalue"$/, 2],
    [['ws://localhost', '--header', ': x'], /^--header needs 'NAME: VALUE', not ": x"$/, 2],
    [['ws://localhost', '--header', 'Host: x'], /^--header: header field Host is not the application's to set$/, 2],
    [['ws://localhost', '--header', 'a b: x'], /^--header: the name of a header field must be a token$/, 2],
    [['ws://localhost', '-s', 'a,b'], /^--subprotocol "a,b" is not one name, .* repeat --subprotocol$/, 2],
    [['ws://localhost', '-s', 'a', '-s', 'a'], /^--subprotocol a was given twice$/, 2],
    [['ws://localhost', '--origin', 'a b'], /^--origin "a b" is not an origin such as https:\/\/example\.com$/, 2],
    [['ws://localhost', '--close', '1006'], /^--close needs a code that may be sent/, 2],
    [['ws://localhost', '--wait', 'long'], /^--wait "long" is not a time/, 2],
    [['ws://localhost', '--wait', '597h'], /^--wait "597h" is not a time from 0ms to 596h .* or 'forever'$/, 2],
    [['ws://localhost', '--timeout', '0'], /^--timeout "0" is not a time from 1ms to 596h .* or 'off'$/, 2],
    [['ws://localhost', '--max-message', '0'], /^--max-message "0" is not a size of at least one octet /, 2],
    [['ws://localhost', '--replies', '1.5'], /^--replies "1.5" is not a whole number from 0 on$/, 2],
    [['ws://localhost', '--max-message', 'big'], /^--max-message "big" is not a size/, 2],
    [['ws://localhost', '--tls-ca', key], /^--tls-ca: there is no certificate in PEM in .*localhost\.key$/, 2],
    [['ws://localhost', '--tls-cert', key], /^--tls-cert and --tls-key belong together$/, 2],
    [['ws://localhost', '--tls-servername', ''], /^--tls-servername needs a name$/, 2],
    [['ws://localhost', '--tls-ca', '/nowhere'], /^--tls-ca: cannot read \/nowhere: no such file$/, 2],
    [[server.url!], /^no WebSocket at ws:.*403.*: Not you$/, 3],
    [['ws://127.0.0.1:1'], /^cannot reach ws:\/\/127\.0\.0\.1:1: nothing listens there \(connection refused\)$/, 4],
    [['ws://user:secret@127.0.0.1:1'], /^cannot reach ws:\/\/127\.0\.0\.1:1\/: /, 4],
    [['ws://nobody.invalid'], /^cannot reach ws:\/\/nobody\.invalid: no such host$/, 4],
    [[`ws://127.0.0.1:${port}`, '--timeout', '20ms'], /^cannot reach .*: not connected after 20 ms/, 4],
  ]
  for (const [args, message, code] of rows) {
    const terminal = new FakeTerminal()
    t.equal(await main(['connect', ...args], terminal), code, args.join(' '))
    t.match(terminal.stderr.text, /^framewright: .*\n$/, 'one line')
    t.match(terminal.stderr.text.slice('framewright: '.length, -1), message)
    t.equal(terminal.stdout.text, '')
    t.equal(terminal.interruptible, 0)
  }
})

t.test('input that is not UTF-8: 2, with the number of the line; what came before it is sent and answered', async t => {
  const { url } = await runEcho(t)
  const input = Buffer.concat([Buffer.from('fine\n'), Buffer.from([0xff, 10]), Buffer.from('more\n')])
  const wrong = 'line 2 of the input is not UTF-8: neither it nor what follows was sent (--binary sends any octets)'
  const { code, stdout, stderr } = await pipe(url, input, '--replies', '1', '--verbose')
  t.equal(code, 2)
  t.equal(stdout, 'fine\n')
  t.equal(stderr.split('\n').at(-2), `framewright: ${wrong}`)
})

t.test('that the input is wrong is told after one second of quiet, also with --wait forever', async t => {
  const { url } = await runEcho(t)
  const { setTimeout } = globalThis
  t.teardown(() => {
    globalThis.setTimeout = setTimeout
  })
  const waits: number[] = []
  globalThis.setTimeout = ((callback: () => void, time: number) => {
    waits.push(time)
    return setTimeout(callback, time === 1000 ? 1 : time)
  }) as typeof setTimeout
  t.match(await pipe(url, Buffer.from([0xff]), '--wait', 'forever'), { code: 2 })
  t.ok(waits.includes(1000))
})

t.test('input that breaks: 2', async t => {
  const { url } = await runEcho(t)
  for (const args of [[], ['--binary']]) {
    const terminal = new FakeTerminal()
    const ended = main(['connect', url, ...args], terminal)
    terminal.stdin.destroy(Object.assign(new Error('EISDIR: read'), { code: 'EISDIR' }))
    t.equal(await ended, 2)
    t.equal(terminal.stderr.text, 'framewright: stdin: it is a directory\n')
  }
})

t.test('the end of the connection ends it, whatever is still to be read', async t => {
  const rows: [(connection: { close(code?: number): void; terminate(): void }) => void, number, RegExp][] = [
    [connection => connection.close(1000), 0, /^$/],
    [connection => connection.close(1011), 1, /^framewright: the server closed with 1011\n$/],
    [connection => connection.terminate(), 1, /^framewright: the connection was lost: .*\n$/],
  ]
  for (const [end, code, stderr] of rows) {
    const server = await serve(t, {}, { message: end })
    const terminal = new FakeTerminal()
    terminal.stdin.write('go\nand on')
    t.equal(await main(['connect', server.url!], terminal), code)
    t.match(terminal.stderr.text, stderr)
    t.equal(terminal.stdin.destroyed, true)
  }
})

t.test('a server that is slow to read is waited for, and one that goes away meanwhile is noticed', async t => {
  const server = await serve(t, {}, { connection: connection => connection.pause(), message: () => {} })
  for (const leave of [false, true]) {
    const terminal = new FakeTerminal()
    const opened = new Promise(resolve => server.once('connection', resolve))
    const ended = main(['connect', server.url!, '--wait', '50ms'], terminal)
    await opened
    const line = Buffer.alloc(100_000, 'x').fill('\n', 99_999)
    for (let i = 0; i < 300; i++) terminal.stdin.write(line)
    await untilStill(() => terminal.stdin.writableLength)
    t.ok(terminal.stdin.writableLength > 10_000_000, 'most of the input has not been read')
    for (const connection of server.connections) {
      if (leave) connection.terminate()
      else connection.resume()
    }
    if (!leave) terminal.stdin.end()
    t.equal(await ended, leave ? 1 : 0)
  }
})

/** Waits until a figure has not changed for many turns of the event loop. */
async function untilStill(figure: () => number): Promise<void> {
  let last = Number.NaN
  for (let turns = 0; turns < 200; turns++) {
    await new Promise(resolve => setImmediate(resolve))
    if (figure() !== last) turns = 0
    last = figure()
  }
}

t.test('a reader of its output that is slow is waited for', async t => {
  const count = 50
  const { url } = await runEcho(t)
  const terminal = new FakeTerminal()
  terminal.stdout.slow = true
  terminal.stdin.end('line\n'.repeat(count))
  const ended = main(['connect', url, '--replies', String(count)], terminal)
  for (let line = 1; line <= count; line++) {
    await terminal.stdout.until(new RegExp(`^(?:line\n){${line}}`))
    t.equal(terminal.stdout.text.length, line * 5, 'no more than was taken')
    terminal.stdout.accept()
  }
  t.equal(await ended, 0)
})

t.test('a reader of its output that has had enough: it closes, and that is well', async t => {
  const { url } = await runEcho(t)
  const terminal = new FakeTerminal()
  terminal.stdout.slow = true
  terminal.stdin.write('one\ntwo\n')
  const ended = main(['connect', url, '--wait', 'forever'], terminal)
  await terminal.stdout.until(/one/)
  terminal.stdout.refuse('EPIPE')
  terminal.stdout.accept()
  t.equal(await ended, 0)
  t.equal(terminal.stderr.text, '')
  t.match(await pipeInto('EPIPE', url, '--replies', '2'), { code: 0, stderr: '' }, 'also before all replies have come')
})

/** Runs the command where what it prints does not arrive. */
async function pipeInto(
  fault: 'EPIPE' | 'ENOSPC',
  url: string,
  ...args: readonly string[]
): Promise<{ code: number; stderr: string }> {
  const terminal = new FakeTerminal()
  terminal.stdout.refuse(fault)
  terminal.stdin.end('one\ntwo\n')
  return { code: await main(['connect', url, ...args], terminal), stderr: terminal.stderr.text }
}

t.test('output that cannot be written: 5, whatever was asked for; only what was written counts', async t => {
  const { url } = await runEcho(t)
  const told = 'framewright: cannot write to stdout: no space left on device\n'
  for (const args of [[], ['--replies', '2'], ['--binary'], ['--wait', 'forever']]) {
    t.same(await pipeInto('ENOSPC', url, ...args), { code: 5, stderr: told }, args.join(' '))
  }
  const terminal = new FakeTerminal()
  terminal.stdout.slow = true
  const ended = main(['connect', url, '--replies', '2'], terminal)
  terminal.stdin.end('one\ntwo\n')
  await terminal.stdout.until(/one\n/)
  terminal.stdout.accept()
  await terminal.stdout.until(/two\n/)
  terminal.stdout.refuse('ENOSPC')
  terminal.stdout.accept()
  t.equal(await ended, 5)
})

t.test('Ctrl-C: before there is a connection, 130', async t => {
  const silent = createTcpServer(socket => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
  await new Promise(resolve => silent.once('listening', resolve))
  t.teardown(() => silent.close())
  const { port } = silent.address() as import('node:net').AddressInfo
  const terminal = new FakeTerminal()
  const ended = main(['connect', `ws://127.0.0.1:${port}`], terminal)
  await new Promise(resolve => silent.once('connection', resolve))
  terminal.interrupt()
  t.equal(await ended, 130)
  t.equal(terminal.interruptible, 0)
})

t.test('Ctrl-C: the first closes, and that is well; the second cuts, 130', async t => {
  const { url } = await runEcho(t)
  const terminal = new FakeTerminal()
  terminal.stdin.write('up\n')
  const ended = main(['connect', url], terminal)
  await terminal.stdout.until(/up/)
  terminal.interrupt()
  t.equal(await ended, 0)

  // A server that does not answer the Close frame.
  const server = await serve(t, {}, { connection: connection => connection.pause() })
  const opened = new Promise(resolve => server.once('connection', resolve))
  const impatient = new FakeTerminal()
  const cut = main(['connect', server.url!, '--verbose'], impatient)
  await Promise.all([opened, impatient.stderr.until(/connected/)])
  impatient.interrupt()
  impatient.interrupt()
  t.equal(await cut, 130)
  t.equal(impatient.interruptible, 0)
})

t.test('a second Ctrl-C cuts also while a reader of the output is waited for', async t => {
  const { url } = await runEcho(t)
  for (const isTTY of [false, true]) {
    const terminal = new FakeTerminal({ isTTY })
    terminal.stdout.slow = true
    const ended = main(['connect', url], terminal)
    terminal.stdin.write('one\rtwo\r'.replaceAll('\r', isTTY ? '\r' : '\n'))
    await terminal.stdout.until(/one/)
    terminal.interrupt()
    terminal.interrupt()
    t.equal(await ended, 130)
    t.equal(terminal.interruptible, 0)
  }
})
