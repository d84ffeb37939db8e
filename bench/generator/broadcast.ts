/** One connection sends, and everybody counts what is delivered; the next message leaves when all have the last. */
import { createHistogram } from 'node:perf_hooks'
import type { Exchange } from './exchange.js'
import type { Links } from './opening.js'
import { verifiedReplies } from './replies.js'

export class Broadcast {
  /** Messages delivered: to everybody, the sender too. */
  count = 0
  /** Nanoseconds until the last of all has it. */
  readonly latencies = createHistogram()
  readonly #links: Links
  readonly #exchange: Exchange
  #running = true
  #octets = 0
  #number = 0
  #sentAt = 0
  #stopped: () => void = () => {}

  constructor(links: Links, exchange: Exchange) {
    this.#links = links
    this.#exchange = exchange
  }

  /** Sends one message, and compares every octet that is delivered to anybody. */
  async verify(): Promise<void> {
    const verified = this.#links.all.map(link => verifiedReplies(link, this.#exchange, this.#number, 1))
    this.#links.all[0]!.write(this.#exchange.octets(this.#number++, 1))
    await Promise.race([Promise.all(verified), this.#links.failure])
  }

  start(): void {
    const { replyLength } = this.#exchange
    const whole = this.#links.all.length * replyLength
    for (const link of this.#links.all) {
      link.onOctets = (_, length) => {
        this.#octets += length
        this.count += length / replyLength
        if (this.#octets === whole) this.#next()
      }
    }
    this.#send()
  }

  /** Resolves when the last message has been delivered. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>(resolve => {
      this.#stopped = resolve
    })
    this.#running = false
    await Promise.race([stopped, this.#links.failure])
  }

  #next(): void {
    this.latencies.record(Math.max(1, Math.round((performance.now() - this.#sentAt) * 1e6)))
    if (this.#running) this.#send()
    else this.#stopped()
  }

  #send(): void {
    this.#octets = 0
    this.#sentAt = performance.now()
    this.#links.all[0]!.write(this.#exchange.octets(this.#number++, 1))
  }
}
