// RFC 6455 §8.1 Handling Errors in UTF-8-Encoded Data: decodeText and Utf8Validator against buffer.isUtf8, for the
// well-known sequences, for all code points, and under all cuts; the validator fails at the first wrong octet.
import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { decodeText, Utf8Validator } from '../../src/framing/utf8.js'
import { hex, octetByOctet } from './trace.js'

/** How the validator takes these runs: 'valid', 'cut' (a code point is), or 'fails in run N', from 0. */
function validate(runs: readonly Uint8Array[]): string {
  const validator = new Utf8Validator()
  for (const [i, run] of runs.entries()) if (!validator.push(run, 0, run.length)) return `fails in run ${i}`
  return validator.complete ? 'valid' : 'cut'
}

const completions = ['', '80', '8080', '808080', 'bf', 'a0', '90', 'a080', '9080', '908080', '8f8080'].map(hex)

/** Can these octets be the beginning of a valid text? Asked of buffer.isUtf8, with everything that could follow. */
function viable(octets: Uint8Array): boolean {
  return completions.some(completion => isUtf8(Buffer.concat([octets, completion])))
}

/** What the validator must say of these octets, one run each. */
function naively(octets: Buffer): string {
  for (let i = 0; i < octets.length; i++) if (!viable(octets.subarray(0, i + 1))) return `fails in run ${i}`
  return isUtf8(octets) ? 'valid' : 'cut'
}

const valid: [what: string, octets: string][] = [
  ['nothing', ''],
  ['F-27 NUL', '00'],
  ['U+007F', '7f'],
  ['U+0080', 'c280'],
  ['U+07FF', 'dfbf'],
  ['U+0800', 'e0a080'],
  ['U+D7FF, the last before the surrogates', 'ed9fbf'],
  ['U+E000, the first after them', 'ee8080'],
  ['F-27 U+FEFF, the BOM, is kept', 'efbbbf 61'],
  ['U+FFFD itself', 'efbfbd'],
  ['F-27 U+FFFE and U+FFFF, no characters', 'efbfbe efbfbf'],
  ['U+10000', 'f0908080'],
  ['U+10FFFF', 'f48fbfbf'],
  ['kosme', 'cebae1bdb9cf83cebcceb5'],
  ['"Hello-µ@ßöäüàá-UTF-8!!"', '48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121'],
]

const invalid: [what: string, octets: string, failsAt: number][] = [
  ['F-27 overlong "/" in two octets', 'c0af', 0],
  ['overlong U+007F in two octets', 'c1bf', 0],
  ['overlong "/" in three octets', 'e080af', 1],
  ['overlong U+07FF in three octets', 'e09fbf', 1],
  ['overlong "/" in four octets', 'f08080af', 1],
  ['overlong U+FFFF in four octets', 'f08fbfbf', 1],
  ['F-27 the surrogate U+D800', 'eda080', 1],
  ['the surrogate U+DFFF', 'edbfbf', 1],
  ['a pair of surrogates', 'eda080edb080', 1],
  ['F-27 U+110000', 'f4908080', 1],
  ['a lead octet for more than U+13FFFF', 'f5808080', 0],
  ['a sequence of five octets', 'f888808080', 0],
  ['a sequence of six octets', 'fc8480808080', 0],
  ['fe', 'fe', 0],
  ['ff', 'ff', 0],
  ['a continuation without a lead', '80', 0],
  ['one continuation too many', 'c28080', 2],
  ['a wrong continuation in two octets', 'c328', 1],
  ['a wrong third octet', 'e28228', 2],
  ['a wrong fourth octet', 'f0908028', 3],
  ['a lead where a continuation should be', 'e282c3', 2],
  ['the example of the Autobahn suite', 'cebae1bdb9cf83cebcceb5eda080656469746564', 12],
]

for (const [what, octets] of valid) {
  t.test(`8.1 valid: ${what}`, async t => {
    const text = hex(octets)
    t.equal(validate([text]), 'valid')
    t.equal(validate(octetByOctet(text)), 'valid')
    for (const byHand of [false, true]) t.equal(decodeText(text, 0, text.length, byHand), text.toString())
    t.same(Buffer.from(decodeText(text, 0, text.length)!), text, 'octet for octet')
  })
}

for (const [what, octets, failsAt] of invalid) {
  t.test(`8.1-1 invalid: ${what}`, async t => {
    const text = hex(octets)
    t.equal(validate([text]), 'fails in run 0')
    t.equal(validate(octetByOctet(text)), `fails in run ${failsAt}`, 'at the first wrong octet')
    for (const byHand of [false, true]) t.equal(decodeText(text, 0, text.length, byHand), undefined)
    // Behind a long text, and before one: the fast ways of both.
    for (const filler of ['a'.repeat(2000), 'ü'.repeat(1000), 'ü'.repeat(30)]) {
      const long = Buffer.concat([Buffer.from(filler), text, Buffer.from(filler)])
      t.equal(validate([long]), 'fails in run 0')
      for (const byHand of [false, true]) t.equal(decodeText(long, 0, long.length, byHand), undefined)
      const end = filler === 'a'.repeat(2000) ? 2000 + text.length : long.length
      t.equal(decodeText(long, 0, end), undefined)
    }
  })
}

t.test('8.1 every code point, octet by octet', async t => {
  const validator = new Utf8Validator()
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue
    const octets = Buffer.from(String.fromCodePoint(code))
    for (let i = 0; i < octets.length; i++) {
      if (!validator.push(octets, i, i + 1) || validator.complete !== (i === octets.length - 1)) {
        t.fail(`U+${code.toString(16)}`)
        return
      }
    }
  }
  t.pass()
})

t.test('8.1 every two octets; every lead with the octets around each bound', async t => {
  const wrong: string[] = []
  const judge = (octets: Buffer) => {
    const found = validate(octetByOctet(octets))
    if (found !== naively(octets)) wrong.push(`${octets.toString('hex')}: ${found}`)
  }
  for (let pair = 0; pair < 0x1_0000; pair++) judge(Buffer.of(pair >> 8, pair & 0xff))
  const bounds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
  for (let lead = 0xc0; lead < 0x100; lead++) {
    for (const second of bounds) {
      for (const third of bounds) {
        judge(Buffer.of(lead, second, third))
        for (const fourth of lead >= 0xf0 ? bounds : []) judge(Buffer.of(lead, second, third, fourth))
      }
    }
  }
  t.same(wrong, [])
})

t.test('8.1 a long text under all cuts in three, valid and not, as one run says', async t => {
  const text = Buffer.from('€uro – 𝄞 Grüße, żółć; 漢字かな; 😀😀😀 plain ASCII for a while, then ñ'.repeat(2))
  const broken = [...text.keys()]
    .filter(i => i % 13 === 0)
    .map(i => {
      const copy = Buffer.from(text)
      copy[i] = 0xff
      return copy
    })
  for (let first = 0; first <= text.length; first++) {
    for (let second = first; second <= text.length; second++) {
      const cuts = (octets: Buffer) => [
        octets.subarray(0, first),
        octets.subarray(first, second),
        octets.subarray(second),
      ]
      if (validate(cuts(text)) !== 'valid') t.fail(`cut at ${first} and ${second}`)
      const octets = broken[(first + second) % broken.length]!
      const expected = [first, second, text.length].findIndex(end => octets.indexOf(0xff) < end)
      if (validate(cuts(octets)) !== `fails in run ${expected}`) t.fail(`broken, cut at ${first} and ${second}`)
    }
  }
  t.pass()
})

const someOctets = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }).map(text => Buffer.from(text)),
  fc.uint8Array({ maxLength: 30 }).map(octets => Buffer.from(octets)),
  fc.tuple(fc.string({ unit: 'binary', maxLength: 80 }), fc.nat(), fc.nat({ max: 255 })).map(([text, place, octet]) => {
    const octets = Buffer.from(text)
    if (octets.length > 0) octets[place % octets.length] = octet
    return octets
  }),
  fc
    .array(
      fc.constantFrom('c3', '28', 'e2', '82', 'ac', 'f0', '9f', '98', '80', 'ed', 'a0', 'f4', '8f', '90', 'bf', '61'),
    )
    .map(octets => hex(octets.join(''))),
)

t.test(
  '8.1 Utf8Validator under any cut equals buffer.isUtf8, and fails in the run with the first wrong octet',
  async t => {
    fc.assert(
      fc.property(someOctets, fc.array(fc.nat(), { maxLength: 5 }), fc.nat({ max: 3 }), (octets, places, margin) => {
        const ends = [...places.map(place => place % (octets.length + 1)).sort((a, b) => a - b), octets.length]
        const said = naively(octets)
        const validator = new Utf8Validator()
        // The runs lie within a larger buffer.
        const around = Buffer.concat([Buffer.alloc(margin, 0xff), octets, Buffer.alloc(3, 0xff)])
        let at = 0
        for (const end of ends) {
          const wrong = said.startsWith('fails') && Number(said.slice('fails in run '.length)) < end
          assert.equal(validator.push(around, margin + at, margin + end), !wrong)
          if (wrong) return
          at = end
        }
        assert.equal(validator.complete, isUtf8(octets))
      }),
      { numRuns: 3000 },
    )
    t.pass()
  },
)

t.test(
  '8.1 decodeText is the text where buffer.isUtf8 says so, else undefined; short, long, ASCII and not',
  async t => {
    const fillers = ['', 'a'.repeat(1024), 'a'.repeat(1025), 'ä'.repeat(50), 'ä'.repeat(600), '漢'.repeat(9000)]
    fc.assert(
      fc.property(
        someOctets,
        fc.constantFrom(...fillers),
        fc.nat({ max: 5 }),
        fc.boolean(),
        (octets, filler, margin, byHand) => {
          const text = Buffer.concat([Buffer.from(filler), octets])
          const around = Buffer.concat([Buffer.alloc(margin, 0xff), text, Buffer.alloc(margin, 0xff)])
          const expected = isUtf8(text) ? text.toString() : undefined
          assert.equal(decodeText(around, margin, margin + text.length, byHand), expected)
        },
      ),
      { numRuns: 2000 },
    )
    for (const size of [1023, 1024, 1025, 5000]) {
      const ascii = Buffer.alloc(size, 'plain')
      t.equal(decodeText(ascii, 0, size), ascii.toString('latin1'))
    }
  },
)

t.test('8.1 a clone of a validator stands in the same place, and goes its own way', async t => {
  // Within a code point whose next octet has bounds of its own: F4 80…8F.
  const validator = new Utf8Validator()
  t.ok(validator.push(hex('61 f4'), 0, 2))
  const copy = validator.clone()
  t.notOk(copy.complete)
  t.notOk(copy.push(hex('90'), 0, 1), 'above U+10FFFF')
  t.notOk(validator.complete)
  const other = validator.clone()
  t.ok(other.push(hex('8fbfbf'), 0, 3))
  t.ok(other.complete)
  t.ok(validator.push(hex('80'), 0, 1), 'the original is where it was')
  t.notOk(validator.complete)
  const surrogate = new Utf8Validator()
  t.ok(surrogate.push(hex('ed'), 0, 1))
  t.notOk(surrogate.clone().push(hex('a0'), 0, 1))
  const overlong = new Utf8Validator()
  t.ok(overlong.push(hex('e0'), 0, 1))
  t.notOk(overlong.clone().push(hex('80'), 0, 1))
})

t.test('F-24 8.1 invalid in the first octet of what may become 10 MiB: fails in that run', async t => {
  const validator = new Utf8Validator()
  t.notOk(validator.push(Buffer.of(0xff), 0, 1))
  const late = new Utf8Validator()
  const run = Buffer.alloc(64 * 1024, 'ä')
  for (let i = 0; i < 160; i++) if (!late.push(run, 0, run.length)) t.fail(`run ${i}`)
  t.notOk(late.push(Buffer.of(0xed, 0xa0), 0, 2), 'by the second octet of a surrogate')
})
