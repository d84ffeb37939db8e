/** Keeps messages under way on every connection, and counts those that come back. */
import { createHistogram } from 'node:perf_hooks'
import type { Exchange } from './exchange.js'
import type { Link } from './link.js'
import type { Links } from './opening.js'
import { verifiedReplies } from './replies.js'

export class Echoes {
  /** Messages that have come back. */
  count = 0
  /** Nanoseconds that messages took: one at a time of each connection, the first of those that are sent together. */
  readonly latencies = createHistogram()
  readonly #links: Links
  readonly #connections: readonly EchoConnection[]
  #running = false
  #stopped: (() => void) | undefined

  constructor(links: Links, exchange: Exchange) {
    this.#links = links
    this.#connections = links.all.map((link, number) => new EchoConnection(this, link, exchange, number))
  }

  /** Sends the first messages of each connection, and compares every octet that comes back. */
  async verify(): Promise<void> {
    const verified = this.#connections.map(connection => connection.verify())
    await Promise.race([Promise.all(verified), this.#links.failure])
  }

  start(): void {
    this.#running = true
    for (const connection of this.#connections) connection.start()
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>(resolve => {
      this.#stopped = resolve
    })
    this.#running = false
    this.idle()
    await Promise.race([stopped, this.#links.failure])
  }

  get running(): boolean {
    return this.#running
  }

  /** A connection has nothing under way. */
  idle(): void {
    if (this.#connections.every(connection => connection.underWay === 0)) this.#stopped?.()
  }
}

class EchoConnection {
  underWay = 0
  readonly #echoes: Echoes
  readonly #link: Link
  readonly #exchange: Exchange
  /** The number of the next message. */
  #next: number
  /** Octets of a reply that is not complete. */
  #octets = 0
  /** When the message was sent that is timed, and how many replies come before its own; 0: none is timed. */
  #sentAt = 0
  #before = 0

  constructor(echoes: Echoes, link: Link, exchange: Exchange, number: number) {
    this.#echoes = echoes
    this.#link = link
    this.#exchange = exchange
    // Connections are at different messages: one that is delivered to another connection is found.
    this.#next = number
  }

  start(): void {
    this.#link.onOctets = (_, length) => this.#count(length)
    this.#send(this.#exchange.pipeline)
  }

  /** Twice as many messages as are under way at a time, so that what is kept for the next is used again. */
  async verify(): Promise<void> {
    await this.#verifyOnce()
    await this.#verifyOnce()
  }

  #verifyOnce(): Promise<void> {
    const { pipeline } = this.#exchange
    const verified = verifiedReplies(this.#link, this.#exchange, this.#next, pipeline)
    this.#link.write(this.#exchange.octets(this.#next, pipeline))
    this.#next += pipeline
    return verified
  }

  #count(length: number): void {
    const { replyLength } = this.#exchange
    this.#octets += length
    if (this.#octets < replyLength) return
    const replies = Math.floor(this.#octets / replyLength)
    this.#octets -= replies * replyLength
    this.underWay -= replies
    this.#echoes.count += replies
    if (this.#sentAt !== 0) this.#time(replies)
    if (this.#echoes.running) this.#send(replies)
    else if (this.underWay === 0) this.#echoes.idle()
  }

  #time(replies: number): void {
    this.#before -= replies
    if (this.#before >= 0) return
    this.#echoes.latencies.record(Math.max(1, Math.round((performance.now() - this.#sentAt) * 1e6)))
    this.#sentAt = 0
  }

  #send(count: number): void {
    if (this.#sentAt === 0) {
      this.#sentAt = performance.now()
      this.#before = this.underWay
    }
    this.#link.write(this.#exchange.octets(this.#next, count))
    this.#next += count
    this.underWay += count
  }
}
