/**
 * Receives control frames: RFC 6455 §5.5. Their payload has at most 125 octets; what is cut between chunks is gathered.
 */
import { type CloseBody, readCloseBody } from '../framing/close-body.js'
import { type FrameHeader, Opcode } from '../framing/frame-header.js'

export interface ControlSink {
  /** §5.5.1. */
  onCloseFrame(body: CloseBody): void
  /** §5.5.2. `payload` may be a view of the chunk. */
  onPingFrame(payload: Buffer): void
  /** §5.5.3. `payload` may be a view of the chunk. */
  onPongFrame(payload: Buffer): void
}

export class ControlReceiver {
  readonly #sink: ControlSink
  #gathered: Buffer | undefined

  constructor(sink: ControlSink) {
    this.#sink = sink
  }

  /** Receives from another peer from now on, beginning between two frames. */
  begin(): void {
    this.#gathered = undefined
  }

  /** A run of a control frame's payload; see FrameSink.onPayload. Throws a ProtocolError for an illegal Close body. */
  append(frame: FrameHeader, chunk: Buffer, start: number, end: number): void {
    if (end - start === frame.payloadLength) {
      this.#receive(frame, chunk.subarray(start, end))
      return
    }
    this.#gathered ??= Buffer.alloc(frame.payloadLength)
    chunk.copy(this.#gathered, frame.payloadLength - frame.remaining - (end - start), start, end)
    if (frame.remaining > 0) return
    const payload = this.#gathered
    this.#gathered = undefined
    this.#receive(frame, payload)
  }

  #receive(frame: FrameHeader, payload: Buffer): void {
    if (frame.opcode === Opcode.close) this.#sink.onCloseFrame(readCloseBody(payload))
    else if (frame.opcode === Opcode.ping) this.#sink.onPingFrame(payload)
    else this.#sink.onPongFrame(payload)
  }
}
