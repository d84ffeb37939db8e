/**
 * RFC 6455 §4.1: "The client MUST validate the server's response". What it accepts, what makes it fail, and what a
 * refusal tells.
 */
import fc from 'fast-check'
import t from 'tap'
import { HandshakeError } from '../../src/errors.js'
import type { Extension } from '../../src/extensions/extension.js'
import { acceptValue } from '../../src/handshake/accept-key.js'
import { type ClientAgreement, ClientHandshake } from '../../src/handshake/client-handshake.js'
import { acceptRequest, judgeRequest } from '../../src/handshake/server-handshake.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { HeadReader } from '../../src/http/head-reader.js'
import type { Changes } from './sample-request.js'

const uri = WebSocketUri.parse('ws://server.example.com/chat')
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

function extension(name: string, rsv: number): Extension {
  const fine: Extension['accepts'] = parameters => parameters.every(([key]) => key !== 'bad')
  return { name, rsv, offers: () => [[]], answer: offer => offer, accepts: fine }
}

function client(): ClientHandshake {
  return new ClientHandshake(uri, {
    nonce: () => Buffer.from('the sample nonce'),
    protocols: ['chat', 'superchat'],
    extensions: [extension('foo', 4), extension('bar', 2), extension('baz', 4)],
  })
}

/** The response of §1.3, changed field by field as the sample request is. */
function response(changes: Changes = {}, line = 'HTTP/1.1 101 Switching Protocols'): string {
  const fields = new Map<string, string | readonly string[]>([
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', accept],
  ])
  for (const [name, value] of Object.entries(changes)) fields.set(name, value)
  const lines = [...fields].flatMap(([name, values]) => [values].flat().map(value => `${name}: ${value}\r\n`))
  return `${line}\r\n${lines.join('')}\r\n`
}

/** The error that this response, in these chunks, makes; then the end of the connection. */
function failure(text: string, singly = false): HandshakeError {
  const whole = Buffer.from(text, 'latin1')
  const chunks = singly ? Array.from(whole, octet => Buffer.of(octet)) : [whole]
  const handshake = client()
  try {
    for (const chunk of chunks) if (handshake.receive(chunk) !== undefined) throw new Error('accepted')
    return handshake.receiveEnd()
  } catch (error) {
    if (error instanceof HandshakeError) return error
    throw error
  }
}

function verdict(text: string): string {
  const handshake = client()
  try {
    return handshake.receive(Buffer.from(text, 'latin1')) === undefined ? 'more' : 'accepted'
  } catch (error) {
    if (error instanceof HandshakeError) return `${error.code} ${error.status}`
    throw error
  }
}

t.test('the response of §1.3, and what was agreed', async t => {
  const agreement = client().receive(Buffer.from(response({ 'Sec-WebSocket-Protocol': 'chat', 'X-A': 'b' })))
  t.equal(agreement?.status, 101)
  t.equal(agreement?.protocol, 'chat')
  t.same(agreement?.extensions, [])
  t.equal(agreement?.fields.get('x-a'), 'b')
  t.equal(agreement?.rest.length, 0)
  t.equal(client().receive(Buffer.from(response()))?.protocol, '')
})

t.test('C-12 octets behind the response are handed on', async t => {
  const octets = Buffer.concat([Buffer.from(response()), Buffer.from('8102686981', 'hex')])
  for (let cut = 0; cut <= octets.length; cut++) {
    const handshake = client()
    const chunks = [octets.subarray(0, cut), octets.subarray(cut)]
    let rest: Buffer[] | undefined
    for (const chunk of chunks) {
      if (rest !== undefined) rest.push(chunk)
      else {
        const agreement = handshake.receive(chunk)
        if (agreement !== undefined) rest = [agreement.rest]
      }
    }
    if (Buffer.concat(rest!).toString('hex') !== '8102686981') t.fail(`cut at ${cut}`)
  }
  t.pass()
})

const responses: [name: string, changes: Changes, expected: string][] = [
  ['4.1-42 C-05 no Upgrade', { Upgrade: [] }, 'WS_UPGRADE_FIELD 101'],
  ['4.1-42 C-05 Upgrade: h2c', { Upgrade: 'h2c' }, 'WS_UPGRADE_FIELD 101'],
  ['4.1-42 Upgrade: websocket, foo', { Upgrade: 'websocket, foo' }, 'WS_UPGRADE_FIELD 101'],
  ['4.1-42 two Upgrade', { Upgrade: ['websocket', 'websocket'] }, 'WS_UPGRADE_FIELD 101'],
  ['4.1-42 "an ASCII case-insensitive match"', { Upgrade: 'WebSocket' }, 'accepted'],
  ['4.1-43 C-05 no Connection', { Connection: [] }, 'WS_CONNECTION_FIELD 101'],
  ['4.1-43 C-05 Connection: close', { Connection: 'close' }, 'WS_CONNECTION_FIELD 101'],
  ['4.1-43 Connection: upgradex', { Connection: 'upgradex' }, 'WS_CONNECTION_FIELD 101'],
  ['4.1-43 Connection: keep-alive, UPGRADE', { Connection: 'keep-alive, UPGRADE' }, 'accepted'],
  ['4.1-43 Connection on two lines', { Connection: ['keep-alive', 'upgrade'] }, 'accepted'],
  ['4.1-44 C-06 no Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': [] }, 'WS_ACCEPT 101'],
  ['4.1-44 C-06 wrong', { 'Sec-WebSocket-Accept': acceptValue('x') }, 'WS_ACCEPT 101'],
  ['4.1-44 C-06 empty', { 'Sec-WebSocket-Accept': '' }, 'WS_ACCEPT 101'],
  ['4.1-44 C-06 other case', { 'Sec-WebSocket-Accept': accept.toLowerCase() }, 'WS_ACCEPT 101'],
  ['4.1-44 C-06 spaces within', { 'Sec-WebSocket-Accept': accept.replace('B', 'B ') }, 'WS_ACCEPT 101'],
  ['4.1-44 "ignoring any leading and trailing whitespace"', { 'Sec-WebSocket-Accept': ` \t${accept} ` }, 'accepted'],
  ['11.3.3-1 C-06 twice', { 'Sec-WebSocket-Accept': [accept, accept] }, 'WS_ACCEPT 101'],
  ['4.1-46 C-07 unrequested subprotocol', { 'Sec-WebSocket-Protocol': 'other' }, 'WS_PROTOCOL 101'],
  ['4.1-46 C-07 two', { 'Sec-WebSocket-Protocol': 'chat, superchat' }, 'WS_PROTOCOL 101'],
  ['11.3.4-2 C-07 two lines', { 'Sec-WebSocket-Protocol': ['chat', 'chat'] }, 'WS_PROTOCOL 101'],
  ['4.1-46 C-07 case changed', { 'Sec-WebSocket-Protocol': 'Chat' }, 'WS_PROTOCOL 101'],
  ['4.1-46 empty', { 'Sec-WebSocket-Protocol': '' }, 'WS_PROTOCOL 101'],
  ['4.1-46 X-13', { 'Sec-WebSocket-Protocol': 'constructor' }, 'WS_PROTOCOL 101'],
  ['4.1-45 C-08 unrequested extension', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, 'WS_EXTENSIONS 101'],
  ['9.1-1 malformed extensions', { 'Sec-WebSocket-Extensions': 'foo;' }, 'WS_EXTENSIONS 101'],
  ['9.1-1 empty extensions', { 'Sec-WebSocket-Extensions': '' }, 'WS_EXTENSIONS 101'],
  ['an extension twice', { 'Sec-WebSocket-Extensions': 'foo, foo' }, 'WS_EXTENSIONS 101'],
  ['two extensions on one RSV bit', { 'Sec-WebSocket-Extensions': 'foo, baz' }, 'WS_EXTENSIONS 101'],
  ['parameters that do not fit', { 'Sec-WebSocket-Extensions': 'foo; bad' }, 'WS_EXTENSIONS 101'],
  ['extensions that were offered', { 'Sec-WebSocket-Extensions': 'bar; a=1, foo' }, 'accepted'],
  ['RFC 9112 §6.3 a 101 has no body', { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, 'accepted'],
]

t.test('4.1-41 4.1-47 the fields of the response', async t => {
  for (const [name, changes, expected] of responses) t.equal(verdict(response(changes)), expected, name)
})

t.test(
  'E3433 "MAY appear multiple times in an HTTP response": what all lines say is agreed, in their order',
  async t => {
    for (const lines of [['bar', 'foo'], ['bar, foo'], ['foo', 'bar']]) {
      const agreement = client().receive(Buffer.from(response({ 'Sec-WebSocket-Extensions': lines })))
      t.same(
        agreement?.extensions.map(agreed => agreed.extension.name),
        lines.join(', ').split(', '),
        lines.join(' | '),
      )
    }
  },
)

t.test('C-07 a subprotocol when none was asked for', async t => {
  const handshake = new ClientHandshake(uri, { nonce: () => Buffer.from('the sample nonce') })
  t.throws(() => handshake.receive(Buffer.from(response({ 'Sec-WebSocket-Protocol': 'chat' }))), {
    code: 'WS_PROTOCOL',
  })
})

t.test('what was agreed on extensions', async t => {
  const agreement = client().receive(Buffer.from(response({ 'Sec-WebSocket-Extensions': 'bar; a=1; b, foo' })))
  t.same(
    agreement?.extensions.map(({ extension, parameters }) => [extension.name, parameters]),
    [
      [
        'bar',
        [
          ['a', '1'],
          ['b', undefined],
        ],
      ],
      ['foo', []],
    ],
  )
})

t.test('4.1-47 C-05 C-10 the status line and the form of the head', async t => {
  const cases: [line: string, expected: string][] = [
    ['HTTP/1.1 101', 'accepted'],
    ['HTTP/1.1 101 ', 'accepted'],
    ['HTTP/1.0 101 Switching Protocols', 'WS_HTTP_VERSION 101'],
    ['HTTP/1.2 101 Switching Protocols', 'accepted'],
    ['HTTP/2.0 101 Switching Protocols', 'WS_HTTP_VERSION undefined'],
    ['HTTP/1.1 20x OK', 'WS_HEAD_MALFORMED undefined'],
    ['SSH-2.0-OpenSSH_9.2', 'WS_HEAD_MALFORMED undefined'],
  ]
  for (const [line, expected] of cases) t.equal(verdict(response({}, line)), expected, line)
  t.equal(verdict(response({ X: 'a\r\n b' })), 'accepted', 'obs-fold')
  t.equal(verdict(response({ X: 'a\r\n Upgrade: websocket', Upgrade: [] })), 'WS_UPGRADE_FIELD 101', 'in an obs-fold')
  t.equal(verdict(response({ X: 'a\nY: b' })), 'WS_HEAD_MALFORMED undefined', 'bare LF')
  t.equal(verdict(response({ X: 'a\0' })), 'WS_HEAD_MALFORMED undefined', 'NUL')
  t.equal(verdict(response({ 'X ': 'a' })), 'WS_HEAD_MALFORMED undefined', 'space before the colon')
})

t.test('C-05 up to five interim responses before the final one, each with fields of its own', async t => {
  const interim = ['100 Continue', '102 Processing', '103 Early Hints', '199 x', '100']
  const before = (count: number): string =>
    interim
      .concat('103')
      .slice(0, count)
      .map(line => `HTTP/1.1 ${line}\r\nLink: x\r\n\r\n`)
      .join('')
  for (let count = 1; count <= 5; count++) t.equal(verdict(before(count) + response()), 'accepted', `${count}`)
  t.equal(verdict(before(6) + response()), 'WS_INTERIM_RESPONSES undefined', 'six')
  t.equal(failure(`${before(2)}HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\nx`, true).code, 'WS_REFUSED')
  t.equal(failure(before(5)).code, 'WS_RESPONSE_INCOMPLETE')
})

t.test('4.1-41 C-09 every status that is not 101 is a refusal that says it', async t => {
  for (let status = 200; status <= 599; status++) {
    const error = failure(`HTTP/1.1 ${status} Reason\r\nX: y\r\nContent-Length: 4\r\n\r\nbody+`)
    if (error.code !== 'WS_REFUSED' || error.status !== status) t.fail(`${status}: ${error.code} ${error.status}`)
    const empty = status === 204 || status === 304
    if (Buffer.from(error.response!.body).toString() !== (empty ? '' : 'body')) t.fail(`${status}: its body`)
  }
  for (const status of ['000', '099', '600', '999']) {
    t.equal(failure(`HTTP/1.1 ${status}\r\n\r\n`).status, Number(status), status)
  }
  for (let status = 100; status <= 199; status++) {
    if (status === 101) continue
    if (failure(`HTTP/1.1 ${status} x\r\n\r\n`).code !== 'WS_RESPONSE_INCOMPLETE') t.fail(`${status}`)
  }
  t.pass()
})

t.test('C-09 a refusal carries status, reason, fields and body', async t => {
  const text =
    'HTTP/1.1 401 Who are you\r\nWWW-Authenticate: Basic\r\nwww-authenticate: Digest\r\nContent-Length: 5\r\n\r\nhello'
  for (const singly of [false, true]) {
    const error = failure(text, singly)
    t.equal(error.name, 'HandshakeError')
    t.equal(error.code, 'WS_REFUSED')
    t.equal(error.statusCode, 1006)
    t.same(error.response, {
      status: 401,
      reason: 'Who are you',
      headers: [
        ['WWW-Authenticate', 'Basic'],
        ['www-authenticate', 'Digest'],
        ['Content-Length', '5'],
      ],
      body: new Uint8Array(Buffer.from('hello')),
    })
    t.same(error.headers, error.response?.headers)
  }
})

t.test('11.3.5-1 all versions the server speaks can be read from the refusal', async t => {
  const text =
    'HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8, 7\r\nContent-Length: 0\r\n\r\n'
  t.same(
    failure(text)
      .response?.headers.slice(0, 2)
      .map(([, value]) => value),
    ['13', '8, 7'],
  )
})

t.test('C-01 a redirect is a refusal that carries Location: nothing is followed here', async t => {
  const error = failure('HTTP/1.1 302 Found\r\nLocation: ws://other.example/\r\nContent-Length: 0\r\n\r\n')
  t.equal(error.status, 302)
  t.same(error.headers[0], ['Location', 'ws://other.example/'])
})

t.test('C-09 C-11 64 KiB of the body are read, by length, chunked, or until the connection ends', async t => {
  const full = 65_536
  const big = 'x'.repeat(200_000)
  const cases: [name: string, fields: string, body: string, octets: number][] = [
    ['by length', 'Content-Length: 200000\r\n', big, full],
    ['until the end', '', big, full],
    ['chunked', 'Transfer-Encoding: chunked\r\n', `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`, full],
    ['a short one until the end', '', 'abc', 3],
    ['a short one chunked', 'Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n', 3],
    ['cut off', 'Content-Length: 5\r\n', 'abc', 3],
  ]
  for (const [name, fields, body, octets] of cases) {
    const error = failure(`HTTP/1.1 500 x\r\n${fields}\r\n${body}`)
    t.equal(error.code, 'WS_REFUSED', name)
    t.equal(error.response?.body.length, octets, name)
  }
  t.equal(verdict(`HTTP/1.1 500 x\r\n\r\n${'x'.repeat(65_535)}`), 'more')
  t.equal(verdict(`HTTP/1.1 500 x\r\n\r\n${'x'.repeat(65_536)}`), 'WS_REFUSED 500')
})

t.test('C-11 endless heads', async t => {
  t.equal(verdict('H'.repeat(100_000)), 'WS_HEAD_TOO_LARGE undefined')
  t.equal(verdict(`HTTP/1.1 101 ${'x'.repeat(100_000)}`), 'WS_HEAD_TOO_LARGE undefined')
  t.equal(verdict(`HTTP/1.1 101 x\r\n${'A: b\r\n'.repeat(10_000)}`), 'WS_HEAD_TOO_LARGE undefined')
  t.equal(verdict(`HTTP/1.1 101 x\r\nA: ${'b'.repeat(100_000)}`), 'WS_HEAD_TOO_LARGE undefined')
})

t.test('an end before the answer is complete', async t => {
  for (const text of ['', 'HTTP/1.1 1', 'HTTP/1.1 101 x\r\nUpgrade: websocket\r\n', 'HTTP/1.1 403 No\r\nA: b\r\n']) {
    const error = failure(text)
    t.equal(error.code, 'WS_RESPONSE_INCOMPLETE', JSON.stringify(text))
    t.equal(error.response, undefined)
  }
})

/** What a client of this URI says of a server that answers so, and ends. */
function told(url: string, chunks: readonly Buffer[]): HandshakeError {
  const handshake = new ClientHandshake(WebSocketUri.parse(url))
  try {
    for (const chunk of chunks) handshake.receive(chunk)
    return handshake.receiveEnd()
  } catch (error) {
    return error as HandshakeError
  }
}

t.test('a server that speaks TLS, asked without: it is told as far as it can be known', async t => {
  const refusal = (status: string, body: string) => `HTTP/1.1 ${status}\r\n\r\n${body}`
  const hint = 'the server answered 400 instead of 101: it speaks TLS, use wss://'
  const rows: [name: string, answer: string, code: string, plain: string, secure?: string][] = [
    [
      'a TLS alert',
      '\x15\x03\x01\x00\x02\x02\x46',
      'WS_TLS_EXPECTED',
      'the server speaks TLS: use wss:// instead of ws://',
    ],
    [
      'nothing',
      '',
      'WS_RESPONSE_INCOMPLETE',
      'the server ended without a response; wss:// instead of ws://?',
      'the server ended without a response',
    ],
    ['a part', 'HTTP/1.1 1', 'WS_RESPONSE_INCOMPLETE', 'the server ended without a complete response'],
    ['Go', refusal('400 Bad Request', 'Client sent an HTTP request to an HTTPS server.\n'), 'WS_REFUSED', hint],
    [
      'nginx',
      refusal('400 Bad Request', '<title>400 The plain HTTP request was sent to HTTPS port</title>'),
      'WS_REFUSED',
      hint,
    ],
    [
      'Apache',
      refusal('400 Bad Request', "Reason: You're speaking plain HTTP to an SSL-enabled server port."),
      'WS_REFUSED',
      hint,
    ],
    [
      'Tomcat',
      refusal('400', 'Bad Request\r\nThis combination of host and port requires TLS.\r\n'),
      'WS_REFUSED',
      hint,
    ],
    ['another reason', refusal('400', 'no'), 'WS_REFUSED', 'the server answered 400 instead of 101'],
    ['another status', refusal('403', 'requires TLS'), 'WS_REFUSED', 'the server answered 403 instead of 101'],
  ]
  for (const [name, answer, code, message, secure = message.replace(/: it speaks.*/, '')] of rows) {
    const whole = Buffer.from(answer, 'latin1')
    for (const chunks of [[whole], [Buffer.alloc(0), ...Array.from(whole, octet => Buffer.of(octet))]]) {
      t.match(told('ws://a', chunks), { code, message, section: '4.1' }, name)
      const over = told('wss://a', chunks)
      if (code === 'WS_TLS_EXPECTED') t.equal(over.code, 'WS_HEAD_MALFORMED', 'within TLS it is no answer of anybody')
      else t.match(over, { code, message: secure }, `${name}, over TLS`)
    }
  }
  t.equal(
    told('ws://a', [Buffer.from('HTTP/1.1 101'), Buffer.of(0x15)]).code,
    'WS_HEAD_MALFORMED',
    'not the first octet',
  )
})

t.test('a 101 that is not acceptable comes with the error too', async t => {
  const error = failure(response({ Upgrade: 'h2c', 'X-A': 'b' }))
  t.equal(error.response?.status, 101)
  t.same(error.response?.headers.at(-1), ['X-A', 'b'])
  t.equal(error.response?.body.length, 0)
})

t.test('4.1-47 where the octets are cut never changes the outcome', async t => {
  const text = fc.oneof(
    fc.constantFrom(...responses.map(([, changes]) => response(changes))),
    fc.constantFrom(
      `HTTP/1.1 100\r\n\r\n${response()}rest`,
      'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      'HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nabcdef',
      'HTTP/1.1 403 No\r\n\r\nabcdef',
    ),
  )
  const outcome = (chunks: Buffer[]): string => {
    const handshake = client()
    let agreement: ClientAgreement | undefined
    const rest: Buffer[] = []
    try {
      for (const chunk of chunks) {
        if (agreement !== undefined) rest.push(chunk)
        else {
          agreement = handshake.receive(chunk)
          if (agreement !== undefined) rest.push(agreement.rest)
        }
      }
      return agreement === undefined ? handshake.receiveEnd() : `${agreement.protocol} ${Buffer.concat(rest)}`
    } catch (error) {
      const { code, status, response } = error as HandshakeError
      return `${code} ${status} ${Buffer.from(response?.body ?? []).toString()}`
    }
  }
  fc.assert(
    fc.property(text, fc.array(fc.nat(250), { maxLength: 6 }), (text, places) => {
      const whole = Buffer.from(text, 'latin1')
      const cuts = [0, ...places.map(place => Math.min(place, whole.length)).sort((a, b) => a - b), whole.length]
      const expected = outcome([whole])
      return (
        outcome(cuts.slice(1).map((end, at) => whole.subarray(cuts[at]!, end))) === expected &&
        outcome(Array.from(whole, octet => Buffer.of(octet))) === expected
      )
    }),
    { numRuns: 300 },
  )
  t.pass()
})

t.test('our client and our server agree', async t => {
  const names = ['a', 'b', 'c']
  const protocols = fc.shuffledSubarray(names)
  const extensions = fc.shuffledSubarray([extension('x', 4), extension('y', 2), extension('z', 4)])
  fc.assert(
    fc.property(protocols, fc.constantFrom(...names), extensions, extensions, (offered, wanted, ours, theirs) => {
      const handshake = new ClientHandshake(uri, { protocols: offered, extensions: ours })
      const { head } = new HeadReader('request').receive(handshake.request)!
      const protocol = offered.includes(wanted) ? wanted : ''
      const accepted = acceptRequest(judgeRequest(head, { secure: false }), { protocol, extensions: theirs })
      const agreement = handshake.receive(accepted.response)
      return (
        agreement?.protocol === protocol && JSON.stringify(agreement.extensions) === JSON.stringify(accepted.extensions)
      )
    }),
  )
  t.pass()
})
