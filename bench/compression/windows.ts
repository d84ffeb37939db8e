/** What a window takes of memory that is resident, and what `extensionMemory` says of it. */
import { type Compression, createDeflater, createInflater } from '../../src/extensions/deflate.js'
import { residentOctets } from '../generator/process-usage.js'
import { jsonTick } from '../json-ticks.js'

export interface WindowMemory extends Compression {
  /** Octets for each, as the kernel counts, and as we do. */
  readonly deflater: number
  readonly deflaterPinned: number
  readonly inflater: number
  readonly inflaterPinned: number
}

const count = 128

/** Octets that go through each: all of its memory has been written. */
const used = 128 * 1024

export const settings: readonly Compression[] = [
  { windowBits: 15, level: 6, memLevel: 8 },
  { windowBits: 12, level: 6, memLevel: 5 },
  { windowBits: 9, level: 6, memLevel: 1 },
]

export function measureWindows(compression: Compression): WindowMemory {
  const messages = Array.from({ length: used / 1024 }, (_, n) => jsonTick(n, 1024))
  const packing = createDeflater(compression)
  const packed = messages.map(message => Buffer.from(packing.deflate(message).subarray(0, -4)))
  packing.close()
  const target = Buffer.alloc(2048)
  const deflaters = resident(() => {
    const one = createDeflater(compression)
    for (const message of messages) one.deflate(message)
    return one
  })
  const inflaters = resident(() => {
    const one = createInflater(compression.windowBits)
    for (const message of packed) {
      one.begin(message, target.length)
      while (!one.done) one.read(target, 0)
    }
    return one
  })
  return {
    ...compression,
    deflater: deflaters.octets,
    deflaterPinned: deflaters.pinned,
    inflater: inflaters.octets,
    inflaterPinned: inflaters.pinned,
  }
}

interface Context {
  readonly pinned: number
  close(): void
}

/** All of them are kept: memory that was given back and is taken again would not count. */
const kept: Context[] = []

function resident(create: () => Context): { readonly octets: number; readonly pinned: number } {
  kept.push(create())
  const before = residentOctets(process.pid)
  for (let n = 0; n < count; n++) kept.push(create())
  return { octets: (residentOctets(process.pid) - before) / count, pinned: kept.at(-1)!.pinned }
}
