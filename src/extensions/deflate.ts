/**
 * DEFLATE (RFC 1951) by Node's zlib, in step with the caller: what goes in has come out when the call returns. Node's
 * public streams hand each piece to the thread pool, which costs a small message twenty times what zlib does with it;
 * so the handle beneath a stream is driven directly, as Node's own synchronous functions drive it, where a self-test
 * finds it to be what it was when this was written. Where not, the public synchronous functions do the same, slower:
 * bench/deflate.bench.ts has the figures of all ways.
 */
import { constants as bufferConstants } from 'node:buffer'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib'
import { ProtocolError } from '../errors.js'
import { pooledMemory } from '../pooled-memory.js'
import { copyOfWindow } from './window-copy.js'
import {
  corruptMessage,
  type Drive,
  emptyBlockTail,
  endsMessage,
  Flush,
  testedDrive,
  ZlibHandle,
} from './zlib-handle.js'

/** How octets are compressed. */
export interface Compression {
  /** The base-2 logarithm of the LZ77 sliding window, 8 to 15. */
  readonly windowBits: number
  /** zlib's: 1 is fast, 9 is small. */
  readonly level: number
  /** zlib's: 1 to 9, memory beside the window. */
  readonly memLevel: number
}

/** The most octets that {@link Deflater.deflate} takes at a time. */
export const largestPiece = 64 * 1024

/** Compresses piece after piece, with one window. */
export interface Deflater {
  /** Octets of memory it holds. */
  readonly pinned: number
  /**
   * Compresses a piece, up to `largestPiece`, to its last octet.
   *
   * @returns blocks that end with {@link emptyBlockTail}: a view that the next call of any deflater writes again.
   */
  deflate(octets: Buffer): Buffer
  /** Forgets all that was compressed. */
  reset(): void
  /** Gives the memory back; not to be used after. */
  close(): void
}

/** Inflates message after message, with one window. */
export interface Inflater {
  /** As {@link Deflater.pinned}. */
  readonly pinned: number
  /** All of the message has been read. */
  readonly done: boolean
  /**
   * Takes a message, without the tail that its sender removed (RFC 7692 §7.2.2).
   *
   * @param octets - borrowed until the message is done.
   * @param limit - the most octets that it may have when inflated.
   */
  begin(octets: Buffer, limit: number): void
  /**
   * Inflates what there is room for: target[from, …), at least one octet of room.
   *
   * @returns how many octets were written; it may be none while there is more to come.
   * @throws ProtocolError 1007 for what is not a whole message, 1009 at the first octet over the limit.
   */
  read(target: Buffer, from: number): number
  /** Forgets all that was inflated. */
  reset(): void
  /** What messages may refer to: the last octets that it has given. To be closed after. */
  window(): Buffer
  /** Gives the memory back; not to be used after. */
  close(): void
}

let tested: Drive | undefined

/** The way that is taken in this process; the first call tests it, in less than a millisecond. */
export function deflateDrive(): Drive {
  tested ??= testedDrive(
    () => createDeflateRaw(smallest),
    () => createInflateRaw(smallest),
  )
  return tested
}

/**
 * Puts a window away in as little memory as it takes. As a string: that lies in memory of V8's own, where it does not
 * keep what the window needed from being given back to the system.
 */
export function frozen(window: Buffer): string {
  return deflateRawSync(window, { level: 1 }).toString('latin1')
}

/** The inverse of {@link frozen}. */
export function thawed(window: string): Buffer {
  return inflateRawSync(Buffer.from(window, 'latin1'))
}

export function createDeflater(compression: Compression, drive = deflateDrive()): Deflater {
  // zlib makes no raw window of 8 bits. Of 9 it does, and its distances stay 262 short of the window: within 2^8.
  const possible = compression.windowBits === 8 ? { ...compression, windowBits: 9 } : compression
  return drive === 'handle' ? new HandleDeflater(possible) : new CallDeflater(possible)
}

/**
 * Octets of memory that a deflater takes which keeps its window: by zlib's own formula, but for the table that finds
 * what was there before, of which Node's zlib makes no small ones (bench/compression, "windows").
 */
export function deflaterSize({ windowBits, memLevel }: Compression): number {
  const window = 2 ** (Math.max(9, windowBits) + 2)
  const table = Math.max(smallestTable, 2 ** (memLevel + 8))
  return window + table + 2 ** (memLevel + 8) + stateSize
}

/** @param window - what its first message may refer to. */
export function createInflater(windowBits: number, drive = deflateDrive(), window = nothing): Inflater {
  return drive === 'handle' ? new HandleInflater(windowBits, window) : new CallInflater(windowBits, window)
}

let pinnedInAll = 0

/** Octets of memory that all deflaters and inflaters of this process hold: the sum of what each calls `pinned`. */
export function pinnedByDeflate(): number {
  return pinnedInAll
}

function tooBig(limit: number): ProtocolError {
  return new ProtocolError('WS_MESSAGE_TOO_BIG', 1009, '10.4', `a message over the limit of ${limit} octets`)
}

// The stream's own output buffer is never used: as small as can be.
const smallest = { chunkSize: constants.Z_MIN_CHUNK }

const smallestTable = 64 * 1024

// zlib's own state and the stream around it: bench/compression, "windows".
const stateSize = 10 * 1024

const nothing: Buffer = Buffer.alloc(0)

// What no octets become. Asked for it, zlib may give nothing at all (RFC 7692 §7.2.3.6).
const emptyBlock = Buffer.from([0, ...emptyBlockTail])

// Where deflaters write, all of them. zlib's bound for a piece, whatever its settings: an eighth more, and a little.
let deflated: Buffer | undefined

class HandleDeflater implements Deflater {
  readonly pinned: number
  readonly #zlib: ZlibHandle

  constructor(compression: Compression) {
    this.pinned = deflaterSize(compression)
    pinnedInAll += this.pinned
    this.#zlib = new ZlibHandle(createDeflateRaw({ ...smallest, ...compression }))
  }

  deflate(octets: Buffer): Buffer {
    if (octets.length === 0) return emptyBlock
    deflated ??= pooledMemory(largestPiece + largestPiece / 4)
    this.#zlib.write(Flush.sync, octets, 0, deflated, 0, deflated.length)
    return deflated.subarray(0, deflated.length - this.#zlib.room)
  }

  reset(): void {
    this.#zlib.reset()
  }

  close(): void {
    pinnedInAll -= this.pinned
    this.#zlib.close()
  }
}

class HandleInflater implements Inflater {
  readonly pinned: number
  done = true
  readonly #windowBits: number
  #zlib: ZlibHandle
  /** It was made with a window, and would have that again when it is reset. */
  #remembers: boolean
  /** Octets that messages may refer to. */
  #history: number
  #octets: Buffer = nothing
  #at = 0
  #limit = 0
  #size = 0

  constructor(windowBits: number, window: Buffer) {
    this.pinned = 2 ** windowBits + stateSize
    pinnedInAll += this.pinned
    this.#windowBits = windowBits
    this.#history = window.length
    this.#remembers = window.length > 0
    this.#zlib = new ZlibHandle(createInflateRaw({ ...smallest, windowBits, dictionary: window }))
  }

  begin(octets: Buffer, limit: number): void {
    this.done = false
    this.#octets = octets
    this.#at = 0
    this.#limit = limit
    this.#size = 0
  }

  read(target: Buffer, from: number): number {
    // One octet over the limit is enough to know.
    const room = Math.min(target.length - from, this.#limit - this.#size + 1)
    this.#zlib.write(Flush.sync, this.#octets, this.#at, target, from, room)
    const written = room - this.#zlib.room
    this.#at = this.#octets.length - this.#zlib.left
    this.#size += written
    this.#history += written
    if (this.#size > this.#limit) throw tooBig(this.#limit)
    if (this.#zlib.room === 0) return written
    // With room left, only the end of a final block stops it: what follows begins anew (RFC 7692 §7.2.3.4).
    if (this.#zlib.left > 0) this.reset()
    else this.#finish()
    return written
  }

  reset(): void {
    this.#history = 0
    if (!this.#remembers) {
      this.#zlib.reset()
      return
    }
    this.#remembers = false
    this.#zlib.close()
    this.#zlib = new ZlibHandle(createInflateRaw({ ...smallest, windowBits: this.#windowBits }))
  }

  window(): Buffer {
    const window = Buffer.allocUnsafe(Math.min(this.#history, 2 ** this.#windowBits))
    if (window.length > 0) this.#zlib.write(Flush.sync, copyOfWindow(window.length), 0, window, 0, window.length)
    return window
  }

  close(): void {
    pinnedInAll -= this.pinned
    this.#zlib.close()
  }

  #finish(): void {
    this.done = true
    this.#octets = nothing
    if (!endsMessage(this.#zlib)) throw corruptMessage('it has no end')
  }
}

/**
 * Every piece is compressed by itself, which is always allowed: with a window of 32 KiB handed in anew each time, a piece of
 * 149 octets takes 90 us instead of 23 (bench/deflate.bench.ts).
 */
class CallDeflater implements Deflater {
  readonly pinned = 0
  readonly #compression: Compression

  constructor(compression: Compression) {
    this.#compression = compression
  }

  deflate(octets: Buffer): Buffer {
    if (octets.length === 0) return emptyBlock
    return deflateRawSync(octets, { ...this.#compression, finishFlush: constants.Z_SYNC_FLUSH })
  }

  reset(): void {}

  close(): void {}
}

/** Appends to a window what has been received: its last octets stay. */
function slide(window: Buffer, octets: Buffer, windowBits: number): Buffer {
  const size = 2 ** windowBits
  if (octets.length >= size) return Buffer.from(octets.subarray(octets.length - size))
  return Buffer.concat([window.subarray(Math.max(0, window.length + octets.length - size)), octets])
}

// Behind a message: its tail, and a final block, which only who stands at the end of a block reads as such.
const finalBlock = Buffer.from([1, ...emptyBlockTail])

class CallInflater implements Inflater {
  readonly pinned: number
  done = true
  readonly #windowBits: number
  #window: Buffer
  #octets: Buffer = nothing
  #limit = 0
  #whole: Buffer | undefined
  #at = 0

  constructor(windowBits: number, window: Buffer) {
    this.#windowBits = windowBits
    this.#window = window
    this.pinned = 2 ** windowBits
    pinnedInAll += this.pinned
  }

  window(): Buffer {
    return this.#window
  }

  begin(octets: Buffer, limit: number): void {
    this.done = false
    this.#octets = Buffer.concat([octets, emptyBlockTail, finalBlock])
    this.#limit = limit
    this.#whole = undefined
    this.#at = 0
  }

  read(target: Buffer, from: number): number {
    this.#whole ??= this.#inflate()
    const written = this.#whole.copy(target, from, this.#at)
    this.#at += written
    this.done = this.#at === this.#whole.length
    if (this.done) this.#whole = undefined
    return written
  }

  reset(): void {
    this.#window = nothing
  }

  close(): void {
    pinnedInAll -= this.pinned
    this.#window = nothing
  }

  /** All of it: the public functions know no pieces. */
  #inflate(): Buffer {
    const parts: Buffer[] = []
    let size = 0
    while (this.#octets.length > 0) {
      const { buffer, engine } = this.#stream(this.#limit - size)
      parts.push(buffer)
      size += buffer.length
      if (size > this.#limit) throw tooBig(this.#limit)
      this.#octets = this.#octets.subarray(engine.bytesWritten)
      const goesOn = this.#octets.length === 0
      this.#window = goesOn ? slide(this.#window, buffer, this.#windowBits) : nothing
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  /** Inflates to the end of a final block. */
  #stream(limit: number): { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } } {
    try {
      const inflated: unknown = inflateRawSync(this.#octets, {
        info: true,
        windowBits: this.#windowBits,
        dictionary: this.#window,
        maxOutputLength: Math.max(1, Math.min(limit, bufferConstants.MAX_LENGTH)),
      })
      return inflated as { buffer: Buffer; engine: { bytesWritten: number } }
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooBig(this.#limit)
      throw corruptMessage((error as Error).message)
    }
  }
}
