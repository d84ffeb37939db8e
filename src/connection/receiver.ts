/**
 * The inbound half of a connection: RFC 6455 §5.4, §5.5, §6.2. It sorts frames into control frames and messages, and
 * hands them to the application: one message at a time, the next when the promise of the last has settled, and with
 * whatever a handler throws kept away from the protocol.
 */
import { UsageError } from '../errors.js'
import type { CloseBody } from '../framing/close-body.js'
import { FrameDecoder, type FrameSink } from '../framing/frame-decoder.js'
import { type FrameHeader, isControl } from '../framing/frame-header.js'
import type { ConnectionParts } from './connection-parts.js'
import { ControlReceiver, type ControlSink } from './control-receiver.js'
import { MessageAssembler, type MessageSink, sizeOnTheWire } from './message-assembler.js'

/** Octets that extensions take and give for one connection in a turn of the event loop; the rest after others had theirs. */
const transformedPerTurn = 1024 * 1024

export class Receiver implements FrameSink, MessageSink, ControlSink {
  readonly #decoder = new FrameDecoder('server', this)
  readonly #assembler = new MessageAssembler(this)
  readonly #controls = new ControlReceiver(this)
  /** Whose octets it receives. */
  #parts!: ConnectionParts
  /** When what it receives came. */
  now = 0
  #paused = false
  #awaiting = false
  #decoding = false
  /** Octets that extensions have dealt with since octets came, or since they were let go on. */
  #transformed = 0
  /** They have done enough for one turn of the event loop. */
  #exhausted = false

  /** Receives for this connection from now on, beginning between two frames. */
  begin(parts: ConnectionParts): void {
    const { facts, settings, transforms } = parts
    this.#parts = parts
    const { maxFrameSize, maxMessageSize } = settings.limits
    // Where no smaller limit is asked for, the assembler judges: it knows what an extension has made longer.
    const largest =
      transforms !== undefined && maxFrameSize === maxMessageSize ? sizeOnTheWire(maxFrameSize) : maxFrameSize
    this.#decoder.begin(facts.role, largest, transforms?.claimedRsv)
    this.#assembler.begin(settings, transforms)
    this.#transformed = 0
    this.#exhausted = false
    this.#controls.begin()
    if (facts.deaf) this.stop()
  }

  /**
   * Forgets its connection, if there is nothing to remember: neither part of a frame or a message, nor a reason to hold.
   *
   * @returns whether it did.
   */
  rest(): boolean {
    if (this.#paused || this.#awaiting || this.#decoding) return false
    if (this.#working && !this.#parts.closing) return false
    const between = this.#decoder.betweenFrames && this.#assembler.incomplete === undefined
    if (!between && !this.#decoder.stopped) return false
    this.#parts = undefined!
    return true
  }

  /** Nothing is delivered now. */
  get held(): boolean {
    return this.#decoder.held
  }

  /** Octets received of a message that has begun and is not complete; undefined: there is none. */
  get incomplete(): number | undefined {
    return this.#assembler.incomplete
  }

  /** There is work for {@link work}, and nothing against it. */
  get hasWork(): boolean {
    return this.#working && !this.#paused && !this.#awaiting && !this.#parts.closing
  }

  /** Goes on with what extensions have to do, for a few milliseconds at most. */
  work(now: number): void {
    this.now = now
    this.#decoding = true
    this.#transformed = 0
    this.#exhausted = false
    try {
      if (this.#assembler.working) this.#assembler.work()
    } finally {
      this.#decoding = false
      this.judgeHold()
    }
  }

  get #working(): boolean {
    return this.#exhausted || this.#assembler.working
  }

  /** See FrameDecoder.decode; `lent`: see Connection.receive. */
  decode(chunk: Buffer, now: number, lent: boolean): number {
    if (this.#decoding) {
      throw new UsageError('WS_REENTRANT_RECEIVE', '6.2', 'receive() was called from within itself, by a handler')
    }
    this.now = now
    if (lent) this.#assembler.lend(chunk)
    this.#decoding = true
    this.#transformed = 0
    try {
      return this.#decoder.decode(chunk)
    } finally {
      this.#decoding = false
      this.#assembler.forgetChunk()
    }
  }

  /** Nothing that follows is heeded. */
  stop(): void {
    this.#decoder.stop()
  }

  set paused(paused: boolean) {
    this.#paused = paused
    this.judgeHold()
    this.#parts.restReceiver()
  }

  /** The connection is closing, perhaps: then nothing is delivered any more, and nothing is held. */
  judgeHold(): void {
    const held = this.#decoder.held
    this.#decoder.held = (this.#paused || this.#awaiting || this.#working) && !this.#parts.closing
    if ((held && !this.#decoder.held) || this.hasWork) this.#parts.owner.wake()
  }

  onHeader(frame: FrameHeader): void {
    if (!isControl(frame.opcode) && !this.#parts.closing) this.#assembler.beginFrame(frame)
  }

  roomFor(frame: FrameHeader, length: number): Buffer | undefined {
    return this.#parts.closing ? undefined : this.#assembler.roomFor(frame, length)
  }

  onPayload(frame: FrameHeader, chunk: Buffer, start: number, end: number): void {
    if (isControl(frame.opcode)) this.#controls.append(frame, chunk, start, end)
    // After a Close of ours data is discarded; only control frames are heeded (§5.5.1, §7.1.3).
    else if (!this.#parts.closing) this.#assembler.append(frame, chunk, start, end)
  }

  onText(text: string | Buffer): void {
    this.#parts.deadlines.received()
    try {
      this.#await(this.#parts.handler.onText(text))
    } catch (error) {
      this.#parts.ending.onHandlerFailed(error)
    }
  }

  onBinary(data: Buffer): void {
    this.#parts.deadlines.received()
    try {
      this.#await(this.#parts.handler.onBinary(data))
    } catch (error) {
      this.#parts.ending.onHandlerFailed(error)
    }
  }

  onInPlace(octets: Buffer, start: number, end: number): void {
    const { deadlines, handler, settings } = this.#parts
    deadlines.received()
    try {
      settings.inPlace!(handler, octets, start, end, this.now)
    } catch (error) {
      this.#parts.ending.onHandlerFailed(error)
    }
  }

  onTransformed(octets: number): void {
    this.#transformed += octets
    if (this.#transformed > transformedPerTurn) this.#exhausted = true
    if (this.#working) this.judgeHold()
  }

  onTransformFailed(error: unknown): void {
    this.#parts.ending.onHandlerFailed(error)
  }

  onCloseFrame(body: CloseBody): void {
    this.#parts.ending.onCloseFrame(body)
  }

  /** §5.5.2: answered at once, even between the fragments of a message. */
  onPingFrame(payload: Buffer): void {
    this.#parts.sender.outbox.writePong(payload)
    this.#parts.owner.wake()
    this.#parts.tell(() => this.#parts.handler.onPing(payload))
  }

  onPongFrame(payload: Buffer): void {
    const now = this.now
    const answered = this.#parts.usedPinger?.answer(payload, now) ?? []
    for (const { settled, sentAt } of answered) this.#parts.tell(() => settled?.(now - sentAt))
    const last = answered.at(-1)
    const roundTripTime = last && now - last.sentAt
    this.#parts.tell(() => this.#parts.handler.onPong(payload, roundTripTime))
  }

  #await(result: unknown): void {
    if (result === undefined || typeof (result as PromiseLike<unknown> | null)?.then !== 'function') return
    this.#awaiting = true
    this.judgeHold()
    const settled = () => {
      this.#awaiting = false
      this.judgeHold()
      this.#parts.restReceiver()
    }
    const rejected = (error: unknown) => {
      this.#awaiting = false
      this.#parts.ending.onHandlerFailed(error, true)
    }
    // Promise.resolve: whatever it is that has a `then`, it settles once and later.
    Promise.resolve(result as PromiseLike<unknown>).then(settled, rejected)
  }
}
