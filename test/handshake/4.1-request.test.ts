/**
 * RFC 6455 §4.1, items 1 to 12: what the client sends.
 */
import fc from 'fast-check'
import t from 'tap'
import type { Extension } from '../../src/extensions/extension.js'
import { ClientHandshake } from '../../src/handshake/client-handshake.js'
import type { ClientHandshakeOptions } from '../../src/handshake/client-request.js'
import { judgeRequest } from '../../src/handshake/server-handshake.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { HeadReader } from '../../src/http/head-reader.js'

const nonce = (): Uint8Array => Buffer.from('the sample nonce')

function request(uri: string, options: ClientHandshakeOptions = {}): string {
  return new ClientHandshake(WebSocketUri.parse(uri), { nonce, ...options }).request.toString('latin1')
}

function offering(name: string, ...offers: (readonly [string, string | undefined])[][]): Extension {
  return { name, rsv: 0, offers: () => offers, answer: () => [], accepts: () => true }
}

/** The lines of the request, each with the rows that demand it. */
const requestLines: [rule: string, line: string][] = [
  ['4.1-20 4.1-21 the method is GET, the version HTTP/1.1', 'GET /chat HTTP/1.1'],
  ['4.1-23 Host', 'Host: server.example.com'],
  ['4.1-24 4.1-25 Upgrade, and in it websocket', 'Upgrade: websocket'],
  ['4.1-26 4.1-27 Connection, and in it Upgrade', 'Connection: Upgrade'],
  ['4.1-28 4.1-29 the key: sixteen octets in base64', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
  ['4.1-33 4.1-34 the version is 13', 'Sec-WebSocket-Version: 13'],
]

t.test('4.1-19 §1.3 the request: all that is demanded, and nothing else', async t => {
  const lines = request('ws://server.example.com/chat').split('\r\n')
  for (const [at, [rule, line]] of requestLines.entries()) t.equal(lines[at], line, rule)
  t.same(lines.slice(requestLines.length), ['', ''], '4.1-19 an empty line ends it')
})

t.test('4.1-22 4.1-23 the resource name; Host with the port "when not using the default port"', async t => {
  const cases: [uri: string, start: string][] = [
    ['ws://a', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['ws://a:80/b?c', 'GET /b?c HTTP/1.1\r\nHost: a\r\n'],
    ['wss://a:80/', 'GET / HTTP/1.1\r\nHost: a:80\r\n'],
    ['wss://a:443/', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['ws://[::1]:9001/?x', 'GET /?x HTTP/1.1\r\nHost: [::1]:9001\r\n'],
  ]
  for (const [uri, start] of cases) t.equal(request(uri).slice(0, start.length), start, uri)
  t.match(request('ws://a', { host: 'b.example:81' }), '\r\nHost: b.example:81\r\n')
})

t.test('4.1-32 4.1-35 4.1-38 4.1-39 Origin, subprotocols, extensions and other fields, where told', async t => {
  const text = request('ws://a', {
    origin: 'https://example.com',
    protocols: ['chat', 'superchat'],
    extensions: [
      offering(
        'foo',
        [
          ['a', '1'],
          ['b', undefined],
        ],
        [],
      ),
      offering('bar', []),
    ],
    headers: { Cookie: 'a=b', 'X-List': ['1', '2'] },
  })
  t.match(text, '\r\nOrigin: https://example.com\r\n')
  t.match(text, '\r\nSec-WebSocket-Protocol: chat, superchat\r\n')
  t.match(text, '\r\nSec-WebSocket-Extensions: foo; a=1; b, foo, bar\r\n')
  t.match(text, /\r\nCookie: a=b\r\nX-List: 1\r\nX-List: 2\r\n\r\n$/)
  t.notMatch(request('ws://a', { protocols: [], extensions: [] }), /Origin|Protocol|Extensions/)
})

t.test('C-15 user name and password become Basic credentials, unless the caller has an Authorization', async t => {
  t.match(request('ws://u:p@a'), '\r\nAuthorization: Basic dTpw\r\n')
  t.notMatch(request('ws://a'), 'Authorization')
  const own = request('ws://u:p@a', { headers: { 'X-A': 'b', AUTHORIZATION: 'Bearer x' } })
  t.same(own.match(/authorization: .*/gi), ['AUTHORIZATION: Bearer x'])
  t.notMatch(request('ws://u:p@a', { headers: { 'X-A': 'authorization: none' } }), 'authorization: Basic')
  t.match(request('ws://u:p@a', { headers: { 'X-Authorization': 'x' } }), '\r\nAuthorization: Basic dTpw\r\n')
})

t.test('4.1-30 the nonce is new for each connection, and has 16 octets', async t => {
  const uri = WebSocketUri.parse('ws://a')
  const key = (): string | undefined => /Key: (.*)\r/.exec(new ClientHandshake(uri).request.toString())?.[1]
  const keys = new Set(Array.from({ length: 100 }, key))
  t.equal(keys.size, 100)
  for (const key of keys) t.equal(Buffer.from(key!, 'base64').length, 16)
  for (const length of [0, 15, 17]) {
    const wrong = { nonce: () => Buffer.alloc(length) }
    t.throws(() => new ClientHandshake(uri, wrong), { name: 'UsageError', code: 'WS_NONCE' }, `${length}`)
  }
})

t.test('4.1-36 4.1-37 subprotocols: tokens, none empty, all different', async t => {
  const cases = [[''], ['a', 'a'], ['a b'], ['a,b'], ['a;b'], ['"a"'], ['é'], ['a\r\nb'], ['a', 'b', 'a'], [1], [null]]
  for (const protocols of [...cases, 'chat', 5] as string[][]) {
    t.throws(
      () => request('ws://a', { protocols }),
      { name: 'UsageError', code: 'WS_PROTOCOL' },
      JSON.stringify(protocols),
    )
  }
  t.match(request('ws://a', { protocols: ['a', 'A', '__proto__', 'constructor'] }), 'a, A, __proto__, constructor')
})

t.test('C-13 no option can end a line', async t => {
  const cases: [options: ClientHandshakeOptions, code: string][] = [
    [{ origin: 'http://a\r\nX: y' }, 'WS_ORIGIN'],
    [{ origin: 'http://a\0' }, 'WS_ORIGIN'],
    [{ origin: 'http://a b' }, 'WS_ORIGIN'],
    [{ origin: '' }, 'WS_ORIGIN'],
    [{ origin: 5 as unknown as string }, 'WS_ORIGIN'],
    [{ host: 5 as unknown as string }, 'WS_HOST'],
    [{ origin: 'http://é' }, 'WS_ORIGIN'],
    [{ host: 'a\r\nX: y' }, 'WS_HOST'],
    [{ host: '' }, 'WS_HOST'],
    [{ host: 'a, b' }, 'WS_HOST'],
    [{ headers: { A: 'b\r\nC: d' } }, 'WS_HEADER'],
    [{ headers: { 'A: b\r\nC': 'd' } }, 'WS_HEADER'],
    [{ headers: { A: '\0' } }, 'WS_HEADER'],
  ]
  for (const [options, code] of cases) {
    t.throws(() => request('ws://a', options), { name: 'UsageError', code }, JSON.stringify(options))
  }
})

t.test('C-14 what the handshake writes is not the caller’s to override', async t => {
  const names = ['Host', 'Origin', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'sec-websocket-extensions', 'Expect']
  for (const name of [...names, 'Content-Length', 'Transfer-Encoding', 'Trailer', 'TE', 'Keep-Alive']) {
    t.throws(() => request('ws://a', { headers: { [name]: 'x' } }), { code: 'WS_HEADER_RESERVED' }, name)
  }
})

t.test('4.1-19 "The handshake MUST be a valid HTTP request": our server accepts whatever our client sends', async t => {
  const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019-._~'), minLength: 1, maxLength: 8 })
  const options = fc.record(
    {
      origin: fc.constantFrom('null', 'https://example.com', 'file://'),
      protocols: fc.uniqueArray(word, { maxLength: 4 }),
      headers: fc.dictionary(
        word.map(name => `X-${name}`),
        fc.string({ unit: fc.constantFrom(...'aé \t:"') }),
      ),
      extensions: fc
        .uniqueArray(word, { maxLength: 3 })
        .map(names => names.map(name => offering(name, [['p', 'q']], []))),
    },
    { requiredKeys: [] },
  )
  const uris = fc.webUrl({ validSchemes: ['ws', 'wss'], withQueryParameters: true })
  fc.assert(
    fc.property(uris, options, (text, options) => {
      const uri = WebSocketUri.parse(text)
      fc.pre(!uri.resourceName.startsWith('//') && !uri.resourceName.includes('%00'))
      const read = new HeadReader('request').receive(new ClientHandshake(uri, options).request)
      const opening = judgeRequest(read!.head, { secure: uri.secure, allowedOrigins: 'any' })
      return (
        read!.rest.length === 0 &&
        opening.path === uri.resourceName &&
        opening.host === uri.authority &&
        opening.origin === options.origin &&
        opening.protocols.join() === (options.protocols ?? []).join() &&
        opening.extensions.length === 2 * (options.extensions ?? []).length
      )
    }),
  )
  t.pass()
})
