/**
 * Knows which Pings are answered: RFC 6455 §5.5.2 and §5.5.3. A Pong answers the Ping with its payload and all Pings before
 * that one: "it MAY elect to send a Pong frame for only the most recently processed Ping frame".
 */
import { UsageError } from '../errors.js'
import { maxControlPayload } from '../framing/frame-header.js'
import type { RoundTripTimes } from './close-record.js'

/** Told how long the answer took, in milliseconds; undefined when there will be none. */
export type PingSettled = (roundTripTime: number | undefined) => void

/** A Ping that waits for its Pong. */
export interface Ping {
  readonly payload: Buffer
  readonly sentAt: number
  readonly settled: PingSettled | undefined
}

/** How many Pings may be unanswered; then no further one is sent. */
const maxOutstanding = 1024

export class Pinger {
  /** Undefined rather than empty: most of the time there is none. */
  #pings: Ping[] | undefined
  #lastKeepAlive: Ping | undefined
  #last = 0
  #min = Number.POSITIVE_INFINITY
  #max = 0
  #sum = 0
  #count = 0

  /**
   * A Ping of the application's is about to be sent.
   *
   * @param payload - copied.
   * @returns false when too many are unanswered: it must not be.
   */
  expect(payload: Buffer, now: number, settled: PingSettled | undefined): boolean {
    if (this.#pings !== undefined && this.#pings.length >= maxOutstanding) return false
    this.#add({ payload: Buffer.from(payload), sentAt: now, settled })
    return true
  }

  /**
   * A Ping is about to be sent to see whether the peer is alive; one that it never answered before is forgotten.
   *
   * @param payload - kept: one that only a Pong that answers it can carry.
   */
  expectKeepAlive(payload: Buffer, now: number): void {
    const forgotten = this.#lastKeepAlive
    if (forgotten !== undefined) this.#pings = this.#pings?.filter(ping => ping !== forgotten)
    this.#lastKeepAlive = { payload, sentAt: now, settled: undefined }
    this.#add(this.#lastKeepAlive)
  }

  /** A Pong has come. Returns the Pings that it answers, in order, its own last; none: it was unsolicited. */
  answer(payload: Buffer, now: number): readonly Ping[] {
    const index = this.#pings?.findIndex(ping => ping.payload.equals(payload)) ?? -1
    if (index < 0) return []
    const answered = this.#pings!.splice(0, index + 1)
    if (this.#pings!.length === 0) this.#pings = undefined
    if (answered.includes(this.#lastKeepAlive!)) this.#lastKeepAlive = undefined
    this.#note(now - answered.at(-1)!.sentAt)
    return answered
  }

  /** No Pong will come any more: returns the Pings that would have been answered. */
  abandon(): readonly Ping[] {
    const pings = this.#pings ?? []
    this.#pings = undefined
    return pings
  }

  get roundTripTimes(): RoundTripTimes | undefined {
    if (this.#count === 0) return undefined
    return { last: this.#last, min: this.#min, max: this.#max, mean: this.#sum / this.#count, count: this.#count }
  }

  #add(ping: Ping): void {
    this.#pings ??= []
    this.#pings.push(ping)
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
