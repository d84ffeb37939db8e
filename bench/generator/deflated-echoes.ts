/** Keeps compressed messages under way on every connection, and counts the frames that come back. */
import { createHistogram } from 'node:perf_hooks'
import type { DeflatedExchange } from './deflated-exchange.js'
import { FrameCounter } from './frame-counter.js'
import type { Link } from './link.js'
import type { Links } from './opening.js'

export class DeflatedEchoes {
  /** Messages that have come back. */
  count = 0
  /** None is timed. */
  readonly latencies = createHistogram()
  readonly #links: Links
  readonly #connections: readonly DeflatedConnection[]

  constructor(links: Links, exchange: DeflatedExchange) {
    this.#links = links
    this.#connections = links.all.map(link => new DeflatedConnection(link, exchange, () => this.count++))
  }

  /**
   * Sends `count` messages on each connection, and resolves when they have come back.
   *
   * @param verify compares every octet; only from the first message on.
   */
  async send(count: number, verify = false): Promise<void> {
    const sent = this.#connections.map(connection => connection.send(count, verify))
    await Promise.race([Promise.all(sent), this.#links.failure])
  }

  start(): void {
    for (const connection of this.#connections) connection.start()
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    await Promise.race([Promise.all(this.#connections.map(connection => connection.stop())), this.#links.failure])
  }
}

class DeflatedConnection {
  readonly #link: Link
  readonly #exchange: DeflatedExchange
  readonly #onReply: () => void
  readonly #frames = new FrameCounter()
  /** The number of the next message. */
  #next = 0
  #underWay = 0
  #running = false
  #stopped: () => void = () => {}

  constructor(link: Link, exchange: DeflatedExchange, onReply: () => void) {
    this.#link = link
    this.#exchange = exchange
    this.#onReply = onReply
  }

  async send(count: number, verify: boolean): Promise<void> {
    const chunks: Buffer[] = []
    await new Promise<void>(resolve => {
      let missing = count
      this.#link.onOctets = (chunk, length) => {
        if (verify) chunks.push(Buffer.from(chunk.subarray(0, length)))
        missing -= this.#frames.count(chunk, length)
        if (missing === 0) resolve()
      }
      for (let left = count; left > 0; left -= this.#exchange.pipeline) {
        this.#write(Math.min(left, this.#exchange.pipeline))
      }
    })
    this.#underWay = 0
    if (verify) this.#exchange.verify(Buffer.concat(chunks), count)
  }

  start(): void {
    this.#running = true
    this.#link.onOctets = (chunk, length) => {
      const replies = this.#frames.count(chunk, length)
      this.#underWay -= replies
      for (let reply = 0; reply < replies; reply++) this.#onReply()
      if (this.#running && replies > 0) this.#write(replies)
      else if (this.#underWay === 0) this.#stopped()
    }
    this.#write(this.#exchange.pipeline)
  }

  stop(): Promise<void> {
    return new Promise(resolve => {
      this.#running = false
      this.#stopped = resolve
      if (this.#underWay === 0) resolve()
    })
  }

  #write(count: number): void {
    this.#link.write(this.#exchange.octets(this.#next, count))
    this.#next += count
    this.#underWay += count
  }
}
