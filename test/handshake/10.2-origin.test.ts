/**
 * RFC 6455 §10.2 Origin Considerations, §4.2.2 item 4 (/origin/): whose pages may connect, and by which Host.
 */
import t from 'tap'
import { canonicalOrigin, sameOrigin } from '../../src/handshake/origin.js'
import { allowsOrigin, expectsHost, makeRequestPolicy } from '../../src/handshake/request-policy.js'
import { parseAuthority } from '../../src/http/authority.js'

t.test('10.2-1 same origin: host and port, by the default port of the origin’s own scheme, equal Host’s', async t => {
  const cases: [origin: string, host: string, plain: boolean, tls: boolean][] = [
    ['http://example.com', 'example.com', true, false],
    ['http://example.com', 'EXAMPLE.COM', true, false],
    ['http://example.com', 'example.com:80', true, false],
    ['http://example.com:80', 'example.com', true, false],
    ['http://example.com:8080', 'example.com:8080', true, false],
    ['https://example.com', 'example.com', true, true],
    ['https://example.com', 'example.com:443', true, true],
    ['https://example.com:8443', 'example.com:8443', true, true],
    ['http://[::1]:9001', '[::1]:9001', true, false],
    ['http://127.0.0.1', '127.0.0.1', true, false],
    ['http://example.com.', 'example.com.', true, false],
    ['http://example.com', 'example.com:443', false, false],
    ['https://example.com', 'example.com:80', false, false],
    ['http://example.com:8080', 'example.com', false, false],
    ['http://example.com', 'example.com:8080', false, false],
  ]
  for (const [origin, host, plain, tls] of cases) {
    t.equal(sameOrigin(origin, host, false), plain, `${origin} at ${host}, TLS not ended here`)
    t.equal(sameOrigin(origin, host, true), tls, `${origin} at ${host}, TLS ended here`)
  }
})

t.test('O-01 O-02 everything else is another origin', async t => {
  const origins = [
    'http://evil.example',
    'http://sub.good.example',
    'http://good.example.evil.example',
    'http://good.evil',
    'http://evilgood.example',
    'http://good.exampleevil',
    'http://good.example.',
    'http://GOOD.example',
    'HTTP://good.example',
    'http://good.example/',
    'http://good.example:',
    'http://good.example:080',
    'http://good.example:80x',
    'http://good.example:81',
    'http://user@good.example',
    'http://u:p@good.example',
    'http://good.example#',
    'http://good.example?',
    'http://good.example http://evil.example',
    'http://good.example, http://evil.example',
    'http://evil.example, http://good.example',
    'null',
    'file://',
    '',
    ' ',
    'good.example',
    '://good.example',
    '//good.example',
    'http:good.example',
    'http:/good.example',
    'http:\\\\good.example',
    'ws://good.example',
    'wss://good.example',
    'ftp://good.example',
    'javascript://good.example',
    'chrome-extension://good.example',
    'http://good%2eexample',
    'http://[good.example]',
    '*',
    'http://*',
    '__proto__://a',
  ]
  for (const origin of origins) {
    t.equal(sameOrigin(origin, 'good.example', false), false, JSON.stringify(origin))
    t.equal(sameOrigin(origin, 'good.example', true), false, JSON.stringify(origin))
  }
  t.equal(sameOrigin('http://a', 'not a host', false), false)
})

t.test('the origins that a policy names are spelled as browsers send them', async t => {
  const cases: [entry: string, origin: string | undefined][] = [
    ['https://example.com', 'https://example.com'],
    ['HTTPS://Example.com:443/', 'https://example.com'],
    ['http://example.com:80', 'http://example.com'],
    ['http://example.com:443', 'http://example.com:443'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['chrome-extension://abcdef', 'chrome-extension://abcdef'],
    ['file://', 'file://'],
    ['https://*.example.com', undefined],
    ['https://example.com/path', undefined],
    ['https://user@example.com', undefined],
    ['app://a/b', undefined],
    ['a b://c', undefined],
    ['a://b://c', undefined],
    ['example.com', undefined],
    ['*', undefined],
    ['', undefined],
  ]
  for (const [entry, origin] of cases) t.equal(canonicalOrigin(entry), origin, entry)
})

const host = 'good.example'

t.test('4.2.2-4 O-01 O-05 allowedOrigins: same-origin unless told, any, or a list', async t => {
  const allows = (allowedOrigins: 'same-origin' | 'any' | string[] | undefined, origin: string): boolean => {
    return allowsOrigin(makeRequestPolicy({ secure: false, allowedOrigins }), origin, host)
  }
  t.equal(allows(undefined, 'http://good.example'), true)
  t.equal(allows(undefined, 'http://evil.example'), false)
  t.equal(allowsOrigin({ secure: false }, 'http://good.example', host), true)
  t.equal(allowsOrigin({ secure: false }, 'http://evil.example', host), false)
  t.equal(allows('any', 'http://evil.example'), true)
  t.equal(allows('any', 'null'), true)
  const list = ['https://Shop.example/', 'null']
  t.equal(allows(list, 'https://shop.example'), true)
  t.equal(allows(list, 'null'), true)
  t.equal(allows(list, 'http://shop.example'), false)
  t.equal(allows(list, 'http://good.example'), false, 'the list is the whole list')
  t.equal(allows([...list, 'same-origin'], 'http://good.example'), true)
  t.equal(allows([...list, 'same-origin'], 'http://evil.example'), false)
  t.equal(allows(['same-origin'], 'same-origin'), false, 'the word is no origin')
  t.equal(allows([], 'http://good.example'), false)
})

t.test('O-05 "*" and other entries that mean nothing are the caller’s error', async t => {
  const bad = ['*', 'https://*', 'example.com', 'any', '']
  for (const entry of bad) {
    t.throws(() => makeRequestPolicy({ secure: false, allowedOrigins: [entry] }), { code: 'WS_POLICY' }, entry)
  }
  const word = '*' as 'any'
  t.throws(() => makeRequestPolicy({ secure: false, allowedOrigins: word }), { name: 'UsageError', code: 'WS_POLICY' })
  t.throws(() => makeRequestPolicy({ secure: false, expectedHosts: ['a b'] }), { code: 'WS_POLICY' })
})

t.test('O-04 O-07 expectedHosts: a host with any port, or with that port', async t => {
  const expects = (expectedHosts: string[] | undefined, text: string, secure = false): boolean => {
    return expectsHost(makeRequestPolicy({ secure, expectedHosts }), parseAuthority(text)!)
  }
  t.equal(expects(undefined, 'attacker.example'), true)
  const hosts = ['localhost', '127.0.0.1', 'Good.example:443', 'plain.example:80', '[::1]:9001']
  const cases: [text: string, plain: boolean, tls: boolean][] = [
    ['localhost', true, true],
    ['LOCALHOST:9001', true, true],
    ['127.0.0.1:1', true, true],
    ['good.example:443', true, true],
    ['good.example', false, true],
    ['plain.example', true, false],
    ['[::1]:9001', true, true],
    ['[::1]', false, false],
    ['attacker.example', false, false],
    ['127.0.0.1.nip', false, false],
    ['localhost.', false, false],
  ]
  for (const [text, plain, tls] of cases) {
    t.equal(expects(hosts, text), plain, text)
    t.equal(expects(hosts, text, true), tls, `${text}, TLS ended here`)
  }
  t.equal(expects([], 'localhost'), false)
})
