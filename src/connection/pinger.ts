/**
 * Sends Pings and knows which are answered: RFC 6455 §5.5.2 and §5.5.3. A Pong answers the Ping with its payload and all
 * Pings before that one: "it MAY elect to send a Pong frame for only the most recently processed Ping frame".
 */
import { UsageError } from '../errors.js'
import { maxControlPayload, Opcode } from '../framing/frame-header.js'
import type { MaskingKeySource } from '../framing/masking.js'
import type { RoundTripTimes } from './close-record.js'
import type { Outbox } from './outbox.js'

/** Told how long the answer took, in milliseconds; undefined when there will be none. */
export type PingSettled = (roundTripTime: number | undefined) => void

interface Ping {
  readonly payload: Buffer
  readonly sentAt: number
  readonly settled: PingSettled | undefined
}

/** How many Pings may be unanswered; then no further one is sent. */
const maxOutstanding = 1024

export class Pinger {
  readonly #outbox: Outbox
  readonly #random: MaskingKeySource
  readonly #tell: (call: () => void) => void
  #pings: Ping[] = []
  #lastKeepAlive: Ping | undefined
  #last = 0
  #min = Number.POSITIVE_INFINITY
  #max = 0
  #sum = 0
  #count = 0

  /**
   * @param random - makes the payload of keep-alive Pings, so that only a Pong that answers one can carry it.
   * @param tell - makes a call into the application, and deals with what it throws.
   */
  constructor(outbox: Outbox, random: MaskingKeySource, tell: (call: () => void) => void) {
    this.#outbox = outbox
    this.#random = random
    this.#tell = tell
  }

  /**
   * Sends a Ping of the application's.
   *
   * @param payload - copied.
   * @returns false when too many are unanswered: it was not sent.
   */
  send(payload: Buffer, now: number, settled: PingSettled | undefined): boolean {
    if (this.#pings.length >= maxOutstanding) return false
    this.#pings.push({ payload: Buffer.from(payload), sentAt: now, settled })
    this.#outbox.writeControl(Opcode.ping, payload)
    return true
  }

  /** Sends a Ping to see whether the peer is alive; one that it never answered before is forgotten. */
  keepAlive(now: number): void {
    const payload = Buffer.alloc(4)
    payload.writeInt32LE(this.#random())
    const forgotten = this.#lastKeepAlive
    if (forgotten !== undefined) this.#pings = this.#pings.filter(ping => ping !== forgotten)
    this.#lastKeepAlive = { payload, sentAt: now, settled: undefined }
    this.#pings.push(this.#lastKeepAlive)
    this.#outbox.writePing(payload)
  }

  /**
   * A Pong has come.
   *
   * @returns the round-trip time of the Ping it answers, or undefined: it was unsolicited.
   */
  answer(payload: Buffer, now: number): number | undefined {
    const index = this.#pings.findIndex(ping => ping.payload.equals(payload))
    if (index < 0) return undefined
    const roundTripTime = now - this.#pings[index]!.sentAt
    this.#note(roundTripTime)
    for (const ping of this.#pings.splice(0, index + 1)) this.#settle(ping, now - ping.sentAt)
    return roundTripTime
  }

  /** No Pong will come any more. */
  abandon(): void {
    const pings = this.#pings
    this.#pings = []
    for (const ping of pings) this.#settle(ping, undefined)
  }

  get roundTripTimes(): RoundTripTimes | undefined {
    if (this.#count === 0) return undefined
    return { last: this.#last, min: this.#min, max: this.#max, mean: this.#sum / this.#count, count: this.#count }
  }

  #settle({ settled }: Ping, roundTripTime: number | undefined): void {
    if (settled !== undefined) this.#tell(() => settled(roundTripTime))
  }

  #note(roundTripTime: number): void {
    this.#last = roundTripTime
    this.#min = Math.min(this.#min, roundTripTime)
    this.#max = Math.max(this.#max, roundTripTime)
    this.#sum += roundTripTime
    this.#count++
  }
}

/** @throws UsageError for anything but a Buffer of the 125 octets that a control frame carries at most (§5.5). */
export function checkControlPayload(payload: Buffer): void {
  if (!Buffer.isBuffer(payload)) throw new UsageError('WS_INVALID_DATA', '5.5', 'a payload is a Buffer')
  if (payload.length > maxControlPayload) {
    throw new UsageError('WS_CONTROL_TOO_LONG', '5.5', `a control frame carries at most ${maxControlPayload} octets`)
  }
}
