// The naive codec of src/conformance/raw-frame.ts against RFC 6455 §5.2 and §5.7: it is the oracle of other tests, so it
// is held to octets written by hand.
import t from 'tap'
import { buildRawFrame, type RawFrameParts, readRawFrame, readRawFrames } from '../../src/conformance/raw-frame.js'
import { hex } from '../framing/trace.js'

const key = hex('37fa213d')

const cases: [what: string, parts: RawFrameParts, octets: string][] = [
  ['5.7 a single-frame unmasked text message', { opcode: 1, payload: 'Hello' }, '8105 48656c6c6f'],
  [
    '5.7 a single-frame masked text message',
    { opcode: 1, payload: 'Hello', maskingKey: key },
    '8185 37fa213d 7f9f4d5158',
  ],
  ['an empty frame', { opcode: 2 }, '8200'],
  ['a fragment', { opcode: 0, fin: false, payload: Buffer.of(1) }, '0001 01'],
  ['all RSV bits, a reserved opcode', { opcode: 15, rsv: 7 }, 'ff00'],
  ['each RSV bit: RSV1', { opcode: 1, rsv: 4 }, 'c100'],
  ['each RSV bit: RSV2', { opcode: 1, rsv: 2 }, 'a100'],
  ['each RSV bit: RSV3', { opcode: 1, rsv: 1 }, '9100'],
  ['125 octets', { opcode: 2, payload: Buffer.alloc(125, 7) }, `827d ${'07'.repeat(125)}`],
  ['126 octets', { opcode: 2, payload: Buffer.alloc(126, 7) }, `827e 007e ${'07'.repeat(126)}`],
  ['65535 octets', { opcode: 2, payload: Buffer.alloc(65535, 7) }, `827e ffff ${'07'.repeat(65535)}`],
  ['65536 octets', { opcode: 2, payload: Buffer.alloc(65536, 7) }, `827f 0000000000010000 ${'07'.repeat(65536)}`],
  ['a length in two octets too many', { opcode: 2, payload: Buffer.of(9), lengthOctets: 2 }, '827e 0001 09'],
  [
    'a length in eight octets too many',
    { opcode: 2, payload: Buffer.of(9), lengthOctets: 8 },
    '827f 0000000000000001 09',
  ],
  [
    'a masked frame with a long length',
    { opcode: 2, payload: Buffer.of(1, 2, 3, 4, 5), lengthOctets: 2, maskingKey: key },
    '82fe 0005 37fa213d 36f8223932',
  ],
]

for (const [what, parts, octets] of cases) {
  t.test(`builds and reads ${what}`, async t => {
    const expected = hex(octets)
    t.ok(buildRawFrame(parts).equals(expected))
    const read = readRawFrame(Buffer.concat([Buffer.of(0xaa), expected, Buffer.of(0xbb)]), 1)
    t.equal(read?.end, 1 + expected.length)
    const frame = read?.frame
    t.equal(frame?.fin, parts.fin ?? true)
    t.equal(frame?.rsv, parts.rsv ?? 0)
    t.equal(frame?.opcode, parts.opcode)
    t.same(frame?.maskingKey, parts.maskingKey)
    const payload = Buffer.from(parts.payload ?? '')
    t.ok(frame?.payload.equals(payload))
    t.equal(frame?.payloadLength, BigInt(payload.length))
    t.equal(frame && buildRawFrame(frame).equals(expected), true, 'what was read builds the same octets')
    for (let end = 0; end < Math.min(expected.length, 200); end++) {
      if (readRawFrame(expected.subarray(0, end)) !== undefined) t.fail(`read a frame cut after ${end} octets`)
    }
  })
}

t.test('declares lengths that no payload has, up to 2^64 - 1', async t => {
  t.same(buildRawFrame({ opcode: 2, payloadLength: 2n ** 64n - 1n }), hex('827f ffffffffffffffff'))
  t.same(buildRawFrame({ opcode: 2, payloadLength: 2n ** 63n }), hex('827f 8000000000000000'))
  t.same(buildRawFrame({ opcode: 2, payloadLength: 5, payload: 'ab' }), hex('8205 6162'))
  t.equal(readRawFrame(hex('827f ffffffffffffffff')), undefined)
  t.same(buildRawFrame({ opcode: 9, payloadLength: 126, lengthOctets: 2 }), hex('897e 007e'))
})

t.test('reads frame after frame and gives back the rest', async t => {
  const { frames, rest } = readRawFrames(hex('8101 61 8200 8105 48'))
  t.same(
    frames.map(frame => [frame.opcode, frame.payload.toString()]),
    [
      [1, 'a'],
      [2, ''],
    ],
  )
  t.same(Buffer.from(rest), hex('8105 48'))
  t.same(readRawFrames(Buffer.alloc(0)), { frames: [], rest: Buffer.alloc(0) })
})

t.test('does not change what it is given', async t => {
  const payload = Buffer.from('Hello')
  const octets = buildRawFrame({ opcode: 1, payload, maskingKey: key })
  t.equal(payload.toString(), 'Hello')
  readRawFrame(octets)
  t.same(octets, hex('8185 37fa213d 7f9f4d5158'))
})
