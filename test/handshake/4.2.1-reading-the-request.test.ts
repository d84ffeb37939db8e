/**
 * RFC 6455 §4.2.1 Reading the Client's Opening Handshake: what is accepted, what is refused, and with which status.
 */
import fc from 'fast-check'
import t from 'tap'
import { HandshakeError } from '../../src/errors.js'
import { isKey } from '../../src/handshake/accept-key.js'
import { isUpgradeRequest, judgeRequest } from '../../src/handshake/server-handshake.js'
import { Fields } from '../../src/http/fields.js'
import { requestHeadFromNode } from '../../src/http/message-head.js'
import { type Changes, judge, sampleHead, verdict } from './sample-request.js'

t.test('4.2.1-1 the sample of §1.3 and what is read from it', async t => {
  const request = judge({
    Origin: 'http://example.com',
    'Sec-WebSocket-Protocol': 'chat, superchat',
    'Sec-WebSocket-Extensions': 'foo; a=1, bar',
    Cookie: 'a=b',
  })
  t.equal(request.method, 'GET')
  t.equal(request.path, '/chat')
  t.equal(request.host, 'server.example.com')
  t.equal(request.origin, 'http://example.com')
  t.equal(request.key, 'dGhlIHNhbXBsZSBub25jZQ==')
  t.equal(request.version, 13)
  t.same(request.protocols, ['chat', 'superchat'])
  t.same(request.extensions, [
    { name: 'foo', parameters: [['a', '1']] },
    { name: 'bar', parameters: [] },
  ])
  t.equal(request.fields.get('cookie'), 'a=b')
  t.equal(request.fields, request.head.fields)
  const bare = judge()
  t.equal(bare.origin, undefined, '4.2.1-3 without Origin it is not taken to come from a browser')
  t.same(bare.protocols, [])
  t.same(bare.extensions, [])
})

t.test('which requests mean to open a WebSocket connection', async t => {
  const none: string[] = []
  const plain = { Upgrade: none, Connection: none, 'Sec-WebSocket-Key': none, 'Sec-WebSocket-Version': none }
  const cases: [name: string, changes: Changes, expected: boolean][] = [
    ['the sample', {}, true],
    ['a page', plain, false],
    ['an upgrade to something else', { ...plain, Upgrade: 'h2c', Connection: 'Upgrade' }, false],
    ['Upgrade alone', { ...plain, Upgrade: 'foo, WebSocket' }, true],
    ['a malformed Upgrade', { ...plain, Upgrade: 'websocket, (' }, false],
    ['a key alone, as after a proxy that drops Upgrade', { ...plain, 'Sec-WebSocket-Key': 'x' }, true],
    ['a version alone', { ...plain, 'Sec-WebSocket-Version': '13' }, true],
  ]
  for (const [name, changes, expected] of cases) t.equal(isUpgradeRequest(sampleHead(changes)), expected, name)
})

const requests: [name: string, changes: Changes, expected: string][] = [
  ['H-10 two Host', { Host: ['a', 'a'] }, '400 WS_FIELD_REPEATED'],
  ['H-10 no Host', { Host: [] }, '400 WS_HOST'],
  ['H-10 Host with a comma', { Host: 'a, b' }, '400 WS_HOST'],
  ['H-30 Host [::1', { Host: '[::1' }, '400 WS_HOST'],
  ['H-30 Host a b', { Host: 'a b' }, '400 WS_HOST'],
  ['H-30 Host a:99999', { Host: 'a:99999' }, '400 WS_HOST'],
  ['H-30 Host a:80:80', { Host: 'a:80:80' }, '400 WS_HOST'],
  ['H-30 Host NUL', { Host: '\x00' }, '400 WS_HEAD_MALFORMED'],
  ['H-30 Host over 8 KiB', { Host: 'a'.repeat(10_240) }, '431 WS_HEAD_TOO_LARGE'],
  ['H-30 Host of 4 KiB', { Host: 'a'.repeat(4096) }, '400 WS_HOST'],
  ['H-30 Host @', { Host: '@' }, '400 WS_HOST'],
  ['H-30 empty Host', { Host: '' }, '400 WS_HOST'],
  ['O-07 Host 0x7f.1', { Host: '0x7f.1' }, '400 WS_HOST'],
  [
    '11.3.1-1 H-11 two keys, equal',
    { 'Sec-WebSocket-Key': Array(2).fill('dGhlIHNhbXBsZSBub25jZQ==') },
    '400 WS_FIELD_REPEATED',
  ],
  [
    '11.3.1-1 H-11 two keys, different',
    { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'AQIDBAUGBwgJCgsMDQ4PEA=='] },
    '400 WS_FIELD_REPEATED',
  ],
  ['H-18 no key', { 'Sec-WebSocket-Key': [] }, '400 WS_KEY'],
  ['H-18 an empty key', { 'Sec-WebSocket-Key': '' }, '400 WS_KEY'],
  ['H-18 E3150 a key with stray bits', { 'Sec-WebSocket-Key': 'AQIDBAUGBwgJCgsMDQ4PEC==' }, '400 WS_KEY'],
  ['H-18 white space around the key', { 'Sec-WebSocket-Key': ' \tdGhlIHNhbXBsZSBub25jZQ== ' }, 'accepted'],
  ['11.3.5-2 H-12 two versions', { 'Sec-WebSocket-Version': ['13', '13'] }, '400 WS_FIELD_REPEATED'],
  ['H-12 13, 8', { 'Sec-WebSocket-Version': '13, 8' }, '400 WS_VERSION'],
  ['H-12 013', { 'Sec-WebSocket-Version': '013' }, '400 WS_VERSION'],
  ['H-12 +13', { 'Sec-WebSocket-Version': '+13' }, '400 WS_VERSION'],
  ['H-12 13.0', { 'Sec-WebSocket-Version': '13.0' }, '400 WS_VERSION'],
  ['H-12 fullwidth digits', { 'Sec-WebSocket-Version': Buffer.from('１３').toString('latin1') }, '400 WS_VERSION'],
  ['H-13 no version', { 'Sec-WebSocket-Version': [] }, '400 WS_VERSION'],
  ['H-13 an empty version', { 'Sec-WebSocket-Version': '' }, '400 WS_VERSION'],
  ['H-13 8', { 'Sec-WebSocket-Version': '8' }, '426 WS_VERSION'],
  ['H-13 0', { 'Sec-WebSocket-Version': '0' }, '426 WS_VERSION'],
  ['H-13 12', { 'Sec-WebSocket-Version': '12' }, '426 WS_VERSION'],
  ['H-13 14', { 'Sec-WebSocket-Version': '14' }, '426 WS_VERSION'],
  ['H-13 255', { 'Sec-WebSocket-Version': '255' }, '426 WS_VERSION'],
  ['H-13 256', { 'Sec-WebSocket-Version': '256' }, '400 WS_VERSION'],
  ['H-14 no Upgrade', { Upgrade: [] }, '426 WS_UPGRADE_REQUIRED'],
  ['H-14 h2c', { Upgrade: 'h2c' }, '426 WS_UPGRADE_REQUIRED'],
  ['H-14 websocketx', { Upgrade: 'websocketx' }, '426 WS_UPGRADE_REQUIRED'],
  ['H-14 websocket/13', { Upgrade: 'websocket/13' }, '426 WS_UPGRADE_REQUIRED'],
  ['H-14 empty Upgrade', { Upgrade: '' }, '426 WS_UPGRADE_REQUIRED'],
  ['H-14 WebSocket', { Upgrade: 'WebSocket' }, 'accepted'],
  ['H-14 foo, websocket', { Upgrade: 'foo/1.0, websocket' }, 'accepted'],
  ['H-14 two lines', { Upgrade: ['foo', 'websocket'] }, 'accepted'],
  ['H-14 empty elements', { Upgrade: ', websocket,' }, 'accepted'],
  ['H-14 malformed: a/b/c', { Upgrade: 'a/b/c, websocket' }, '400 WS_UPGRADE_FIELD'],
  ['H-14 malformed: two words', { Upgrade: 'web socket' }, '400 WS_UPGRADE_FIELD'],
  ['H-14 malformed: a slash', { Upgrade: 'websocket, /' }, '400 WS_UPGRADE_FIELD'],
  ['H-08 Upgrade with obs-text', { Upgrade: 'websocket, \xe9' }, '400 WS_UPGRADE_FIELD'],
  ['H-08 Connection with obs-text', { Connection: 'Upgrade, \xe9' }, '400 WS_CONNECTION_FIELD'],
  ['H-08 Host with obs-text', { Host: '\xe9' }, '400 WS_HOST'],
  ['H-08 key with obs-text', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j\xe9Q==' }, '400 WS_KEY'],
  ['H-08 subprotocol with obs-text', { 'Sec-WebSocket-Protocol': '\xe9' }, '400 WS_PROTOCOL'],
  ['H-08 extension with obs-text', { 'Sec-WebSocket-Extensions': '\xe9' }, '400 WS_EXTENSIONS'],
  ['H-08 another field with obs-text', { 'X-Name': 'J\xfcrgen' }, 'accepted'],
  ['H-15 no Connection', { Connection: [] }, '400 WS_CONNECTION_FIELD'],
  ['H-15 keep-alive', { Connection: 'keep-alive' }, '400 WS_CONNECTION_FIELD'],
  ['H-15 upgradex', { Connection: 'upgradex' }, '400 WS_CONNECTION_FIELD'],
  ['H-15 close, upgrade', { Connection: 'close, upgrade' }, '400 WS_CONNECTION_FIELD'],
  ['H-15 keep-alive, Upgrade', { Connection: 'keep-alive, Upgrade' }, 'accepted'],
  ['H-15 UPGRADE', { Connection: 'UPGRADE' }, 'accepted'],
  ['H-26 Content-Length: 5', { 'Content-Length': '5' }, '400 WS_REQUEST_BODY'],
  ['H-26 Content-Length: 0', { 'Content-Length': '0' }, 'accepted'],
  ['H-26 two Content-Length', { 'Content-Length': ['0', '0'] }, '400 WS_FIELD_REPEATED'],
  ['H-26 0, 0', { 'Content-Length': '0, 0' }, '400 WS_REQUEST_BODY'],
  ['H-26 X-15 -0', { 'Content-Length': '-0' }, '400 WS_REQUEST_BODY'],
  ['H-26 X-15 0x0', { 'Content-Length': '0x0' }, '400 WS_REQUEST_BODY'],
  ['H-26 X-15 empty', { 'Content-Length': '' }, '400 WS_REQUEST_BODY'],
  ['H-27 chunked', { 'Transfer-Encoding': 'chunked' }, '400 WS_REQUEST_BODY'],
  ['H-27 with Content-Length', { 'Transfer-Encoding': 'chunked', 'Content-Length': '0' }, '400 WS_REQUEST_BODY'],
  ['H-27 xchunked', { 'Transfer-Encoding': 'xchunked' }, '400 WS_REQUEST_BODY'],
  ['H-27 chunked, chunked', { 'Transfer-Encoding': 'chunked, chunked' }, '400 WS_REQUEST_BODY'],
  ['H-27 two fields', { 'Transfer-Encoding': ['chunked', 'identity'] }, '400 WS_REQUEST_BODY'],
  ['H-28 Expect: 100-continue is ignored', { Expect: '100-continue' }, 'accepted'],
  ['H-31 a comma', { 'Sec-WebSocket-Protocol': ',' }, '400 WS_PROTOCOL'],
  ['H-31 a,,b', { 'Sec-WebSocket-Protocol': 'a,,b' }, '400 WS_PROTOCOL'],
  ['H-31 a b', { 'Sec-WebSocket-Protocol': 'a b' }, '400 WS_PROTOCOL'],
  ['H-31 "a"', { 'Sec-WebSocket-Protocol': '"a"' }, '400 WS_PROTOCOL'],
  ['H-31 a;b', { 'Sec-WebSocket-Protocol': 'a;b' }, '400 WS_PROTOCOL'],
  ['H-31 a, a', { 'Sec-WebSocket-Protocol': 'a, a' }, '400 WS_PROTOCOL'],
  ['H-31 empty', { 'Sec-WebSocket-Protocol': '' }, '400 WS_PROTOCOL'],
  ['H-31 a on two lines', { 'Sec-WebSocket-Protocol': ['a', 'a'] }, '400 WS_PROTOCOL'],
  ['H-31 64 tokens', { 'Sec-WebSocket-Protocol': numbered(64) }, 'accepted'],
  ['H-31 65 tokens', { 'Sec-WebSocket-Protocol': numbered(65) }, '400 WS_PROTOCOL'],
  ['H-31 2,000 tokens', { 'Sec-WebSocket-Protocol': Array(2000).fill('ab').join() }, '400 WS_PROTOCOL'],
  ['H-31 10,000 tokens', { 'Sec-WebSocket-Protocol': numbered(10_000) }, '431 WS_HEAD_TOO_LARGE'],
  ['H-32 ;', { 'Sec-WebSocket-Extensions': ';' }, '400 WS_EXTENSIONS'],
  ['H-32 a;', { 'Sec-WebSocket-Extensions': 'a;' }, '400 WS_EXTENSIONS'],
  ['H-32 a; b=', { 'Sec-WebSocket-Extensions': 'a; b=' }, '400 WS_EXTENSIONS'],
  ['H-32 a; b="', { 'Sec-WebSocket-Extensions': 'a; b="' }, '400 WS_EXTENSIONS'],
  ['H-32 a; b="\\', { 'Sec-WebSocket-Extensions': 'a; b="\\' }, '400 WS_EXTENSIONS'],
  ['H-32 empty', { 'Sec-WebSocket-Extensions': '' }, '400 WS_EXTENSIONS'],
  ['H-32 unknown', { 'Sec-WebSocket-Extensions': 'permessage-deflate; x; x, unknown; y=z' }, 'accepted'],
  ['11.3.2-1 extensions on two lines', { 'Sec-WebSocket-Extensions': ['foo', 'bar; baz=2'] }, 'accepted'],
  ['H-44 an unsolicited Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }, 'accepted'],
  ['H-44 hop-by-hop fields', { TE: 'trailers', 'Keep-Alive': 'x', 'Proxy-Connection': 'close' }, 'accepted'],
]

function numbered(count: number): string {
  return Array.from({ length: count }, (_, at) => `p${at}`).join(', ')
}

t.test('4.2.1-2 10.7-4 a handshake that does not match the description is refused with a status', async t => {
  for (const [name, changes, expected] of requests) t.equal(verdict(changes), expected, name)
})

t.test('4.2.1-2 H-16 H-17 H-29 the request line', async t => {
  const cases: [line: string, expected: string][] = [
    ['POST /chat HTTP/1.1', '405 WS_METHOD'],
    ['PUT /chat HTTP/1.1', '405 WS_METHOD'],
    ['HEAD /chat HTTP/1.1', '405 WS_METHOD'],
    ['CONNECT server.example.com:80 HTTP/1.1', '405 WS_METHOD'],
    ['get /chat HTTP/1.1', '405 WS_METHOD'],
    [`${'G'.repeat(300)} /chat HTTP/1.1`, '405 WS_METHOD'],
    ['GE T /chat HTTP/1.1', '400 WS_HEAD_MALFORMED'],
    ['GET /chat HTTP/1.0', '505 WS_HTTP_VERSION'],
    ['GET /chat HTTP/2.0', '505 WS_HTTP_VERSION'],
    ['GET /chat HTTP/1.10', '400 WS_HEAD_MALFORMED'],
    ['GET /chat http/1.1', '400 WS_HEAD_MALFORMED'],
    ['GET /chat HTTP/1.1 ', '400 WS_HEAD_MALFORMED'],
    ['GET /chat', '400 WS_HEAD_MALFORMED'],
    ['GET http://evil/x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET http://server.example.com.evil/x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET http://server.example.com@evil/x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET http://server.example.com:81/x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET http:///x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET http:// HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET http:/x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET ws://server.example.com/x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET http://server.example.com//x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET http://server.example.com#x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET server.example.com:80 HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET * HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET  HTTP/1.1', '400 WS_HEAD_MALFORMED'],
    ['GET chat HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET ?a HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET //evil/x HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET /x#frag HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET /x%00 HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET /x?%00 HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET /\xc3\xa9 HTTP/1.1', '400 WS_HEAD_MALFORMED'],
    ['GET /a\\b HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET /a\\b?c HTTP/1.1', '400 WS_REQUEST_TARGET'],
    ['GET \\x HTTP/1.1', '400 WS_REQUEST_TARGET'],
  ]
  for (const [line, expected] of cases) t.equal(verdict({}, line), expected, JSON.stringify(line.slice(0, 60)))
})

t.test('H-29 the resource name is handed on unmodified', async t => {
  const cases: [target: string, host: string, path: string][] = [
    ['/', 'a', '/'],
    ['/a/../b?c=%zz&d=100%', 'a', '/a/../b?c=%zz&d=100%'],
    ['/?a\\b', 'a', '/?a\\b'],
    ['/%2e%2E/x', 'a', '/%2e%2E/x'],
    ['/a//b', 'a', '/a//b'],
    ['http://a/x?y', 'a', '/x?y'],
    ['HTTP://A:80/x', 'a', '/x'],
    ['https://a/x', 'a:443', '/x'],
    ['https://a:8443/?b//c', 'A:8443', '/?b//c'],
    ['http://a', 'a', '/'],
    ['http://a?b', 'a', '/?b'],
    ['http://a?b/c', 'a', '/?b/c'],
    ['http://[::1]:9001/x', '[::1]:9001', '/x'],
  ]
  for (const [target, host, path] of cases) t.equal(judge({ Host: host }, `GET ${target} HTTP/1.1`).path, path, target)
})

t.test('4.4-1 4.2.2-6 426 tells the version, 405 the method', async t => {
  const owed = (changes: Changes, line?: string): unknown => {
    try {
      return judge(changes, line)
    } catch (error) {
      return (error as HandshakeError).headers
    }
  }
  const upgrade = [
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
  ]
  t.same(owed({ 'Sec-WebSocket-Version': '8' }), upgrade)
  t.same(owed({ Upgrade: 'h2c' }), upgrade)
  t.same(owed({}, 'POST / HTTP/1.1'), [['Allow', 'GET']])
  t.same(owed({ Host: 'a b' }), [])
})

t.test('10.2-1 10.2-2 4.2.2-5 O-01 O-06 a page of another origin: 403, with cookies or without', async t => {
  const origin = (value: string | string[], policy = {}): string => {
    return verdict({ Origin: value, Cookie: 'session=1' }, undefined, { allowedOrigins: undefined, ...policy })
  }
  t.equal(origin('http://server.example.com'), 'accepted')
  t.equal(origin('https://server.example.com'), 'accepted', 'behind a proxy that ends TLS')
  t.equal(origin('https://server.example.com', { secure: true }), 'accepted')
  t.equal(origin('http://server.example.com', { secure: true }), '403 WS_ORIGIN')
  for (const other of [
    'http://evil.example',
    'null',
    'file://',
    '',
    'HTTP://server.example.com',
    'http://server.example.com/',
  ]) {
    t.equal(origin(other), '403 WS_ORIGIN', other)
  }
  t.equal(origin('http://evil.example', { allowedOrigins: 'any' }), 'accepted')
  t.equal(origin('http://evil.example', { allowedOrigins: ['http://evil.example'] }), 'accepted')
  t.equal(origin(Array(2).fill('http://server.example.com')), '400 WS_FIELD_REPEATED', 'O-02 two Origins')
  t.equal(origin('http://server.example.com http://evil.example'), '403 WS_ORIGIN', 'O-02 a list')
})

t.test('O-03 no Origin: allowed unless one is required', async t => {
  t.equal(verdict({}, undefined, { allowedOrigins: 'same-origin' }), 'accepted')
  t.equal(verdict({}, undefined, { requireOrigin: true }), '403 WS_ORIGIN')
  t.equal(verdict({ Origin: 'http://x' }, undefined, { requireOrigin: true }), 'accepted')
})

t.test('10.1-1 O-04 O-07 a Host that is not ours: 421; X-Forwarded-* is never looked at', async t => {
  const policy = { expectedHosts: ['server.example.com'] }
  t.equal(verdict({}, undefined, policy), 'accepted')
  t.equal(verdict({ Host: 'server.example.com:8080' }, undefined, policy), 'accepted')
  for (const host of ['attacker.example', '127.0.0.1.nip', 'localhost']) {
    const forwarded = { Host: host, 'X-Forwarded-Host': 'server.example.com', Forwarded: 'host=server.example.com' }
    t.equal(verdict(forwarded, undefined, policy), '421 WS_HOST_UNEXPECTED', host)
  }
  const proxied = { Host: 'backend', Origin: 'https://public.example', 'X-Forwarded-Host': 'public.example' }
  t.equal(verdict(proxied, undefined, { allowedOrigins: 'same-origin' }), '403 WS_ORIGIN')
  t.equal(verdict(proxied, undefined, { allowedOrigins: ['https://public.example'] }), 'accepted')
})

t.test('H-33 X-13 names of Object.prototype are ordinary strings', async t => {
  const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString']
  const fields: Changes = Object.fromEntries(names.slice(1).map(name => [name, name]))
  const request = judge({
    ...fields,
    'Sec-WebSocket-Protocol': names.join(', '),
    'Sec-WebSocket-Extensions': names.map(name => `${name}; ${name}=${name}`).join(', '),
  })
  t.same(request.protocols, names)
  t.same(
    request.extensions.map(({ name }) => name),
    names,
  )
  for (const name of names.slice(1)) t.equal(request.fields.get(name), name)
  t.equal(Object.getPrototypeOf({}), Object.prototype)
})

t.test('a head that node:http has read is judged all the same', async t => {
  const judgeNode = (url: string): string => {
    const rawHeaders = [...sampleHead().fields].flat()
    return judgeRequest(requestHeadFromNode({ method: 'GET', url, httpVersion: '1.1', rawHeaders }), { secure: false })
      .path
  }
  t.equal(judgeNode('/a'), '/a')
  for (const url of ['/\xc3\xa9', '/a b', ''])
    t.throws(() => judgeNode(url), { status: 400, code: 'WS_REQUEST_TARGET' })
})

t.test('X-17 no error repeats what the peer sent', async t => {
  const secret = 'c2VjcmV0'
  for (const name of ['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Origin']) {
    const bad = { [name]: `${secret} ${secret}`, Cookie: secret, Authorization: secret }
    t.throws(() => judge(bad, undefined, { allowedOrigins: [] }), { name: 'HandshakeError' }, name)
    try {
      judge(bad, undefined, { allowedOrigins: [] })
    } catch (error) {
      t.notMatch(JSON.stringify([(error as Error).message, error]), secret, name)
    }
  }
})

t.test('4.2.1-2 101 only for GET, HTTP/1.1, one Host, Upgrade, Connection, one canonical key, version 13', async t => {
  const value = (good: string): fc.Arbitrary<string[]> => {
    const odd = fc.constantFrom('', 'a', 'a b', `${good},`, good.toUpperCase(), `${good}, ${good}`, `x${good}`, '\xe9')
    const one = fc.oneof({ weight: 5, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: odd })
    return fc.oneof(
      { weight: 9, arbitrary: one.map(text => [text]) },
      { weight: 1, arbitrary: fc.array(one, { maxLength: 2 }) },
    )
  }
  const head = fc.record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'get', 'POST'),
    version: fc.constantFrom('1.1', '1.1', '1.1', '1.0', '2.0'),
    host: value('example.com'),
    upgrade: value('websocket'),
    connection: value('Upgrade'),
    key: value('dGhlIHNhbXBsZSBub25jZQ=='),
    number: value('13'),
  })
  let accepted = 0
  fc.assert(
    fc.property(head, ({ method, version, host, upgrade, connection, key, number }) => {
      const fields = new Fields()
      for (const one of host) fields.append('Host', one)
      for (const one of upgrade) fields.append('Upgrade', one)
      for (const one of connection) fields.append('Connection', one)
      for (const one of key) fields.append('Sec-WebSocket-Key', one)
      for (const one of number) fields.append('Sec-WebSocket-Version', one)
      const lists = (values: string[], token: string): boolean => {
        const elements = values
          .join()
          .toLowerCase()
          .split(',')
          .map(element => element.trim())
        return elements.includes(token) && elements.every(element => /^[a-z]*$/.test(element))
      }
      const expected =
        method === 'GET' &&
        version === '1.1' &&
        host.length === 1 &&
        /^x?(example\.com|a)$/i.test(host[0]!) &&
        lists(upgrade, 'websocket') &&
        lists(connection, 'upgrade') &&
        key.length === 1 &&
        isKey(key[0]!) &&
        number.length === 1 &&
        number[0] === '13'
      try {
        judgeRequest({ method, version, target: '/', fields }, { secure: false })
        accepted++
        return expected
      } catch (error) {
        return !expected && error instanceof HandshakeError && error.status! >= 400
      }
    }),
    { numRuns: 3000 },
  )
  t.ok(accepted > 20, `${accepted} accepted`)
})
