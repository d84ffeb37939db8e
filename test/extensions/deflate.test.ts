/**
 * DEFLATE driven synchronously, in both ways: RFC 7692 §7.2 (compression, decompression, the examples), RFC 1951 by
 * comparison with node:zlib's own streams, and what attackers send: D-01, D-02, D-04 to D-09.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync, type InflateRaw } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { jsonTick } from '../../bench/json-ticks.js'
import { ProtocolError } from '../../src/errors.js'
import {
  type Compression,
  createDeflater,
  createInflater,
  deflateDrive,
  frozen,
  type Inflater,
  largestPiece,
  pinnedByDeflate,
  thawed,
} from '../../src/extensions/deflate.js'
import type { Drive } from '../../src/extensions/zlib-handle.js'
import { readAll } from '../read-all.js'

const drives: readonly Drive[] = ['handle', 'calls']
const usual: Compression = { windowBits: 15, level: 6, memLevel: 8 }
const tail = Buffer.from([0, 0, 0xff, 0xff])

/** A whole message inflated, so many octets at a time. */
function inflate(inflater: Inflater, octets: Buffer, limit = 2 ** 30, atOnce = 65_536): Buffer {
  const parts: Buffer[] = []
  inflater.begin(octets, limit)
  while (!inflater.done) {
    const target = Buffer.alloc(atOnce + 3, 0xaa)
    const written = inflater.read(target, 3)
    assert(written <= atOnce && target.subarray(0, 3).equals(Buffer.alloc(3, 0xaa)))
    parts.push(target.subarray(3, 3 + written))
  }
  return Buffer.concat(parts)
}

/** The same in one step; what fails, by its code. */
function outcome(drive: Drive, octets: Buffer, limit?: number, windowBits = 15): string {
  const inflater = createInflater(windowBits, drive)
  try {
    return `inflated ${inflate(inflater, octets, limit).toString('latin1')}`
  } catch (error) {
    assert(error instanceof ProtocolError, String(error))
    return `${error.statusCode} ${error.code}`
  } finally {
    inflater.close()
  }
}

function withoutTail(octets: Buffer): Buffer {
  assert(octets.subarray(-4).equals(tail))
  return Buffer.from(octets.subarray(0, -4))
}

/** Compresses messages one after the other as node:zlib's stream does, asynchronously. */
async function streamed(messages: readonly Buffer[], compression: Compression): Promise<Buffer[]> {
  const stream = createDeflateRaw({ ...compression })
  const deflated: Buffer[] = []
  for (const message of messages) {
    stream.write(message)
    stream.flush(constants.Z_SYNC_FLUSH)
    await new Promise<void>(resolve => stream.write('', () => resolve()))
    deflated.push(readAll(stream))
  }
  stream.close()
  return deflated
}

/** Inflates what arrives in pieces, as node:zlib's stream does. */
async function unstreamed(stream: InflateRaw, octets: Buffer): Promise<Buffer> {
  const parts: Buffer[] = []
  const gather = (part: Buffer) => parts.push(part)
  stream.on('data', gather)
  stream.write(octets)
  await new Promise<void>(resolve => stream.flush(() => resolve()))
  stream.off('data', gather)
  return Buffer.concat(parts)
}

t.test('this Node is driven by the handle: a fall back to calls does not pass unnoticed', async t => {
  t.equal(deflateDrive(), 'handle')
  t.equal(deflateDrive(), 'handle', 'the second time from memory')
})

for (const drive of drives) {
  t.test(`7692 §7.2.3 ${drive}: the examples`, async t => {
    const hello: [octets: string, message: string][] = [
      ['f2 48 cd c9 c9 07 00', 'one compressed block (§7.2.3.1)'],
      ['00 05 00 fa ff 48 65 6c 6c 6f 00', 'a block with no compression (§7.2.3.3)'],
      ['f3 48 cd c9 c9 07 00 00', 'D-05 a block with BFINAL set (§7.2.3.4)'],
      ['f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 'two blocks (§7.2.3.5)'],
      ['f3 48 05 00 cb c9 c9 07 00 00', 'D-05 two blocks, both final'],
    ]
    for (const [octets, message] of hello) t.equal(outcome(drive, hex(octets)), 'inflated Hello', message)
    t.equal(outcome(drive, hex('00')), 'inflated ', 'D-07 an empty message (§7.2.3.6)')
    const deflater = createDeflater(usual, drive)
    t.same(Buffer.from(deflater.deflate(Buffer.from('Hello'))), hex('f2 48 cd c9 c9 07 00 00 00 ff ff'))
    t.same(
      Buffer.from(deflater.deflate(Buffer.from('Hello'))),
      drive === 'handle' ? hex('f2 00 11 00 00 00 00 ff ff') : hex('f2 48 cd c9 c9 07 00 00 00 ff ff'),
      'the window (§7.2.3.2), which calls do not keep',
    )
    t.same(Buffer.from(deflater.deflate(Buffer.alloc(0))), hex('00 00 00 ff ff'), 'nothing, after something')
    deflater.reset()
    t.same(Buffer.from(deflater.deflate(Buffer.from('Hello'))), hex('f2 48 cd c9 c9 07 00 00 00 ff ff'), 'forgotten')
    deflater.close()
    const inflater = createInflater(15, drive)
    t.equal(inflate(inflater, hex('f2 48 cd c9 c9 07 00')).toString(), 'Hello')
    t.equal(inflate(inflater, hex('f2 00 11 00 00')).toString(), 'Hello', 'by the window')
    inflater.reset()
    t.throws(() => inflate(inflater, hex('f2 00 11 00 00')), { code: 'WS_DEFLATE_DATA' }, 'without it')
    inflater.close()
  })

  t.test(`D-05 D-06 ${drive}: what no whole message can be is 1007, and nothing leaks into the next`, async t => {
    const bad: [octets: string, message: string][] = [
      ['f2 48 cd c9 c9 07', 'the octet before the tail is missing'],
      ['f2 48 cd c9', 'cut within a block'],
      ['f2', 'cut after the first octet'],
      ['00 05 00 fa ff 48 65 6c', 'cut within a block with no compression'],
      ['00 05 00 fb ff 48 65 6c 6c 6f 00', 'a length that is not its complement'],
      ['f3 48 cd c9 c9 07 00', 'a final block, and no empty one behind it'],
      ['03 00', 'an empty final block, and none behind it'],
      ['07', 'a reserved kind of block'],
      ['04', 'a block with codes of its own, cut'],
      ['f2 48 cd c9 c9 07 00 00 00 ff ff', 'with the tail that should have been removed, and no empty block'],
      ['02 00 11 00 00', 'a distance beyond all there is'],
    ]
    for (const [octets, message] of bad) t.equal(outcome(drive, hex(octets)), '1007 WS_DEFLATE_DATA', message)
  })

  t.test(
    `D-04 ${drive}: each bit of a valid message flipped gives a message or 1007, no exception, no hang`,
    async t => {
      const text = Buffer.from(JSON.stringify({ flipped: 'one bit, one bit', and: [1, 2, 3, 'one bit'] }))
      for (const level of [1, 9]) {
        const deflated = withoutTail(deflateRawSync(text, { level, finishFlush: constants.Z_SYNC_FLUSH }))
        for (let bit = 0; bit < deflated.length * 8; bit++) {
          const flipped = Buffer.from(deflated)
          flipped[bit >> 3]! ^= 1 << (bit & 7)
          assert.match(outcome(drive, flipped, 100_000), /^(inflated |1007 WS_DEFLATE_DATA$|1009 WS_MESSAGE_TOO_BIG$)/)
        }
      }
      t.pass()
    },
  )

  t.test(`D-01 D-02 ${drive}: the limit holds to the octet`, async t => {
    for (const size of [1, 2, 63, 64, 1000, 65_536, 1_048_576]) {
      for (const sample of [Buffer.alloc(size), randomBytes(size)]) {
        const deflated = withoutTail(deflateRawSync(sample, { finishFlush: constants.Z_SYNC_FLUSH }))
        t.ok(inflate(createInflater(15, drive), deflated, size).equals(sample), `${size} octets`)
        t.equal(outcome(drive, deflated, size - 1), '1009 WS_MESSAGE_TOO_BIG', `${size} octets, one too many`)
      }
    }
    const final = deflateRawSync(Buffer.alloc(500))
    t.equal(
      outcome(drive, Buffer.concat([final, final, hex('00')]), 999),
      '1009 WS_MESSAGE_TOO_BIG',
      'over two streams',
    )
    t.equal(outcome(drive, Buffer.concat([final, final, hex('00')]), 500), '1009 WS_MESSAGE_TOO_BIG')
    t.match(outcome(drive, Buffer.concat([final, final, hex('00')]), 1000), /^inflated \0{1000}$/)
  })

  t.test(
    `D-08 7692/7.2.2-6 7692/7.2.2-8 ${drive}: a distance to what the negotiated window has lost is 1007`,
    async t => {
      // 600 random octets, then the first of them again: 600 octets back.
      const first = randomBytes(600)
      const again = first.subarray(0, 100)
      const deflater = createDeflater(usual, 'handle')
      const messages = [first, again].map(octets => withoutTail(deflater.deflate(octets)))
      deflater.close()
      const narrow = createInflater(9, drive)
      t.same(inflate(narrow, messages[0]!), first)
      t.throws(() => inflate(narrow, messages[1]!), { code: 'WS_DEFLATE_DATA' })
      const wide = createInflater(10, drive)
      t.same(
        messages.map(message => inflate(wide, message)),
        [first, again],
      )
      for (const inflater of [narrow, wide]) inflater.close()
    },
  )

  t.test(
    `D-09 7692/7.2.1-12 7692/7.2.1-14 7692/7.2.2-10 ${drive}: what is compressed with 8 bits can be inflated with 8 bits, at every level`,
    async t => {
      for (let level = 1; level <= 9; level++) {
        for (const memLevel of [1, 5, 9]) {
          const deflater = createDeflater({ windowBits: 8, level, memLevel }, drive)
          const inflater = createInflater(8, drive)
          for (let n = 0; n < 40; n++) {
            // Repetitions at all distances around the sizes of both windows.
            const distance = 200 + 10 * n
            const part = randomBytes(distance)
            const message = Buffer.concat([part, part.subarray(0, 60), part])
            assert(inflate(inflater, withoutTail(deflater.deflate(message)), 1e6, 1000).equals(message))
          }
          for (const context of [deflater, inflater]) context.close()
        }
      }
      t.pass()
    },
  )

  t.test(`7692/7.2.1-2 ${drive}: octets that do not shrink fit, whatever the settings`, async t => {
    for (const windowBits of [8, 9, 12, 15]) {
      for (const level of [1, 9]) {
        for (const memLevel of [1, 9]) {
          const deflater = createDeflater({ windowBits, level, memLevel }, drive)
          const inflater = createInflater(windowBits, drive)
          for (let n = 0; n < 3; n++) {
            const piece = randomBytes(largestPiece)
            const deflated = deflater.deflate(piece)
            assert(deflated.length < piece.length * 1.25)
            assert(inflate(inflater, withoutTail(deflated)).equals(piece))
          }
          for (const context of [deflater, inflater]) context.close()
        }
      }
    }
    t.pass()
  })

  t.test(`${drive}: the same as node:zlib's streams, both directions, all windows, however it is cut`, async t => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc.string({ maxLength: 2000 }).map(text => Buffer.from(text)),
      fc
        .array(fc.constantFrom('tick', '"price":', '1234', 'ü€', '\0'), { maxLength: 2000 })
        .map(parts => Buffer.from(parts.join(''))),
      fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.nat(255)).map(([size, octet]) => Buffer.alloc(size, octet)),
    )
    const session = fc.record({
      messages: fc.array(message, { minLength: 1, maxLength: 6 }),
      windowBits: fc.integer({ min: 9, max: 15 }),
      level: fc.integer({ min: 1, max: 9 }),
      memLevel: fc.integer({ min: 1, max: 9 }),
      atOnce: fc.integer({ min: 1, max: 4000 }),
    })
    const property = fc.asyncProperty(session, async ({ messages, atOnce, ...compression }) => {
      const octets = messages.map(one => Buffer.from(one.subarray(0, largestPiece))).filter(one => one.length > 0)
      const theirs = (await streamed(octets, compression)).map(withoutTail)
      const inflater = createInflater(compression.windowBits, drive)
      for (const [n, one] of theirs.entries()) assert(inflate(inflater, one, 1e6, atOnce).equals(octets[n]!))
      inflater.close()
      const deflater = createDeflater(compression, drive)
      const stream = createInflateRaw({ windowBits: compression.windowBits })
      for (const one of octets) {
        const ours = Buffer.from(deflater.deflate(one))
        assert((await unstreamed(stream, ours)).equals(one))
      }
      stream.close()
      deflater.close()
    })
    await fc.assert(property, { numRuns: 40 })
    t.pass()
  })

  t.test(`${drive}: memory is counted while it is held`, async t => {
    const before = pinnedByDeflate()
    const deflater = createDeflater({ ...usual, windowBits: 10 }, drive)
    const inflater = createInflater(12, drive)
    t.equal(deflater.pinned >= 1024, drive === 'handle')
    t.ok(inflater.pinned >= 4096)
    t.equal(pinnedByDeflate(), before + deflater.pinned + inflater.pinned)
    for (const context of [deflater, inflater]) context.close()
    t.equal(pinnedByDeflate(), before)
  })
}

t.test(
  "7692 §7.2.1 within 2 % of the size that node:zlib's stream comes to: ticks, English, random octets",
  async t => {
    const english = await readFile(fileURLToPath(new URL('../../../spec-notes.md', import.meta.url)))
    const corpora: [string, Buffer[]][] = [
      ['ticks', Array.from({ length: 300 }, (_, n) => jsonTick(n, 149))],
      ['English', Array.from({ length: 60 }, (_, n) => english.subarray(n * 700, (n + 1) * 700))],
      ['random', Array.from({ length: 60 }, (_, n) => randomBytes(n * 31 + 1))],
    ]
    for (const [name, messages] of corpora) {
      const theirs = (await streamed(messages, usual)).reduce((sum, { length }) => sum + length, 0)
      const deflater = createDeflater(usual, 'handle')
      const ours = messages.reduce((sum, message) => sum + deflater.deflate(message).length, 0)
      deflater.close()
      t.ok(Math.abs(ours / theirs - 1) < 0.02, `${name}: ${ours} and ${theirs} octets`)
    }
  },
)

for (const drive of drives) {
  t.test(
    `7692 §7.2.2 ${drive}: a window can be taken out and put into another inflater, whatever its size`,
    async t => {
      const sizes = [
        1, 2, 3, 4, 5, 6, 8, 9, 257, 258, 259, 260, 511, 512, 513, 1025, 24_577, 32_767, 32_768, 32_769, 100_000,
      ]
      for (const windowBits of [8, 9, 12, 15]) {
        for (const size of sizes) {
          const message = randomBytes(size)
          const inflater = createInflater(windowBits, drive)
          const stored = withoutTail(deflateRawSync(message, { level: 0, finishFlush: constants.Z_SYNC_FLUSH }))
          assert(inflate(inflater, stored).equals(message))
          const window = inflater.window()
          inflater.close()
          assert(window.equals(message.subarray(-(2 ** windowBits))), `${windowBits} bits, ${size} octets`)
          assert(thawed(frozen(window)).equals(window))
          const next = createInflater(windowBits, drive, window)
          const again = deflateRawSync(window, { dictionary: window, finishFlush: constants.Z_SYNC_FLUSH })
          assert(inflate(next, withoutTail(again)).equals(window))
          assert(next.window().equals(Buffer.concat([window, window]).subarray(-(2 ** windowBits))))
          next.close()
        }
      }
      t.same(createInflater(15, drive).window(), Buffer.alloc(0), 'nothing before the first message')
    },
  )

  t.test(`7692 §7.2.3.4 ${drive}: a window that was put in is forgotten like any other`, async t => {
    const inflater = createInflater(15, drive, Buffer.from('Hello'))
    t.equal(inflate(inflater, hex('f2 00 11 00 00')).toString(), 'Hello')
    t.equal(inflate(inflater, hex('f3 48 cd c9 c9 07 00 00')).toString(), 'Hello', 'in a final block')
    t.throws(() => inflate(inflater, hex('f2 00 11 00 00')), { code: 'WS_DEFLATE_DATA' })
    inflater.reset()
    t.same(inflater.window(), Buffer.alloc(0))
    const another = createInflater(15, drive, Buffer.from('Hello'))
    another.reset()
    t.throws(() => inflate(another, hex('f2 00 11 00 00')), { code: 'WS_DEFLATE_DATA' })
  })
}

t.test('D-04 both ways agree on any octets: the same message, or the same error', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 8, max: 15 }), (octets, windowBits) => {
      const [handle, calls] = drives.map(drive => outcome(drive, Buffer.from(octets), 10_000, windowBits))
      assert.equal(handle, calls)
    }),
    { numRuns: 1000 },
  )
  t.pass()
})

t.test('an error that is none of zlib’s is not taken for the peer’s', async t => {
  const inflater = createInflater(15, 'calls')
  inflater.begin(Buffer.from([0]), 10)
  t.throws(() => inflater.read(undefined as unknown as Buffer, 0), TypeError)
})

function hex(octets: string): Buffer {
  return Buffer.from(octets.replaceAll(' ', ''), 'hex')
}
