// RFC 6455 §5.4 Fragmentation, as far as it is a matter of single frames: FIN and opcode, read and written. Whether a
// fragment may come now is judged where messages are put together.
import t from 'tap'
import type { RawFrameParts } from '../../src/conformance/raw-frame.js'
import { readRawFrames } from '../../src/conformance/raw-frame.js'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { Opcode } from '../../src/framing/frame-header.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { received, roles } from './received.js'
import { octetByOctet, trace } from './trace.js'

const cases: [rule: string, frames: RawFrameParts[], expected: string[]][] = [
  [
    '"An unfragmented message consists of a single frame with the FIN bit set and an opcode other than 0"',
    [{ opcode: 1, payload: 'Hello' }],
    ['text fin 5', '= 48656c6c6f'],
  ],
  [
    '"a single frame with the FIN bit clear and an opcode other than 0, followed by zero or more frames …"',
    [
      { opcode: 1, fin: false, payload: 'Hel' },
      { opcode: 0, fin: false, payload: 'l' },
      { opcode: 0, payload: 'o' },
    ],
    ['text 3', '= 48656c', 'continuation 1', '= 6c', 'continuation fin 1', '= 6f'],
  ],
  [
    'F-30 5.4-2 "Control frames … MAY be injected in the middle of a fragmented message"',
    [
      { opcode: 2, fin: false, payload: 'Hel' },
      { opcode: 9, payload: 'Hello' },
      { opcode: 0, fin: false, payload: 'l' },
      { opcode: 10, payload: 'Hello' },
      { opcode: 0, payload: 'o' },
    ],
    [
      'binary 3',
      '= 48656c',
      'ping fin 5',
      '= 48656c6c6f',
      'continuation 1',
      '= 6c',
      'pong fin 5',
      '= 48656c6c6f',
      'continuation fin 1',
      '= 6f',
    ],
  ],
  [
    'F-29 fragments without payload',
    [{ opcode: 2, fin: false }, { opcode: 0, fin: false }, { opcode: 0 }],
    ['binary 0', '=', 'continuation 0', '=', 'continuation fin 0', '='],
  ],
  [
    '5.6-1 "a particular text frame might include a partial UTF-8 sequence"',
    [
      { opcode: 1, fin: false, payload: Buffer.of(0xe2, 0x82) },
      { opcode: 0, payload: Buffer.of(0xac) },
    ],
    ['text 2', '= e282', 'continuation fin 1', '= ac'],
  ],
]

for (const role of roles) {
  for (const [rule, frames, expected] of cases) {
    t.test(`${rule}, as ${role}`, async t => {
      const octets = received(role, ...frames)
      t.same(trace(role, [octets]), expected)
      t.same(trace(role, octetByOctet(octets)), expected)
    })
  }

  t.test(
    `5.4-13 "the type for all fragments in a message" is in the first; the others continue, as ${role}`,
    async t => {
      const encoder = new FrameEncoder(role, () => 7, new OutputSlabPool())
      encoder.writeText(false, 0, Opcode.text, 'Hel')
      encoder.writeText(false, 0, Opcode.continuation, 'l')
      encoder.writeFrame(true, 0, Opcode.ping, Buffer.from('!'))
      encoder.writeFrame(true, 0, Opcode.continuation, Buffer.from('o'))
      const { frames } = readRawFrames(Buffer.concat(encoder.take()))
      t.same(
        frames.map(({ fin, opcode, payload }) => [fin, opcode, payload.toString()]),
        [
          [false, 1, 'Hel'],
          [false, 0, 'l'],
          [true, 9, '!'],
          [true, 0, 'o'],
        ],
      )
    },
  )
}
