/**
 * Memory in which long messages are put together that nobody keeps: RFC 6455 §6.2. Texts become strings, and where
 * applications only borrow their messages they are done with them when the handler returns; then the memory serves again.
 * Fresh memory costs a page fault for each 4 KiB: bench:peers, 4c 1 MiB, framewright-echo-reused and framewright-reused.
 */
import { pooledMemory } from '../pooled-memory.js'

/** Memory is given in multiples of this, so that it fits more than one message. */
const unit = 64 * 1024

/** What is lent of whose memory; none of it is kept alive by this. */
const leases = new WeakMap<ArrayBufferLike, Lease>()

/** Memory that is lent until nobody uses it any more. */
export class Lease {
  readonly octets: Buffer
  readonly #owner: MessageMemory
  #users = 0

  /** Made by {@link MessageMemory}. */
  constructor(owner: MessageMemory, size: number) {
    this.#owner = owner
    this.octets = pooledMemory(size)
    leases.set(this.octets.buffer, this)
  }

  get lent(): boolean {
    return this.#users > 0
  }

  /** Room for this many octets, and not much more: who waits with them keeps no more than twice their memory. */
  fits(size: number): boolean {
    return this.octets.length >= size && this.octets.length <= Math.max(unit, 2 * size)
  }

  /** One more uses it. */
  hold(): void {
    this.#users++
  }

  /** One less. */
  release(): void {
    if (--this.#users === 0) this.#owner.takeBack(this)
  }
}

/** The lease of which these octets are a part, if they are of one. */
export function leaseOf(octets: Buffer): Lease | undefined {
  const lease = leases.get(octets.buffer)
  return lease?.lent ? lease : undefined
}

export class MessageMemory {
  readonly #maxSpare: number
  #spare: Lease[] = []
  #spareSize = 0

  /** @param maxSpare - octets that are kept at most while nobody uses them. */
  constructor(maxSpare = 8 * 1024 * 1024) {
    this.#maxSpare = maxSpare
  }

  /** Memory of this size lies ready. */
  has(size: number): boolean {
    return this.#find(size) >= 0
  }

  /** Memory that {@link Lease.fits} this size, held once. */
  lend(size: number): Lease {
    const place = this.#find(size)
    const lease = place < 0 ? new Lease(this, Math.ceil(size / unit) * unit) : this.#spare.splice(place, 1)[0]!
    if (place >= 0) this.#spareSize -= lease.octets.length
    lease.hold()
    return lease
  }

  /** @internal Nobody uses it any more. What has not been used for the longest time makes room for it. */
  takeBack(lease: Lease): void {
    this.#spare.push(lease)
    this.#spareSize += lease.octets.length
    while (this.#spareSize > this.#maxSpare) this.#spareSize -= this.#spare.shift()!.octets.length
  }

  /** The one that was used last is in the nearest cache. */
  #find(size: number): number {
    return this.#spare.findLastIndex(lease => lease.fits(size))
  }
}

/** What all connections of a process use. */
export const sharedMessageMemory = new MessageMemory()
