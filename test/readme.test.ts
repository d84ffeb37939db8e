// The examples of README.md, each run as it stands there (but for the port), against this package.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { createServer as createTcpServer, connect as dial } from 'node:net'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { resolveLimits } from '../src/connection/limits.js'
import { connect, createServer, HandshakeError } from '../src/index.js'
import { withCoverage } from './coverage/child-environment.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = await readFile(`${root}README.md`, 'utf8')
const blocks = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(match => match[1]!)

/** The example that contains this line. */
function example(line: string, port: number): string {
  const found = blocks.filter(block => block.includes(line))
  if (found.length !== 1) throw new Error(`${found.length} examples contain ${line}`)
  return found[0]!.replaceAll('9001', String(port))
}

function run(t: Test, source: string): { child: ChildProcess; output: () => string } {
  const child = spawn('/usr/bin/env', [...withCoverage, '--input-type=module', '-e', source], { cwd: root })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  child.stderr.on('data', chunk => {
    output += chunk
  })
  t.teardown(() => child.kill())
  return { child, output: () => output }
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when something listens on the port. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = dial(port, '127.0.0.1')
    const open = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
  }
}

async function echoServer(t: Test, protocols?: readonly string[]): Promise<number> {
  const server = createServer({ protocols }, { message: (connection, data) => connection.send(data) })
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  return (server.address() as { port: number }).port
}

/** The first text message of a new connection. */
async function firstMessage(url: string, headers: Record<string, string> = {}): Promise<string | Buffer | undefined> {
  const connection = await connect(url, { headers })
  for await (const message of connection) {
    connection.close()
    return message
  }
  return undefined
}

/** The HTTP status that the handshake was refused with. */
async function refusal(connecting: Promise<unknown>): Promise<number | undefined> {
  const error = await connecting.then(
    () => undefined,
    (error: unknown) => error,
  )
  return error instanceof HandshakeError ? error.response?.status : undefined
}

t.test('every example is run here', async t => {
  t.equal(blocks.length, 9)
})

t.test('the server example', async t => {
  const port = await freePort()
  const { output } = run(t, example('connection.send(data) // a string', port))
  await listening(port)
  const connection = await connect(`ws://127.0.0.1:${port}/here`, { protocols: ['chat'] })
  connection.send('hello')
  const { value } = await connection[Symbol.asyncIterator]().next()
  t.equal(value, 'hello')
  connection.close(1000, 'bye')
  await connection.closed
  while (!output().includes('closed')) await new Promise(setImmediate)
  t.equal(output(), `listening on ws://127.0.0.1:${port}\nopen /here chat\nclosed 1000 bye peer\n`)
})

t.test('the example of a broadcast', async t => {
  const port = await freePort()
  const { output } = run(t, example('server.broadcast(data', port))
  await listening(port)
  const connections = await Promise.all([1, 2, 3].map(() => connect(`ws://127.0.0.1:${port}/`)))
  const messages = connections.map(connection => connection[Symbol.asyncIterator]())
  for (const each of messages) t.equal((await each.next()).value, 'welcome')
  connections[0]!.send('hello')
  for (const each of messages.slice(1)) t.equal((await each.next()).value, 'hello')
  while (!output().includes('do not')) await new Promise(setImmediate)
  t.equal(output(), '2 have it, 0 are slow to read, 0 do not get it\n')
  for (const connection of connections) connection.terminate()
})

t.test('the example with an accept hook', async t => {
  const port = await freePort()
  run(t, example("request.headers.get('x-token')", port))
  await listening(port)
  t.equal(await firstMessage(`ws://127.0.0.1:${port}/chat`, { 'X-Token': 'secret' }), 'hello Ada')
  t.equal(await refusal(connect(`ws://127.0.0.1:${port}/chat`)), 401)
  t.equal(await refusal(connect(`ws://127.0.0.1:${port}/other`)), 404)
})

t.test('the example that shares a port', async t => {
  const port = await freePort()
  run(t, example('news.handleUpgrade(request, socket, head)', port))
  await listening(port)
  t.equal(await firstMessage(`ws://127.0.0.1:${port}/news`), 'nothing new')
  t.equal(await refusal(connect(`ws://127.0.0.1:${port}/other`)), 404)
  const [response] = await once(get(`http://127.0.0.1:${port}/`), 'response')
  const [body] = await once(response, 'data')
  t.equal(String(body), 'a page\n')
})

// What each client example prints against an echo server.
const clients: [line: string, protocols: readonly string[] | undefined, printed: string][] = [
  ["protocols: ['chat'] })\nconnection.send('hello')", ['chat'], 'hello\ntrue 1000\n'],
  ["import { WebSocket } from 'framewright'", undefined, 'hello\ntrue 1000\n'],
  ['await connection.flush()', undefined, 'round trip below a second: true\n'],
]
for (const [line, protocols, printed] of clients) {
  t.test(`the client example with ${line}`, async t => {
    const { child, output } = run(t, example(line, await echoServer(t, protocols)))
    await once(child, 'close')
    t.equal(output(), printed)
  })
}

t.test('the example with compression', async t => {
  const { child, output } = run(t, example('perMessageDeflate: true', await freePort()))
  await once(child, 'close')
  t.equal(output(), 'smaller than a tenth: true\n')
})

t.test('docs/compression.md has every option of permessage-deflate', async t => {
  const page = await readFile(`${root}docs/compression.md`, 'utf8')
  const source = await readFile(`${root}src/extensions/deflate-options.ts`, 'utf8')
  const [options = ''] = /interface PerMessageDeflateOptions \{.*?\n\}/s.exec(source) ?? []
  const names = Array.from(options.matchAll(/readonly (\w+)\?:/g), ([, name]) => name)
  const rows = Array.from(page.matchAll(/^\| `(\w+)` \|/gm), ([, name]) => name)
  t.ok(names.length > 5)
  t.same(rows.sort(), names.sort())
})

t.test('the example without sockets', async t => {
  const { child, output } = run(t, example("from 'framewright/protocol'", 0))
  await once(child, 'close')
  t.equal(output(), "text Hello\nclosing { code: 1000, reason: '' }\n880203e8 now\nclosed 1000 true\n")
})

t.test('the table of limits has every limit, with its unit and its default', async t => {
  const rows = new Map<string, { unit: string; byDefault: string }>()
  for (const [, name, unit, byDefault] of readme.matchAll(/^\| `(?:\w+\.)?(\w+)`[^|]*\| ([^|]+) \| ([^|]+) \|/gm)) {
    rows.set(name!, { unit: unit!, byDefault: byDefault! })
  }
  const { sendOverflow, ...numbers } = resolveLimits('server')
  t.match(readme, `\`limits.sendOverflow\`: \`'${sendOverflow}'\` (default)`)
  for (const [name, value] of Object.entries(numbers)) {
    const { unit = '', byDefault = '' } = rows.get(name) ?? {}
    const units = /Interval$|Timeout$/.test(name) ? 'ms' : /Messages$|Fragments$/.test(name) ? /^\w+s$/ : 'octets'
    t.match(unit, units, `${name}: its unit`)
    // Infinity is written as its word, and what is the same as another limit by that limit's name.
    const told = [value === Number.POSITIVE_INFINITY ? /^`'(?:unlimited|off)'`$/ : value.toLocaleString('en')]
    if (value === numbers.maxMessageSize && name !== 'maxMessageSize') told.push('`maxMessageSize`')
    t.ok(
      told.some(text => byDefault.match(text) !== null),
      `${name}: ${byDefault}`,
    )
  }
  for (const name of ['handshakeTimeout', 'connectTimeout', 'maxConnections', 'maxPendingHandshakes']) {
    t.ok(rows.has(name), name)
  }
})
