/** What masking costs, in place, and a masking-key: src/framing/masking.ts. */
import { randomFillSync } from 'node:crypto'
import { createMaskingKeySource, mask } from '../src/framing/masking.js'
import type { Contestant, Point, Question, Ws } from './question.js'

const key = 0x3d21fa37
const keyOctets = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

export const maskQuestion: Question = {
  name: 'mask',
  about: 'masking in place (one operation: a payload), and drawing a masking-key',
  points: (ws, wsNative) => [
    ...[8, 20, 32, 48, 64, 80, 96, 112, 125, 160, 256, 1024, 16_384, 1_048_576].map(size =>
      maskPoint(size, ws, wsNative),
    ),
    keyPoint,
  ],
}

/** Some payloads one behind the other, as in a chunk, none of them aligned like the one before. */
function maskPoint(size: number, ws: Ws | undefined, wsNative: Ws | undefined): Point {
  const count = Math.max(1, Math.min(64, Math.floor(65_536 / size)))
  const chunk = Buffer.allocUnsafeSlow((size + 6) * count)
  const each = (work: (start: number) => void) => () => {
    for (let i = 0, start = 6; i < count; i++, start += size + 6) work(start)
  }
  const contestants: Contestant[] = [
    { name: 'framewright', run: each(start => void mask(chunk, start, start + size, key)) },
    { name: 'octets, unrolled by four', run: each(start => maskOctets(chunk, start, start + size)) },
    { name: 'words', run: each(start => maskWords(chunk, start, start + size)) },
  ]
  for (const [name, one] of Object.entries({ ws, 'ws + bufferutil': wsNative })) {
    if (one === undefined) continue
    contestants.push({ name, run: each(start => one.unmask(chunk.subarray(start, start + size), keyOctets)) })
  }
  return { name: `${size} octets`, operations: count, contestants }
}

/** What masking.ts does with short runs. */
function maskOctets(octets: Buffer, start: number, end: number): void {
  const [k0, k1, k2, k3] = [key & 0xff, (key >>> 8) & 0xff, (key >>> 16) & 0xff, key >>> 24]
  let i = start
  for (; i < end - 3; i += 4) {
    octets[i]! ^= k0
    octets[i + 1]! ^= k1
    octets[i + 2]! ^= k2
    octets[i + 3]! ^= k3
  }
  if (i < end) octets[i]! ^= k0
  if (i + 1 < end) octets[i + 1]! ^= k1
  if (i + 2 < end) octets[i + 2]! ^= k2
}

/** What masking.ts does with long runs: a view over words, between octets at either end. */
function maskWords(octets: Buffer, start: number, end: number): void {
  const aligned = Math.min(end, start + (-(octets.byteOffset + start) & 3))
  maskOctets(octets, start, aligned)
  const shift = ((aligned - start) & 3) * 8
  const word = shift === 0 ? key : (key >>> shift) | (key << (32 - shift))
  const count = (end - aligned) >> 2
  const words = new Int32Array(octets.buffer, octets.byteOffset + aligned, count)
  let i = 0
  for (; i < count - 7; i += 8) {
    words[i]! ^= word
    words[i + 1]! ^= word
    words[i + 2]! ^= word
    words[i + 3]! ^= word
    words[i + 4]! ^= word
    words[i + 5]! ^= word
    words[i + 6]! ^= word
    words[i + 7]! ^= word
  }
  for (; i < count; i++) words[i]! ^= word
  maskOctets(octets, aligned + count * 4, end)
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
