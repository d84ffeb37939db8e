/**
 * Large messages that nobody replies to: each is over when a Ping behind it has been answered, for then the server has read
 * all that came before (RFC 6455 §5.5.3). So any server can be asked, and nothing has to be sent back.
 */
import type { Exchange, ExchangeOwner } from './exchange.js'

export class UploadMessages implements Exchange {
  readonly expected = 1
  readonly #payloads: readonly Buffer[]
  #sent = 0
  /** Due and sent, the oldest first. */
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

  confirmed(now: number, owner: ExchangeOwner): void {
    const oldest = this.#times.shift()
    // It was given up before.
    if (oldest !== undefined) owner.answered(...oldest, now)
  }

  giveUp(each: (due: number) => void): void {
    for (const [due] of this.#times.splice(0)) each(due)
  }
}
