/**
 * What a WebSocket sends, in order: WHATWG WebSockets Standard, the `send()` method and `bufferedAmount`. Data is copied
 * at the call. A Blob is read first, and what is sent behind it waits, the Close frame too; nothing else makes a promise.
 */
import { copyThreshold } from '../framing/frame-encoder.js'
import { PayloadMeter } from './payload-meter.js'
import type { WebSocketConnection } from './websocket-connection.js'

/** A message: octets are copied where they are not sent at once. */
export type Payload = string | Buffer | Blob

interface CloseOrder {
  readonly code: number | null
  readonly reason: string
}

export class OutgoingMessages {
  #connection: WebSocketConnection<unknown> | undefined
  readonly #meter = new PayloadMeter()
  /** Octets of payload that were given too late, and will never leave. */
  #late = 0
  /** A Blob that is being read, and what waits behind it. */
  #waiting: (Payload | CloseOrder)[] = []
  #waitingPayload = 0

  /** The connection is open: what is sent from now on goes there. */
  attach(connection: WebSocketConnection<unknown>): void {
    this.#connection = connection
  }

  /** Octets of payload that were sent and have not left for the kernel. What cannot leave any more stays counted. */
  get bufferedAmount(): number {
    return this.#late + this.#waitingPayload + this.#meter.left(this.#wire)
  }

  /** Sends a message, behind all others. */
  send(payload: Payload): void {
    if (this.#waiting.length > 0 || payload instanceof Blob) this.#wait(payload)
    else this.#write(payload, copyThreshold)
  }

  /** Starts the Closing Handshake, behind all messages. */
  close(code: number | null, reason: string): void {
    if (this.#waiting.length > 0) this.#waiting.push({ code, reason })
    else this.#close(code, reason)
  }

  /** Counts a message that was given when the end had begun: it is not sent. */
  lose(payload: Payload): void {
    this.#late += sizeOf(payload)
  }

  /** Octets on the wire that have not left; those that were given up among them. */
  get #wire(): number {
    if (this.#connection === undefined) return 0
    const { state, core } = this.#connection
    if (state === 'open') return core.handedOver
    const { octetsUnsent } = this.#connection.closeRecord
    return state === 'closed' ? octetsUnsent : octetsUnsent + core.handedOver
  }

  /** @param borrowed - so many octets the connection copies by itself. */
  #write(payload: string | Buffer, borrowed: number): void {
    const size = sizeOf(payload)
    const connection = this.#connection!
    const before = connection.core.handedOver
    // So that as many messages are remembered as are waiting, also where nobody ever asks.
    this.#meter.left(this.#wire)
    const octets = typeof payload !== 'string' && size > borrowed ? Buffer.from(payload) : payload
    if (connection.send(octets) === 'dropped') this.#late += size
    else this.#meter.add(connection.core.handedOver - before, size)
  }

  #close(code: number | null, reason: string): void {
    const connection = this.#connection!
    const before = connection.core.handedOver
    connection.close(code, reason)
    // It is in the way of what leaves, and has no payload that counts.
    this.#meter.add(connection.core.handedOver - before, 0)
  }

  #wait(payload: Payload): void {
    this.#waitingPayload += sizeOf(payload)
    const length = this.#waiting.push(Buffer.isBuffer(payload) ? Buffer.from(payload) : payload)
    if (length === 1) void this.#readOn()
  }

  /** Until nothing waits. What is at the head stays there until it has been dealt with. */
  async #readOn(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (typeof next === 'string' || Buffer.isBuffer(next)) this.#writeWaiting(next)
      else if (next instanceof Blob) await this.#readBlob(next)
      else this.#close(next.code, next.reason)
      this.#waiting.shift()
    }
  }

  async #readBlob(blob: Blob): Promise<void> {
    try {
      this.#writeWaiting(Buffer.from(await blob.arrayBuffer()))
    } catch {
      // A file that has changed, say. A message that is left out would be worse than an end.
      this.#connection!.terminate()
    }
  }

  #writeWaiting(payload: string | Buffer): void {
    this.#waitingPayload -= sizeOf(payload)
    this.#write(payload, Number.POSITIVE_INFINITY)
  }
}

function sizeOf(payload: Payload): number {
  if (typeof payload === 'string') return Buffer.byteLength(payload)
  return payload instanceof Blob ? payload.size : payload.length
}
