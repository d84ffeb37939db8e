/**
 * The messages that one connection has under way to an echo server, and what their replies tell. Every message bears a
 * number, so that a reply that is lost, doubled or another's is found, whatever the server does.
 */
import type { Exchange, ExchangeOwner, GivenUp } from './exchange.js'

/** The first octets of a message say its number, six bits in each: ASCII, for text may be sent too. */
const stampOctets = 4
const firstDigit = 0x30
/** How many numbers there are, by how many octets they have: powers of two, for a mask is faster than a division. */
const numbers = [1, 2 ** 6, 2 ** 12, 2 ** 18, 2 ** 24] as const

/** Messages up to this are copied when they are sent; longer ones are lent, and their memory must not change. */
const copied = 64 * 1024

/** Up to this a loop compares faster than a call of what is made for it: 24 ns for 16 octets, and 65 for any up to 256. */
const fewOctets = 48

/** How long a reply may still come that others have overtaken, or that something else may have come for; milliseconds. */
const patience = 1000
/** And how many such replies there may be; also, how many messages may have come of which nobody knows what they are. */
const mostOpen = 256

/** Of connections that have never sent: there may be many, and idle. */
const none = new Float64Array(0)

/** A message whose reply was overtaken. */
interface Overtaken {
  readonly due: number
  readonly sent: number
  readonly since: number
}

export class EchoMessages implements Exchange {
  readonly expected = 1
  readonly #payloads: readonly Buffer[]
  readonly #text: boolean
  readonly #size: number
  readonly #digits: number
  readonly #numbers: number
  /** When those that wait were due and sent, two places each, from `#sent - #waiting` on, round and round. */
  #times = none
  #sent = 0
  /** Messages behind the last one that something came of. */
  #waiting = 0
  /**
   * Messages that came and bear no number that is waited for: in the place of replies, or pushed by the server. The next reply shows
   * which, for it comes either to the oldest message that waits, or to a later one. Never more than wait.
   */
  #strays = 0
  /** When the first of them came that no reply has come behind. */
  #strayedAt = 0
  /** The oldest that waited when no reply had come for too long: as long as it is the oldest, none has. */
  #decidedTo: number | undefined
  /** By number, the oldest first; undefined where there is none, as in most cases. */
  #overtaken: Map<number, Overtaken> | undefined
  /** So many before those that wait are known when they come late: second replies, and what was given up. */
  #known = mostOpen

  /**
   * @param text - messages are text, and so must replies be.
   * @param payloads - what messages are, in turns, but for their numbers, which are written to their beginnings. All of one
   * size; how many there are is a power of two, and no more than there are numbers.
   */
  constructor(text: boolean, ...payloads: readonly Buffer[]) {
    this.#text = text
    this.#payloads = payloads
    this.#size = payloads[0]!.length
    this.#digits = Math.min(this.#size, stampOctets)
    this.#numbers = numbers[this.#digits]!
  }

  get underWay(): number {
    return this.#waiting - this.#strays
  }

  get awaited(): number {
    return this.#waiting + (this.#overtaken?.size ?? 0)
  }

  join(): void {}

  next(due: number, now: number): Buffer {
    const next = this.#payloadOf(this.#sent)
    const payload = this.#size <= copied ? next : Buffer.from(next)
    if (this.#waiting * 2 === this.#times.length) this.#grow()
    const at = this.#place(this.#sent)
    this.#times[at] = due
    this.#times[at + 1] = now
    let number = this.#sent
    for (let i = 0; i < this.#digits; i++) {
      payload[i] = firstDigit + (number & 63)
      number >>>= 6
    }
    this.#sent = (this.#sent + 1) & (2 ** 30 - 1)
    this.#waiting++
    return payload
  }

  receive(message: Buffer, now: number, owner: ExchangeOwner, text: boolean): void {
    this.receiveInPlace(message, 0, message.length, now, owner, text)
  }

  receiveInPlace(octets: Buffer, start: number, end: number, now: number, owner: ExchangeOwner, text: boolean): void {
    if (this.#overtaken !== undefined) this.#forget(now, owner)
    const number = this.#numberOf(octets, start, end)
    if (number < 0) {
      this.#stray(now, owner)
      return
    }
    const same = end - start === this.#size && text === this.#text && this.#isSame(octets, start, number)
    // How far behind the one that is due next.
    const ahead = (number - this.#sent + this.#waiting) & (this.#numbers - 1)
    if (ahead >= this.#waiting) {
      this.#late(number, same, now, owner)
      return
    }
    if (ahead > 0 || this.#strays > 0) this.#overtake(ahead, now, owner)
    const at = this.#place(this.#sent - this.#waiting)
    this.#waiting--
    if (same) owner.answered(this.#times[at]!, this.#times[at + 1]!, now)
    else owner.wrong(this.#times[at]!)
  }

  expire(before: number, each: GivenUp, now = before): void {
    this.#decide(now, each)
    for (const [number, { due, sent }] of this.#overtaken ?? []) {
      if (sent >= before) break
      this.#overtaken!.delete(number)
      each(due, 'later')
    }
    const waited = this.#waiting
    for (; this.#waiting > 0; this.#waiting--) {
      const at = this.#place(this.#sent - this.#waiting)
      if (this.#times[at + 1]! >= before) break
      const due = this.#times[at]!
      if (this.#strays === 0) each(due)
      else {
        this.#strays--
        each(due, 'wrong')
      }
    }
    this.#known = Math.max(this.#known, mostOpen + waited - this.#waiting)
  }

  giveUp(each: GivenUp): void {
    this.expire(Number.POSITIVE_INFINITY, each)
  }

  /** The number that a message bears; below 0 where it bears none. Another length is only believed to bear a whole one. */
  #numberOf(octets: Buffer, start: number, end: number): number {
    const length = end - start
    if (length !== this.#size && (length < stampOctets || this.#digits < stampOctets)) return -1
    let number = 0
    let all = 0
    for (let i = this.#digits - 1; i >= 0; i--) {
      const digit = octets[start + i]! - firstDigit
      number = number * 64 + digit
      all |= digit
    }
    return all >>> 6 === 0 ? number : -1
  }

  /** All octets are looked at, of long messages too: of 64 KiB that takes less than a microsecond. */
  #isSame(octets: Buffer, start: number, number: number): boolean {
    const payload = this.#payloadOf(number)
    if (this.#size > fewOctets) {
      return octets.compare(payload, this.#digits, this.#size, start + this.#digits, start + this.#size) === 0
    }
    for (let i = this.#digits; i < this.#size; i++) if (octets[start + i] !== payload[i]) return false
    return true
  }

  /** A reply has come, and so many before it have not. */
  #overtake(ahead: number, now: number, owner: ExchangeOwner): void {
    for (let left = ahead; left > 0; left--) {
      if (this.#strays > 0) owner.wrong(this.#replace())
      else this.#skip(now, owner)
    }
    // The one that was due has come: they were in the place of none.
    for (; this.#strays > 0; this.#strays--) owner.other(now)
  }

  #skip(now: number, owner: ExchangeOwner): void {
    const number = this.#sent - this.#waiting
    const at = this.#place(number)
    this.#overtaken ??= new Map<number, Overtaken>()
    const overtaken = this.#overtaken
    if (overtaken.size >= Math.min(mostOpen, this.#numbers / 2)) this.#lose(owner)
    overtaken.set(number & (this.#numbers - 1), { due: this.#times[at]!, sent: this.#times[at + 1]!, since: now })
    this.#waiting--
  }

  /** Something that bears a number nobody waits for in turn. */
  #late(number: number, same: boolean, now: number, owner: ExchangeOwner): void {
    const overtaken = this.#overtaken?.get(number)
    if (overtaken !== undefined) {
      this.#overtaken!.delete(number)
      if (same) owner.answered(overtaken.due, overtaken.sent, now)
      else owner.wrong(overtaken.due)
      return
    }
    const behind = (this.#sent - this.#waiting - number) & (this.#numbers - 1)
    // So shortly before those that wait, it is a second reply, or one that had been given up.
    if (same && behind <= Math.min(this.#known, this.#numbers / 2)) {
      owner.other(now)
      this.#strayedAt = now
      this.#decidedTo = undefined
    } else this.#stray(now, owner)
  }

  #stray(now: number, owner: ExchangeOwner): void {
    if (this.#strays === this.#waiting) {
      owner.other(now)
      return
    }
    if (this.#strays++ === 0 && this.#sent - this.#waiting !== this.#decidedTo) this.#strayedAt = now
    if (this.#strays > mostOpen) owner.wrong(this.#replace())
    this.#decide(now, due => owner.wrong(due))
  }

  /**
   * Who answers with something else each time never sends the reply that would show it: none within a second shows it, too. But
   * not where nothing at all has come for most messages: that server is slow, and may have pushed the rest.
   */
  #decide(now: number, each: GivenUp): void {
    if (this.#strays <= this.underWay || now - this.#strayedAt < patience) return
    while (this.#strays > 0) each(this.#replace(), 'wrong')
    this.#decidedTo = this.#sent - this.#waiting
  }

  /** Something came in the place of the oldest, which was due then. */
  #replace(): number {
    const due = this.#times[this.#place(this.#sent - this.#waiting)]!
    this.#waiting--
    this.#strays--
    return due
  }

  /** Gives up what was overtaken long ago. */
  #forget(now: number, owner: ExchangeOwner): void {
    for (const { since } of this.#overtaken!.values()) {
      if (now - since < patience) return
      this.#lose(owner)
    }
    this.#overtaken = undefined
  }

  /** The oldest that was overtaken; there is one. */
  #lose(owner: ExchangeOwner): void {
    const [oldest] = this.#overtaken!
    const [number, { due }] = oldest!
    this.#overtaken!.delete(number)
    owner.lost(due)
  }

  #payloadOf(number: number): Buffer {
    return this.#payloads[number & (this.#payloads.length - 1)]!
  }

  #place(number: number): number {
    return (number * 2) & (this.#times.length - 1)
  }

  #grow(): void {
    const times = new Float64Array(Math.max(8, this.#times.length * 2))
    for (let number = this.#sent - this.#waiting; number < this.#sent; number++) {
      const from = this.#place(number)
      const to = (number * 2) & (times.length - 1)
      times[to] = this.#times[from]!
      times[to + 1] = this.#times[from + 1]!
    }
    this.#times = times
  }
}
