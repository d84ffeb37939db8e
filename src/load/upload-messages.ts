/**
 * Large messages that nobody replies to: each is over when a Ping behind it has been answered, for then the server has read
 * all that came before (RFC 6455 §5.5.3). So any server can be asked, and nothing has to be sent back.
 */
import type { Exchange, ExchangeOwner, GivenUp } from './exchange.js'

export class UploadMessages implements Exchange {
  readonly expected = 1
  readonly #payloads: readonly Buffer[]
  #sent = 0
  /** Due and sent, of the last that were sent: those before them are over. The oldest first. */
  readonly #times: (readonly [due: number, sent: number])[] = []

  /** @param payloads - what messages are, in turns; lent while they are sent, and never changed. */
  constructor(...payloads: readonly Buffer[]) {
    this.#payloads = payloads
  }

  get underWay(): number {
    return this.#times.length
  }

  join(): void {}

  next(due: number, sent: number): Buffer {
    this.#times.push([due, sent])
    return this.#payloads[this.#sent++ % this.#payloads.length]!
  }

  /** Whatever it is, it was not asked for. */
  receive(_message: Buffer, now: number, owner: ExchangeOwner): void {
    owner.other(now)
  }

  confirmed(count: number, now: number, owner: ExchangeOwner): void {
    const over = this.#sent - this.#times.length
    for (const times of this.#times.splice(0, Math.max(0, count - over))) owner.answered(...times, now)
  }

  expire(before: number, each: GivenUp): void {
    const left = this.#times.findIndex(([, sent]) => sent >= before)
    const expired = this.#times.splice(0, left === -1 ? this.#times.length : left)
    for (const [due] of expired) each(due)
  }

  giveUp(each: GivenUp): void {
    this.expire(Number.POSITIVE_INFINITY, each)
  }
}
