/** The small nouns of the suite: verdicts, segmentations, seeds, frames as text, the transcript. */
import t from 'tap'
import {
  asRawFrame,
  binary,
  close,
  closeBody,
  continuation,
  type FrameParts,
  fragments,
  frame,
  ping,
  pong,
  text,
} from '../../src/conformance/frame-parts.js'
import { closeBodyText, frameText, opcodeText, payloadText } from '../../src/conformance/frame-text.js'
import { buildRawFrame, rawFrameSize } from '../../src/conformance/raw-frame.js'
import { RawFrameReader } from '../../src/conformance/raw-frame-reader.js'
import { SeededOctets } from '../../src/conformance/seeded-octets.js'
import { cut, cutEvery } from '../../src/conformance/segmentation.js'
import { Transcript } from '../../src/conformance/transcript.js'
import { judge, missed, worst } from '../../src/conformance/verdict.js'

t.test('the worst verdict counts', async t => {
  t.equal(worst([]), 'PASS')
  t.equal(worst(['INFO', 'PASS']), 'INFO')
  t.equal(worst(['SKIP', 'INFO']), 'SKIP')
  t.equal(worst(['SKIP', 'WARN']), 'WARN')
  t.equal(worst(['FAIL', 'WARN']), 'FAIL')
  t.equal(worst(['FAIL', 'ERROR']), 'ERROR')
  const finding = { verdict: 'WARN', reason: 'x' } as const
  t.same(judge([finding]), { verdict: 'WARN', findings: [finding] })
})

t.test('what a requirement weighs', async t => {
  t.equal(missed('MUST'), 'FAIL')
  t.equal(missed('SHOULD'), 'WARN')
  t.equal(missed('MAY'), 'INFO')
})

t.test('segmentations', async t => {
  const units = [Buffer.from('ab'), Buffer.from('cde')]
  const pieces = (of: Parameters<typeof cut>[1]) => cut(units, of).map(String)
  t.same(pieces('whole'), ['abcde'])
  t.same(pieces('joined'), ['abcde'])
  t.same(pieces('frames'), ['ab', 'cde'])
  t.same(pieces('octets'), ['a', 'b', 'c', 'd', 'e'])
  t.same(pieces('pieces'), ['abcde'])
  t.equal(cut([units[0]!], 'whole')[0], units[0], 'one unit is not copied')
  t.same(
    cut([Buffer.alloc(2000)], 'pieces').map(({ length }) => length),
    [997, 997, 6],
  )
  t.same(cutEvery(Buffer.alloc(0), 5), [])
})

t.test('seeds: the same again, others otherwise', async t => {
  const take = (seed: number, name?: string) => new SeededOctets(seed, name).take(32).toString('hex')
  t.equal(take(1), take(1))
  t.not(take(1), take(2))
  t.not(take(1, 'a'), take(1, 'b'))
  t.equal(new Set(Array.from({ length: 500 }, (_, i) => take(i))).size, 500)
  t.not(take(0x9e3779b9), '00'.repeat(32), 'no row of zeros')
  const chance = new SeededOctets(7)
  const below = Array.from({ length: 600 }, () => chance.below(6))
  t.same([...new Set(below)].sort(), [0, 1, 2, 3, 4, 5])
  t.ok(chance.word() >= 0)
})

t.test('frames as people read them', async t => {
  const rows: [FrameParts, string][] = [
    [text('Hello'), 'text "Hello"'],
    [text(), 'text (empty)'],
    [binary(Buffer.of(0xff, 0)), 'binary 2 octets ff00'],
    [binary(Buffer.of(0xff)), 'binary 1 octet ff'],
    [continuation('lo', { fin: false }), 'continuation FIN=0 "lo"'],
    [ping('x', { rsv: 5 }), 'Ping RSV1 RSV3 "x"'],
    [pong('x', { rsv: 2 }), 'Pong RSV2 "x"'],
    [frame(0xb), 'opcode 0xB (empty)'],
    [close(), 'Close without a status code'],
    [close(1000), 'Close 1000'],
    [close(1001, 'bye'), 'Close 1001 "bye"'],
    [frame(8, 'x'), 'Close with a body of one octet 78'],
    [text('Hello', { lengthOctets: 2 }), 'text with its length in 2 octets "Hello"'],
    [text('Hello', { payloadLength: 9 }), 'text declaring 9 octets "Hello"'],
  ]
  for (const [parts, expected] of rows) t.equal(frameText(asRawFrame(parts), 'server'), expected)
  const masked = asRawFrame({ opcode: 1, payload: 'x', maskingKey: Buffer.from('abcd') })
  t.equal(frameText(masked, 'client'), 'text "x"')
  t.equal(frameText(masked, 'server'), 'text masked "x"')
  t.equal(frameText(asRawFrame(text('x')), 'client'), 'text not masked "x"')
  t.equal(opcodeText(9), 'Ping')
  t.equal(closeBodyText(closeBody(undefined, 'abc')), '24930 "c"')
  t.same(
    fragments(1, ['a', 'b', 'c']).map(({ opcode, fin }) => [opcode, fin]),
    [
      [1, false],
      [0, false],
      [0, true],
    ],
  )
  t.equal(asRawFrame({ opcode: 1, payloadLength: 200 }).lengthOctets, 2)
  t.equal(asRawFrame({ opcode: 1, payloadLength: 70_000 }).lengthOctets, 8)
})

t.test('long payloads are cut between characters', async t => {
  t.equal(payloadText(Buffer.alloc(60, 'a')), `60 octets "${'a'.repeat(48)}…"`)
  t.equal(payloadText(Buffer.from(`${'a'.repeat(47)}€€`)), `53 octets "${'a'.repeat(47)}…"`)
  t.equal(payloadText(Buffer.from(`${'a'.repeat(46)}é${'b'.repeat(9)}`)), `57 octets "${'a'.repeat(46)}é…"`)
  t.equal(payloadText(Buffer.from(`${'a'.repeat(45)}😀😀`)), `53 octets "${'a'.repeat(45)}…"`)
  t.equal(payloadText(Buffer.alloc(60, 0x80)), `60 octets ${'80'.repeat(48)}…`)
  t.equal(payloadText(Buffer.from('\n"')), '"\\n\\""')
})

t.test('the size of a frame is known from its header', async t => {
  const rows: [FrameParts, number][] = [
    [text('Hello'), 7],
    [text('Hello', { maskingKey: Buffer.alloc(4) }), 11],
    [text('a'.repeat(200)), 204],
    [text('a'.repeat(70_000)), 70_010],
    [text('', { payloadLength: 2 ** 40, lengthOctets: 8 }), 2 ** 40 + 10],
  ]
  for (const [parts, size] of rows) {
    const octets = buildRawFrame(parts)
    t.equal(rawFrameSize(octets), size)
    t.equal(rawFrameSize(octets.subarray(0, 1)), undefined)
  }
  t.equal(rawFrameSize(buildRawFrame(text('a'.repeat(200))).subarray(0, 3)), undefined)
})

t.test('frames are read however they are cut', async t => {
  const octets = Buffer.concat([text('Hello'), binary(Buffer.alloc(300)), ping()].map(parts => buildRawFrame(parts)))
  for (const size of [1, 2, 3, 7, 100, 1000]) {
    const reader = new RawFrameReader()
    const frames = cutEvery(octets, size).flatMap(piece => reader.receive(piece))
    t.same(
      frames.map(({ frame: { opcode, payload }, octets: { length } }) => [opcode, payload.length, length]),
      [
        [1, 5, 7],
        [2, 300, 304],
        [9, 0, 2],
      ],
    )
    t.equal(reader.pending, 0)
  }
  const reader = new RawFrameReader()
  reader.receive(octets.subarray(0, 9))
  t.equal(reader.pending, 2)
})

t.test('a transcript keeps the first and the last, and little of each', async t => {
  const transcript = new Transcript()
  transcript.add('us', 'tcp', 'open')
  transcript.add('peer', 'frame', () => 'made when read', Buffer.alloc(500, 1))
  for (let i = 0; i < 300; i++) transcript.add('us', 'frame', `${i}`)
  const { entries, leftOut } = transcript
  t.equal(entries.length, 200)
  t.equal(leftOut, 102)
  t.match(entries[0], { from: 'us', kind: 'tcp', text: 'open', hex: '', length: 0 })
  t.match(entries[1], { from: 'peer', text: 'made when read', length: 500 })
  t.equal(entries[1]?.hex.length, 320)
  t.equal(entries.at(-1)?.text, '299')
  t.ok(entries.every(({ at }, i) => i === 0 || at >= entries[i - 1]!.at))
})
