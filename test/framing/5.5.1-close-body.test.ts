// RFC 6455 §5.5.1 Close and §7.4 Status Codes: the body of a Close frame, read and written.
import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { ProtocolError, UsageError } from '../../src/errors.js'
import { buildCloseBody, maxReasonSize, readCloseBody, shortenReason } from '../../src/framing/close-body.js'
import { hex } from './trace.js'

/** What a Close body says, as a line. */
function read(body: Buffer): string {
  try {
    const { code, reason } = readCloseBody(body)
    return `close ${code} ${JSON.stringify(reason)}`
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return `fail ${error.statusCode} §${error.section} ${error.code}`
  }
}

/** What building this throws, as a line; undefined when it is built. */
function refusal(code: unknown, reason?: unknown): string | undefined {
  try {
    buildCloseBody(code as number, reason as string)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return `${error.code} §${error.section}`
  }
  return undefined
}

const received: [rule: string, body: string, expected: string][] = [
  ['5.5.1-1 "The Close frame MAY contain a body": none is 1005', '', 'close 1005 ""'],
  [
    'F-19 5.5.1-2 "the first two bytes … MUST be a 2-byte unsigned integer": one octet',
    '03',
    'fail 1002 §5.5.1 WS_CLOSE_BODY_TOO_SHORT',
  ],
  ['F-19 one octet of no known code', 'ff', 'fail 1002 §5.5.1 WS_CLOSE_BODY_TOO_SHORT'],
  ['5.5.1-2 "(in network byte order)"', '03e8', 'close 1000 ""'],
  [
    '5.5.1-3 "the body MAY contain UTF-8-encoded data with value /reason/"',
    '03e9 4772c3bcc39f65',
    'close 1001 "Grüße"',
  ],
  ['F-27 a reason with a BOM, NUL and U+FFFF is kept', '03e8 efbbbf 00 efbfbf', 'close 1000 "\ufeff\\u0000\uffff"'],
  ['a reason that says U+FFFD itself', '03e8 efbfbd', 'close 1000 "\ufffd"'],
  ['F-21 a reason with a wrong continuation', '03e8 c328', 'fail 1007 §5.5.1 WS_INVALID_UTF8'],
  ['F-21 a reason with a surrogate', '03e8 eda080', 'fail 1007 §5.5.1 WS_INVALID_UTF8'],
  ['F-21 a reason above U+10FFFF', '03e8 f4908080', 'fail 1007 §5.5.1 WS_INVALID_UTF8'],
  ['F-21 a reason with a sequence that is cut', '03e8 4865 e282', 'fail 1007 §5.5.1 WS_INVALID_UTF8'],
  ['F-21 an overlong reason', '03e8 c0af', 'fail 1007 §5.5.1 WS_INVALID_UTF8'],
  ['F-20 the code is judged before the reason', '03ed c328', 'fail 1002 §7.4 WS_INVALID_STATUS_CODE'],
  ['F-22 a reason of 123 octets', `03e8 ${'61'.repeat(123)}`, `close 1000 "${'a'.repeat(123)}"`],
]

for (const [rule, body, expected] of received) {
  t.test(rule, async t => {
    t.equal(read(hex(body)), expected)
  })
}

t.test(
  'F-20 7.4.1-1 7.4.1-3 7.4.1-4 7.4.1-6 all 65,536 codes: 1000–1003, 1007–1014 and 3000–4999 may be received and sent, no other',
  async t => {
    const legal: number[] = []
    for (let code = 0; code < 0x1_0000; code++) {
      const body = Buffer.from([code >> 8, code & 0xff])
      const line = read(body)
      if (line === `close ${code} ""`) legal.push(code)
      else if (line !== 'fail 1002 §7.4 WS_INVALID_STATUS_CODE') t.fail(`${code}: ${line}`)
      const refused = refusal(code)
      if (refused === undefined ? !buildCloseBody(code).equals(body) : refused !== 'WS_INVALID_STATUS_CODE §7.4') {
        t.fail(`${code} built`)
      }
      if ((refused === undefined) !== (legal.at(-1) === code)) t.fail(`${code} differs between read and built`)
    }
    t.equal(legal.length, 4 + 8 + 2000)
    t.same(legal.slice(0, 13), [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000])
    t.equal(legal.at(-1), 4999)
  },
)

t.test('7.4-1 5.5.1-3 5.5.1 a body is built: code, then reason', async t => {
  t.same(buildCloseBody(), Buffer.alloc(0))
  t.same(buildCloseBody(undefined, ''), Buffer.alloc(0))
  t.same(buildCloseBody(1000), hex('03e8'))
  t.same(buildCloseBody(1001, 'Grüße'), hex('03e9 4772c3bcc39f65'))
  t.same(buildCloseBody(4999, 'a'.repeat(123)), hex(`1387 ${'61'.repeat(123)}`))
  t.same(buildCloseBody(1000, '\ud800'), hex('03e8 efbfbd'), 'a lone surrogate is sent as U+FFFD')
})

const refusedToSend: [what: string, code: unknown, reason: unknown, expected: string][] = [
  ['a reason without a code', undefined, 'why', 'WS_REASON_WITHOUT_CODE §5.5.1'],
  ['a code that is no integer', 1000.5, '', 'WS_INVALID_STATUS_CODE §7.4'],
  ['a code that is no number', '1000', '', 'WS_INVALID_STATUS_CODE §7.4'],
  ['NaN', Number.NaN, '', 'WS_INVALID_STATUS_CODE §7.4'],
  ['null', null, '', 'WS_INVALID_STATUS_CODE §7.4'],
  ['a code with a prototype', {}, '', 'WS_INVALID_STATUS_CODE §7.4'],
  ['65536 + 1000', 66536, '', 'WS_INVALID_STATUS_CODE §7.4'],
  ['F-22 a reason of 124 octets', 1000, 'a'.repeat(124), 'WS_REASON_TOO_LONG §5.5.1'],
  ['62 two-octet letters', 1000, 'ü'.repeat(62), 'WS_REASON_TOO_LONG §5.5.1'],
  ['42 lone surrogates, three octets each', 1000, '\udc00'.repeat(42), 'WS_REASON_TOO_LONG §5.5.1'],
  ['a reason that is a number', 1000, 7, 'WS_INVALID_REASON §5.5.1'],
  ['a reason that is null', 1000, null, 'WS_INVALID_REASON §5.5.1'],
  ['a reason that is octets', 1000, Buffer.from('why'), 'WS_INVALID_REASON §5.5.1'],
]

for (const [what, code, reason, expected] of refusedToSend) {
  t.test(`5.5.1 refused at the call: ${what}`, async t => {
    t.equal(refusal(code, reason), expected)
  })
}

const codes = fc.oneof(
  fc.constantFrom(1000, 1001, 1002, 1003),
  fc.integer({ min: 1007, max: 1014 }),
  fc.integer({ min: 3000, max: 4999 }),
)

t.test('5.5.1 what is built is read again', async t => {
  fc.assert(
    fc.property(codes, fc.string({ unit: 'grapheme', maxLength: 130 }), (code, long) => {
      const reason = shortenReason(long)
      const body = buildCloseBody(code, reason)
      assert.ok(body.length <= 125)
      assert.deepEqual(readCloseBody(body), { code, reason })
    }),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('5.5.1 any body is read or refused with 1002 or 1007, and nothing of it is kept', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 125 }), fc.option(codes, { nil: undefined }), (octets, code) => {
      const body = Buffer.from(octets)
      if (code !== undefined && body.length >= 2) body.writeUInt16BE(code)
      const line = read(body)
      if (body.length >= 2 && code !== undefined) {
        assert.equal(line.startsWith('close '), isUtf8(body.subarray(2)), line)
      } else {
        assert.match(line, /^(close|fail 100[27]) /)
      }
    }),
    { numRuns: 1000 },
  )
  const body = hex('03e8 6f6b')
  const said = readCloseBody(body)
  body.fill(0)
  t.same(said, { code: 1000, reason: 'ok' })
})

t.test('5.5.1 shortenReason: at most 123 octets, never inside a code point, as much as fits', async t => {
  t.equal(maxReasonSize, 123)
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'ü', '€', '😀', '\ud800'), maxLength: 140 }), long => {
      const whole = Buffer.from(long)
      const short = shortenReason(long)
      const octets = Buffer.from(short)
      assert.ok(octets.length <= 123)
      assert.ok(whole.subarray(0, octets.length).equals(octets))
      if (octets.length === whole.length) return
      const next = String.fromCodePoint(whole.toString().codePointAt(short.length)!)
      assert.ok(octets.length + Buffer.byteLength(next) > 123, 'one more code point would fit')
    }),
    { numRuns: 1000 },
  )
  t.equal(shortenReason(`${'a'.repeat(122)}ü`), 'a'.repeat(122))
  t.equal(shortenReason(`${'a'.repeat(121)}ü`), `${'a'.repeat(121)}ü`)
  t.equal(shortenReason('\ud800'), '\ufffd', 'as it will be sent')
})
