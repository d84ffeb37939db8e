/** `framewright echo`: what it echoes, to whom, within what, and how it ends; over real sockets, in this process. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { connect } from '../../src/api/client.js'
import { main } from '../../src/cli/main.js'
import { ca } from '../api/serving.js'
import { clientFrame, RawClient } from '../transport/raw-client.js'
import { FakeTerminal } from './fake-terminal.js'
import { runEcho } from './running-echo.js'
import { socketPath } from './socket-path.js'

const MiB = 1024 * 1024

function certificateFile(name: string): string {
  return fileURLToPath(new URL(`../../../test/certificates/${name}`, import.meta.url))
}

/** A raw client of a server, with a connection that is open; its response's head. */
async function open(
  t: { teardown(callback: () => unknown): unknown },
  port: number,
  fields: Record<string, string> = {},
): Promise<{ client: RawClient; head: string }> {
  const client = await RawClient.connect({ port })
  t.teardown(() => client.destroy())
  return { client, head: await client.open('/any/path?at=all', fields) }
}

t.test('the first line says where it listens: by default on 127.0.0.1', async t => {
  const { url, terminal } = await runEcho(t)
  t.match(url, /^ws:\/\/127\.0\.0\.1:\d+$/)
  t.equal(terminal.stdout.text, `listening on ${url}\nto try it in a browser: ${url.replace('ws', 'http')}/\n`)
})

t.test('another host; an IPv6 address', async t => {
  const { url, port } = await runEcho(t, '--host', '::1')
  t.equal(url, `ws://[::1]:${port}`)
  const connection = await connect(url)
  connection.send('hello')
  for await (const message of connection) {
    t.equal(message, 'hello')
    break
  }
  connection.close()
  await connection.closed
})

t.test('§5.6: text comes back as text, binary as binary, fragments as one message, Pings as Pongs', async t => {
  const { port } = await runEcho(t)
  const { client } = await open(t, port)
  const rows: [Buffer, string][] = [
    [clientFrame({ opcode: 1, payload: 'text ✓' }), 'text "text ✓"'],
    [clientFrame({ opcode: 1 }), 'text ""'],
    [clientFrame({ opcode: 2, payload: Buffer.from([0, 255]) }), 'binary 00ff'],
    [clientFrame({ opcode: 2 }), 'binary '],
    [
      Buffer.concat([
        clientFrame({ opcode: 1, payload: 'in ', fin: false }),
        clientFrame({ opcode: 0, payload: 'two' }),
      ]),
      'text "in two"',
    ],
    [clientFrame({ opcode: 9, payload: 'ping' }), 'pong "ping"'],
    [clientFrame({ opcode: 1, payload: Buffer.from([0xff]) }), 'close 1007 "a text message is not valid UTF-8"'],
  ]
  for (const [octets, line] of rows) {
    client.write(octets)
    const answer = await client.line()
    if (line.startsWith('close')) t.match(answer, /^close 1007 /)
    else t.equal(answer, line)
  }
})

t.test('§4.2.2: the first subprotocol that is offered is spoken', async t => {
  const { port } = await runEcho(t)
  t.match((await open(t, port, { 'Sec-WebSocket-Protocol': 'b, a' })).head, /\r\nSec-WebSocket-Protocol: b\r\n/)
  t.notMatch((await open(t, port)).head, /Sec-WebSocket-Protocol/)
})

t.test('everything up to --max-message comes back, more is 1009; 16 MiB by default', async t => {
  const rows: [string[], number][] = [
    [[], 16 * MiB],
    [['--max-message', '17MiB'], 17 * MiB],
    [['--limit', 'maxMessageSize=100'], 100],
  ]
  for (const [args, size] of rows) {
    const { url } = await runEcho(t, ...args)
    const connection = await connect(url, { limits: { maxMessageSize: 'unlimited' } })
    const sent = Buffer.alloc(size, 'abc')
    connection.send(sent)
    for await (const message of connection) {
      t.ok(sent.equals(message as Buffer), `${size} octets come back`)
      break
    }
    connection.send(Buffer.alloc(size + 1))
    t.match(await connection.closed, { code: 1009, initiator: 'peer' }, `${size + 1} octets do not`)
  }
})

t.test('no message is too long with --max-message unlimited', async t => {
  const { url } = await runEcho(t, '--max-message', 'unlimited')
  const connection = await connect(url, { limits: { maxMessageSize: 'unlimited' } })
  connection.send(Buffer.alloc(17 * MiB))
  for await (const message of connection) {
    t.equal(message.length, 17 * MiB)
    break
  }
  connection.terminate()
  await connection.closed
})

t.test('a peer that does not read is not read from, is never cut, and gets everything in the end', async t => {
  const { url } = await runEcho(t, '--limit', 'maxSendBuffer=64KiB', '--limit', 'sendHighWaterMark=16KiB')
  const connection = await connect(url)
  connection.pause()
  const message = Buffer.alloc(100_000, 'x')
  // Until the server takes no more: then neither side's buffers move any longer.
  let sent = 0
  while (sent < 200 || connection.bufferedAmount === 0) {
    connection.send(message)
    sent++
    if (sent % 20 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  let received = 0
  const all = new Promise<void>((resolve, reject) => {
    connection.on('close', ({ code }) => reject(new Error(`it was cut with ${code}`)))
    connection.on('message', data => {
      received += data.length
      if (received === sent * message.length) resolve()
    })
  })
  connection.resume()
  await all
  connection.close()
  t.match(await connection.closed, { code: 1000, clean: true })
})

t.test('§10.2: pages of this server may connect; others by --allow-origin', async t => {
  const plain = await runEcho(t)
  const some = await runEcho(t, '--allow-origin', 'https://a.example', '--allow-origin', 'null')
  const any = await runEcho(t, '--allow-origin', 'any')
  const rows: [typeof plain, string, number][] = [
    [plain, `http://localhost:${plain.port}`, 101],
    [plain, 'https://a.example', 403],
    [some, `http://localhost:${some.port}`, 101],
    [some, 'https://a.example', 101],
    [some, 'null', 101],
    [some, 'https://b.example', 403],
    [any, 'https://b.example', 101],
    [any, 'null', 101],
  ]
  for (const [{ port }, origin, status] of rows) {
    const opened = open(t, port, { Host: `localhost:${port}`, Origin: origin }).then(
      ({ head }) => head,
      (error: Error) => error.message,
    )
    t.match(await opened, new RegExp(`^HTTP/1.1 ${status} `), `${origin}: ${status}`)
  }
})

t.test('plain HTTP', async t => {
  const { port } = await runEcho(t)
  const rows: [string, RegExp, RegExp][] = [
    ['GET /', /^HTTP\/1\.1 200 OK\r\n/, /^<!doctype html>[\s\S]*<\/html>\n$/],
    ['GET /?x=1', /^HTTP\/1\.1 200 /, /^<!doctype html>/],
    ['HEAD /', /^HTTP\/1\.1 200 [\s\S]*\r\nContent-Length: \d{4,}\r\n/, /^$/],
    ['GET /health', /^HTTP\/1\.1 200 /, /^ok\n$/],
    ['GET /favicon.ico', /^HTTP\/1\.1 404 /, /^There is nothing here/],
    ['POST /', /^HTTP\/1\.1 405 [\s\S]*\r\nAllow: GET, HEAD\r\n/, /^$/],
  ]
  for (const [line, head, body] of rows) {
    const client = await RawClient.connect({ port })
    t.teardown(() => client.destroy())
    client.write(`${line} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    t.match(await client.head(), head, line)
    t.match((await client.end()).toString(), body, line)
  }
})

t.test('the page may do nothing but WebSocket: its Content-Security-Policy', async t => {
  const { url } = await runEcho(t)
  const { headers } = await fetch(url.replace('ws', 'http'))
  const policy = headers.get('content-security-policy') ?? ''
  t.match(policy, /^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; /)
  t.notMatch(policy, /unsafe|\*|https?:/)
  t.equal(headers.get('x-content-type-options'), 'nosniff')
})

t.test('TLS: with files', async t => {
  const cert = certificateFile('localhost.pem')
  const { url } = await runEcho(t, '--tls-cert', cert, '--tls-key', certificateFile('localhost.key'))
  t.match(url, /^wss:/)
  const connection = await connect(url, { tls: { ca } })
  connection.send('secret')
  for await (const message of connection) {
    t.equal(message, 'secret')
    break
  }
  connection.close()
  t.match(await connection.closed, { clean: true })
})

t.test('TLS: --tls-self-signed, good for localhost, 127.0.0.1 and ::1, its fingerprint printed', async t => {
  const { port, terminal } = await runEcho(t, '--tls-self-signed', '--host', '::')
  const [, fingerprint] = await terminal.stdout.until(/\ncertificate, SHA-256: ([0-9A-F:]{95})\n/)
  t.match(terminal.stdout.text, new RegExp(`^listening on wss://localhost:${port}\n`))
  let pem = ''
  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    const insecure = await connect(`wss://${host}:${port}`, { tls: { rejectUnauthorized: false } })
    const certificate = (insecure.stream as import('node:tls').TLSSocket).getPeerX509Certificate()!
    insecure.terminate()
    pem = certificate.toString()
    t.equal(certificate.fingerprint256, fingerprint)
    // The certificate itself as the authority: then name, time and use of it are all judged.
    const connection = await connect(`wss://${host}:${port}`, { tls: { ca: pem } })
    connection.close()
    t.match(await connection.closed, { clean: true }, host)
  }
  t.equal(new X509Certificate(pem).ca, false)
  await t.rejects(connect(`wss://localhost:${port}`), { code: 'WS_TLS_FAILED' }, 'nobody vouches for it')
})

t.test('a unix socket, and with TLS of one version', async t => {
  for (const [scheme, options] of [
    ['ws', []],
    ['wss', ['--tls-self-signed', '--tls-max', '1.2']],
  ] as const) {
    const path = await socketPath(t)
    const terminal = new FakeTerminal()
    const exit = main(['echo', '--socket', path, ...options], terminal)
    await terminal.stdout.until(/^listening on .*\nto try it: .*\n/)
    t.match(
      terminal.stdout.text,
      `listening on ${path}\nto try it: framewright connect ${scheme}://localhost --socket ${path}\n`,
    )
    const client = new FakeTerminal()
    client.stdin.end('hello\n')
    const args = ['connect', `${scheme}://localhost`, '--socket', path, '--replies', '1', '--tls-insecure']
    t.equal(await main(args, client), 0)
    t.equal(client.stdout.text, 'hello\n')
    if (scheme === 'wss') t.equal(await main([...args, '--tls-min', '1.3'], new FakeTerminal()), 4)
    terminal.interrupt()
    t.equal(await exit, 0)
  }
})

t.test('what cannot be', async t => {
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  t.teardown(() => taken.close())
  const { port } = taken.address() as import('node:net').AddressInfo
  const cert = certificateFile('localhost.pem')
  const key = certificateFile('localhost.key')
  const folder = t.testdir({
    'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'encrypted.key': generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
      .toString(),
  })
  const tls = (cert: string, key: string) => ['--port', '0', '--tls-cert', cert, '--tls-key', key]
  const rows: [string[], RegExp, number][] = [
    [['--port', String(port)], /^cannot listen on 127\.0\.0\.1:\d+: the port is in use; choose another with --port/, 1],
    [['--host', '192.0.2.1', '--port', '0'], /^cannot listen on 192\.0\.2\.1:0: this machine has no such address/, 1],
    [['--host', '2001:db8::1', '--port', '0'], /^cannot listen on \[2001:db8::1\]:0: /, 1],
    [['--host', '[fe80::1]', '--port', '0'], /^cannot listen on \[fe80::1\]:0: /, 1],
    [['--host', 'nobody.invalid', '--port', '0'], /^cannot listen on nobody\.invalid:0: no such host; see --host$/, 2],
    [['--host', ''], /^--host "" is not an address such as 127\.0\.0\.1, ::1 or 0\.0\.0\.0, or a name$/, 2],
    [['--host', 'http://localhost'], /^--host "http:\/\/localhost" is not an address /, 2],
    [['--port', 'http'], /^--port "http" is not a port from 0 to 65535$/, 2],
    [['--port', '70000'], /^--port "70000" is not a port from 0 to 65535$/, 2],
    [['extra'], /^unexpected argument extra$/, 2],
    [['--max-message', '1MB'], /^--max-message "1MB" is not a size .* or 'unlimited'$/, 2],
    [['--max-message', '0'], /^--max-message "0" is not a size of at least one octet /, 2],
    [['--max-message', '1', '--limit', 'maxMessageSize=2'], /are the same: give one$/, 2],
    [['--limit', 'pingInterval=abc'], /^--limit pingInterval "abc" is not a time .* or 'off'$/, 2],
    [['--limit', 'nosuch=1'], /^--limit: there is no "nosuch"; there are /, 2],
    [['--allow-origin', 'example.com'], /^--allow-origin "example.com" is not an origin such as https:.*'any'$/, 2],
    [['--allow-origin', 'any', '--allow-origin', '*'], /^--allow-origin "\*" is not an origin /, 2],
    [['--allow-origin', 'same-origin'], /^--allow-origin "same-origin" is not an origin /, 2],
    [['--tls-cert', cert], /^--tls-cert and --tls-key belong together$/, 2],
    [['--tls-key', key], /^--tls-cert and --tls-key belong together$/, 2],
    [['--tls-min', '1.3'], /^--tls-min and --tls-max need TLS: /, 2],
    [['--tls-max', '1.1'], /^--tls-max "1.1" is not '1.2' or '1.3'$/, 2],
    [['--tls-self-signed', '--tls-min', '1.3', '--tls-max', '1.2'], /^--tls-min 1.3 is above --tls-max 1.2$/, 2],
    [['--socket', ''], /^--socket needs a path$/, 2],
    [['--socket', '/s', '--host', '::1'], /^--socket takes the place of --host and --port$/, 2],
    [['--socket', '/s', '--port', '1'], /^--socket takes the place of --host and --port$/, 2],
    [['--socket', '/nowhere/s'], /^cannot listen on \/nowhere\/s: there is no such folder, or this user may not/, 1],
    [['--socket', join(folder, 'broken.pem')], /^cannot listen on .*broken.pem: there is one already: /, 1],
    [['--socket', join(folder, 'broken.pem/s')], /^cannot listen on .*broken.pem\/s: not a directory$/, 1],
    [['--tls-self-signed', '--tls-key', key], /^--tls-self-signed makes its own certificate/, 2],
    [tls('/nowhere', key), /^--tls-cert: cannot read \/nowhere: no such file$/, 2],
    [tls(cert, '/nowhere'), /^--tls-key: cannot read \/nowhere: no such file$/, 2],
    [tls('/', key), /^--tls-cert: cannot read \/: it is a directory$/, 2],
    [tls('/a\0', key), /^--tls-cert: cannot read \/a\\x00: .*null bytes/, 2],
    [tls(key, key), /^--tls-cert: there is no certificate in PEM in .*localhost\.key$/, 2],
    [tls(join(folder, 'broken.pem'), key), /^--tls-cert: a certificate in .*broken\.pem is broken$/, 2],
    [tls(cert, cert), /^--tls-key: there is no private key in PEM that can be used in .*localhost\.pem$/, 2],
    [
      tls(cert, join(folder, 'encrypted.key')),
      /^--tls-key: the private key in .* is encrypted; decrypt it: openssl /,
      2,
    ],
    [
      tls(cert, certificateFile('other.key')),
      /^--tls-key .* is not the key of the first certificate in --tls-cert /,
      2,
    ],
    [
      tls(certificateFile('weak.pem'), certificateFile('weak.key')),
      /^--tls-cert and --tls-key cannot be used: .*key too small/,
      2,
    ],
  ]
  for (const [args, message, code] of rows) {
    const terminal = new FakeTerminal()
    t.equal(await main(['echo', ...args], terminal), code, args.join(' '))
    t.match(terminal.stderr.text, /^framewright: .*\n$/, 'one line')
    t.match(terminal.stderr.text.slice('framewright: '.length, -1), message)
    t.equal(terminal.stdout.text, '')
  }
})

t.test('Ctrl-C closes every connection with 1001, then it ends with 0', async t => {
  const { port, terminal, exit } = await runEcho(t)
  const clients = [await open(t, port), await open(t, port)]
  terminal.interrupt()
  for (const { client } of clients) {
    t.equal(await client.line(), 'close 1001 ""')
    client.close(1001)
    client.stream.end()
  }
  t.equal(await exit, 0)
  t.equal(terminal.stderr.text, 'closing 2 connections; Ctrl-C again cuts\n')
  t.equal(terminal.interruptible, 0)
})

t.test('a second Ctrl-C cuts: 130', async t => {
  const { port, terminal, exit } = await runEcho(t)
  const { client } = await open(t, port)
  terminal.interrupt()
  t.equal(await client.line(), 'close 1001 ""')
  terminal.interrupt()
  t.equal(await exit, 130)
  await client.until(() => client.ended || client.closed)
  t.equal(terminal.stderr.text, 'closing one connection; Ctrl-C again cuts\n')
  t.equal(terminal.interruptible, 0)
})

t.test('Ctrl-C with nobody connected: 0 at once', async t => {
  const { terminal, exit } = await runEcho(t)
  terminal.interrupt()
  t.equal(await exit, 0)
  t.equal(terminal.stderr.text, '')
})

t.test('it goes on when nobody reads its output any more', async t => {
  const terminal = new FakeTerminal()
  terminal.stdout.refuse('EPIPE')
  const exit = main(['echo', '--port', '0'], terminal)
  const [, port] = await terminal.stdout.until(/^listening on \S+:(\d+)\n/)
  const { client } = await open(t, Number(port))
  client.text('still there')
  t.equal(await client.line(), 'text "still there"')
  client.destroy()
  terminal.interrupt()
  t.equal(await exit, 0)
})

t.test('it does not go on where it cannot say where it listens: 5', async t => {
  const terminal = new FakeTerminal()
  terminal.stdout.refuse('ENOSPC')
  t.equal(await main(['echo', '--port', '0'], terminal), 5)
  t.equal(terminal.stderr.text, 'framewright: cannot write to stdout: no space left on device\n')
  t.equal(terminal.interruptible, 0)
})
