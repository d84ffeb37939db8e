// RFC 6455 §5.5 Control Frames: what an endpoint must accept, and what it must fail on; both roles.
import t from 'tap'
import { headerSize, maxControlPayload, maxHeaderSize } from '../../src/framing/frame-header.js'
import { exampleKey, received, roles } from './received.js'
import { decodeChunks, hex, octetByOctet, opcodeName, payloadLine, trace } from './trace.js'

const controls = [8, 9, 10]

for (const role of roles) {
  const bit = role === 'server' ? 0x80 : 0

  for (const opcode of controls) {
    const name = opcodeName(opcode)

    t.test(
      `5.5-1 "All control frames MUST have a payload length of 125 bytes or less": ${name}, as ${role}`,
      async t => {
        for (const length of [0, 1, 124, 125]) {
          const payload = Buffer.alloc(length, 'x')
          const octets = received(role, { opcode, payload })
          const expected = [`${name} fin ${length}`, payloadLine('=', payload)]
          t.same(trace(role, [octets]), expected, `${length}`)
          t.same(trace(role, octetByOctet(octets)), expected, `${length}, octet by octet`)
        }
      },
    )

    t.test(`F-08 5.5-1 ${name} with length 126 or 127 fails by its second octet, as ${role}`, async t => {
      for (const length7 of [126, 127]) {
        const octets = Buffer.concat([
          Buffer.of(0x80 | opcode, bit | length7),
          hex('007e'),
          exampleKey,
          Buffer.alloc(126),
        ])
        const expected = ['fail 1002 §5.5 WS_CONTROL_TOO_LONG']
        t.same(trace(role, [octets]), expected)
        t.same(trace(role, [octets.subarray(0, 2)]), expected, 'without waiting for more')
        t.equal(decodeChunks(role, octetByOctet(octets)).failedBy, 2)
      }
    })

    t.test(`F-22 ${name} with a payload of 126 octets, in whatever form, as ${role}`, async t => {
      for (const lengthOctets of [2, 8] as const) {
        const octets = received(role, { opcode, payload: Buffer.alloc(126), lengthOctets })
        t.same(trace(role, [octets]), ['fail 1002 §5.5 WS_CONTROL_TOO_LONG'])
      }
    })

    t.test(`F-12 5.5-1 ${name} with a short payload in a long form, as ${role}`, async t => {
      for (const lengthOctets of [2, 8] as const) {
        const octets = received(role, { opcode, payload: 'x', lengthOctets })
        t.same(trace(role, [octets]), ['fail 1002 §5.5 WS_CONTROL_TOO_LONG'])
      }
    })

    t.test(`F-11 5.5-2 5.4-3 "and MUST NOT be fragmented": ${name}, as ${role}`, async t => {
      for (const payload of ['', 'x']) {
        const octets = received(role, { opcode, fin: false, payload })
        t.same(trace(role, [octets]), ['fail 1002 §5.5 WS_FRAGMENTED_CONTROL'])
        t.equal(decodeChunks(role, octetByOctet(octets)).failedBy, 1, 'by the first octet')
      }
    })

    t.test(`F-07 5.2-3 RSV bits on ${name}, even where an extension claims them, as ${role}`, async t => {
      const octets = received(role, { opcode, rsv: 4 })
      t.same(trace(role, [octets], { allowedRsv: 7 }), ['fail 1002 §5.2 WS_RESERVED_BITS'])
    })
  }

  t.test(`10.4 the limit on data frames is none on control frames, as ${role}`, async t => {
    const payload = Buffer.alloc(125, 'x')
    const octets = received(role, { opcode: 9, payload })
    t.same(trace(role, [octets], { maxFrameSize: 10 }), ['ping fin 125', payloadLine('=', payload)])
  })
}

t.test('5.5 sizes by their names', async t => {
  t.equal(maxControlPayload, 125)
  t.equal(maxHeaderSize, headerSize(65536, true))
})
