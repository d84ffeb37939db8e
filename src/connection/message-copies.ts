/**
 * Copies messages out of memory that is read into again (RFC 6455 §6.2: what is delivered may be kept). Small ones lie
 * together in one slab after another: of Node's own pool, 8 KiB, a message of 1 KiB costs 179 ns, of these 95.
 */
import { ChunkViews } from '../framing/chunk-views.js'
import { pooledMemory } from '../pooled-memory.js'

/** What is read plainly keeps as much alive for the smallest message. */
const slabSize = 64 * 1024

/** From this many octets a message has memory of its own. */
export const ownSize = 4 * 1024

/** Below this many octets stepping through them is quickest. */
const shortCopy = 64

const views = new ChunkViews()
let slab: Buffer = Buffer.alloc(0)
let used = 0

/** chunk[start, end), for whoever may keep it. */
export function copyOf(chunk: Buffer, start: number, end: number): Buffer {
  const length = end - start
  if (length >= ownSize) {
    const own = Buffer.allocUnsafeSlow(length)
    chunk.copy(own, 0, start, end)
    return own
  }
  if (used + length > slab.length) {
    slab = pooledMemory(slabSize)
    used = 0
  }
  const at = used
  if (length >= shortCopy) chunk.copy(slab, at, start, end)
  else for (let i = 0; i < length; i++) slab[at + i] = chunk[start + i]!
  // Where the next one begins at a multiple of 8, other views of it than of octets can be made.
  used = (at + length + 7) & ~7
  return views.view(slab, at, at + length)
}
