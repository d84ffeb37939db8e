// WHATWG WebSockets Standard, "establish a WebSocket connection": the cases of the web-platform-tests in
// opening-handshake, security, keeping-connection-open, referrer.any.js and those of the constructor that are about the
// response, each in words of our own; and all the ways to fail.
import t from 'tap'
import { WebSocket } from '../../../src/index.js'
import { closeBody } from '../../transport/raw-client.js'
import { answering, identity, listening, switching } from '../../transport/scripted-server.js'
import { localhostTls } from '../serving.js'
import { pathServer, wpt } from './path-server.js'
import { rawPeer } from './raw-peer.js'
import { SocketLog } from './socket-log.js'

const otherKey = /Sec-WebSocket-Accept: .*/

const failing: [name: string, answer: (head: string) => string, protocols?: string][] = [
  ['opening-handshake/001.html', () => '\x7fFIVE\x00invalid\r\n\r\n'],
  ['security/001.html', head => switching(head).replace(otherKey, 'Sec-WebSocket-Accept: c3BhbSBzcGFtIHNwYW0=')],
  ['constructor/010.html', head => switching(head, 'Sec-WebSocket-Protocol: foobar\r\n')],
  ['constructor/011.html', head => switching(head, 'Sec-WebSocket-Protocol: foobar\r\n'), 'FOOBAR'],
  ['constructor/012.html', head => switching(head), 'foobar'],
  ['an empty choice', head => switching(head, 'Sec-WebSocket-Protocol: \r\n'), 'foobar'],
  ['an extension that nobody offered', head => switching(head, 'Sec-WebSocket-Extensions: x\r\n')],
  [
    'opening-handshake/received-301-code.html',
    () => 'HTTP/1.1 301 Moved Permanently\r\nLocation: ws://127.0.0.1/\r\nContent-Length: 0\r\n\r\n',
  ],
  ['a refusal', () => 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'],
]

for (const [name, answer, protocols] of failing) {
  t.test(`${name}: error, then close 1006, never open`, async t => {
    const { port, sockets } = await listening(t, answering(answer))
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, protocols)
    const log = new SocketLog(socket)
    t.equal(socket.readyState, WebSocket.CONNECTING)
    await log.until('close')
    t.same(log.lines, ['error', 'close 1006'])
    t.equal(socket.readyState, WebSocket.CLOSED)
    t.match(socket, { protocol: '', extensions: '' })
    if (!sockets[0]!.closed) await new Promise(resolve => sockets[0]!.on('close', resolve))
    t.pass('TCP is cut')
  })
}

t.test('a message behind a response without the subprotocol that is owed is not told', async t => {
  const { log } = await rawPeer(t, { opens: false, protocols: 'a', behind: [{ opcode: 1, payload: 'x' }] })
  await log.until('close')
  t.same(log.lines, ['error', 'close 1006'])
})

wpt('opening-handshake/002.html', async (t, { open }) => {
  const { socket, log } = await open('/echo')
  socket.close()
  t.equal(await log.until('close'), 'close clean 1005')
})

t.test('opening-handshake/003.html Origin is what the option says', async t => {
  const { connect } = await pathServer(t)
  t.equal(await connect('/field?origin', [], { origin: 'https://example.com' }).log.message(), 'https://example.com')
  t.equal(await connect('/field?origin').log.message(), 'none', 'outside a browser there is none by itself')
})

t.test('opening-handshake/005.html a Close frame in the packet of the response', async t => {
  const { log, peer } = await rawPeer(t, {
    before: socket => (socket.onopen = () => socket.close()),
    fields: 'Set-Cookie: ws_test=test\r\n',
    behind: [{ opcode: 8, payload: closeBody(1001, 'PASS') }],
  })
  t.equal(await peer.line(), 'close', 'ours went out before theirs was looked at')
  peer.stream.end()
  await log.until('close')
  t.same(log.lines, ['open', 'close clean 1001 "PASS"'])
})

wpt('opening-handshake/006.html', async (t, { connect, open }) => {
  for (let i = 0; i < 3; i++) {
    const { log } = connect('/invalid')
    await log.until('close')
    t.same(log.lines, ['error', 'close 1006'])
  }
  const { socket, log } = await open('/echo')
  socket.close()
  t.equal(await log.until('close'), 'close clean 1005')
})

wpt('basic-auth.any.js', async (t, { base }) => {
  const url = `${base}/field?authorization`.replace('://', '://foo:bar@')
  const socket = new WebSocket(url, [], { tls: { rejectUnauthorized: false } })
  t.equal(await new SocketLog(socket).message(), `Basic ${Buffer.from('foo:bar').toString('base64')}`)
  t.equal(socket.url, url)
})

wpt('referrer.any.js', async (t, { open }) => {
  const { log } = await open('/field?referer')
  t.equal(await log.message(), 'none')
})

t.test('keeping-connection-open/001.html twenty seconds of silence', async t => {
  const { open, timers, connections } = await pathServer(t)
  const { socket, log } = await open('/echo')
  // The server's clock: it asks whether the client is still there, and the client answers.
  const answered = new Promise(resolve => connections[0]!.on('pong', resolve))
  timers.advance(20_000)
  await answered
  timers.advance(10_000)
  t.equal(socket.readyState, WebSocket.OPEN)
  socket.send('test')
  t.equal(await log.message(), 'test')
  socket.close()
  t.equal(await log.until('close'), 'close clean 1005')
})

t.test('nobody listens: error, then close 1006', async t => {
  const { port, server } = await listening(t, () => {})
  await new Promise(resolve => server.close(resolve))
  const log = new SocketLog(new WebSocket(`ws://127.0.0.1:${port}/`))
  await log.until('close')
  t.same(log.lines, ['error', 'close 1006'])
})

t.test('a certificate that nobody trusts: error, then close 1006 and not 1015', async t => {
  const { port } = await listening(t, () => {}, { tls: { ...localhostTls, ...identity('localhost') } })
  const log = new SocketLog(new WebSocket(`wss://127.0.0.1:${port}/`))
  await log.until('close')
  t.same(log.lines, ['error', 'close 1006'])
})

const ends: [name: string, end: (peer: import('../../transport/raw-client.js').RawClient) => void][] = [
  ['the end of TCP', peer => peer.stream.end()],
  ['a reset', peer => peer.reset()],
  ['a frame that is not allowed', peer => peer.write(Buffer.from([0xff, 0])) === undefined && peer.stream.end()],
]

for (const [name, end] of ends) {
  t.test(`RFC 6455 §7.2.1 ${name} without a Close frame fails the connection: error, then close 1006`, async t => {
    const { log, peer, socket } = await rawPeer(t)
    end(peer)
    await log.until('close')
    t.same(log.lines, ['open', 'error', 'close 1006'])
    t.equal(socket.readyState, WebSocket.CLOSED)
  })
}

t.test('the option maskingKeys reaches the wire', async t => {
  const { socket, peer } = await rawPeer(t, { options: { maskingKeys: () => 0x3d21fa37 } })
  socket.send('Hello')
  t.same((await peer.frame()).maskingKey, Buffer.from('37fa213d', 'hex'))
})
