/** RFC 6455 §6.1: a frame that is the same for many connections, among the other frames of each. */
import t from 'tap'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { Opcode } from '../../src/framing/frame-header.js'
import { createMaskingKeySource } from '../../src/framing/masking.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'

const frame = Buffer.from([0x82, 3, 1, 2, 3])
const other = Buffer.from([0x82, 1, 9])

function encoder(pool: OutputSlabPool | undefined): FrameEncoder {
  return new FrameEncoder('server', createMaskingKeySource(), pool)
}

function write(to: FrameEncoder): void {
  to.writeFrame(true, 0, Opcode.binary, Buffer.from([9]))
}

t.test('alone it leaves as it is', async t => {
  const one = encoder(new OutputSlabPool())
  for (let i = 0; i < 2; i++) {
    one.writeShared(frame)
    t.equal(one.pending, 5)
    const taken = one.take()
    t.equal(taken.length, 1)
    t.equal(taken[0], frame)
    t.equal(one.pending, 0)
    one.release()
  }
  t.ok(one.rest())
})

t.test('beside others it is copied, and all leave as one', async t => {
  const one = encoder(new OutputSlabPool())
  const orders: [string, readonly Buffer[]][] = [
    ['first', [frame, other, other]],
    ['last', [other, frame]],
    ['twice', [frame, frame]],
    ['between', [other, frame, other, frame]],
  ]
  for (const [name, frames] of orders) {
    for (const each of frames) {
      if (each === frame) one.writeShared(frame)
      else write(one)
    }
    t.equal(one.pending, Buffer.concat(frames).length, name)
    t.same(one.take(), [Buffer.concat(frames)], name)
    one.release()
  }
  t.same(frame, Buffer.from([0x82, 3, 1, 2, 3]), 'and nobody has written in it')
})

t.test('it stays in its place where the memory changes, and before what goes by reference', async t => {
  const one = encoder(new OutputSlabPool())
  one.writeShared(frame)
  one.detached = true
  write(one)
  t.same(Buffer.concat(one.take()), Buffer.concat([frame, other]))
  one.writeShared(frame)
  one.writePiece(other, 0)
  t.same(one.take(), [frame, other])
})

t.test('whoever has no shared memory gets a copy: its reader may write in it', async t => {
  const one = encoder(undefined)
  one.writeShared(frame)
  const [taken] = one.take()
  t.same(taken, frame)
  t.not(taken!.buffer, frame.buffer)
})

t.test('with the longest text behind it nothing is cut off', async t => {
  const pool = new OutputSlabPool()
  const one = encoder(pool)
  const largest = Buffer.alloc(65_536 + 4, 1)
  const text = '\u20ac'.repeat(65_536)
  one.writeShared(largest)
  one.writeText(true, 0, Opcode.text, text)
  const octets = Buffer.concat(one.take())
  t.ok(octets.subarray(0, largest.length).equals(largest))
  t.ok(octets.subarray(largest.length + 10).equals(Buffer.from(text)))
  one.release()
  t.ok(one.rest())
})
