// The slabs that encoders share: octets that were taken are never overwritten before they are released, whatever the
// others do; what is released is written again; nothing is held for ever. RFC 6455 asks for nothing of this kind.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { buildRawFrame, type RawFrameParts } from '../../src/conformance/raw-frame.js'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import { Opcode, type Role } from '../../src/framing/frame-header.js'
import { OutputSlabPool, sharedOutputSlabs } from '../../src/framing/output-slab.js'
import { exampleKey } from './received.js'

function createEncoder(pool: OutputSlabPool, role: Role = 'server', own = false): FrameEncoder {
  return new FrameEncoder(role, () => exampleKey.readInt32LE(), pool, own)
}

/** Where in which memory a buffer lies. */
function place(buffer: Buffer | undefined): unknown[] {
  return [buffer?.buffer, buffer?.byteOffset]
}

function ping(encoder: FrameEncoder, text: string): void {
  encoder.writeFrame(true, 0, Opcode.ping, Buffer.from(text))
}

t.test('what was released is written again, from the beginning of the slab', async t => {
  const encoder = createEncoder(new OutputSlabPool(100))
  ping(encoder, 'one')
  const [first] = encoder.take()
  encoder.release()
  ping(encoder, 'two')
  const [second] = encoder.take()
  t.same(place(second), place(first))
})

t.test('what was not released is not', async t => {
  const encoder = createEncoder(new OutputSlabPool(100))
  const taken: Buffer[] = []
  for (let i = 0; i < 60; i++) {
    ping(encoder, `${i}`)
    taken.push(...encoder.take())
  }
  for (const [i, buffer] of taken.entries()) t.equal(buffer.toString('latin1', 2), `${i}`)
})

t.test('while more waits, a release waits too', async t => {
  const encoder = createEncoder(new OutputSlabPool(100))
  ping(encoder, 'one')
  const [first] = encoder.take()
  ping(encoder, 'two')
  encoder.release()
  t.equal(encoder.pending, 5)
  const [second] = encoder.take()
  t.same(second?.toString('latin1', 2), 'two')
  t.not(second?.byteOffset, first?.byteOffset)
  encoder.release()
  ping(encoder, 'six')
  t.same(place(encoder.take()[0]), place(first))
})

t.test('encoders share a slab, each with regions of its own; it is free when the last has released it', async t => {
  const pool = new OutputSlabPool(1000)
  const a = createEncoder(pool)
  const b = createEncoder(pool)
  ping(a, 'a1')
  ping(b, 'b1')
  ping(a, 'a2')
  ping(a, 'a3')
  const fromA = a.take()
  const fromB = b.take()
  t.equal(fromA.length, 2, 'b wrote in between')
  t.equal(fromB.length, 1)
  t.equal(new Set([...fromA, ...fromB].map(buffer => buffer.buffer)).size, 1, 'the same slab')
  t.equal(Buffer.concat(fromA).toString('latin1'), '\x89\x02a1\x89\x02a2\x89\x02a3')
  a.release()
  ping(a, 'a4')
  const [again] = a.take()
  t.equal(fromB[0]?.toString('latin1', 2), 'b1', 'b has not released')
  t.not(again?.byteOffset, fromA[0]?.byteOffset)
  a.release()
  b.release()
  ping(b, 'b2')
  t.same(place(b.take()[0]), place(fromA[0]))
})

t.test('many regions in one slab are one hold on it', async t => {
  const pool = new OutputSlabPool(1000)
  const a = createEncoder(pool)
  const b = createEncoder(pool)
  for (let i = 0; i < 40; i++) {
    ping(a, 'a')
    ping(b, 'b')
  }
  t.equal(pool.withRoom(1).users, 2)
  const buffers = a.take()
  t.equal(buffers.length, 40)
  b.take()
  a.release()
  b.release()
  ping(a, 'a')
  t.same(place(a.take()[0]), place(buffers[0]))
})

t.test('a release without anything taken, and twice, is nothing', async t => {
  const pool = new OutputSlabPool(100)
  const encoder = createEncoder(pool)
  const other = createEncoder(pool)
  ping(other, 'other')
  encoder.release()
  ping(encoder, 'one')
  encoder.take()
  encoder.release()
  encoder.release()
  ping(encoder, 'two')
  t.equal(other.take()[0]?.toString('latin1', 2), 'other')
})

t.test('slabs that were left full come back; as many as the pool keeps', async t => {
  const pool = new OutputSlabPool(50, 2)
  const encoder = createEncoder(pool)
  const memories = () => {
    for (let i = 0; i < 5; i++) encoder.writeFrame(true, 0, Opcode.ping, Buffer.alloc(30))
    const seen = encoder.take().map(buffer => buffer.buffer)
    encoder.release()
    return new Set(seen)
  }
  const first = memories()
  t.equal(first.size, 5)
  const second = memories()
  t.equal(second.size, 5)
  t.equal([...second].filter(memory => first.has(memory)).length, 3, 'the current one and two to spare')
})

t.test('an encoder that is never quite done leaves its oldest slabs to the collector, unharmed', async t => {
  const pool = new OutputSlabPool(50, 100)
  const encoder = createEncoder(pool)
  const taken: Buffer[] = []
  for (let i = 0; i < 40; i++) {
    encoder.writeFrame(true, 0, Opcode.ping, Buffer.alloc(30, i))
    taken.push(...encoder.take())
  }
  const oldest = new Set(taken.slice(0, 24).map(buffer => buffer.buffer))
  encoder.release()
  for (let i = 0; i < 40; i++) {
    encoder.writeFrame(true, 0, Opcode.ping, Buffer.alloc(30, 0xff))
    for (const buffer of encoder.take()) if (oldest.has(buffer.buffer)) t.fail('written again')
  }
  for (const [i, buffer] of taken.slice(0, 24).entries()) t.ok(buffer.subarray(2).equals(Buffer.alloc(30, i)))
})

t.test('detached: slabs of its own, that grow, and hold up no shared one', async t => {
  const pool = new OutputSlabPool(64 * 1024)
  const encoder = createEncoder(pool)
  const other = createEncoder(pool)
  t.equal(encoder.detached, false)
  ping(encoder, 'shared')
  encoder.detached = true
  encoder.detached = true
  t.equal(encoder.detached, true)
  const sizes = [1000, 5000, 9000, 30000, 60000, 60000]
  for (const size of sizes) encoder.writeFrame(true, 0, Opcode.binary, Buffer.alloc(size, 1))
  const [shared, ...own] = encoder.take()
  t.same(shared, Buffer.from('\x89\x06shared', 'latin1'), 'what was written before is closed, not lost')
  t.same(
    own.map(buffer => buffer.buffer.byteLength),
    [4096, 8192, 16384, 32768, 65536, 65536],
  )
  t.equal(
    Buffer.concat(own).length,
    sizes.reduce((sum, size) => sum + size + 4, 0),
  )
  encoder.detached = false
  ping(encoder, 'back')
  ping(other, 'other')
  t.equal(encoder.take()[0]?.buffer, shared?.buffer)
  encoder.release()
  t.equal(other.take()[0]?.toString('latin1', 2), 'other')
})

t.test('an own slab is as large as the frame that needs it', async t => {
  const encoder = createEncoder(new OutputSlabPool(1024 * 1024), 'client', true)
  encoder.writeFrame(true, 0, Opcode.binary, Buffer.alloc(60000))
  t.equal(encoder.take()[0]?.buffer.byteLength, 60014)
})

t.test('the pool of all connections: slabs of 256 KiB', async t => {
  t.equal(sharedOutputSlabs.slabSize, 256 * 1024)
  const slab = new OutputSlabPool().withRoom(100)
  t.same([slab.octets.length, slab.used, slab.users], [256 * 1024, 0, 0])
})

// Random interleavings against a naive model.

type Step =
  | { readonly do: 'frame' | 'text' | 'pieces'; readonly by: number; readonly size: number; readonly octet: number }
  | { readonly do: 'take' | 'release' | 'detach' | 'attach' | 'vanish'; readonly by: number }

const slabSize = 400
const encoders = 4

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('frame' as const, 'text' as const, 'pieces' as const),
      by: fc.nat({ max: encoders - 1 }),
      size: fc.oneof(fc.nat({ max: 10 }), fc.nat({ max: 128 })),
      octet: fc.integer({ min: 0x21, max: 0x7e }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('take' as const, 'take' as const, 'release' as const, 'release' as const),
      by: fc.nat({ max: encoders - 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('detach' as const, 'attach' as const, 'vanish' as const),
      by: fc.nat({ max: encoders - 1 }),
    }),
  },
)

/** One encoder, and what must hold of its octets. */
class Modelled {
  readonly role: Role
  encoder: FrameEncoder
  expected: Buffer[] = []
  /** Taken and not released: these octets and what they must be. */
  taken: { buffers: Buffer[]; octets: Buffer }[] = []

  constructor(pool: OutputSlabPool, index: number) {
    this.role = index % 2 === 0 ? 'server' : 'client'
    this.encoder = createEncoder(pool, this.role)
  }

  run(step: Step, pool: OutputSlabPool): void {
    switch (step.do) {
      case 'frame':
      case 'text':
      case 'pieces':
        this.#write(step.do, Buffer.alloc(step.size, step.octet))
        break
      case 'take': {
        const buffers = this.encoder.take()
        const octets = Buffer.concat(this.expected)
        this.expected = []
        assert.ok(Buffer.concat(buffers).equals(octets), 'taken is what was written')
        this.taken.push({ buffers, octets })
        break
      }
      case 'release':
        this.encoder.release()
        this.taken = []
        break
      case 'detach':
      case 'attach':
        this.encoder.detached = step.do === 'detach'
        break
      case 'vanish':
        // Its connection has died with octets on their way: they may be read for ever.
        this.encoder = createEncoder(pool, this.role)
        this.expected = []
        break
      default:
        step satisfies never
    }
  }

  check(): void {
    assert.equal(this.encoder.pending, Buffer.concat(this.expected).length)
    for (const { buffers, octets } of this.taken) assert.ok(Buffer.concat(buffers).equals(octets), 'overwritten')
  }

  #write(way: 'frame' | 'text' | 'pieces', payload: Buffer): void {
    if (way === 'frame') this.encoder.writeFrame(true, 0, Opcode.text, payload)
    else if (way === 'text') this.encoder.writeText(true, 0, Opcode.text, payload.toString())
    else {
      const key = this.encoder.writeHeader(true, 0, Opcode.text, payload.length)
      const half = payload.length >> 1
      this.encoder.writePiece(payload.subarray(half), this.encoder.writePiece(payload.subarray(0, half), key))
    }
    const parts: RawFrameParts = { opcode: 1, payload }
    this.expected.push(buildRawFrame(this.role === 'client' ? { ...parts, maskingKey: exampleKey } : parts))
  }
}

t.test(
  'property: octets not released are never overwritten, whatever several encoders do with one small pool',
  async t => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), fc.nat({ max: 3 }), (steps, maxSpare) => {
        const pool = new OutputSlabPool(slabSize, maxSpare)
        const all = Array.from({ length: encoders }, (_, i) => new Modelled(pool, i))
        for (const step of steps) {
          all[step.by]!.run(step, pool)
          for (const modelled of all) modelled.check()
        }
      }),
      { numRuns: 1000 },
    )
    t.pass()
  },
)

t.test('property: when all have released all, the current slab is empty and nobody holds it', async t => {
  const harmless = step.filter(({ do: what }) => what !== 'vanish')
  fc.assert(
    fc.property(fc.array(harmless, { maxLength: 40, size: 'max' }), steps => {
      const pool = new OutputSlabPool(slabSize)
      const all = Array.from({ length: encoders }, (_, i) => new Modelled(pool, i))
      for (const step of steps) all[step.by]!.run(step, pool)
      for (const { encoder } of all) {
        encoder.take()
        encoder.release()
      }
      const slab = pool.withRoom(1)
      assert.deepEqual([slab.used, slab.users], [0, 0])
    }),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('what is longer than a slab is whole: a text, octets, a frame that is shared', async t => {
  const pool = new OutputSlabPool(1000)
  for (const role of ['server', 'client'] as const) {
    const encoder = createEncoder(pool, role)
    const text = '\u20ac'.repeat(2000)
    const octets = Buffer.alloc(3000, 7)
    const expected = [
      { opcode: Opcode.text, payload: Buffer.from(text) },
      { opcode: Opcode.binary, payload: octets },
      { opcode: Opcode.ping, payload: Buffer.from('short') },
    ].map(frame => buildRawFrame({ ...frame, ...(role === 'client' && { maskingKey: exampleKey }) } as RawFrameParts))
    for (let round = 0; round < 3; round++) {
      encoder.writeText(true, 0, Opcode.text, text)
      encoder.writeFrame(true, 0, Opcode.binary, octets)
      ping(encoder, 'short')
      t.ok(Buffer.concat(encoder.take()).equals(Buffer.concat(expected)), role)
      encoder.release()
      t.ok(encoder.rest())
    }
  }
})
