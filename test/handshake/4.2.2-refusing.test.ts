/**
 * RFC 6455 §4.2.2: responses other than 101, "an appropriate HTTP error code", redirects, and plain pages.
 */
import t from 'tap'
import { HandshakeError } from '../../src/errors.js'
import { type PlainAnswer, plainResponse, refuse } from '../../src/handshake/plain-response.js'
import { judge } from './sample-request.js'

function lines(octets: Buffer): string[] {
  return octets.toString('latin1').split('\r\n')
}

t.test('a refusal: status, Connection: close, Content-Length', async t => {
  t.same(lines(refuse({ status: 403 })), ['HTTP/1.1 403 Forbidden', 'Connection: close', 'Content-Length: 0', '', ''])
  t.same(lines(refuse({ status: 599 })), ['HTTP/1.1 599 ', 'Connection: close', 'Content-Length: 0', '', ''])
  t.same(lines(refuse({ status: 400, reason: 'No', headers: { 'X-A': 'b' }, body: 'ü' })), [
    'HTTP/1.1 400 No',
    'Connection: close',
    'Content-Length: 2',
    'Content-Type: text/plain; charset=utf-8',
    'X-A: b',
    '',
    'Ã¼',
  ])
})

t.test('4.2.2-3 "MAY redirect the client using a 3xx status code", 401 with a challenge', async t => {
  t.match(
    refuse({ status: 307, headers: { Location: 'wss://b.example/' } }).toString(),
    '\r\nLocation: wss://b.example/\r\n',
  )
  t.match(
    refuse({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } }).toString(),
    '401 Unauthorized\r\n',
  )
})

t.test('a body of octets, of a type of its own', async t => {
  const octets = Uint8Array.of(0, 0xff, 13, 10)
  const response = plainResponse({ status: 200, headers: { 'content-type': 'image/x' }, body: octets })
  t.same(lines(response).slice(0, 4), [
    'HTTP/1.1 200 OK',
    'Connection: close',
    'Content-Length: 4',
    'content-type: image/x',
  ])
  t.same(response.subarray(-4), octets)
  const page = plainResponse({ status: 200, headers: { 'Content-Type': 'text/html' }, body: '<p>' })
  t.equal(page.toString().match(/content-type/gi)?.length, 1)
})

t.test('RFC 9110 §9.3.2 the response to HEAD tells the length and sends no body', async t => {
  const response = plainResponse({ status: 200, body: 'page', head: true })
  t.match(response.toString(), /\r\nContent-Length: 4\r\n[\s\S]*\r\n\r\n$/)
})

t.test('RFC 9112 §6.3 204 and 304 have neither length nor body', async t => {
  t.same(lines(plainResponse({ status: 204 })), ['HTTP/1.1 204 No Content', 'Connection: close', '', ''])
  t.same(lines(plainResponse({ status: 304 })), ['HTTP/1.1 304 Not Modified', 'Connection: close', '', ''])
  for (const status of [204, 304]) t.throws(() => plainResponse({ status, body: 'x' }), { code: 'WS_BODY' })
})

t.test('4.4-1 4.2.2-6 426 says which version and RFC 9110 §7.8 names Upgrade in Connection', async t => {
  try {
    judge({ 'Sec-WebSocket-Version': '8' })
    t.fail('accepted')
  } catch (error) {
    const { status, headers } = error as HandshakeError
    t.ok(error instanceof HandshakeError)
    t.same(lines(refuse({ status: status!, headers })), [
      'HTTP/1.1 426 Upgrade Required',
      'Connection: close, Upgrade',
      'Content-Length: 0',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      '',
      '',
    ])
  }
})

t.test('what cannot be sent is a UsageError at the call', async t => {
  const cases: [name: string, answer: unknown, code: string][] = [
    ['101', { status: 101 }, 'WS_STATUS'],
    ['199', { status: 199 }, 'WS_STATUS'],
    ['600', { status: 600 }, 'WS_STATUS'],
    ['a fraction', { status: 400.5 }, 'WS_STATUS'],
    ['NaN', { status: Number.NaN }, 'WS_STATUS'],
    ['text', { status: '400' }, 'WS_STATUS'],
    ['H-39 a reason with LF', { status: 400, reason: 'a\nb' }, 'WS_REASON'],
    ['a reason with CR', { status: 400, reason: 'a\r' }, 'WS_REASON'],
    ['a reason that is no text', { status: 400, reason: 1 }, 'WS_REASON'],
    ['a body that is no octets', { status: 400, body: {} }, 'WS_BODY'],
    ['H-39 CRLF in a value', { status: 400, headers: { A: 'b\r\nC: d' } }, 'WS_HEADER'],
    ['Connection', { status: 400, headers: { Connection: 'keep-alive' } }, 'WS_HEADER_RESERVED'],
    ['Content-Length', { status: 400, headers: { 'Content-Length': '1' } }, 'WS_HEADER_RESERVED'],
    ['Sec-WebSocket-Accept', { status: 400, headers: { 'Sec-WebSocket-Accept': 'x' } }, 'WS_HEADER_RESERVED'],
  ]
  for (const [name, answer, code] of cases) {
    t.throws(() => plainResponse(answer as PlainAnswer), { name: 'UsageError', code }, name)
    t.throws(() => refuse(answer as PlainAnswer), { name: 'UsageError', code }, `${name}, as a refusal`)
  }
  for (const status of [200, 204, 299]) {
    t.throws(() => refuse({ status }), { code: 'WS_STATUS' }, `${status} refuses nothing`)
    t.ok(plainResponse({ status }))
  }
})
