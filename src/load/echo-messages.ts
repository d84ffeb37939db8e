/**
 * The messages that one connection has under way to an echo server, and what their replies tell. Every message bears a
 * number, so that a reply that is lost, doubled or another's is found, whatever the server does.
 */
import type { Exchange, ExchangeOwner } from './exchange.js'

/** The first octets of a message say its number, six bits in each: ASCII, for text may be sent too. */
const stampOctets = 4
const firstDigit = 0x30
/** How many numbers there are, by how many octets they have: powers of two, for a mask is faster than a division. */
const numbers = [1, 2 ** 6, 2 ** 12, 2 ** 18, 2 ** 24] as const

/** Messages up to this are copied when they are sent; longer ones are lent, and their memory must not change. */
const copied = 64 * 1024

/** Of connections that have never sent: there may be many, and idle. */
const none = new Float64Array(0)

export class EchoMessages implements Exchange {
  readonly expected = 1
  readonly #payloads: readonly Buffer[]
  readonly #size: number
  readonly #digits: number
  readonly #numbers: number
  /** When those under way were due and sent, two places each, from `#sent - underWay` on, round and round. */
  #times = none
  #sent = 0
  /** Messages that are neither answered nor lost. */
  underWay = 0

  /**
   * @param payloads - what messages are, in turns, but for their numbers, which are written to their beginnings. All of one
   * size; how many there are is a power of two, and no more than there are numbers.
   */
  constructor(...payloads: readonly Buffer[]) {
    this.#payloads = payloads
    this.#size = payloads[0]!.length
    this.#digits = Math.min(this.#size, stampOctets)
    this.#numbers = numbers[this.#digits]!
  }

  join(): void {}

  next(due: number, now: number): Buffer {
    const next = this.#payloadOf(this.#sent)
    const payload = this.#size <= copied ? next : Buffer.from(next)
    if (this.underWay * 2 === this.#times.length) this.#grow()
    const at = this.#place(this.#sent)
    this.#times[at] = due
    this.#times[at + 1] = now
    let number = this.#sent
    for (let i = 0; i < this.#digits; i++) {
      payload[i] = firstDigit + (number & 63)
      number >>>= 6
    }
    this.#sent = (this.#sent + 1) & (2 ** 30 - 1)
    this.underWay++
    return payload
  }

  receive(payload: Buffer, now: number, owner: ExchangeOwner): void {
    this.receiveInPlace(payload, 0, payload.length, now, owner)
  }

  receiveInPlace(octets: Buffer, start: number, end: number, now: number, owner: ExchangeOwner): void {
    if (end - start !== this.#size) {
      this.#wrong(owner)
      return
    }
    let number = 0
    for (let i = this.#digits - 1; i >= 0; i--) number = number * 64 + octets[start + i]! - firstDigit
    const first = this.#sent - this.underWay
    // How far behind the one that is due next; so far before it that it must have been answered, is it a second reply.
    const ahead = (number - first) & (this.#numbers - 1)
    const same = this.#isSame(octets, start, number)
    if (!same || ahead >= this.underWay) {
      this.#wrong(owner, same && this.#numbers - ahead <= Math.min(64, this.#numbers / 2))
      return
    }
    for (let i = 0; i < ahead; i++) owner.lost(this.#times[this.#place(first + i)]!)
    const at = this.#place(first + ahead)
    this.underWay -= ahead + 1
    owner.answered(this.#times[at]!, this.#times[at + 1]!, now)
  }

  /** @param doubled - it was answered before; whatever else it is, it came in the place of the reply that is due. */
  #wrong(owner: ExchangeOwner, doubled = false): void {
    owner.wrong()
    if (!doubled && this.underWay > 0) this.underWay--
  }

  giveUp(each: (due: number) => void): void {
    for (; this.underWay > 0; this.underWay--) each(this.#times[this.#place(this.#sent - this.underWay)]!)
  }

  /** All octets are looked at of the first messages and then of each 64th: to compare costs as much as to time. */
  #isSame(octets: Buffer, start: number, number: number): boolean {
    if (number >= 16 && (number & 63) !== 0) return true
    const payload = this.#payloadOf(number)
    return octets.compare(payload, this.#digits, this.#size, start + this.#digits, start + this.#size) === 0
  }

  #payloadOf(number: number): Buffer {
    return this.#payloads[number & (this.#payloads.length - 1)]!
  }

  #place(number: number): number {
    return (number * 2) & (this.#times.length - 1)
  }

  #grow(): void {
    const times = new Float64Array(Math.max(8, this.#times.length * 2))
    for (let number = this.#sent - this.underWay; number < this.#sent; number++) {
      const from = this.#place(number)
      const to = (number * 2) & (times.length - 1)
      times[to] = this.#times[from]!
      times[to + 1] = this.#times[from + 1]!
    }
    this.#times = times
  }
}
