// RFC 6455 §5.3 Client-to-Server Masking on SIMD registers, and by plain JavaScript where there are none: the same octets,
// whatever the place, the alignment, the length and the turn of the key; and the module is what its source says.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import {
  mask,
  maskAway,
  maskableMemory,
  maskInto,
  maskOctets,
  maskWords,
  wordOf,
  wordsOf,
} from '../../src/framing/masking.js'
import { type Assembly, compiledModule, createSimdMasking } from '../../src/framing/simd-masking.js'
import { compileWat } from './compile-wat.js'

t.test('5.3 the compiled module is masking.wat', async t => {
  t.equal(compiledModule, await compileWat(), 'make it anew: node build/test/framing/compile-wat.js')
})

/** The RFC's words. */
function naively(octets: Uint8Array, start: number, end: number, key: number): void {
  for (let i = start; i < end; i++) octets[i]! ^= key >>> (((i - start) & 3) * 8)
}

/** Lengths around what is done in one go, and around the blocks that pass through the module. */
const length = fc.oneof(
  fc.nat({ max: 300 }),
  fc.integer({ min: 1500, max: 1700 }),
  fc.integer({ min: 65_400, max: 65_700 }),
  fc.integer({ min: 131_000, max: 131_200 }),
)

const run = fc.record({ length, offset: fc.nat({ max: 19 }), before: fc.nat({ max: 19 }), key: fc.integer() })

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 167 + (i >> 8) * 31 + 13) & 0xff)
}

t.test(
  '5.3 SIMD, words, octets and the RFC agree at any offset, alignment, length and key; nothing around changes',
  async t => {
    const { move: simd } = createSimdMasking()
    fc.assert(
      fc.property(run, ({ length, offset, before, key }) => {
        const fresh = () => new Uint8Array(pattern(offset + before + length + 9).buffer, offset)
        const expected = fresh()
        naively(expected, before, before + length, key)
        const ways: Record<string, (octets: Uint8Array) => unknown> = {
          simd: octets => assert.ok(simd(octets, before, octets, before, length, key)),
          words: octets => maskWords(octets, wordsOf(octets), offset, before, before + length, key),
          octets: octets => maskOctets(octets, before, before + length, key),
          mask: octets => mask(octets, before, before + length, key),
        }
        for (const [name, way] of Object.entries(ways)) {
          if (name === 'words' && length < 8) continue
          const octets = fresh()
          way(octets)
          assert.ok(Buffer.from(octets.buffer).equals(Buffer.from(expected.buffer)), name)
        }
      }),
      { numRuns: 200 },
    )
    t.pass()
  },
)

t.test('5.3 the first octet of a masking-key is the first of a word, in either byte order', async t => {
  const octets = Buffer.from('37fa213d', 'hex')
  for (const key of [octets.readInt32LE(), -2, 0, 0x010000ff]) {
    const word = Buffer.alloc(4)
    word.writeInt32LE(key)
    t.equal(wordOf(key, true), word.readInt32LE())
    t.equal(wordOf(key, false), word.readInt32BE())
  }
})

t.test('5.3 SIMD moves octets too: the source stays, and what is around the target', async t => {
  const { move: simd } = createSimdMasking()
  fc.assert(
    fc.property(run, fc.nat({ max: 19 }), ({ length, before, key }, at) => {
      const source = pattern(before + length)
      const expected = Buffer.from(pattern(at + length + 9))
      expected.set(source.subarray(before), at)
      naively(expected, at, at + length, key)
      const target = pattern(at + length + 9)
      assert.ok(simd(source, before, target, at, length, key))
      const moved = pattern(at + length + 9)
      maskInto(source, before, moved, at, length, key)
      assert.ok(Buffer.from(moved).equals(expected))
      assert.ok(Buffer.from(target).equals(expected))
      assert.ok(Buffer.from(source).equals(pattern(before + length)))
    }),
    { numRuns: 100 },
  )
  t.pass()
})

t.test('5.3 what lies in the memory of the module is masked there, and may be moved elsewhere meanwhile', async t => {
  const memory = maskableMemory()!
  t.equal(maskableMemory(), memory, 'there is one')
  fc.assert(
    fc.property(run, ({ length, before, key }) => {
      const size = before + length + 9
      const expected = pattern(size)
      naively(expected, before, before + length, key)
      const octets = memory.subarray(memory.length - size)
      octets.set(pattern(size))
      const turned = mask(octets, before, before + length, key)
      assert.ok(octets.equals(expected))
      assert.equal(turned, maskOctets(new Uint8Array(length), 0, length, key))

      octets.set(pattern(size))
      const target = new Uint8Array(length + 1)
      assert.equal(maskAway(octets, before, target, length, key), turned)
      assert.ok(
        Buffer.from(target).equals(Buffer.concat([expected.subarray(before, before + length), Buffer.alloc(1)])),
      )

      const elsewhere = new Uint8Array(length + 1)
      assert.equal(maskAway(pattern(size), before, elsewhere, length, key), turned)
      assert.ok(Buffer.from(elsewhere).equals(target))
    }),
    { numRuns: 200 },
  )
  t.pass()
})

t.test('5.3 where WebAssembly is missing or forbidden, nothing is done, and said so', async t => {
  const forbidden: Assembly = {
    Module: class {
      constructor() {
        throw new EvalError('Code generation disallowed')
      }
    },
    Instance: class {
      readonly exports = undefined as never
    },
  }
  for (const assembly of [undefined, forbidden]) {
    const octets = pattern(5000)
    // An argument that is undefined would be the default.
    const simd = assembly === undefined ? withoutWebAssembly() : createSimdMasking(assembly)
    t.equal(simd.move(octets, 0, octets, 0, 5000, 0x3d21fa37), false)
    t.equal(simd.memory, undefined)
    simd.stay(0, 64, 1)
    t.same(octets, pattern(5000))
  }
})

function withoutWebAssembly(): ReturnType<typeof createSimdMasking> {
  const global = globalThis as { WebAssembly?: unknown }
  const { WebAssembly } = global
  delete global.WebAssembly
  try {
    return createSimdMasking()
  } finally {
    Object.defineProperty(global, 'WebAssembly', { value: WebAssembly, configurable: true, writable: true })
  }
}

t.test('5.3 a process without WebAssembly masks by plain JavaScript', async t => {
  const program = `
    import { mask, maskableMemory, maskInto } from ${JSON.stringify(new URL('../../src/framing/masking.js', import.meta.url))}
    const octets = new Uint8Array(70_000)
    const turned = mask(octets, 1, 69_999, 0x3d21fa37)
    const copy = new Uint8Array(70_000)
    const turnedToo = maskInto(octets, 1, copy, 1, 69_998, 0x3d21fa37)
    console.log(typeof WebAssembly, maskableMemory(), turned, octets.every((octet, i) =>
      octet === (i === 0 || i === 69_999 ? 0 : [0x37, 0xfa, 0x21, 0x3d][(i - 1) % 4])),
      turnedToo, copy.every(octet => octet === 0))`
  const said = execFileSync(process.execPath, ['--jitless', '--input-type=module', '-e', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const turned = (0x3d21fa37 >>> 16) | (0x3d21fa37 << 16)
  t.equal(said, `undefined undefined ${turned} true ${turned} true\n`)
})
