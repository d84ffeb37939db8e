/**
 * What waits to leave, in order: RFC 6455 §5.4 (fragments), §5.5 (control frames go between the frames of a large
 * message), §5.5.3 (a Pong for the latest Ping only, while the transport takes nothing). It counts octets, so that "how
 * much is buffered" has one meaning: handed over and not yet the kernel's.
 */
import type { Encodings } from '../extensions/extension.js'
import type { MessageTransforms } from '../extensions/message-transforms.js'
import { copyThreshold, FrameEncoder } from '../framing/frame-encoder.js'
import { headerSize, Opcode, type Role } from '../framing/frame-header.js'
import { cryptographicMaskingKeys } from '../framing/masking.js'
import type { ConnectionSettings } from './connection-settings.js'
import type { PreparedMessage } from './prepared-message.js'
import { SendQueue } from './send-queue.js'
import { UntransformedMessage } from './untransformed-message.js'

/** Octets of messages that are transformed in a turn of the event loop: about a millisecond (bench/deflate.bench.ts). */
const transformedPerTurn = 64 * 1024

export class Outbox {
  #role: Role = 'server'
  #settings!: ConnectionSettings
  readonly #direct = new FrameEncoder('server', cryptographicMaskingKeys, undefined)
  #queue: SendQueue | undefined
  #latePong: Buffer | undefined
  #blocked = false
  #taken = 0
  #left = 0
  /** Octets of control frames that went before what was queued: its place is further back by so many. */
  #overtaken = 0
  #dropped = false
  #transforms: MessageTransforms | undefined
  /** Messages that turned out shorter or longer than they had counted for, and behind which place that is made good. */
  #corrections: { readonly at: number; readonly by: number }[] = []
  /** The sums of those that lie ahead, and that have been made good. */
  #ahead = 0
  #corrected = 0
  /** The place in the stream behind the Ping that {@link pingHasLeft} asks for; undefined while it is not taken. */
  #pingEnd: number | undefined
  /** The place behind the last that will ever be sent, but for Pongs; undefined while that is not known. */
  #lastEnd: number | undefined

  /** Takes the output of another connection from now on, which has sent so many octets before. */
  begin(role: Role, settings: ConnectionSettings, left: number, transforms: MessageTransforms | undefined): void {
    this.#role = role
    this.#settings = settings
    this.#transforms = transforms
    this.#taken = left
    this.#left = left
    this.#direct.begin(role, settings.maskingKeys, settings.slabs)
  }

  /**
   * Prepares for another connection, if nothing waits, everything has left, and its memory is released.
   *
   * @returns whether it did.
   */
  rest(): boolean {
    if (this.#blocked || this.#dropped || this.bufferedAmount > 0 || !this.#direct.rest()) return false
    if (this.#queue?.rest() === false) return false
    this.#queue = undefined
    this.#overtaken = 0
    this.#corrected = 0
    this.#pingEnd = undefined
    this.#lastEnd = undefined
    return true
  }

  /** Octets can be taken now. */
  get ready(): boolean {
    return this.#direct.pending > 0 || this.#latePong !== undefined || this.#queue?.ready === true
  }

  /** Octets on the wire that were handed over and are not the kernel's yet. */
  get bufferedAmount(): number {
    const before = this.#direct.pending + this.#taken - this.#left
    return this.#queue === undefined && this.#latePong === undefined ? before : before + this.#aside
  }

  /** Octets that wait here, beside the small frames that leave next. */
  get #aside(): number {
    const pong = this.#latePong === undefined ? 0 : this.#latePong.length + headerSize(0, this.#masked)
    return pong + (this.#queue?.pending ?? 0)
  }

  /** The same, with messages that extensions have made shorter as long as they were handed over. */
  get handedOver(): number {
    return this.bufferedAmount + this.#ahead
  }

  /** Octets that the transport has handed to the kernel. */
  get left(): number {
    return this.#left
  }

  /** The place behind all that was handed over until now: see {@link hasLeft}. */
  get end(): number {
    return this.#place + this.handedOver
  }

  /** All that was handed over before the place `end` has left for the kernel; never, once anything was dropped. */
  hasLeft(end: number): boolean {
    return !this.#dropped && this.#passed(end)
  }

  /** The last Ping written with {@link writePing} has left for the kernel. */
  get pingHasLeft(): boolean {
    return this.#pingEnd !== undefined && this.#left >= this.#pingEnd
  }

  /** Nothing follows what has been handed over until now but Pongs: see {@link lastHasLeft}. */
  markLast(): void {
    this.#lastEnd = this.end
  }

  /** All that was handed over before {@link markLast} has left for the kernel. */
  get lastHasLeft(): boolean {
    return this.#lastEnd !== undefined && this.#passed(this.#lastEnd)
  }

  /** A text of any length, as one message or a fragment of one. */
  writeText(opcode: Opcode, text: string, fin: boolean): void {
    if (text.length > copyThreshold || text.length * 3 > this.#settings.limits.maxOutgoingFrameSize) {
      this.writeOctets(opcode, Buffer.from(text), fin)
    } else if (this.#queue === undefined || this.#queue.empty) {
      this.#direct.writeText(fin, 0, opcode, text)
    } else {
      this.#queue.addFrames(encoder => encoder.writeText(fin, 0, opcode, text))
    }
  }

  /**
   * Octets of any length, as one message or a fragment of one.
   *
   * @param octets - copied up to 64 KiB; above, borrowed until they have been written.
   */
  writeOctets(opcode: Opcode, octets: Buffer, fin: boolean, rsv = 0): void {
    if (octets.length > copyThreshold) {
      this.#queue ??= this.#createQueue()
      this.#queue.addMessage(opcode, octets, fin, rsv)
    } else if (this.#queue === undefined || this.#queue.empty) {
      this.#writeFrames(this.#direct, opcode, octets, fin, rsv)
    } else {
      this.#queue.addFrames(encoder => this.#writeFrames(encoder, opcode, octets, fin, rsv))
    }
  }

  /** A whole message that others send too. */
  writePrepared(message: PreparedMessage): void {
    const { opcode, octets } = message
    const inOneFrame = octets.length <= Math.min(copyThreshold, this.#settings.limits.maxOutgoingFrameSize)
    const first = this.#queue === undefined || this.#queue.empty
    if (!this.#masked && inOneFrame && first) this.#direct.writeShared(message.frame)
    else this.writeOctets(opcode, octets, true)
  }

  /**
   * A message or a fragment of one, by way of the extensions: at once, or when {@link work} has come to it.
   *
   * @param octets - as of {@link writeOctets}.
   */
  transform(
    opcode: Opcode,
    octets: Buffer,
    fin: boolean,
    compress: boolean | undefined,
    encodings?: Encodings | undefined,
  ): void {
    const message = { first: opcode !== Opcode.continuation, fin, compress, encodings }
    const waiting = new UntransformedMessage(opcode, octets, message)
    const result = this.hasWork ? undefined : waiting.work(this.#transforms!)
    if (result !== undefined) {
      this.writeOctets(opcode, result, fin, message.first ? this.#transforms!.rsv : 0)
      return
    }
    this.#queue ??= this.#createQueue()
    this.#queue.addUntransformed(waiting)
    waiting.end = this.end
  }

  /** Messages wait for {@link work}. */
  get hasWork(): boolean {
    return this.#queue?.untransformed !== undefined
  }

  /** Lets extensions go on with messages that wait for them, for a few milliseconds at most. */
  work(): void {
    for (let octets = 0; octets < transformedPerTurn; ) {
      const message = this.#queue?.untransformed
      const result = message?.work(this.#transforms!)
      if (message === undefined || result === undefined) return
      octets += message.counted
      const rsv = message.opcode === Opcode.continuation ? 0 : this.#transforms!.rsv
      const write = (encoder: FrameEncoder) => this.#writeFrames(encoder, message.opcode, result, message.fin, rsv)
      const by = message.counted - this.#queue!.transformed(message, result, rsv, write)
      this.#corrections.push({ at: message.end - by, by })
      this.#ahead += by
    }
  }

  /** A control frame, before what is queued. */
  writeControl(opcode: Opcode, payload: Buffer): void {
    this.#direct.writeFrame(true, 0, opcode, payload)
    if (this.#queue?.empty === false) this.#overtaken += headerSize(payload.length, this.#masked) + payload.length
  }

  /** A Ping that is watched: see {@link pingHasLeft}. */
  writePing(payload: Buffer): void {
    this.#pingEnd = undefined
    this.writeControl(Opcode.ping, payload)
  }

  /** The answer to a Ping; while the transport takes nothing, only the latest is kept. */
  writePong(payload: Buffer): void {
    if (this.#blocked) {
      this.#latePong = Buffer.from(payload)
      return
    }
    this.#writeLatePong()
    this.writeControl(Opcode.pong, payload)
  }

  /** A Close frame, behind everything that was sent or owed before it. */
  writeClose(body: Buffer): void {
    this.#writeLatePong()
    if (this.#queue === undefined || this.#queue.empty) this.writeControl(Opcode.close, body)
    else this.#queue.addFrames(encoder => encoder.writeFrame(true, 0, Opcode.close, body))
  }

  /** Forgets the messages that are queued, but for the rest of a frame that is on its way. */
  dropQueued(): number {
    const octets = this.#queue?.drop() ?? 0
    this.#dropped ||= octets > 0
    this.#corrections = []
    this.#ahead = 0
    return octets
  }

  /** Takes what leaves next. See Connection.takeOutput. */
  take(): Buffer[] {
    const limit = this.#settings.limits.sendHighWaterMark
    const queue = this.#queue
    const before = queue?.insideFrame ? queue.take(limit, true) : undefined
    if (queue?.insideFrame) return this.#count(before!)
    this.#writeLatePong()
    const direct = this.#direct.take()
    const taken = before === undefined ? direct : before.concat(direct)
    this.#count(taken)
    this.#pingEnd ??= this.#taken
    if (queue === undefined || queue.empty) return taken
    return taken.concat(this.#count(queue.take(limit, false)))
  }

  /**
   * The transport tells how it stands with what it has taken.
   *
   * @param backlog - octets that it still holds.
   * @param blocked - it asks for nothing more to be taken.
   * @returns octets that have left for the kernel since.
   */
  took(backlog: number, blocked: boolean): number {
    // The transport may hold octets from before this connection, its Opening Handshake: they are not counted.
    const progress = Math.max(0, this.#taken - this.#left - backlog)
    this.#left += progress
    this.#correct()
    this.#blocked = blocked
    this.#direct.detached = blocked
    return progress
  }

  /** The transport has copied everything that was taken: its memory may be written again. */
  release(): void {
    this.#direct.release()
    this.#queue?.release()
  }

  #passed(end: number): boolean {
    return this.bufferedAmount === 0 || this.#place >= end
  }

  /** Where the stream stands, as of what {@link end} answers. */
  get #place(): number {
    return this.#left - this.#overtaken + this.#corrected
  }

  /** Whoever waits for a place behind a message counts it as long as it was thought to be. */
  #correct(): void {
    for (let next = this.#corrections[0]; next !== undefined && this.#place >= next.at; next = this.#corrections[0]) {
      this.#corrected += next.by
      this.#ahead -= next.by
      this.#corrections.shift()
    }
  }

  #writeLatePong(): void {
    if (this.#latePong === undefined) return
    this.writeControl(Opcode.pong, this.#latePong)
    this.#latePong = undefined
  }

  get #masked(): boolean {
    return this.#role === 'client'
  }

  #createQueue(): SendQueue {
    const { limits, maskingKeys, slabs } = this.#settings
    const create = (own: boolean) => new FrameEncoder(this.#role, maskingKeys, slabs, own)
    return new SendQueue(this.#masked, limits.maxOutgoingFrameSize, create)
  }

  #writeFrames(encoder: FrameEncoder, opcode: Opcode, octets: Buffer, fin: boolean, rsv: number): void {
    const max = this.#settings.limits.maxOutgoingFrameSize
    if (octets.length <= max) {
      encoder.writeFrame(fin, rsv, opcode, octets)
      return
    }
    for (let at = 0; at < octets.length; at += max) {
      const end = Math.min(octets.length, at + max)
      const last = fin && end === octets.length
      const first = at === 0
      encoder.writeFrame(last, first ? rsv : 0, first ? opcode : Opcode.continuation, octets.subarray(at, end))
    }
  }

  #count(taken: Buffer[]): Buffer[] {
    for (const buffer of taken) this.#taken += buffer.length
    return taken
  }
}
