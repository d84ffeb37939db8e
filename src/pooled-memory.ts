/**
 * Memory that serves many: frames, messages or connections. Parts of it are seen outside (RFC 6455 §6.2: what is received is
 * handed over), and who transfers one to another thread would take all of it away: it is marked as Node marks its own pool.
 */
import { markAsUntransferable } from 'node:worker_threads'

/** Fresh memory that cannot be transferred: Node 20 copies where that is asked for, later ones throw a DataCloneError. */
export function pooledMemory(size: number): Buffer {
  const memory = Buffer.allocUnsafeSlow(size)
  markAsUntransferable(memory.buffer)
  return memory
}
