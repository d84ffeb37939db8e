/**
 * Turns the runs of data frames into messages: RFC 6455 §5.4 (the sequence of fragments), §5.6 (data frames), §6.2
 * (receiving), §8.1 (text is UTF-8, fail at the first octet that is not), §10.4 (limits).
 */
import { constants, isUtf8 } from 'node:buffer'
import { ProtocolError } from '../errors.js'
import type { TransformJob } from '../extensions/extension.js'
import type { MessageTransforms } from '../extensions/message-transforms.js'
import { ChunkViews } from '../framing/chunk-views.js'
import { copyThreshold } from '../framing/frame-encoder.js'
import { type FrameHeader, Opcode } from '../framing/frame-header.js'
import { memoryTransferred } from '../framing/transferred.js'
import { decodeText, Utf8Validator } from '../framing/utf8.js'
import type { ConnectionSettings } from './connection-settings.js'
import type { Limits } from './limits.js'
import { MessageBuffer } from './message-buffer.js'
import { copyOf, ownSize } from './message-copies.js'
import { type Lease, sharedMessageMemory } from './message-memory.js'

export interface MessageSink {
  onText(text: string | Buffer): void
  onBinary(data: Buffer): void
  /** A binary message, where it lies: asked for by {@link ConnectionSettings.inPlace}. */
  onInPlace(octets: Buffer, start: number, end: number): void
  /** An extension was given so many octets, and gave so many. */
  onTransformed(octets: number): void
  /** An extension has failed, by its own fault. */
  onTransformFailed(error: unknown): void
}

/** Octets received that pay for one fragment beyond `maxFragments`. */
const octetsPerFragment = 64

/**
 * How many octets a message that an extension has transformed may have on the wire, to have so many in the end. DEFLATE
 * makes of what it cannot compress at most this much more (zlib with its smallest memory: a twenty-fifth).
 */
export function sizeOnTheWire(size: number): number {
  return size + Math.ceil(size / 16) + 64
}

/** A message that has come, and that an extension is at work on. */
interface TransformedMessage {
  readonly opcode: Opcode
  readonly job: TransformJob
  /** As it came: may be a view of a chunk, and then it is there as long as nobody transfers that. */
  readonly octets: Buffer
  readonly size: number
}

export class MessageAssembler {
  readonly #sink: MessageSink
  readonly #views = new ChunkViews()
  /** The chunk that is decoded, where it is only lent: see Connection.receive. */
  #lent: Buffer | undefined
  /** The memory of a message that is whole in a chunk, if it is not that of the chunk. */
  #lease: Lease | undefined
  #limits!: Limits
  /** A text can not be longer than a string, a message not longer than a buffer. */
  #maxText = 0
  #maxBinary = 0
  #textAsOctets = false
  #borrowed = false
  #inPlace = false
  #transforms: MessageTransforms | undefined
  #opcode: Opcode = Opcode.continuation
  #size = 0
  #fragments = 0
  #held: MessageBuffer | undefined
  #utf8: Utf8Validator | undefined
  /** The RSV bits of the message that has begun; undefined: no extension has transformed it. */
  #rsv: number | undefined
  #transformed: TransformedMessage | undefined

  /** After this, {@link begin}. */
  constructor(sink: MessageSink) {
    this.#sink = sink
  }

  /** Assembles by these settings from now on, beginning between two messages. */
  begin(settings: ConnectionSettings, transforms: MessageTransforms | undefined): void {
    const { limits, textAsOctets, borrowed, inPlace } = settings
    this.#limits = limits
    this.#maxText = Math.min(limits.maxMessageSize, textAsOctets ? constants.MAX_LENGTH : constants.MAX_STRING_LENGTH)
    this.#maxBinary = Math.min(limits.maxMessageSize, constants.MAX_LENGTH)
    this.#textAsOctets = textAsOctets
    this.#borrowed = borrowed
    this.#inPlace = inPlace !== undefined
    this.#transforms = transforms
    this.#transformed = undefined
    this.#reset()
  }

  /** Octets received of a message that has begun and is not complete; undefined: there is none. */
  get incomplete(): number | undefined {
    return this.#opcode === Opcode.continuation ? undefined : this.#size
  }

  /** May this data frame come now? Decided from its header, before any payload. */
  beginFrame(frame: FrameHeader): void {
    if (frame.opcode === Opcode.continuation) {
      if (this.incomplete === undefined)
        throw new ProtocolError('WS_STRAY_CONTINUATION', 1002, '5.4', 'a continuation of no message')
      this.#countFragment()
    } else {
      if (this.#opcode !== Opcode.continuation) {
        throw new ProtocolError('WS_INTERLEAVED_MESSAGE', 1002, '5.4', 'a new message inside a fragmented one')
      }
      this.#opcode = frame.opcode
      this.#fragments = 1
      if (this.#transforms?.appliesTo(frame.rsv)) this.#rsv = frame.rsv
    }
    const limit = this.#maxSize(this.#opcode)
    if (frame.payloadLength > (this.#rsv === undefined ? limit : sizeOnTheWire(limit)) - this.#size) {
      throw new ProtocolError('WS_MESSAGE_TOO_BIG', 1009, '10.4', `a message over the limit of ${limit} octets`)
    }
  }

  #countFragment(): void {
    this.#fragments++
    if (this.#fragments > this.#limits.maxFragments + this.#size / octetsPerFragment) {
      throw new ProtocolError(
        'WS_TOO_MANY_FRAGMENTS',
        1008,
        '10.4',
        'more fragments than a message of this size may have',
      )
    }
  }

  /** Where the next `length` octets of this frame's payload are to be written; see FrameSink.roomFor. */
  roomFor(frame: FrameHeader, length: number): Buffer | undefined {
    // What is whole in its chunk stays there; unless that is lent and octets are to be kept.
    if (this.#held === undefined && frame.fin && frame.remaining === length) {
      return this.#lent === undefined || this.#decodes ? undefined : this.#placeFor(length)
    }
    this.#held ??= this.#createBuffer()
    return this.#held.room(length, toCome(frame) - length)
  }

  /** A run of this frame's payload; see FrameSink.onPayload. */
  append(frame: FrameHeader, chunk: Buffer, start: number, end: number): void {
    const last = frame.fin && frame.remaining === 0
    if (last && this.#held === undefined) {
      const opcode = this.#opcode
      const rsv = this.#rsv
      this.#opcode = Opcode.continuation
      this.#rsv = undefined
      if (rsv === undefined) this.#deliver(opcode, chunk, start, end)
      else this.#transform(opcode, this.#keepable(chunk, start, end), rsv)
      return
    }
    this.#size += end - start
    if (this.#opcode === Opcode.text && this.#rsv === undefined) this.#check(chunk, start, end)
    this.#held ??= this.#createBuffer()
    this.#held.append(chunk, start, end, toCome(frame), chunk === this.#lent)
    if (last) this.#complete()
  }

  /** What comes next of this chunk is only lent: see Connection.receive. */
  lend(chunk: Buffer): void {
    this.#lent = chunk
  }

  /** The chunk is at its end: it is not kept alive. */
  forgetChunk(): void {
    this.#views.forget()
    this.#lent = undefined
  }

  /** An extension is at work on a message: the next one may not come before it is delivered. */
  get working(): boolean {
    return this.#transformed !== undefined
  }

  /** Lets the extension go on, for a few milliseconds at most, and delivers what comes of it. */
  work(): void {
    const { opcode, job, octets: given, size } = this.#transformed!
    let octets: Buffer | undefined
    try {
      if (given.length < size) throw memoryTransferred()
      octets = job.work()
    } catch (error) {
      this.#fail(error)
    }
    if (octets === undefined) return
    this.#transformed = undefined
    this.#sink.onTransformed(octets.length)
    // The extension made it for us: nobody else writes to it.
    if (opcode === Opcode.binary) this.#sink.onBinary(octets)
    else this.#deliver(opcode, octets, 0, octets.length)
  }

  /** The message that has begun becomes a string. */
  get #decodes(): boolean {
    return this.#opcode === Opcode.text && !this.#textAsOctets && this.#rsv === undefined
  }

  /** Nobody keeps the octets of the message that has begun. */
  get #passes(): boolean {
    return this.#decodes || (this.#borrowed && this.#rsv === undefined)
  }

  #createBuffer(): MessageBuffer {
    return new MessageBuffer(this.#passes ? sharedMessageMemory : undefined)
  }

  /** Where a message is to lie that is whole in a chunk which is only lent; undefined: where it is. */
  #placeFor(length: number): Buffer | undefined {
    if (!this.#passes) return length >= ownSize ? Buffer.allocUnsafeSlow(length) : undefined
    // What is sent on above this length is not copied: it must be known whose memory it is.
    if (length <= copyThreshold) return undefined
    return this.#lend(length)
  }

  /** Memory for a message until it has been delivered. */
  #lend(length: number): Buffer {
    this.#lease = sharedMessageMemory.lend(length)
    return this.#lease.octets.subarray(0, length)
  }

  /** chunk[start, end) for the application: to keep, unless it only borrows. */
  #deliverable(chunk: Buffer, start: number, end: number): Buffer {
    if (!this.#borrowed) return this.#keepable(chunk, start, end)
    if (chunk !== this.#lent || end - start <= copyThreshold) return this.#views.view(chunk, start, end)
    // As in #placeFor: what is not masked was not moved before.
    const place = this.#lend(end - start)
    chunk.copy(place, 0, start, end)
    return place
  }

  /** chunk[start, end) for somebody who may keep it. */
  #keepable(chunk: Buffer, start: number, end: number): Buffer {
    return chunk === this.#lent ? copyOf(chunk, start, end) : this.#views.view(chunk, start, end)
  }

  #maxSize(opcode: Opcode): number {
    return opcode === Opcode.text ? this.#maxText : this.#maxBinary
  }

  #check(chunk: Buffer, start: number, end: number): void {
    this.#utf8 ??= new Utf8Validator()
    if (!this.#utf8.push(chunk, start, end)) throw invalidText()
  }

  #complete(): void {
    if (this.#utf8?.complete === false) throw invalidText()
    const opcode = this.#opcode
    const rsv = this.#rsv
    const { lease } = this.#held!
    const whole = this.#held!.take()
    this.#reset()
    if (rsv !== undefined) this.#transform(opcode, whole, rsv)
    else if (opcode === Opcode.binary) this.#sink.onBinary(whole)
    else this.#sink.onText(this.#textAsOctets ? whole : decodeText(whole, 0, whole.length)!)
    lease?.release()
  }

  #transform(opcode: Opcode, octets: Buffer, rsv: number): void {
    let result: Buffer | TransformJob
    try {
      result = this.#transforms!.decode(octets, rsv, this.#maxSize(opcode))
    } catch (error) {
      this.#fail(error)
      return
    }
    if (!Buffer.isBuffer(result)) {
      this.#transformed = { opcode, job: result, octets, size: octets.length }
      this.#sink.onTransformed(octets.length)
      return
    }
    this.#sink.onTransformed(octets.length + result.length)
    // What the extension gives is written again for its next message.
    const passes = this.#borrowed && result.length <= copyThreshold
    const own = !passes && (opcode === Opcode.binary || this.#textAsOctets) ? Buffer.from(result) : result
    this.#deliver(opcode, own, 0, own.length)
  }

  /** What an extension throws beside the peer's errors is its own fault. */
  #fail(error: unknown): void {
    if (error instanceof ProtocolError) throw error
    this.#transformed = undefined
    this.#sink.onTransformFailed(error)
  }

  #deliver(opcode: Opcode, chunk: Buffer, start: number, end: number): void {
    if (opcode !== Opcode.binary) this.#sink.onText(this.#text(chunk, start, end))
    else if (this.#inPlace) this.#sink.onInPlace(chunk, start, end)
    else this.#sink.onBinary(this.#deliverable(chunk, start, end))
    this.#lease?.release()
    this.#lease = undefined
  }

  /** A whole text, as the application wants it. */
  #text(chunk: Buffer, start: number, end: number): string | Buffer {
    const text = this.#textAsOctets ? this.#deliverable(chunk, start, end) : decodeText(chunk, start, end)
    if (text === undefined || (typeof text !== 'string' && !isUtf8(text))) throw invalidText()
    return text
  }

  #reset(): void {
    this.#opcode = Opcode.continuation
    this.#size = 0
    this.#held = undefined
    this.#utf8 = undefined
    this.#rsv = undefined
  }
}

/** How many octets of the message are still to come, as far as that is known. */
function toCome(frame: FrameHeader): number {
  return frame.fin ? frame.remaining : Number.POSITIVE_INFINITY
}

function invalidText(): ProtocolError {
  return new ProtocolError('WS_INVALID_UTF8', 1007, '8.1', 'a text message that is not UTF-8')
}
