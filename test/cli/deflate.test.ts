/** `--deflate` and `--deflate-options`, of `framewright echo` and of `framewright connect`: RFC 7692 from the command line. */
import t from 'tap'
import { main } from '../../src/cli/main.js'
import { deflated } from '../connection/deflating-peer.js'
import { RawClient } from '../transport/raw-client.js'
import { FakeTerminal } from './fake-terminal.js'
import { runEcho } from './running-echo.js'

/** What the server answers to an offer, and a client that has made it. */
async function offer(
  t: { teardown(callback: () => unknown): unknown },
  port: number,
  extensions: string,
): Promise<{ client: RawClient; answer: string }> {
  const client = await RawClient.connect({ port })
  t.teardown(() => client.destroy())
  const head = await client.open('/', { 'Sec-WebSocket-Extensions': extensions })
  return { client, answer: /^Sec-WebSocket-Extensions: (.*)$/im.exec(head)?.[1] ?? 'none' }
}

/** What the client offers. */
async function offered(...args: readonly string[]): Promise<string> {
  const terminal = new FakeTerminal()
  terminal.stdin.end('hello\n')
  const { createServer } = await import('node:http')
  const server = createServer()
  const extensions = new Promise<string>(resolve => {
    server.on('upgrade', (request, socket) => {
      resolve(String(request.headers['sec-websocket-extensions']))
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await main(['connect', `ws://127.0.0.1:${port}`, ...args], terminal)
  server.close()
  return await extensions
}

t.test('--deflate takes everything that is offered, and compresses every message', async t => {
  const { port } = await runEcho(t, '--deflate')
  const rows: [offers: string, answer: string][] = [
    ['permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate'],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9',
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_no_context_takeover',
    ],
    ['permessage-deflate; server_max_window_bits=7', 'none'],
  ]
  for (const [offers, expected] of rows) t.equal((await offer(t, port, offers)).answer, expected)
  const { client } = await offer(t, port, 'permessage-deflate')
  client.send({ opcode: 1, rsv: 4, payload: deflated('aaaaaaaaaa') })
  t.match(await client.frame(), { opcode: 1, rsv: 4 })
  client.send({ opcode: 2, payload: 'aaaaaaaaaa' })
  t.match(await client.frame(), { opcode: 2, rsv: 4 })
})

t.test('without it, and by its options', async t => {
  const plain = await runEcho(t)
  t.equal((await offer(t, plain.port, 'permessage-deflate')).answer, 'none')
  const text =
    'server_no_context_takeover; client_no_context_takeover;server_max_window_bits=12; client_max_window_bits = 10;' +
    ' threshold=1KiB; level=1; mem_level=5; max_ratio=100; window_memory=1MiB; release_after=2s;'
  const { port } = await runEcho(t, '--deflate', '--deflate-options', text)
  const { client, answer } = await offer(t, port, 'permessage-deflate; client_max_window_bits')
  t.equal(
    answer,
    'permessage-deflate; server_no_context_takeover; server_max_window_bits=12; client_no_context_takeover; client_max_window_bits=10',
  )
  client.text('a'.repeat(1023))
  t.match(await client.frame(), { rsv: 0 }, 'below the threshold')
  client.text('a'.repeat(1024))
  t.match(await client.frame(), { rsv: 4 })
  client.send({ opcode: 2, rsv: 4, payload: deflated(Buffer.alloc(70_000)) })
  t.equal(await client.line(), 'close 1008 "a message that grows more than it may when inflated"')
})

t.test('a client offers by the same options, and says what was agreed on', async t => {
  t.equal(await offered(), 'undefined')
  t.equal(await offered('--deflate'), 'permessage-deflate; client_max_window_bits')
  t.equal(
    await offered('--deflate-options', 'client_no_context_takeover; server_max_window_bits=9'),
    'permessage-deflate; server_max_window_bits=9; client_no_context_takeover; client_max_window_bits',
  )
  // As an offer has it (RFC 7692 §7.1.2.2).
  const able = await offered('--deflate-options', 'client_max_window_bits')
  t.equal(able, 'permessage-deflate; client_max_window_bits')
  const { url } = await runEcho(t, '--deflate')
  const terminal = new FakeTerminal()
  terminal.stdin.end('hello\nhello\n')
  t.equal(await main(['connect', url, '--deflate', '--replies', '2', '--verbose'], terminal), 0)
  t.equal(terminal.stdout.text, 'hello\nhello\n')
  t.match(terminal.stderr.text, /^connected to ws:\S+, with permessage-deflate in /)
})

t.test('what cannot be is one line and exit code 2', async t => {
  const rows: [text: string, message: RegExp][] = [
    ['nosuch', /^--deflate-options: there is no "nosuch"; there are server_no_context_takeover, /],
    ['server_max_windows_bits=9', /; did you mean server_max_window_bits\?$/],
    ['constructor', /^--deflate-options: there is no "constructor"; /],
    ['= 9', /^--deflate-options: there is no ""; /],
    ['a b', /^--deflate-options: there is no "a b"; /],
    ['server_max_window_bits', /^--deflate-options: server_max_window_bits "" is not '8', .* or '15'$/],
    ['client_max_window_bits=7', /^--deflate-options: client_max_window_bits "7" is not '8', /],
    ['level=10', /^--deflate-options: level "10" is not '1', .* or '9'$/],
    ['mem_level', /^--deflate-options: mem_level "" is not /],
    ['threshold', /^--deflate-options: threshold "" is not a size /],
    ['max_ratio=x', /^--deflate-options: max_ratio "x" is not a whole number from 1 on or 'unlimited'$/],
    ['max_ratio', /^--deflate-options: max_ratio "" is not /],
    ['window_memory=x', /^--deflate-options: window_memory "x" is not a size .* or 'unlimited'$/],
    ['window_memory=0;window_memory=0', /window_memory was given twice$/],
    ['window_memory', /^--deflate-options: window_memory "" is not a size /],
    ['release_after=0', /^--deflate-options: release_after "0" is not a time .* or 'off'$/],
    ['release_after', /^--deflate-options: release_after "" is not /],
    ['server_no_context_takeover=1', /^--deflate-options: server_no_context_takeover takes no value$/],
    ['client_no_context_takeover=', /^--deflate-options: client_no_context_takeover takes no value$/],
    ['threshold=0; threshold=0', /^--deflate-options: threshold was given twice$/],
  ]
  for (const command of [['echo'], ['connect', 'ws://localhost:1']]) {
    for (const [text, message] of rows) {
      const terminal = new FakeTerminal()
      t.equal(await main([...command, '--deflate-options', text], terminal), 2, text)
      t.match(terminal.stderr.text.replace(/^framewright: /, '').trimEnd(), message)
    }
  }
})
