/**
 * Messages too large to be written at once, and what was sent after them: RFC 6455 §5.4 (fragmentation), §6.1 (sending).
 * They leave frame by frame as the transport takes them, so that a control frame waits behind one frame at most (§5.5:
 * control frames may be injected in the middle of a fragmented message), and a client's payload is masked only when its
 * turn comes.
 */
import { copyThreshold, type FrameEncoder } from '../framing/frame-encoder.js'
import { headerSize, Opcode } from '../framing/frame-header.js'
import { type Lease, leaseOf } from './message-memory.js'
import { UntransformedMessage } from './untransformed-message.js'

/**
 * A server's payloads leave by reference, so many octets at a time: only what has left by pieces is seen to make progress,
 * and progress is life to the keep-alive. A client's pieces are masked copies, and smaller.
 */
const largestPiece = 256 * 1024

/** A message on its way out, frame by frame; its payload is not empty. */
class OutgoingMessage {
  /** The memory that it is part of, if that is only lent. */
  readonly lease: Lease | undefined
  readonly #payload: Buffer
  readonly #fin: boolean
  #opcode: Opcode
  #rsv: number
  #end: number
  #at = 0
  #frameEnd = 0
  #key = 0

  constructor(opcode: Opcode, payload: Buffer, fin: boolean, rsv: number, lease?: Lease) {
    this.lease = lease
    this.#opcode = opcode
    this.#rsv = rsv
    this.#payload = payload
    this.#fin = fin
    this.#end = payload.length
  }

  get done(): boolean {
    return this.#at === this.#end
  }

  /** A frame's header has left and not all of its payload. */
  get insideFrame(): boolean {
    return this.#at < this.#frameEnd
  }

  /** Writes the next piece of a frame, with the header before it where it begins one. */
  step(encoder: FrameEncoder, maxFrameSize: number, maxPiece: number): void {
    if (!this.insideFrame) this.#beginFrame(encoder, maxFrameSize)
    const end = Math.min(this.#frameEnd, this.#at + maxPiece)
    this.#key = encoder.writePiece(this.#payload.subarray(this.#at, end), this.#key)
    this.#at = end
  }

  /** Octets on the wire that are still to come. */
  remaining(masked: boolean, maxFrameSize: number): number {
    const inFrame = Math.max(0, this.#frameEnd - this.#at)
    const after = this.#end - this.#at - inFrame
    const full = Math.floor(after / maxFrameSize)
    const rest = after - (full > 0 ? full * maxFrameSize : 0)
    const headers = (full > 0 ? full * headerSize(maxFrameSize, masked) : 0) + (rest > 0 ? headerSize(rest, masked) : 0)
    return inFrame + after + headers
  }

  /** Ends with the frame that is on its way. */
  truncate(): void {
    this.#end = this.#frameEnd
  }

  #beginFrame(encoder: FrameEncoder, maxFrameSize: number): void {
    this.#frameEnd = Math.min(this.#end, this.#at + maxFrameSize)
    const fin = this.#fin && this.#frameEnd === this.#end
    this.#key = encoder.writeHeader(fin, this.#rsv, this.#opcode, this.#frameEnd - this.#at)
    this.#opcode = Opcode.continuation
    this.#rsv = 0
  }
}

type Entry = OutgoingMessage | FrameEncoder | UntransformedMessage

export class SendQueue {
  readonly #masked: boolean
  readonly #maxFrameSize: number
  readonly #createEncoder: (own: boolean) => FrameEncoder
  #entries: Entry[] = []
  #encoder: FrameEncoder | undefined
  #pending = 0
  #untransformed = 0
  /** Memory of messages that wait no more, and that the transport may still read. */
  readonly #leases: Lease[] = []

  /** @param createEncoder - gives an encoder, with slabs of its own for what waits long. */
  constructor(masked: boolean, maxFrameSize: number, createEncoder: (own: boolean) => FrameEncoder) {
    this.#masked = masked
    this.#maxFrameSize = maxFrameSize
    this.#createEncoder = createEncoder
  }

  get empty(): boolean {
    return this.#entries.length === 0
  }

  /** What comes next can be taken. */
  get ready(): boolean {
    return this.#entries.length > 0 && !(this.#entries[0] instanceof UntransformedMessage)
  }

  /** The first message that extensions have still to do with. */
  get untransformed(): UntransformedMessage | undefined {
    if (this.#untransformed === 0) return undefined
    return this.#entries.find(entry => entry instanceof UntransformedMessage)
  }

  /** Octets on the wire that wait here. */
  get pending(): number {
    return this.#pending
  }

  /** Nothing may be put before what comes next: a frame is on its way. */
  get insideFrame(): boolean {
    const first = this.#entries[0]
    return first instanceof OutgoingMessage && first.insideFrame
  }

  /**
   * @param payload - borrowed until it has been written. What the application itself has borrowed it may send: its memory is
   * held until then, or it is copied, where it is a small part of that.
   * @param fin - false where more fragments of this message follow by hand.
   * @param rsv - of the first frame.
   */
  addMessage(opcode: Opcode, payload: Buffer, fin: boolean, rsv: number): void {
    const lease = leaseOf(payload)
    const held = lease?.fits(payload.length) === true ? lease : undefined
    held?.hold()
    const message = new OutgoingMessage(opcode, lease === held ? payload : Buffer.from(payload), fin, rsv, held)
    this.#pending += message.remaining(this.#masked, this.#maxFrameSize)
    this.#entries.push(message)
  }

  /** What is added after it waits, for {@link transformed}. */
  addUntransformed(message: UntransformedMessage): void {
    this.#pending += message.counted
    this.#untransformed++
    this.#entries.push(message)
  }

  /**
   * Puts in the place of a message what it has become.
   *
   * @param payload - borrowed above 64 KiB; otherwise written by `write`.
   * @returns octets on the wire that it has now.
   */
  transformed(
    message: UntransformedMessage,
    payload: Buffer,
    rsv: number,
    write: (encoder: FrameEncoder) => void,
  ): number {
    const place = this.#entries.indexOf(message)
    let size: number
    if (payload.length > copyThreshold) {
      const outgoing = new OutgoingMessage(message.opcode, payload, message.fin, rsv)
      size = outgoing.remaining(this.#masked, this.#maxFrameSize)
      this.#entries[place] = outgoing
    } else {
      const encoder = this.#createEncoder(true)
      write(encoder)
      size = encoder.pending
      this.#entries[place] = encoder
    }
    this.#pending += size - message.counted
    this.#untransformed--
    return size
  }

  /** Writes small frames behind what is here. */
  addFrames(write: (encoder: FrameEncoder) => void): void {
    let last = this.#entries.at(-1)
    if (last === undefined || last instanceof OutgoingMessage || last instanceof UntransformedMessage) {
      last = this.#createEncoder(true)
      this.#entries.push(last)
    }
    const before = last.pending
    write(last)
    this.#pending += last.pending - before
  }

  /** Takes what comes next, about `limit` octets of it, or just the rest of the frame that is on its way. */
  take(limit: number, restOfFrame: boolean): Buffer[] {
    const taken: Buffer[] = []
    let size = 0
    while (size < limit) {
      const [next] = this.#entries
      if (next === undefined || next instanceof UntransformedMessage || (restOfFrame && !this.insideFrame)) break
      const buffers = this.#take(next, limit)
      for (const buffer of buffers) size += buffer.length
      taken.push(...buffers)
    }
    this.#pending -= size
    return taken
  }

  /** Forgets all but the rest of the frame that is on its way; returns how many octets that were. */
  drop(): number {
    const before = this.#pending
    this.#untransformed = 0
    const first = this.#entries[0]
    if (first instanceof OutgoingMessage && first.insideFrame) {
      for (const entry of this.#entries.splice(1)) this.#leave(entry)
      first.truncate()
      this.#pending = first.remaining(this.#masked, this.#maxFrameSize)
    } else {
      for (const entry of this.#entries.splice(0)) this.#leave(entry)
      this.#pending = 0
    }
    return before - this.#pending
  }

  /** The transport has copied everything that was taken: see FrameEncoder.release. */
  release(): void {
    this.#encoder?.release()
    for (const lease of this.#leases) lease.release()
    this.#leases.length = 0
  }

  /** The memory of all that was taken has been released; returns whether it has. */
  rest(): boolean {
    return this.#leases.length === 0 && (this.#encoder === undefined || this.#encoder.rest())
  }

  #take(entry: OutgoingMessage | FrameEncoder, limit: number): Buffer[] {
    if (!(entry instanceof OutgoingMessage)) {
      this.#entries.shift()
      return entry.take()
    }
    this.#encoder ??= this.#createEncoder(false)
    entry.step(this.#encoder, this.#maxFrameSize, this.#masked ? Math.min(limit, copyThreshold) : largestPiece)
    if (entry.done) this.#leave(this.#entries.shift()!)
    return this.#encoder.take()
  }

  /** It waits no more: its memory serves again with the next {@link release}. */
  #leave(entry: Entry): void {
    if (entry instanceof OutgoingMessage && entry.lease !== undefined) this.#leases.push(entry.lease)
  }
}
