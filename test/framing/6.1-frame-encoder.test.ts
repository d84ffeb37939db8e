// RFC 6455 §6.1 Sending Data, as far as the encoder goes: texts at every boundary of the header's size, payloads in
// pieces, frames side by side, how much waits.
import t from 'tap'
import { readRawFrames } from '../../src/conformance/raw-frame.js'
import { copyThreshold, FrameEncoder } from '../../src/framing/frame-encoder.js'
import { headerSize, Opcode, type Role } from '../../src/framing/frame-header.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { exampleKey, received, roles } from './received.js'

function createEncoder(role: Role, pool = new OutputSlabPool()): FrameEncoder {
  return new FrameEncoder(role, () => exampleKey.readInt32LE(), pool)
}

/** What a peer of this role sends for these frames: the masked form is the client's. */
function sent(
  role: Role,
  ...frames: Parameters<typeof received> extends [Role, ...infer Parts] ? Parts : never
): Buffer {
  return received(role === 'client' ? 'server' : 'client', ...frames)
}

// Numbers of code units: around the short loop, around 125 octets and 65,535 octets, in one to three octets each.
const sizes = [
  0, 1, 19, 20, 21, 41, 42, 62, 63, 64, 124, 125, 126, 127, 21844, 21845, 21846, 32767, 32768, 65535, 65536,
]

for (const role of roles) {
  for (const [what, unit] of [
    ['ASCII', 'a'],
    ['two octets each', 'ü'],
    ['three octets each', '€'],
    ['four octets for two code units', '😀'],
  ] as const) {
    t.test(`6.1 texts of ${what} at all boundaries of the header, as ${role}`, async t => {
      for (const size of sizes) {
        const text = unit.repeat(Math.ceil(size / unit.length)).slice(0, size)
        const encoder = createEncoder(role)
        // Something before and behind it that must stay as it is.
        encoder.writeText(true, 0, Opcode.text, 'before')
        encoder.writeText(true, 0, Opcode.text, text)
        encoder.writeText(true, 0, Opcode.text, 'behind')
        const expected = sent(
          role,
          { opcode: 1, payload: 'before' },
          { opcode: 1, payload: text },
          { opcode: 1, payload: 'behind' },
        )
        t.equal(encoder.pending, expected.length)
        t.ok(Buffer.concat(encoder.take()).equals(expected), `${size} code units`)
      }
    })
  }

  t.test(`6.1 the first letter that is not ASCII in any place of a short text, as ${role}`, async t => {
    for (let place = 0; place < 20; place++) {
      const text = `${'a'.repeat(place)}ñ${'b'.repeat(19 - place)}`
      const encoder = createEncoder(role)
      encoder.writeText(true, 0, Opcode.text, text)
      t.ok(Buffer.concat(encoder.take()).equals(sent(role, { opcode: 1, payload: text })))
    }
  })

  t.test(`6.1 each code unit by itself, as ${role}`, async t => {
    const encoder = createEncoder(role)
    for (let code = 0; code < 0x1000; code++) {
      const text = String.fromCharCode(code)
      encoder.writeText(true, 0, Opcode.text, text)
      const octets = Buffer.concat(encoder.take())
      encoder.release()
      if (!octets.equals(sent(role, { opcode: 1, payload: text }))) t.fail(`U+${code.toString(16)}`)
    }
    t.pass()
  })

  t.test(`8.1 lone surrogates are sent as U+FFFD: never a text that is not UTF-8, as ${role}`, async t => {
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800', `${'x'.repeat(30)}\ud83d`, '\ud83d'.repeat(100)]) {
      const encoder = createEncoder(role)
      encoder.writeText(true, 0, Opcode.text, text)
      const { frames } = readRawFrames(Buffer.concat(encoder.take()))
      t.equal(frames[0]?.payload.toString(), Buffer.from(text).toString())
    }
  })

  t.test(`6.1 frames gather side by side: one buffer for all of them, as ${role}`, async t => {
    const encoder = createEncoder(role)
    t.equal(encoder.pending, 0)
    t.same(encoder.take(), [])
    encoder.writeFrame(true, 0, Opcode.ping, Buffer.from('1'))
    encoder.writeText(false, 0, Opcode.text, '2')
    encoder.writeFrame(true, 0, Opcode.continuation, Buffer.alloc(0))
    const header = headerSize(0, role === 'client')
    t.equal(encoder.pending, 3 * header + 2)
    const taken = encoder.take()
    t.equal(taken.length, 1)
    t.equal(encoder.pending, 0)
    t.same(encoder.take(), [], 'taken once')
    const frames = [{ opcode: 9, payload: '1' }, { opcode: 1, fin: false, payload: '2' }, { opcode: 0 }]
    t.same(taken[0], sent(role, ...frames))
  })

  t.test(`6.1 a payload of Uint8Array, within a larger buffer, as ${role}`, async t => {
    const encoder = createEncoder(role)
    encoder.writeFrame(true, 0, Opcode.binary, new Uint8Array(Buffer.from('..Hello..').buffer).subarray(0, 0))
    encoder.writeFrame(true, 0, Opcode.binary, Uint8Array.from(Buffer.from('..Hello..')).subarray(2, 7))
    t.same(Buffer.concat(encoder.take()), sent(role, { opcode: 2 }, { opcode: 2, payload: 'Hello' }))
  })
}

t.test('6.1 the pieces of a server go by reference, in order between what is copied', async t => {
  const encoder = createEncoder('server')
  const big = Buffer.alloc(copyThreshold + 1, 'x')
  encoder.writeFrame(true, 0, Opcode.ping, Buffer.from('!'))
  const key = encoder.writeHeader(true, 0, Opcode.binary, big.length + 1)
  const last = Buffer.from('y')
  encoder.writePiece(last, encoder.writePiece(big, key))
  encoder.writeFrame(true, 0, Opcode.ping, Buffer.from('?'))
  t.equal(encoder.pending, 3 + 10 + big.length + 1 + 3)
  const taken = encoder.take()
  t.equal(taken.length, 4)
  t.equal(taken[1], big, 'the very same buffer')
  t.equal(taken[2], last)
  const payload = Buffer.concat([big, last])
  const expected = [
    { opcode: 9, payload: '!' },
    { opcode: 2, payload },
    { opcode: 9, payload: '?' },
  ]
  t.ok(Buffer.concat(taken).equals(sent('server', ...expected)))
})

t.test('6.1 the pieces of a client are copied and masked with the key turning on', async t => {
  const encoder = createEncoder('client')
  const pieces = [1, 2, 3, 0, 5, 61, copyThreshold].map((length, i) => Buffer.alloc(length, `${i}`))
  const payload = Buffer.concat(pieces)
  let key = encoder.writeHeader(true, 0, Opcode.binary, payload.length)
  t.equal(key, exampleKey.readInt32LE())
  for (const piece of pieces) key = encoder.writePiece(piece, key)
  t.ok(Buffer.concat(encoder.take()).equals(sent('client', { opcode: 2, payload })))
})
