// RFC 6455 §5.2: where the octets are cut never changes what is decoded, nor what is refused, nor with which octet; and
// the decoder says what its naive twin says, for legal streams and for all others.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { octetStream, places, role } from './frame-streams.js'
import { decodeNaively } from './naive-decoder.js'
import { cut, decodeChunks, octetByOctet, trace } from './trace.js'

const stream = role.chain(receiver =>
  fc.record({
    receiver: fc.constant(receiver),
    octets: octetStream(receiver),
    options: fc.record({
      maxFrameSize: fc.constantFrom(Number.POSITIVE_INFINITY, 2 ** 53 - 1, 2 ** 32, 65536, 65535, 200, 125, 20, 0),
      allowedRsv: fc.constantFrom(0, 0, 4, 5, 7),
    }),
  }),
)

t.test('5.2 where the octets are cut never changes what is decoded', async t => {
  fc.assert(
    fc.property(stream, places, ({ receiver, octets, options }, where) => {
      assert.deepEqual(trace(receiver, cut(octets, where), options), trace(receiver, [octets], options))
    }),
    { numRuns: 1000 },
  )
  t.pass()
})

t.test(
  '10.7-1 5.2 the decoder equals its naive twin, octet by octet: same trace, failed by the same octet',
  async t => {
    fc.assert(
      fc.property(stream, ({ receiver, octets, options }) => {
        const short = octets.subarray(0, 2000)
        assert.deepEqual(decodeChunks(receiver, octetByOctet(short), options), decodeNaively(receiver, short, options))
      }),
      { numRuns: 1000 },
    )
    t.pass()
  },
)

t.test('2-1 6.2-1 §5.2 the decoder equals its naive twin, whole chunks', async t => {
  fc.assert(
    fc.property(stream, ({ receiver, octets, options }) => {
      assert.deepEqual(trace(receiver, [octets], options), decodeNaively(receiver, octets, options).lines)
    }),
    { numRuns: 1000 },
  )
  t.pass()
})

t.test('5.2 every beginning of every two octets, both roles, against the twin', async t => {
  for (const receiver of ['client', 'server'] as const) {
    for (let value = 0; value < 0x1_0000; value++) {
      const octets = Buffer.of(value >> 8, value & 0xff)
      const expected = decodeNaively(receiver, octets)
      const found = decodeChunks(receiver, octetByOctet(octets))
      if (found.failedBy !== expected.failedBy || found.lines.join() !== expected.lines.join()) {
        t.same(found, expected, `${receiver} ${octets.toString('hex')}`)
      }
    }
  }
  t.pass()
})
