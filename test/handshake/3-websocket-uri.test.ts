/**
 * RFC 6455 §3 WebSocket URIs, §11.1 (their registration), C-13 and C-15.
 */
import { inspect } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'

function parts(uri: string, http = false): unknown[] {
  const { secure, host, port, authority, resourceName } = WebSocketUri.parse(uri, { http })
  return [secure, host, port, authority, resourceName]
}

t.test('3-1 4.1-3 "the default for ws is port 80, … for wss is port 443"; host, port and resource name', async t => {
  const cases: [uri: string, ...parts: unknown[]][] = [
    ['ws://example.com', false, 'example.com', 80, 'example.com', '/'],
    ['wss://example.com', true, 'example.com', 443, 'example.com', '/'],
    ['ws://example.com:80/', false, 'example.com', 80, 'example.com', '/'],
    ['wss://example.com:443/', true, 'example.com', 443, 'example.com', '/'],
    ['ws://example.com:443/', false, 'example.com', 443, 'example.com:443', '/'],
    ['WSS://EXAMPLE.com:8443/A/b?c=d&e', true, 'example.com', 8443, 'example.com:8443', '/A/b?c=d&e'],
    ['ws://example.com?q', false, 'example.com', 80, 'example.com', '/?q'],
    ['ws://[::1]/', false, '::1', 80, '[::1]', '/'],
    ['ws://[2001:DB8:0:0:0:0:0:1]:9001/x', false, '2001:db8::1', 9001, '[2001:db8::1]:9001', '/x'],
    ['ws://127.0.0.1:65535', false, '127.0.0.1', 65535, '127.0.0.1:65535', '/'],
  ]
  for (const [uri, ...expected] of cases) t.same(parts(uri), expected, uri)
  t.same(parts(new URL('ws://example.com/x') as unknown as string), [false, 'example.com', 80, 'example.com', '/x'])
})

t.test('C-15 as the WHATWG URL parser has it: one slash, other notations of IPv4, port 0', async t => {
  t.same(parts('ws:/x'), [false, 'x', 80, 'x', '/'])
  t.same(parts('ws://0x7f.1/'), [false, '127.0.0.1', 80, '127.0.0.1', '/'])
  t.same(parts('ws://x:0/'), [false, 'x', 0, 'x:0', '/'])
  t.same(parts('ws://x/a\\b/../c'), [false, 'x', 80, 'x', '/a/c'])
  t.same(parts(' ws://x/a b '), [false, 'x', 80, 'x', '/a%20b'])
})

t.test(
  '11.1.1-1 11.1.2-1 hosts in other scripts become ASCII, 11.1.1-2 11.1.2-2 the rest percent-encoded UTF-8',
  async t => {
    t.same(parts('ws://bücher.example/ä?ö'), [
      false,
      'xn--bcher-kva.example',
      80,
      'xn--bcher-kva.example',
      '/%C3%A4?%C3%B6',
    ])
    t.same(parts('wss://日本.example/'), [true, 'xn--wgv71a.example', 443, 'xn--wgv71a.example', '/'])
  },
)

t.test('11.1.1-1 in other scripts, also when the engine has optimised: the 20,000th time as the first', async t => {
  // URL.canParse would say false of this one after some 9,000 calls.
  const hosts = Array.from({ length: 20_000 }, () => WebSocketUri.parse('ws://bücher.example/').host)
  t.same([...new Set(hosts)], ['xn--bcher-kva.example'])
})

t.test('3-2 3-3 "Fragment identifiers … MUST NOT be used on these URIs"; a "#" that is none is %23', async t => {
  for (const uri of ['ws://x/#', 'ws://x/#a', 'ws://x#a', 'wss://x/a?b#c']) {
    t.throws(() => WebSocketUri.parse(uri), { name: 'UsageError', code: 'WS_URI', section: '3' }, uri)
  }
  t.same(parts('ws://x/a%23b?%23'), [false, 'x', 80, 'x', '/a%23b?%23'])
})

t.test('4.1-4 C-15 what is no WebSocket URI is refused at the call', async t => {
  const cases = [
    '',
    'x',
    '/x',
    '//x',
    'ws:',
    'ws://',
    'ws:///',
    'ws://:80/',
    'ws://x:65536/',
    'ws://x:-1/',
    'ws://x:a/',
    'http://x/',
    'https://x/',
    'wsx://x/',
    'file:///x',
    'javascript:1',
    'ws+unix:///x',
    'ws://[::1/',
    'ws://[fe80::1%25eth0]/',
    'ws://a b/',
    'ws://10.0.2.555/',
    'ws://a%00b/',
  ]
  for (const uri of cases) t.throws(() => WebSocketUri.parse(uri), { code: 'WS_URI' }, JSON.stringify(uri))
})

t.test('http and https are ws and wss where told so', async t => {
  t.same(parts('http://x:80/a', true), [false, 'x', 80, 'x', '/a'])
  t.same(parts('https://x', true), [true, 'x', 443, 'x', '/'])
  t.same(parts('ws://x', true), [false, 'x', 80, 'x', '/'])
  t.same(parts('wss://x', true), [true, 'x', 443, 'x', '/'])
  t.throws(() => WebSocketUri.parse('ftp://x', { http: true }), { code: 'WS_URI' })
  t.throws(() => WebSocketUri.parse('http://x#', { http: true }), { code: 'WS_URI' })
})

t.test('C-13 control characters are refused, not dropped as the URL parser would', async t => {
  for (const control of ['\r\n', '\r', '\n', '\t', '\0', '\x01', '\x1f', '\x7f']) {
    for (const uri of [`ws://x/a${control}b`, `ws://a${control}b/`, `ws://u:p${control}@x/`, `${control}ws://x/`]) {
      t.throws(() => WebSocketUri.parse(uri), { code: 'WS_URI' }, JSON.stringify(uri))
    }
  }
})

t.test('C-15 X-17 user name and password become Basic credentials, and appear in no text', async t => {
  const cases: [userinfo: string, credentials: string | undefined][] = [
    ['', undefined],
    ['@', undefined],
    [':@', undefined],
    ['aladdin:opensesame@', 'aladdin:opensesame'],
    ['user@', 'user:'],
    [':secret@', ':secret'],
    ['u%40x:p%3A%2F@', 'u@x:p:/'],
    ['jürgen:pässword@', 'jürgen:pässword'],
  ]
  for (const [userinfo, credentials] of cases) {
    const uri = WebSocketUri.parse(`ws://${userinfo}x/path`)
    const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    t.equal(uri.basicCredentials, expected, userinfo)
    t.equal(String(uri), 'ws://x/path')
    if (credentials)
      t.notMatch(inspect(uri, { depth: 9, showHidden: true }) + JSON.stringify(uri), /secret|sesame|Basic/)
  }
})

t.test('C-15 X-17 credentials that cannot be sent, and errors that do not repeat them', async t => {
  for (const userinfo of ['a%3Ab:sesame@', '%ff:sesame@', 'sesame:%zz@', 'sesame%0d:x@', 'x:sesame%00@']) {
    t.throws(() => WebSocketUri.parse(`ws://${userinfo}x/`), { code: 'WS_URI' }, userinfo)
  }
  for (const uri of [
    'ws://u:sesame@x/#',
    'http://u:sesame@x',
    'ws://u:sesame@x:99999',
    'ws://u:sesame@x/\n',
    'ws://sesame%zz@x',
  ]) {
    try {
      WebSocketUri.parse(uri)
      t.fail(uri)
    } catch (error) {
      t.notMatch(inspect(error), /sesame/, uri)
    }
  }
})

t.test('a URI is written as it was read, and read again is the same', async t => {
  t.equal(String(WebSocketUri.parse('wss://u:p@EXAMPLE.com:443/a?b')), 'wss://example.com/a?b')
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['ws', 'wss'], withQueryParameters: true }), fc.nat(65535), (text, port) => {
      const uri = WebSocketUri.parse(text.replace(/^(wss?:\/\/[^/?]+)/, `$1:${port}`))
      const again = WebSocketUri.parse(String(uri))
      return (
        JSON.stringify(again) === JSON.stringify(uri) &&
        uri.port === port &&
        uri.resourceName.startsWith('/') &&
        /^[!-~]+$/.test(uri.resourceName + uri.authority)
      )
    }),
  )
  t.pass()
})

t.test('4.1-4 any text is a WebSocket URI or a UsageError', async t => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string().map(text => `ws://${text}`),
      ),
      text => {
        try {
          return /^[!-~]+$/.test(WebSocketUri.parse(text).resourceName)
        } catch (error) {
          return (error as { code?: string }).code === 'WS_URI'
        }
      },
    ),
    { numRuns: 1000 },
  )
  t.pass()
})

t.test('what cannot be made a text is no URI either', async t => {
  for (const uri of [null, undefined, 5, Symbol('a'), Object.create(null)]) {
    t.throws(() => WebSocketUri.parse(uri as string), { name: 'UsageError', code: 'WS_URI' })
  }
})
