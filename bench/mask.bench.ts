/** What masking costs, in place, and a masking-key: src/framing/masking.ts. */
import { randomFillSync } from 'node:crypto'
import {
  createMaskingKeySource,
  mask,
  maskableMemory,
  maskOctets,
  maskRun,
  maskWords,
  wordsOf,
} from '../src/framing/masking.js'
import { createSimdMasking } from '../src/framing/simd-masking.js'
import type { Contestant, Point, Question, Ws } from './question.js'

const key = 0x3d21fa37
const keyOctets = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

const simd = createSimdMasking()
const there = maskableMemory()

export const maskQuestion: Question = {
  name: 'mask',
  about: 'masking in place (one operation: a payload), and drawing a masking-key',
  points: (ws, wsNative) => [
    ...[8, 20, 32, 48, 64, 80, 96, 112, 125, 160, 256, 1024, 2048, 16_384, 65_536, 1_048_576].map(size =>
      maskPoint(size, ws, wsNative),
    ),
    keyPoint,
  ],
}

/** Some payloads one behind the other, as in a chunk, none of them aligned like the one before. */
function maskPoint(size: number, ws: Ws | undefined, wsNative: Ws | undefined): Point {
  const count = Math.max(1, Math.min(64, Math.floor(65_536 / size)))
  const chunk = Buffer.allocUnsafeSlow(Math.ceil(((size + 6) * count) / 4) * 4)
  const words = wordsOf(chunk)
  const each = (work: (start: number) => void) => () => {
    for (let i = 0, start = 6; i < count; i++, start += size + 6) work(start)
  }
  const contestants: Contestant[] = [
    { name: 'framewright', run: each(start => void mask(chunk, start, start + size, key)) },
    { name: 'octets, unrolled by four', run: each(start => void maskOctets(chunk, start, start + size, key)) },
    {
      name: 'words, a view each',
      run: each(
        start => void maskWords(chunk, new Int32Array(chunk.buffer), chunk.byteOffset, start, start + size, key),
      ),
    },
    { name: 'words, one view', run: each(start => void maskWords(chunk, words, 0, start, start + size, key)) },
    { name: 'SIMD, to and fro', run: each(start => void simd.move(chunk, start, chunk, start, size, key)) },
  ]
  if (there !== undefined && chunk.length <= there.length) {
    const [all, origin] = [wordsOf(there), there.byteOffset]
    contestants.push({
      name: 'in SIMD memory',
      run: each(start => void maskRun(there, all, origin, start, start + size, key)),
    })
  }
  for (const [name, one] of Object.entries({ ws, 'ws + bufferutil': wsNative })) {
    if (one === undefined) continue
    contestants.push({ name, run: each(start => one.unmask(chunk.subarray(start, start + size), keyOctets)) })
  }
  return { name: `${size} octets`, operations: count, contestants }
}

const keyCount = 256
const source = createMaskingKeySource()
const single = Buffer.alloc(4)

const keyPoint: Point = {
  name: 'a masking-key',
  operations: keyCount,
  contestants: [
    {
      name: 'framewright',
      run() {
        for (let i = 0; i < keyCount; i++) source()
      },
    },
    {
      name: 'each drawn alone',
      run() {
        for (let i = 0; i < keyCount; i++) randomFillSync(single)
      },
    },
  ],
}
