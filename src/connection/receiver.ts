/**
 * The inbound half of a connection: RFC 6455 §5.4, §5.5, §6.2. It sorts frames into control frames and messages, and
 * hands them to the application: one message at a time, the next when the promise of the last has settled, and with
 * whatever a handler throws kept away from the protocol.
 */
import type { CloseBody } from '../framing/close-body.js'
import { FrameDecoder, type FrameSink } from '../framing/frame-decoder.js'
import { type FrameHeader, isControl } from '../framing/frame-header.js'
import type { ConnectionHandler } from './connection-handler.js'
import type { ConnectionSettings } from './connection-settings.js'
import type { ConnectionState } from './connection-state.js'
import { ControlReceiver, type ControlSink } from './control-receiver.js'
import type { Deadlines } from './deadlines.js'
import { MessageAssembler, type MessageSink } from './message-assembler.js'
import type { Outbox } from './outbox.js'
import type { Pinger } from './pinger.js'

/** What the receiver leaves to the connection. */
export interface ReceiverOwner {
  /** §5.5.1. */
  onCloseFrame(body: CloseBody): void
  /** A handler threw; or, `late`, its promise was rejected, when nobody told the time. */
  onHandlerFailed(error: unknown, late?: boolean): void
  /** Output waits, or nothing holds the receiver any more. */
  onWake(): void
}

export class Receiver implements FrameSink, MessageSink, ControlSink {
  readonly #state: ConnectionState
  readonly #handler: ConnectionHandler
  readonly #owner: ReceiverOwner
  readonly #decoder: FrameDecoder
  readonly #assembler: MessageAssembler
  readonly #controls: ControlReceiver
  readonly #outbox: Outbox
  readonly #pinger: Pinger
  readonly #deadlines: Deadlines
  #now = 0
  #paused = false
  #awaiting = false
  #decoding = false

  constructor(
    state: ConnectionState,
    handler: ConnectionHandler,
    owner: ReceiverOwner,
    settings: ConnectionSettings,
    outbox: Outbox,
    pinger: Pinger,
    deadlines: Deadlines,
  ) {
    this.#state = state
    this.#handler = handler
    this.#owner = owner
    this.#outbox = outbox
    this.#pinger = pinger
    this.#deadlines = deadlines
    this.#decoder = new FrameDecoder(state.role, this, settings.limits.maxFrameSize)
    this.#assembler = new MessageAssembler(this, settings.limits, settings.textAsOctets)
    this.#controls = new ControlReceiver(this)
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
  }

  /** The connection is closing, perhaps: then nothing is delivered any more, and nothing is held. */
  judgeHold(): void {
    const held = this.#decoder.held
    this.#decoder.held = (this.#paused || this.#awaiting) && !this.#state.closing
    if (held && !this.#decoder.held) this.#owner.onWake()
  }

  onHeader(frame: FrameHeader): void {
    if (!isControl(frame.opcode) && !this.#state.closing) this.#assembler.begin(frame)
  }

  onPayload(frame: FrameHeader, chunk: Buffer, start: number, end: number): void {
    if (isControl(frame.opcode)) this.#controls.append(frame, chunk, start, end)
    // After a Close of ours data is discarded; only control frames are heeded (§5.5.1, §7.1.3).
    else if (!this.#state.closing) this.#assembler.append(frame, chunk, start, end)
  }

  onText(text: string | Buffer): void {
    this.#deadlines.received(this.#now)
    try {
      this.#await(this.#handler.onText(text))
    } catch (error) {
      this.#owner.onHandlerFailed(error)
    }
  }

  onBinary(data: Buffer): void {
    this.#deadlines.received(this.#now)
    try {
      this.#await(this.#handler.onBinary(data))
    } catch (error) {
      this.#owner.onHandlerFailed(error)
    }
  }

  onCloseFrame(body: CloseBody): void {
    this.#owner.onCloseFrame(body)
  }

  /** §5.5.2: answered at once, even between the fragments of a message. */
  onPingFrame(payload: Buffer): void {
    this.#outbox.writePong(payload)
    this.#owner.onWake()
    try {
      this.#handler.onPing(payload)
    } catch (error) {
      this.#owner.onHandlerFailed(error)
    }
  }

  onPongFrame(payload: Buffer): void {
    const roundTripTime = this.#pinger.answer(payload, this.#now)
    try {
      this.#handler.onPong(payload, roundTripTime)
    } catch (error) {
      this.#owner.onHandlerFailed(error)
    }
  }

  #await(result: unknown): void {
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return
    this.#awaiting = true
    this.judgeHold()
    const settled = () => {
      this.#awaiting = false
      this.judgeHold()
    }
    const rejected = (error: unknown) => {
      this.#awaiting = false
      this.#owner.onHandlerFailed(error, true)
    }
    // Promise.resolve: whatever it is that has a `then`, it settles once and later.
    Promise.resolve(result as PromiseLike<unknown>).then(settled, rejected)
  }
}
