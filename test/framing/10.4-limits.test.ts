// RFC 6455 §10.4 Implementation-Specific Limits, as far as a single frame goes: refused from its header, exactly.
import t from 'tap'
import { received, roles } from './received.js'
import { cut, decodeChunks, octetByOctet, payloadLine, trace } from './trace.js'

const tooBig = 'fail 1009 §10.4 WS_FRAME_TOO_BIG'

for (const role of roles) {
  t.test(`F-14 10.4-1 a frame of the limit passes, one octet more is refused, as ${role}`, async t => {
    for (const maxFrameSize of [0, 1, 20, 124, 125, 126, 127, 1000, 65534, 65535, 65536, 65537]) {
      const exact = Buffer.alloc(maxFrameSize, 'x')
      for (const opcode of [0, 1, 2]) {
        const name = ['continuation', 'text', 'binary'][opcode]
        const legal = received(role, { opcode, payload: exact })
        t.same(trace(role, [legal], { maxFrameSize }), [`${name} fin ${maxFrameSize}`, payloadLine('=', exact)])
        const over = received(role, { opcode, payload: Buffer.alloc(maxFrameSize + 1) })
        t.same(trace(role, [over], { maxFrameSize }), [tooBig], `${maxFrameSize} + 1`)
      }
    }
  })

  t.test(`10.4-1 decided from the header, before any payload and before the masking-key, as ${role}`, async t => {
    const over = received(role, { opcode: 2, payloadLength: 2000 })
    const { lines, failedBy } = decodeChunks(role, octetByOctet(over), { maxFrameSize: 1000 })
    t.same(lines, [tooBig])
    t.equal(failedBy, 3, 'by the first octet of the length: 1792 octets at least')
  })

  t.test(`F-14 lengths whose sum crosses 2^31, 2^32 and 2^53 are each counted exactly, as ${role}`, async t => {
    for (const payloadLength of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      const octets = received(role, { opcode: 2, fin: false, payloadLength, payload: 'begins' })
      t.same(trace(role, [octets]), [`binary ${payloadLength}`, '~ 626567696e73'])
      t.same(trace(role, cut(octets, [5, 9, 13, 17])), [`binary ${payloadLength}`, '~ 626567696e73'])
      t.same(trace(role, [octets], { maxFrameSize: payloadLength }), [`binary ${payloadLength}`, '~ 626567696e73'])
      t.same(trace(role, [octets], { maxFrameSize: payloadLength - 1 }), [tooBig])
    }
  })

  t.test(`10.4-1 no limit means 2^53 - 1, as ${role}`, async t => {
    const most = received(role, { opcode: 2, payloadLength: 2 ** 53 - 1 })
    const more = received(role, { opcode: 2, payloadLength: 2 ** 53 })
    for (const maxFrameSize of [Number.POSITIVE_INFINITY, 2 ** 60, 2 ** 53]) {
      t.same(trace(role, [most], { maxFrameSize }), [`binary fin ${2 ** 53 - 1}`])
      t.same(trace(role, [more], { maxFrameSize }), [tooBig])
    }
  })
}
