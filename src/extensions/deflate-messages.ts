/**
 * Messages compressed and inflated as was agreed: RFC 7692 §7.2. Messages up to 64 KiB are done at once; the others in
 * slices of about a millisecond. What arrives is inflated when it is whole, so that what a message can make this side
 * hold is what its sender has sent, and where its frames were cut changes nothing.
 */
import { ProtocolError } from '../errors.js'
import { pooledMemory } from '../pooled-memory.js'
import {
  type Compression,
  createInflater,
  type Deflater,
  frozen,
  type Inflater,
  largestPiece,
  thawed,
} from './deflate.js'
import type { Encodings, MessageTransform, OutgoingMessage, TransformJob } from './extension.js'
import { GatheredOctets } from './gathered-octets.js'
import type { DeflaterHolder, KeptDeflaters } from './kept-deflaters.js'
import { SharedJob } from './shared-job.js'
import { type SpareContexts, spareDeflaters, spareInflaters } from './spare-contexts.js'
import { emptyBlockTail } from './zlib-handle.js'

/** What was agreed, and what each end decides for itself. */
export interface DeflateSettings {
  /** How we compress. */
  readonly compression: Compression
  /** Where our window comes from that is kept from message to message; undefined: it is not. */
  readonly keptDeflaters: KeptDeflaters | undefined
  /** The window that the peer compresses with. */
  readonly incomingWindowBits: number
  /** The peer's window is kept from message to message. */
  readonly keepsIncoming: boolean
  /** Octets from which on a message is compressed. */
  readonly threshold: number
  /** How many times as large as it came a message of more than 64 KiB may become. */
  readonly maxRatio: number
  /** Milliseconds without a message after which a window that is kept is given back. */
  readonly releaseAfter: number
}

// Octets inflated, and calls of zlib, in a slice: each about a millisecond (bench/deflate.bench.ts).
const octetsPerSlice = 512 * 1024
const callsPerSlice = 1024

// Before it is taken for long: messages made of a few final blocks are not.
const callsAtOnce = 8

// Calls of zlib that a message may cost: each final block in it is one more. As for fragments, its octets pay for them.
const maxCalls = 1024
const octetsPerCall = 64

// Where messages are inflated that turn out small.
let inflated: Buffer | undefined

export class DeflateMessages implements MessageTransform, DeflaterHolder {
  readonly #settings: DeflateSettings
  readonly #spareDeflaters: SpareContexts<Deflater> | undefined
  readonly #spareInflaters: SpareContexts<Inflater> | undefined
  /** Kept from message to message, or for the message under way. */
  #deflater: Deflater | undefined
  #inflater: Inflater | undefined
  /** The window of an inflater that was given back. */
  #frozen: string | undefined
  /** @internal A long message is being compressed. */
  deflating = false
  /** A message was compressed since we were last asked for the deflater. */
  #busy = false
  /** What we took part in last. */
  #shared: SharedJob | undefined

  constructor(settings: DeflateSettings) {
    this.#settings = settings
    this.#spareDeflaters = settings.keptDeflaters === undefined ? spareDeflaters(settings.compression) : undefined
    this.#spareInflaters = settings.keepsIncoming ? undefined : spareInflaters(settings.incomingWindowBits)
  }

  get releaseAfter(): number {
    const { keptDeflaters, keepsIncoming, releaseAfter } = this.#settings
    return keptDeflaters !== undefined || keepsIncoming ? releaseAfter : Number.POSITIVE_INFINITY
  }

  get pinned(): number {
    return (this.#deflater?.pinned ?? 0) + (this.#inflater?.pinned ?? 0) + (this.#frozen?.length ?? 0)
  }

  encode(octets: Buffer, message: OutgoingMessage): Buffer | TransformJob {
    if (message.first && !this.#isWorthIt(octets.length, message)) return octets
    const { encodings } = message
    if (encodings !== undefined && this.#spareDeflaters !== undefined) {
      return this.#encodeOnce(octets, message, encodings, this.#spareDeflaters)
    }
    this.#deflater ??= this.#takeDeflater()
    this.#busy = true
    if (octets.length > largestPiece) return new Deflation(this, this.#deflater, octets, message)
    const deflated = this.#deflater.deflate(octets)
    if (!message.fin) return deflated
    this.sent()
    const stripped = deflated.subarray(0, deflated.length - emptyBlockTail.length)
    return this.isToBeSent(stripped.length, octets.length, message) ? stripped : octets
  }

  /** For all who compress so, and keep no window: by one that is nobody's. */
  #encodeOnce(octets: Buffer, message: OutgoingMessage, encodings: Encodings, key: object): Buffer | TransformJob {
    this.#shared?.leave()
    this.#shared = undefined
    let known = encodings.get(key)
    if (known === undefined) {
      const encoder = new DeflateMessages(this.#settings)
      const result = encoder.encode(octets, { ...message, encodings: undefined })
      const settled = (done: Buffer | undefined) => {
        if (done === undefined) encodings.delete(key)
        else encodings.set(key, done)
      }
      // A view may change with the next call.
      if (!Buffer.isBuffer(result)) known = new SharedJob(encoder, result, settled)
      else known = result === octets ? octets : Buffer.from(result)
      encodings.set(key, known)
    }
    if (Buffer.isBuffer(known)) return known
    known.join()
    this.#shared = known
    return known
  }

  decode(octets: Buffer, limit: number): Buffer | TransformJob {
    // Where nothing was deflated there is nothing to inflate; RFC 7692 does not say.
    if (octets.length === 0) return octets
    this.#inflater ??= this.#spareInflaters?.take() ?? this.#createInflater()
    this.#inflater.begin(octets, limit)
    inflated ??= pooledMemory(largestPiece)
    let size = 0
    for (let calls = 0; calls < callsAtOnce && size < inflated.length; calls++) {
      size += this.#inflater.read(inflated, size)
      if (!this.#inflater.done) continue
      this.received()
      return inflated.subarray(0, size)
    }
    return new Inflation(this, this.#inflater, octets.length, inflated.subarray(0, size), this.#settings.maxRatio)
  }

  /**
   * A sender may forget its window at any time, but for a message that is being compressed. What was received may be
   * referred to: it is put away.
   */
  release(): void {
    if (!this.deflating) this.#closeDeflater()
    if (this.#inflater?.done) {
      this.#frozen = frozen(this.#inflater.window())
      this.#inflater.close()
      this.#inflater = undefined
    }
  }

  end(): void {
    this.#shared?.leave()
    this.#shared = undefined
    this.#closeDeflater()
    this.#inflater?.close()
    this.#inflater = undefined
    this.#frozen = undefined
  }

  /** See DeflaterHolder. */
  yieldDeflater(): Deflater | undefined {
    const deflater = this.#busy || this.deflating ? undefined : this.#deflater
    this.#busy = false
    if (deflater !== undefined) this.#deflater = undefined
    return deflater
  }

  /** @internal An outgoing message is compressed to its end. */
  sent(): void {
    if (this.#spareDeflaters === undefined) return
    this.#spareDeflaters.give(this.#deflater!)
    this.#deflater = undefined
  }

  /** @internal What does not shrink goes as it is, unless a window that is kept has taken it in: the peer's must too. */
  isToBeSent(deflated: number, octets: number, { first }: OutgoingMessage): boolean {
    return deflated < octets || !first || this.#settings.keptDeflaters !== undefined
  }

  /** @internal An incoming message is inflated to its end. */
  received(): void {
    if (this.#spareInflaters === undefined) return
    this.#spareInflaters.give(this.#inflater!)
    this.#inflater = undefined
  }

  #takeDeflater(): Deflater {
    const { keptDeflaters, compression } = this.#settings
    return this.#spareDeflaters?.take() ?? keptDeflaters!.take(this, compression)
  }

  #closeDeflater(): void {
    this.#deflater?.close()
    this.#deflater = undefined
    this.#settings.keptDeflaters?.gone(this)
  }

  #createInflater(): Inflater {
    const window = this.#frozen === undefined ? undefined : thawed(this.#frozen)
    this.#frozen = undefined
    return createInflater(this.#settings.incomingWindowBits, undefined, window)
  }

  /** Of a message that begins in fragments nobody knows how long it will be: long, or it would not. */
  #isWorthIt(size: number, { fin, compress }: OutgoingMessage): boolean {
    if (fin && size === 0) return false
    return compress ?? (!fin || size >= this.#settings.threshold)
  }
}

/** Compresses a message, or fragment, of more than 64 KiB: one piece of it at a time. */
class Deflation implements TransformJob {
  readonly #owner: DeflateMessages
  readonly #deflater: Deflater
  readonly #octets: Buffer
  readonly #message: OutgoingMessage
  readonly #deflated = new GatheredOctets()
  #at = 0

  constructor(owner: DeflateMessages, deflater: Deflater, octets: Buffer, message: OutgoingMessage) {
    this.#owner = owner
    this.#deflater = deflater
    this.#octets = octets
    this.#message = message
    owner.deflating = true
  }

  work(): Buffer | undefined {
    if (this.#at === this.#octets.length) return this.#deflated.work()
    const end = Math.min(this.#octets.length, this.#at + largestPiece)
    this.#deflated.add(this.#deflater.deflate(this.#octets.subarray(this.#at, end)))
    this.#at = end
    if (end < this.#octets.length) return undefined
    this.#owner.deflating = false
    if (!this.#message.fin) return undefined
    this.#deflated.drop(emptyBlockTail.length)
    this.#owner.sent()
    return this.#owner.isToBeSent(this.#deflated.size, end, this.#message) ? undefined : this.#octets
  }
}

/** Inflates a message that is long when it is inflated, or takes long. */
class Inflation implements TransformJob {
  readonly #owner: DeflateMessages
  /** Until the message is inflated; then it may be another's. */
  #inflater: Inflater | undefined
  readonly #inflated = new GatheredOctets()
  readonly #maxSize: number
  #callsLeft: number

  /** @param begun - what has been inflated of it, to be copied. */
  constructor(owner: DeflateMessages, inflater: Inflater, octets: number, begun: Buffer, maxRatio: number) {
    this.#owner = owner
    this.#inflater = inflater
    this.#maxSize = maxRatio * octets
    this.#callsLeft = maxCalls + octets / octetsPerCall
    this.#inflated.add(begun)
  }

  work(): Buffer | undefined {
    const inflater = this.#inflater
    if (inflater === undefined) return this.#inflated.work()
    const end = this.#inflated.size + octetsPerSlice
    for (let calls = 0; calls < callsPerSlice && this.#inflated.size < end && !inflater.done; calls++) {
      const { room, used } = this.#inflated
      this.#inflated.wrote(inflater.read(room, used))
      this.#callsLeft--
    }
    this.#judge()
    if (!inflater.done) return undefined
    this.#inflater = undefined
    this.#owner.received()
    return undefined
  }

  #judge(): void {
    if (this.#inflated.size > this.#maxSize) {
      throw new ProtocolError('WS_INFLATE_RATIO', 1008, '10.4', 'a message that grows more than it may when inflated')
    }
    if (this.#callsLeft < 0) {
      throw new ProtocolError(
        'WS_INFLATE_WORK',
        1008,
        '10.4',
        'a message with more final blocks than its size may have',
      )
    }
  }
}
