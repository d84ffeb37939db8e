/**
 * Large messages that nobody replies to: each is over when a Ping behind it has been answered, for then the server has read
 * all that came before (RFC 6455 §5.5.3). So any server can be asked, and nothing has to be sent back.
 */
import type { Exchange, ExchangeOwner, GivenUp } from './exchange.js'

export class UploadMessages implements Exchange {
  readonly expected = 1
  readonly #payloads: readonly Buffer[]
  #sent = 0
  /** Due and sent, the oldest first. */
  readonly #times: (readonly [due: number, sent: number])[] = []
  /** Before those, messages that were given up and may still be confirmed. */
  #expired = 0

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

  confirmed(now: number, owner: ExchangeOwner): void {
    // Pongs come in the order of their Pings.
    if (this.#expired > 0) {
      this.#expired--
      return
    }
    const oldest = this.#times.shift()
    // It was given up before.
    if (oldest !== undefined) owner.answered(...oldest, now)
  }

  expire(before: number, each: GivenUp): void {
    const left = this.#times.findIndex(([, sent]) => sent >= before)
    const expired = this.#times.splice(0, left === -1 ? this.#times.length : left)
    this.#expired += expired.length
    for (const [due] of expired) each(due)
  }

  giveUp(each: GivenUp): void {
    this.expire(Number.POSITIVE_INFINITY, each)
    this.#expired = 0
  }
}
