// RFC 6455 §5.1 Overview: who masks. Decoder and encoder, both roles.
import t from 'tap'
import { buildRawFrame, type RawFrame, readRawFrames } from '../../src/conformance/raw-frame.js'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { Opcode, type Role } from '../../src/framing/frame-header.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { exampleKey, received, roles } from './received.js'
import { decodeChunks, hex, octetByOctet, trace } from './trace.js'

const refused: [rule: string, role: Role, octets: string, expected: string][] = [
  [
    'F-01 5.1-2 "The server MUST close the connection upon receiving a frame that is not masked"',
    'server',
    '8102 6869',
    'fail 1002 §5.1 WS_UNMASKED_FRAME',
  ],
  [
    'F-02 5.1-5 "A client MUST close a connection if it detects a masked frame"',
    'client',
    '8182 37fa213d 5f93',
    'fail 1002 §5.1 WS_MASKED_FRAME',
  ],
]

for (const [rule, role, octets, expected] of refused) {
  t.test(rule, async t => {
    t.same(trace(role, [hex(octets)]), [expected])
    t.same(decodeChunks(role, octetByOctet(hex(octets))), { lines: [expected], failedBy: 2 }, 'by the second octet')
  })
}

const ruled: [rule: string, role: Role, fail: string][] = [
  ['5.1-2 5.1-3 a server refuses every kind of frame that is not masked, with 1002', 'server', 'WS_UNMASKED_FRAME'],
  ['5.1-5 5.1-6 a client refuses every kind of frame that is masked, with 1002', 'client', 'WS_MASKED_FRAME'],
]

for (const [rule, role, code] of ruled) {
  t.test(rule, async t => {
    const maskingKey = role === 'client' ? exampleKey : undefined
    for (const opcode of Object.values(Opcode)) {
      for (const size of [0, 1, 125, ...(opcode < 8 ? [126, 65536] : [])]) {
        const octets = buildRawFrame({ opcode, payload: Buffer.alloc(size), maskingKey })
        t.same(trace(role, [octets]), [`fail 1002 §5.1 ${code}`], `opcode ${opcode}, ${size} octets`)
      }
    }
  })
}

for (const role of roles) {
  t.test(`5.1 a legal frame first, then a wrongly masked one: the first is delivered, as ${role}`, async t => {
    const wrong = buildRawFrame({ opcode: 1, payload: 'no', maskingKey: role === 'client' ? exampleKey : undefined })
    const octets = Buffer.concat([received(role, { opcode: 1, payload: 'Hello' }), wrong])
    const code = role === 'client' ? 'WS_MASKED_FRAME' : 'WS_UNMASKED_FRAME'
    t.same(trace(role, [octets]), ['text fin 5', '= 48656c6c6f', `fail 1002 §5.1 ${code}`])
  })
}

/** What an encoder writes of each kind, in each of its ways. */
function written(role: Role): RawFrame[] {
  const encoder = new FrameEncoder(role, () => 0x3d21fa37, new OutputSlabPool())
  for (const opcode of Object.values(Opcode)) {
    encoder.writeFrame(true, 0, opcode, Buffer.from('Hello'))
    encoder.writeFrame(true, 0, opcode, Buffer.alloc(0))
  }
  for (const length of [126, 65536]) encoder.writeFrame(true, 0, Opcode.binary, Buffer.alloc(length, 1))
  for (const text of ['', 'Hello', 'Grüße', 'ü'.repeat(80), 'x'.repeat(60000)]) {
    encoder.writeText(true, 0, Opcode.text, text)
  }
  const key = encoder.writeHeader(true, 0, Opcode.binary, 4)
  encoder.writePiece(Buffer.from('lo'), encoder.writePiece(Buffer.from('Hel'), key))
  const { frames, rest } = readRawFrames(Buffer.concat([...encoder.take(), Buffer.from('!')]))
  if (rest.length !== 2) throw new Error('the last frame was to be one octet short of its pieces')
  return frames
}

const writes: [rule: string, role: Role][] = [
  ['5.1-1 "a client MUST mask all frames that it sends to the server"', 'client'],
  ['5.1-4 "A server MUST NOT mask any frames that it sends to the client"', 'server'],
  ['5.3-1 "A masked frame MUST have the field frame-masked set to 1"', 'client'],
  ['5.5.1-5 "Close frames sent from client to server must be masked"', 'client'],
]

for (const [rule, role] of writes) {
  t.test(rule, async t => {
    const frames = written(role)
    t.equal(frames.length, 2 * 6 + 2 + 5 + 1)
    for (const frame of frames) {
      t.same(frame.maskingKey, role === 'client' ? exampleKey : undefined, `opcode ${frame.opcode}`)
      if (frame.opcode < 8) continue
      t.match(frame.payload.toString(), /^(Hello)?$/)
    }
  })
}
