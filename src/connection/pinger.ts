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
  #pings: Ping[] = []
  #last = 0
  #min = Number.POSITIVE_INFINITY
  #max = 0
  #sum = 0
  #count = 0

  /** @param random makes the payload of keep-alive Pings, so that only a Pong that answers one can carry it. */
  constructor(outbox: Outbox, random: MaskingKeySource) {
    this.#outbox = outbox
    this.#random = random
  }

  /**
   * Sends a Ping of the application's.
   *
   * @param payload copied.
   * @returns false when too many are unanswered: it was not sent.
   */
  send(payload: Buffer, now: number, settled: PingSettled | undefined): boolean {
    if (this.#pings.length >= maxOutstanding) return false
    this.#pings.push({ payload: Buffer.from(payload), sentAt: now, settled })
    this.#outbox.writeControl(Opcode.ping, payload)
    return true
  }

  /** Sends a Ping to see whether the peer is alive. */
  keepAlive(now: number): void {
    const payload = Buffer.alloc(4)
    payload.writeInt32LE(this.#random())
    this.#pings.push({ payload, sentAt: now, settled: undefined })
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
    for (const ping of this.#pings.splice(0, index + 1)) ping.settled?.(now - ping.sentAt)
    return roundTripTime
  }

  /** No Pong will come any more. */
  abandon(): void {
    const pings = this.#pings
    this.#pings = []
    for (const ping of pings) ping.settled?.(undefined)
  }

  get roundTripTimes(): RoundTripTimes | undefined {
    if (this.#count === 0) return undefined
    return { last: this.#last, min: this.#min, max: this.#max, mean: this.#sum / this.#count, count: this.#count }
  }

  #note(roundTripTime: number): void {
    this.#last = roundTripTime
    this.#min = Math.min(this.#min, roundTripTime)
    this.#max = Math.max(this.#max, roundTripTime)
    this.#sum += roundTripTime
    this.#count++
  }
}

/** @throws {UsageError} for more than the 125 octets that a control frame carries (§5.5). */
export function checkControlPayload(payload: Buffer): void {
  if (payload.length > maxControlPayload) {
    throw new UsageError('WS_CONTROL_TOO_LONG', '5.5', `a control frame carries at most ${maxControlPayload} octets`)
  }
}
