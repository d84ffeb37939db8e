// RFC 6455 §8.1: texts that are mostly not ASCII become strings by hand where V8 is slower. transcode against buffer.toString, its
// naive twin: every code point, every place in a piece, any text at any place of its memory.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { transcode } from '../../src/framing/utf8-transcoding.js'

t.test('8.1 every code point, alone and behind one octet of ASCII', async t => {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue
    const text = `a${String.fromCodePoint(code)}`
    const octets = Buffer.from(text)
    if (transcode(octets, 0, octets.length) !== text || transcode(octets, 1, octets.length) !== text.slice(1)) {
      t.fail(`U+${code.toString(16)}`)
      return
    }
  }
  t.pass()
})

t.test('8.1 a text of many pieces, each code point at each place of its end', async t => {
  const text = 'aé漢😀'.repeat(20)
  const octets = Buffer.from(text)
  for (let size = 4; size <= 64; size += 2) t.equal(transcode(octets, 0, octets.length, size), text, `${size} octets`)
  const long = 'Съешь же ещё этих мягких французских булок 😀, '.repeat(2000)
  t.ok(transcode(Buffer.from(long), 0, Buffer.byteLength(long)) === long, 'in pieces of the usual size')
  const pairs = `a${'😀'.repeat(9000)}`
  t.ok(transcode(Buffer.from(pairs), 0, Buffer.byteLength(pairs)) === pairs, 'no pair is cut by the end of the memory')
})

t.test('8.1 any text, within other octets, equals buffer.toString', async t => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.nat({ max: 9 }),
      fc.nat({ max: 30 }),
      (text, margin, size) => {
        const octets = Buffer.from(text)
        const around = Buffer.concat([Buffer.alloc(margin, 0xff), octets, Buffer.alloc(margin, 0xff)])
        const [start, end] = [margin, margin + octets.length]
        assert.equal(transcode(around, start, end, 4 + 2 * size), around.toString('utf8', start, end))
      },
    ),
    { numRuns: 1000 },
  )
  t.pass()
})
