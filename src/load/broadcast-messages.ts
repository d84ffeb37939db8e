/**
 * Messages that a server sends on to everybody: each is timed at each receiver, and at the last one. Who has which is kept
 * for every message, so that one that came twice does not stand for one that never came.
 */
import type { Exchange, ExchangeOwner, GivenUp } from './exchange.js'

const stampOctets = 4
const firstDigit = 0x30

interface Message {
  readonly number: number
  readonly due: number
  readonly sent: number
  readonly sender: Seat
  readonly missing: Set<Seat>
  /** Somebody will never have it. */
  lost: boolean
}

/** What the connections of a broadcast share. */
export class Broadcasts {
  /** What is under way, in the order of sending. */
  readonly messages = new Map<number, Message>()
  /** Who receives. */
  readonly seats = new Set<Seat>()
  readonly payload: Buffer
  readonly toSender: boolean
  readonly text: boolean
  #number = 0

  /**
   * @param payload - what each message is, but for its number; at least four octets.
   * @param toSender - the server sends a message to its sender, too.
   * @param text - messages are text, and are to arrive as such.
   */
  constructor(payload: Buffer, toSender: boolean, text: boolean) {
    this.payload = payload
    this.toSender = toSender
    this.text = text
  }

  /** The place of one more connection. */
  seat(): Exchange {
    return new Seat(this)
  }

  /** A message from `sender` to all others who are there. */
  add(sender: Seat, due: number, sent: number): Message {
    const missing = new Set(this.seats)
    if (!this.toSender) missing.delete(sender)
    const message = { number: this.#number, due, sent, sender, missing, lost: false }
    this.#number = (this.#number + 1) & (64 ** stampOctets - 1)
    if (missing.size > 0) this.messages.set(message.number, message)
    return message
  }

  /** Nobody waits any more for this message to come to this seat. */
  strike(message: Message, seat: Seat, lost: boolean): void {
    message.missing.delete(seat)
    if (lost) message.lost = true
    if (message.missing.size === 0) this.messages.delete(message.number)
  }
}

class Seat implements Exchange {
  expected = 0
  readonly #all: Broadcasts

  constructor(all: Broadcasts) {
    this.#all = all
  }

  get underWay(): number {
    return this.#all.messages.size
  }

  join(): void {
    this.#all.seats.add(this)
  }

  next(due: number, now: number): Buffer {
    const { number, missing } = this.#all.add(this, due, now)
    const { payload } = this.#all
    for (let i = 0; i < stampOctets; i++) payload[i] = firstDigit + ((number >>> (6 * i)) & 63)
    this.expected = missing.size
    return Buffer.from(payload)
  }

  receive(payload: Buffer, now: number, owner: ExchangeOwner, text: boolean): void {
    const message = this.#messageOf(payload)
    if (message === undefined || !message.missing.has(this)) {
      owner.other(now)
      return
    }
    // What one connection sends arrives in its order: whatever is older and is not here will not come.
    for (const older of this.#all.messages.values()) {
      if (older === message) break
      if (older.sender !== message.sender || !older.missing.has(this)) continue
      owner.lost(older.due)
      this.#all.strike(older, this, true)
    }
    const same = text === this.#all.text && this.#isSame(payload)
    if (same) owner.answered(message.due, message.sent, now)
    else owner.wrong(message.due)
    this.#all.strike(message, this, !same)
    if (message.missing.size === 0 && !message.lost) owner.reachedAll(message.due, now)
  }

  expire(before: number, each: GivenUp): void {
    for (const message of this.#all.messages.values()) {
      if (message.sent >= before) return
      if (!message.missing.has(this)) continue
      each(message.due)
      this.#all.strike(message, this, true)
    }
  }

  giveUp(each: GivenUp): void {
    this.#all.seats.delete(this)
    this.expire(Number.POSITIVE_INFINITY, each)
  }

  /** By the number that it bears. */
  #messageOf(payload: Buffer): Message | undefined {
    if (payload.length < stampOctets) return undefined
    let number = 0
    for (let i = stampOctets - 1; i >= 0; i--) number = number * 64 + payload[i]! - firstDigit
    return this.#all.messages.get(number)
  }

  #isSame(payload: Buffer): boolean {
    const { payload: sent } = this.#all
    if (payload.length !== sent.length) return false
    return payload.compare(sent, stampOctets, sent.length, stampOctets, sent.length) === 0
  }
}
