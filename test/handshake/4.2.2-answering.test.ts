/**
 * RFC 6455 §4.2.2 Sending the Server's Opening Handshake: the response that accepts.
 */
import t from 'tap'
import type { Extension } from '../../src/extensions/extension.js'
import { acceptRequest } from '../../src/handshake/server-handshake.js'
import type { HeaderInit } from '../../src/http/field-lines.js'
import { judge } from './sample-request.js'

function echoing(name: string, rsv = 0): Extension {
  return { name, rsv, offers: () => [[]], answer: offer => offer, accepts: () => true }
}

t.test(
  '4.2.2-1 4.2.2-12 H-19 "it MUST reply with a valid HTTP response": 101, Upgrade, Connection, Sec-WebSocket-Accept',
  async t => {
    const { response, protocol, extensions } = acceptRequest(judge())
    t.equal(
      response.toString('latin1'),
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    )
    t.equal(protocol, '')
    t.same(extensions, [])
  },
)

t.test(
  '4.2.2-8 "The value chosen MUST be derived from the client\'s handshake"; 4.2.2-9 none is not sent back',
  async t => {
    const request = judge({ 'Sec-WebSocket-Protocol': ['chat', 'superchat'] })
    const accepted = acceptRequest(request, { protocol: 'superchat' })
    t.match(accepted.response.toString(), '\r\nSec-WebSocket-Protocol: superchat\r\n')
    t.equal(accepted.protocol, 'superchat')
    for (const protocol of [undefined, '']) {
      const none = acceptRequest(request, { protocol })
      t.notMatch(none.response.toString(), /websocket-protocol/i)
      t.equal(none.protocol, '')
    }
    for (const protocol of ['other', 'Chat', 'chat, superchat', 'chat\r\nX: y', '__proto__', 'constructor']) {
      t.throws(() => acceptRequest(request, { protocol }), { name: 'UsageError', code: 'WS_PROTOCOL' }, protocol)
    }
    t.throws(() => acceptRequest(judge(), { protocol: 'chat' }), { code: 'WS_PROTOCOL' })
  },
)

t.test('11.3.4-1 subprotocols "MAY appear multiple times in an HTTP request"', async t => {
  t.same(judge({ 'Sec-WebSocket-Protocol': ['chat', 'superchat, c'] }).protocols, ['chat', 'superchat', 'c'])
})

t.test('4.2.2-10 9.2-1 11.3.2-2 extensions: ours among those offered, in one field', async t => {
  const request = judge({ 'Sec-WebSocket-Extensions': ['foo; a=1; b, bar', 'baz'] })
  const foo = echoing('foo', 4)
  const accepted = acceptRequest(request, { extensions: [echoing('baz'), echoing('other'), foo] })
  t.match(accepted.response.toString(), '\r\nSec-WebSocket-Extensions: foo; a=1; b, baz\r\n')
  t.equal(accepted.extensions[0]!.extension, foo)
  t.same(accepted.extensions[0]!.parameters, [
    ['a', '1'],
    ['b', undefined],
  ])
  t.equal(accepted.extensions.length, 2)
  t.notMatch(acceptRequest(request, { extensions: [echoing('other')] }).response.toString(), /extensions/i, '4.2.2-11')
})

t.test('header fields of the application, and Server', async t => {
  const accepted = acceptRequest(judge(), {
    serverName: 'framewright',
    headers: [
      ['Set-Cookie', 'a=b'],
      ['Set-Cookie', 'c=d'],
    ],
  })
  t.match(accepted.response.toString(), /\r\nServer: framewright\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n$/)
  t.match(acceptRequest(judge(), { headers: { 'X-A': 'é' } }).response.toString('latin1'), '\r\nX-A: é\r\n')
})

t.test('H-39 nothing can be injected: a UsageError at the call', async t => {
  const cases: [name: string, headers: HeaderInit][] = [
    ['LF in a value', { 'Set-Cookie': 'a\r\nb' }],
    ['LF in a name', { 'X\nY': 'a' }],
    ['an empty line', { X: 'a\r\n\r\nframe' }],
  ]
  for (const [name, headers] of cases) {
    t.throws(() => acceptRequest(judge(), { headers }), { name: 'UsageError', code: 'WS_HEADER' }, name)
  }
  t.throws(() => acceptRequest(judge(), { serverName: 'a\r\nb' }), { code: 'WS_HEADER' })
})

t.test('what the handshake decides is not the application’s to set', async t => {
  const names = ['Upgrade', 'connection', 'Sec-WebSocket-Accept', 'sec-websocket-protocol', 'Sec-WebSocket-Extensions']
  for (const name of [...names, 'Content-Length', 'Transfer-Encoding', 'Trailer']) {
    t.throws(() => acceptRequest(judge(), { headers: { [name]: 'x' } }), { code: 'WS_HEADER_RESERVED' }, name)
  }
})

t.test('H-44 nothing of the request is reflected', async t => {
  const request = judge({ 'Sec-WebSocket-Accept': 'mine', TE: 'trailers', 'X-Injected': 'yes' })
  t.notMatch(acceptRequest(request).response.toString(), /mine|trailers|yes/)
})
