/**
 * RFC 9112 §6 and §7.1: how long the body of a refusal is, and that none is longer than the limit.
 */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { BodyReader } from '../../src/http/body-reader.js'
import { Fields } from '../../src/http/fields.js'

interface Read {
  readonly body: string
  readonly done: boolean
}

function read(status: number, fields: Record<string, string | string[]>, chunks: readonly Buffer[], limit = 64): Read {
  const list = new Fields()
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) list.append(name, one)
  const reader = new BodyReader({ version: '1.1', status, reason: '', fields: list }, limit)
  for (const chunk of chunks) reader.receive(chunk)
  return { body: Buffer.from(reader.take()).toString('latin1'), done: reader.done }
}

function readInBothWays(t: Test, fields: Record<string, string | string[]>, text: string, expected: Read): void {
  const whole = Buffer.from(text, 'latin1')
  const singly = Array.from(whole, octet => Buffer.of(octet))
  const name = `${JSON.stringify(fields)} ${JSON.stringify(text)}`
  t.same(read(403, fields, [whole]), expected, name)
  t.same(read(403, fields, singly), expected, `${name} octet by octet`)
}

t.test('RFC 9112 §6.3 Content-Length, or until the connection ends', async t => {
  const cases: [fields: Record<string, string | string[]>, text: string, expected: Read][] = [
    [{ 'Content-Length': '3' }, 'abcdef', { body: 'abc', done: true }],
    [{ 'Content-Length': '3' }, 'ab', { body: 'ab', done: false }],
    [{ 'Content-Length': '0' }, 'ab', { body: '', done: true }],
    [{}, 'abcdef', { body: 'abcdef', done: false }],
    [{ 'Content-Length': 'x' }, 'ab', { body: '', done: true }],
    [{ 'Content-Length': '-1' }, 'ab', { body: '', done: true }],
    [{ 'Content-Length': ['2', '2'] }, 'ab', { body: '', done: true }],
    [{ 'Transfer-Encoding': 'gzip', 'Content-Length': '1' }, 'abc', { body: 'abc', done: false }],
    [{ 'Content-Length': '999999999' }, 'a'.repeat(65), { body: 'a'.repeat(64), done: true }],
    [{}, 'a'.repeat(65), { body: 'a'.repeat(64), done: true }],
  ]
  for (const [fields, text, expected] of cases) readInBothWays(t, fields, text, expected)
})

t.test('RFC 9112 §6.3 "any 204 (No Content), or 304 (Not Modified) response" has no body', async t => {
  for (const status of [204, 304, 100, 199]) t.same(read(status, {}, [Buffer.from('ab')]), { body: '', done: true })
})

t.test('RFC 9112 §7.1 chunked: extensions and trailers are passed over, what is malformed ends it', async t => {
  const cases: [text: string, expected: Read][] = [
    ['3\r\nabc\r\n0\r\n\r\n', { body: 'abc', done: true }],
    ['1\r\na\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n', { body: 'a0123456789', done: true }],
    ['03;ext="x"\r\nabc\r\n000\r\n', { body: 'abc', done: true }],
    ['3 \r\nabc\r\n', { body: 'abc', done: false }],
    ['3\t;x\r\nabc\r\n', { body: 'abc', done: false }],
    ['3\r\nab', { body: 'ab', done: false }],
    ['f\r\n0123456789abcdeX', { body: '0123456789abcde', done: true }],
    ['F\r\n0123456789abcde\rX', { body: '0123456789abcde', done: true }],
    ['\r\nabc', { body: '', done: true }],
    [';\r\nabc', { body: '', done: true }],
    ['3\nabc', { body: '', done: true }],
    ['3\rXabc', { body: '', done: true }],
    ['g\r\nabc', { body: '', done: true }],
    ['-1\r\nabc', { body: '', done: true }],
    ['000000001\r\na', { body: '', done: true }],
    ['ffffffff\r\na', { body: 'a', done: false }],
    [`40\r\n${'a'.repeat(65)}`, { body: 'a'.repeat(64), done: true }],
  ]
  for (const [text, expected] of cases) readInBothWays(t, { 'Transfer-Encoding': 'gzip, Chunked' }, text, expected)
})

t.test('C-11 endless chunk extensions and endless small chunks: as much framing as the limit, then done', async t => {
  const fields = { 'Transfer-Encoding': 'chunked' }
  t.same(read(403, fields, [Buffer.from(`1;${'x'.repeat(1000)}`)]), { body: '', done: true })
  const { body, done } = read(403, fields, [Buffer.from('1\r\na\r\n'.repeat(64))])
  t.equal(done, true)
  t.ok(body.length > 0 && body.length < 64)
})

t.test('RFC 9112 §7.1 a body is the same in whatever chunks it comes', async t => {
  const parts = fc.array(fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', ';'), minLength: 1, maxLength: 20 }))
  fc.assert(
    fc.property(parts, fc.array(fc.nat(400)), (parts, places) => {
      const coded = Buffer.from(`${parts.map(part => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`)
      const cuts = [0, ...places.map(place => Math.min(place, coded.length)).sort((a, b) => a - b), coded.length]
      const chunks = cuts.slice(1).map((end, at) => coded.subarray(cuts[at]!, end))
      const { body, done } = read(403, { 'Transfer-Encoding': 'chunked' }, chunks, 65_536)
      return done && body === parts.join('')
    }),
  )
  t.pass()
})
