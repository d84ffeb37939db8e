// RFC 6455 §5.2 Base Framing Protocol: bits, opcodes and lengths, read and written, both roles.
import t from 'tap'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { headerSize, isControl, Opcode, type Role, Rsv } from '../../src/framing/frame-header.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { exampleKey, received, roles } from './received.js'
import { cut, decodeChunks, headerLine, hex, octetByOctet, payloadLine, type TraceOptions, trace } from './trace.js'

const allOpcodes = Array.from({ length: 16 }, (_, opcode) => opcode)
const known: readonly number[] = Object.values(Opcode)

/** A header and the four octets of a masking-key where this role must see one; payload length as in these octets. */
function header(role: Role, first: number, length: string): Buffer {
  const octets = Buffer.concat([Buffer.of(first), hex(length)])
  if (role === 'client') return octets
  octets[1]! |= 0x80
  return Buffer.concat([octets, exampleKey])
}

for (const role of roles) {
  t.test(`F-04 F-06 F-07 5.2-3 all RSV bits on all opcodes, no extension, as ${role}`, async t => {
    for (const opcode of known) {
      for (let rsv = 1; rsv < 8; rsv++) {
        const octets = received(role, { opcode, rsv, payload: 'Hello' })
        const { lines, failedBy } = decodeChunks(role, octetByOctet(octets))
        t.same(lines, ['fail 1002 §5.2 WS_RESERVED_BITS'], headerLine(true, rsv, opcode, 5))
        t.equal(failedBy, 1, 'by the first octet')
      }
    }
  })

  t.test(`F-05 5.2-8 an extension that was declined claims nothing: RSV1 fails, as ${role}`, async t => {
    const octets = received(role, { opcode: 1, rsv: Rsv.rsv1, payload: 'Hello' })
    t.same(trace(role, [octets], { allowedRsv: Rsv.none }), ['fail 1002 §5.2 WS_RESERVED_BITS'])
  })

  t.test(`5.2-3 the bits that an extension claims, on the first frame of a message only, as ${role}`, async t => {
    for (const opcode of known) {
      for (let allowedRsv = 0; allowedRsv < 8; allowedRsv++) {
        for (let rsv = 0; rsv < 8; rsv++) {
          const legal = rsv === 0 || ((opcode === 1 || opcode === 2) && (rsv & allowedRsv) === rsv)
          const expected = legal ? [headerLine(true, rsv, opcode, 1), '= 21'] : ['fail 1002 §5.2 WS_RESERVED_BITS']
          const found = trace(role, [received(role, { opcode, rsv, payload: '!' })], { allowedRsv })
          t.same(found, expected, `${rsv} of ${allowedRsv} on ${opcode}`)
        }
      }
    }
  })

  t.test(`F-03 5.2-4 "If an unknown opcode is received, … MUST Fail", as ${role}`, async t => {
    let cases = 0
    for (const opcode of allOpcodes.filter(opcode => !known.includes(opcode))) {
      for (const fin of [true, false]) {
        const { lines, failedBy } = decodeChunks(role, octetByOctet(received(role, { opcode, fin, payload: 'Hello' })))
        t.same(lines, ['fail 1002 §5.2 WS_RESERVED_OPCODE'], `opcode ${opcode}, fin ${fin}`)
        t.equal(failedBy, 1, 'by the first octet')
        cases++
      }
    }
    t.equal(cases, 20)
  })
}

const lengths: [length: number, header: string][] = [
  [0, '00'],
  [1, '01'],
  [125, '7d'],
  [126, '7e007e'],
  [127, '7e007f'],
  [255, '7e00ff'],
  [256, '7e0100'],
  [65535, '7effff'],
  [65536, '7f0000000000010000'],
  [65537, '7f0000000000010001'],
]

for (const role of roles) {
  for (const [length, form] of lengths) {
    t.test(`5.2-6 F-12 a payload of ${length} octets in its only form, as ${role}`, async t => {
      const payload = Buffer.alloc(length, 'payload')
      const head = header(role, 0x82, form)
      t.equal(headerSize(length, role === 'server'), head.length)
      const octets = received(role, { opcode: 2, payload })
      t.ok(octets.subarray(0, head.length).equals(head))
      t.same(trace(role, [octets]), [`binary fin ${length}`, payloadLine('=', payload)])

      const peer = new FrameEncoder(role === 'server' ? 'client' : 'server', () => 0x3d21fa37, new OutputSlabPool())
      peer.writeFrame(true, Rsv.none, Opcode.binary, payload)
      t.ok(Buffer.concat(peer.take()).equals(octets), 'written in that form too')
      peer.writeHeader(true, Rsv.none, Opcode.binary, length)
      t.ok(Buffer.concat(peer.take()).equals(head), 'and as a header alone')
    })
  }

  t.test(`5.2-5 5.2-6 lengths no payload of a test can have, written, as ${role}`, async t => {
    const peer = new FrameEncoder(role === 'server' ? 'client' : 'server', () => 0x3d21fa37, new OutputSlabPool())
    const long: [length: number, form: string][] = [
      [2 ** 31 - 1, '7f000000007fffffff'],
      [2 ** 31, '7f0000000080000000'],
      [2 ** 32 - 1, '7f00000000ffffffff'],
      [2 ** 32, '7f0000000100000000'],
      [2 ** 32 + 5, '7f0000000100000005'],
      [2 ** 53 - 1, '7f001fffffffffffff'],
    ]
    for (const [length, form] of long) {
      peer.writeHeader(false, Rsv.none, Opcode.text, length)
      const head = header(role, 0x01, form)
      t.same(Buffer.concat(peer.take()), head, `${length}`)
      t.same(trace(role, [head]), [`text ${length}`], 'and read')
      t.same(trace(role, octetByOctet(head)), [`text ${length}`], 'octet by octet')
    }
  })
}

const refusedLengths: [rule: string, form: string, failedBy: number, expected: string, options?: TraceOptions][] = [
  ['F-12 5.2-6 125 in 16 bits', '7e007d', 4, 'fail 1002 §5.2 WS_LENGTH_NOT_MINIMAL'],
  ['F-12 5.2-6 0 in 16 bits', '7e0000', 4, 'fail 1002 §5.2 WS_LENGTH_NOT_MINIMAL'],
  ['F-12 5.2-6 0 in 64 bits', '7f0000000000000000', 8, 'fail 1002 §5.2 WS_LENGTH_NOT_MINIMAL'],
  ['F-12 5.2-6 125 in 64 bits', '7f000000000000007d', 8, 'fail 1002 §5.2 WS_LENGTH_NOT_MINIMAL'],
  ['F-12 5.2-6 126 in 64 bits', '7f000000000000007e', 8, 'fail 1002 §5.2 WS_LENGTH_NOT_MINIMAL'],
  ['F-12 5.2-6 65535 in 64 bits', '7f000000000000ffff', 8, 'fail 1002 §5.2 WS_LENGTH_NOT_MINIMAL'],
  ['F-13 5.2-5 "the most significant bit MUST be 0"', '7f8000000000000000', 3, 'fail 1002 §5.2 WS_LENGTH_TOP_BIT'],
  ['F-13 5.2-5 a length of ff×8', '7fffffffffffffffff', 3, 'fail 1002 §5.2 WS_LENGTH_TOP_BIT'],
  [
    'F-13 5.2-5 the top bit before the limit',
    '7f8000000000000001',
    3,
    'fail 1002 §5.2 WS_LENGTH_TOP_BIT',
    { maxFrameSize: 9 },
  ],
  ['F-15 10.4 a length of 2^53', '7f0020000000000000', 4, 'fail 1009 §10.4 WS_FRAME_TOO_BIG'],
  ['F-15 10.4 a length of 2^53 + 1', '7f0020000000000001', 4, 'fail 1009 §10.4 WS_FRAME_TOO_BIG'],
  ['F-15 10.4 a length of 2^63 - 1', '7f7fffffffffffffff', 3, 'fail 1009 §10.4 WS_FRAME_TOO_BIG'],
  [
    'F-15 10.4 2^53 - 1 above the limit',
    '7f001fffffffffffff',
    4,
    'fail 1009 §10.4 WS_FRAME_TOO_BIG',
    { maxFrameSize: 2 ** 40 },
  ],
  ['F-16 10.4 2^32 is not 0', '7f0000000100000000', 6, 'fail 1009 §10.4 WS_FRAME_TOO_BIG', { maxFrameSize: 100000 }],
  [
    'F-16 10.4 2^32 + 5 is not 5',
    '7f0000000100000005',
    6,
    'fail 1009 §10.4 WS_FRAME_TOO_BIG',
    { maxFrameSize: 100000 },
  ],
  [
    'F-16 10.4 2^31 is not negative',
    '7f0000000080000000',
    7,
    'fail 1009 §10.4 WS_FRAME_TOO_BIG',
    { maxFrameSize: 100000 },
  ],
  [
    'F-16 10.4 2^32 - 1 is not -1',
    '7f00000000ffffffff',
    7,
    'fail 1009 §10.4 WS_FRAME_TOO_BIG',
    { maxFrameSize: 100000 },
  ],
]

for (const role of roles) {
  for (const [rule, form, failedBy, expected, options] of refusedLengths) {
    t.test(`${rule}, as ${role}`, async t => {
      for (const first of [0x82, 0x81, 0x80, 0x02]) {
        const octets = header(role, first, form)
        t.same(trace(role, [octets], options), [expected], 'in one chunk')
        // The shortest beginning that nothing can mend, and not one octet before it.
        t.same(decodeChunks(role, octetByOctet(octets), options), { lines: [expected], failedBy })
        t.same(trace(role, [octets.subarray(0, failedBy)], options), [expected], 'as soon as it shows')
        t.same(trace(role, [octets.subarray(0, failedBy - 1)], options), [], 'and not before')
      }
    })
  }

  t.test(
    `F-17 a header cut after each of its octets tells nothing and keeps nothing of a payload, as ${role}`,
    async t => {
      const head = header(role, 0x82, '7f0000000000010000')
      t.equal(head.length, role === 'server' ? 14 : 10)
      for (let end = 0; end < head.length; end++) {
        t.same(trace(role, [head.subarray(0, end)]), [], `cut after ${end}`)
        t.same(trace(role, cut(head, [end])), ['binary fin 65536'], `goes on after ${end}`)
      }
    },
  )

  t.test(`F-18 an error, then a valid frame: nothing after the error is delivered, as ${role}`, async t => {
    const valid = received(role, { opcode: 1, payload: 'valid' })
    const wrong = buildRawFrame({
      opcode: 1,
      payload: 'hi',
      maskingKey: role === 'client' ? exampleKey : undefined,
    })
    const code = role === 'client' ? 'WS_MASKED_FRAME' : 'WS_UNMASKED_FRAME'
    t.same(trace(role, [Buffer.concat([wrong, valid])]), [`fail 1002 §5.1 ${code}`], 'in the same chunk')
    t.same(trace(role, [wrong, valid, valid]), [`fail 1002 §5.1 ${code}`], 'in the next chunk')
    t.same(trace(role, octetByOctet(Buffer.concat([wrong, valid]))), [`fail 1002 §5.1 ${code}`], 'octet by octet')
  })

  t.test(`F-29 frames without payload, as ${role}`, async t => {
    const frames = [1, 2, 9, 10, 0, 8].map(opcode => ({ opcode }))
    const expected = ['text fin 0', '=', 'binary fin 0', '=', 'ping fin 0', '=', 'pong fin 0', '=']
    const all = [...expected, 'continuation fin 0', '=', 'close fin 0', '=']
    t.same(trace(role, [received(role, ...frames)]), all)
    t.same(trace(role, octetByOctet(received(role, ...frames))), all)
  })
}

t.test('5.2-2 5.2-9 "MUST be 0 unless negotiated otherwise": the bits written are the ones asked for', async t => {
  for (const role of roles) {
    for (let rsv = 0; rsv < 8; rsv++) {
      for (const fin of [true, false]) {
        const encoder = new FrameEncoder(role, () => 0, new OutputSlabPool())
        encoder.writeFrame(fin, rsv, Opcode.text, Buffer.from('a'))
        encoder.writeText(fin, rsv, Opcode.text, 'b')
        encoder.writeHeader(fin, rsv, Opcode.text, 0)
        const reader = role === 'client' ? 'server' : 'client'
        const line = (length: number) => headerLine(fin, rsv, Opcode.text, length)
        const expected = [line(1), '= 61', line(1), '= 62', line(0), '=']
        t.same(trace(reader, encoder.take(), { allowedRsv: 7 }), expected)
      }
    }
  }
})

t.test('5.2 §11.8 opcodes: which are control frames', async t => {
  t.same(Object.values(Opcode).filter(isControl), [Opcode.close, Opcode.ping, Opcode.pong])
  t.same(Opcode, { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 })
  t.same(Rsv, { none: 0, rsv1: 4, rsv2: 2, rsv3: 1 })
})
