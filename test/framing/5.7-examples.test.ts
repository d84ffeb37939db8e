// RFC 6455 §5.7 Examples: all of them, as read by the decoder, as written by the encoder, and by the naive codec.
import t from 'tap'
import { readRawFrames } from '../../src/conformance/raw-frame.js'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { Opcode, type Role } from '../../src/framing/frame-header.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { hex, octetByOctet, payloadLine, trace } from './trace.js'

const k256 = Buffer.alloc(256, 'binary message ')
const k65536 = Buffer.alloc(65536, 'binary message ')

type Written = [fin: boolean, opcode: Opcode, payload: Buffer | string]

const examples: [example: string, sender: Role, octets: Buffer, written: Written[], expected: string[]][] = [
  [
    '"A single-frame unmasked text message"',
    'server',
    hex('81 05 48 65 6c 6c 6f'),
    [[true, Opcode.text, 'Hello']],
    ['text fin 5', '= 48656c6c6f'],
  ],
  [
    '"A single-frame masked text message"',
    'client',
    hex('81 85 37 fa 21 3d 7f 9f 4d 51 58'),
    [[true, Opcode.text, 'Hello']],
    ['text fin 5', '= 48656c6c6f'],
  ],
  [
    '"A fragmented unmasked text message"',
    'server',
    hex('01 03 48 65 6c 80 02 6c 6f'),
    [
      [false, Opcode.text, 'Hel'],
      [true, Opcode.continuation, 'lo'],
    ],
    ['text 3', '= 48656c', 'continuation fin 2', '= 6c6f'],
  ],
  [
    '"Unmasked Ping request"',
    'server',
    hex('89 05 48 65 6c 6c 6f'),
    [[true, Opcode.ping, Buffer.from('Hello')]],
    ['ping fin 5', '= 48656c6c6f'],
  ],
  [
    '"and masked Ping response"',
    'client',
    hex('8a 85 37 fa 21 3d 7f 9f 4d 51 58'),
    [[true, Opcode.pong, Buffer.from('Hello')]],
    ['pong fin 5', '= 48656c6c6f'],
  ],
  [
    '"256 bytes binary message in a single unmasked frame"',
    'server',
    Buffer.concat([hex('82 7e 01 00'), k256]),
    [[true, Opcode.binary, k256]],
    ['binary fin 256', payloadLine('=', k256)],
  ],
  [
    '"64KiB binary message in a single unmasked frame"',
    'server',
    Buffer.concat([hex('82 7f 00 00 00 00 00 01 00 00'), k65536]),
    [[true, Opcode.binary, k65536]],
    ['binary fin 65536', payloadLine('=', k65536)],
  ],
]

for (const [example, sender, octets, written, expected] of examples) {
  const receiver = sender === 'client' ? 'server' : 'client'

  t.test(`5.7 ${example}: read by a ${receiver}`, async t => {
    t.same(trace(receiver, [octets]), expected)
    t.same(trace(receiver, octetByOctet(octets)), expected)
  })

  t.test(`5.7 ${example}: written by a ${sender}`, async t => {
    const encoder = new FrameEncoder(sender, () => hex('37fa213d').readInt32LE(), new OutputSlabPool())
    for (const [fin, opcode, payload] of written) {
      if (typeof payload === 'string') encoder.writeText(fin, 0, opcode, payload)
      else encoder.writeFrame(fin, 0, opcode, payload)
    }
    t.ok(Buffer.concat(encoder.take()).equals(octets))
    // The other ways of writing the same: octets instead of text, a header and then the payload in pieces.
    for (const [fin, opcode, payload] of written) {
      const whole = Buffer.from(payload)
      encoder.writeFrame(fin, 0, opcode, whole)
    }
    t.ok(Buffer.concat(encoder.take()).equals(octets))
    for (const [fin, opcode, payload] of written) {
      const whole = Buffer.from(payload)
      const key = encoder.writePiece(whole.subarray(0, 3), encoder.writeHeader(fin, 0, opcode, whole.length))
      encoder.writePiece(whole.subarray(3), key)
    }
    t.ok(Buffer.concat(encoder.take()).equals(octets))
  })

  t.test(`5.7 ${example}: read by the naive codec`, async t => {
    const { frames, rest } = readRawFrames(octets)
    t.equal(rest.length, 0)
    t.same(
      frames.map(frame => [frame.fin, frame.opcode, frame.payload]),
      written.map(([fin, opcode, payload]) => [fin, opcode, Buffer.from(payload)]),
    )
  })
}
