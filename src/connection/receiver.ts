/**
 * The inbound half of a connection: RFC 6455 §5.4, §5.5, §6.2. It sorts frames into control frames and messages, and
 * hands them to the application: one message at a time, the next when the promise of the last has settled, and with
 * whatever a handler throws kept away from the protocol.
 */
import type { CloseBody } from '../framing/close-body.js'
import { FrameDecoder, type FrameSink } from '../framing/frame-decoder.js'
import { type FrameHeader, isControl } from '../framing/frame-header.js'
import type { ConnectionParts } from './connection-parts.js'
import { ControlReceiver, type ControlSink } from './control-receiver.js'
import { MessageAssembler, type MessageSink } from './message-assembler.js'

export class Receiver implements FrameSink, MessageSink, ControlSink {
  readonly #decoder = new FrameDecoder('server', this)
  readonly #assembler = new MessageAssembler(this)
  readonly #controls = new ControlReceiver(this)
  /** Whose octets it receives. */
  #parts!: ConnectionParts
  #now = 0
  #paused = false
  #awaiting = false
  #decoding = false

  /** Receives for this connection from now on, beginning between two frames. */
  begin(parts: ConnectionParts): void {
    const { facts, settings } = parts
    this.#parts = parts
    this.#decoder.begin(facts.role, settings.limits.maxFrameSize)
    this.#assembler.begin(settings)
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

  /** A chunk is being decoded: a handler of this connection is on the stack. */
  get decoding(): boolean {
    return this.#decoding
  }

  /** See FrameDecoder.decode. */
  decode(chunk: Buffer, now: number): number {
    this.#now = now
    this.#decoding = true
    try {
      return this.#decoder.decode(chunk)
    } finally {
      this.#decoding = false
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
    this.#decoder.held = (this.#paused || this.#awaiting) && !this.#parts.facts.closing
    if (held && !this.#decoder.held) this.#parts.owner.wake()
  }

  onHeader(frame: FrameHeader): void {
    if (!isControl(frame.opcode) && !this.#parts.facts.closing) this.#assembler.beginFrame(frame)
  }

  onPayload(frame: FrameHeader, chunk: Buffer, start: number, end: number): void {
    if (isControl(frame.opcode)) this.#controls.append(frame, chunk, start, end)
    // After a Close of ours data is discarded; only control frames are heeded (§5.5.1, §7.1.3).
    else if (!this.#parts.facts.closing) this.#assembler.append(frame, chunk, start, end)
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
    const now = this.#now
    const answered = this.#parts.usedPinger?.answer(payload, now) ?? []
    for (const { settled, sentAt } of answered) this.#parts.tell(() => settled?.(now - sentAt))
    const last = answered.at(-1)
    const roundTripTime = last && now - last.sentAt
    this.#parts.tell(() => this.#parts.handler.onPong(payload, roundTripTime))
  }

  #await(result: unknown): void {
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return
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
