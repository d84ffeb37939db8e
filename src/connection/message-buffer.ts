/**
 * Holds the octets of a message that is not complete: RFC 6455 §5.4, §6.2. What it retains stays within twice the octets
 * received and 64 KiB, but for the moment in which they move, whatever the size of the pieces: small ones are copied together,
 * large ones kept by reference, until half of the message is there; then it has memory of its own, and what follows goes
 * straight to its place.
 */
import { memoryTransferred } from '../framing/transferred.js'
import type { Lease, MessageMemory } from './message-memory.js'

// From this many octets a run is kept by reference, if it is at least half of its chunk.
const keptRun = 16 * 1024

// What is set aside for small runs at a time: as much as has been copied already, within these bounds.
const smallestTail = 4 * 1024
const largestTail = 1024 * 1024

export class MessageBuffer {
  /** Octets held. */
  size = 0
  #parts: Buffer[] = []
  /** Where runs are copied to; #tail[#from, #used) is not among the parts yet. */
  #tail: Buffer | undefined
  #from = 0
  #used = 0
  #copied = 0
  /** The tail has room for all that is still to come. */
  #whole = false
  /** What {@link room} gave last. */
  #room: Buffer | undefined
  readonly #memory: MessageMemory | undefined
  #lease: Lease | undefined

  /** @param memory - where the message may lie, if nobody will keep it: see {@link lease}. */
  constructor(memory?: MessageMemory) {
    this.#memory = memory
  }

  /** The memory of the whole, if it is only lent. */
  get lease(): Lease | undefined {
    return this.#lease
  }

  /** Octets of memory that are kept from being freed: a buffer of which a part is held counts wholly. */
  get retained(): number {
    const tail = this.#tail === undefined ? [] : [this.#tail]
    const memory = new Set(this.#parts.concat(tail).map(part => part.buffer))
    return Array.from(memory).reduce((sum, buffer) => sum + buffer.byteLength, 0)
  }

  /**
   * The place of the next run, of `length` octets: write it there and {@link append} that, and it is not copied. Undefined
   * where there is no such place.
   */
  room(length: number, toCome: number): Buffer | undefined {
    this.#beWhole(length, toCome)
    this.#room = this.#whole ? this.#tail!.subarray(this.#used, this.#used + length) : undefined
    return this.#room
  }

  /**
   * Takes in chunk[start, end).
   *
   * @param chunk - may be kept by reference: nobody must write to it any more, unless it is only lent.
   * @param toCome - how many octets of the message will follow at most, Infinity if that is not known.
   * @param lent - `chunk` will be written to again: see Connection.receive.
   */
  append(chunk: Buffer, start: number, end: number, toCome: number, lent = false): void {
    const run = end - start
    if (run >= keptRun) this.#beWhole(run, toCome)
    this.size += run
    if (chunk === this.#room) {
      this.#used += run
      this.#room = undefined
      return
    }
    if (!lent && !this.#whole && run >= keptRun && run * 2 >= chunk.buffer.byteLength) {
      this.#closePart()
      this.#parts.push(chunk.subarray(start, end))
      return
    }
    let at = start
    while (at < end) {
      this.#tail ??= Buffer.allocUnsafeSlow(this.#tailSize(end - at, toCome))
      const copied = chunk.copy(this.#tail, this.#used, at, end)
      this.#used += copied
      this.#copied += copied
      at += copied
      if (this.#used === this.#tail.length) this.#closeTail()
    }
  }

  /**
   * Hands over the whole, which nobody else holds, and is empty again.
   *
   * @throws UsageError WS_MEMORY_TRANSFERRED: a part is gone, with another message of its chunk.
   */
  take(): Buffer {
    this.#closeTail()
    this.#checkParts()
    const parts = this.#parts
    const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts, this.size)
    this.#parts = []
    this.size = 0
    this.#copied = 0
    return whole
  }

  /** Gives the message memory of its own, if half of it is there with these octets. Not for small runs: they are copied once. */
  #beWhole(run: number, toCome: number): void {
    const there = this.size + run
    if (this.#whole || toCome === Number.POSITIVE_INFINITY || run + toCome === 0 || this.size + toCome === 0) return
    // Memory that lies ready anyway need not be earned.
    if (toCome > there && this.#memory?.has(there + toCome) !== true) return
    const whole = this.#allocate(there + toCome)
    this.#closeTail()
    this.#checkParts()
    let used = 0
    for (const part of this.#parts) used += part.copy(whole, used)
    this.#parts = []
    this.#tail = whole
    this.#used = used
    this.#whole = true
  }

  /** No part is ever empty, but by transfer. */
  #checkParts(): void {
    if (this.#parts.some(part => part.length === 0)) throw memoryTransferred()
  }

  #allocate(size: number): Buffer {
    this.#lease = this.#memory?.lend(size)
    return this.#lease?.octets.subarray(0, size) ?? Buffer.allocUnsafeSlow(size)
  }

  #tailSize(run: number, toCome: number): number {
    const doubled = Math.min(Math.max(this.#copied, smallestTail), largestTail)
    return Math.max(run, Math.min(doubled, run + toCome))
  }

  /** What comes next does not go on where the tail ends; later small runs do, in what is left of it. */
  #closePart(): void {
    if (this.#tail === undefined || this.#from === this.#used) return
    this.#parts.push(this.#tail.subarray(this.#from, this.#used))
    this.#from = this.#used
  }

  #closeTail(): void {
    this.#closePart()
    this.#tail = undefined
    this.#from = 0
    this.#used = 0
    this.#whole = false
  }
}
