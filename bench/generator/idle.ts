/** Connections that are open and say little: they answer Pings, as a client must, and now and then one sends a message. */
import { createHistogram } from 'node:perf_hooks'
import { buildRawFrame, readRawFrames } from '../../src/conformance/raw-frame.js'
import type { Links } from './opening.js'

const maskingKey = Buffer.from('37fa213d', 'hex')
const message = buildRawFrame({ opcode: 2, payload: Buffer.alloc(20, 'abcdefghij'), maskingKey })

export class Idle {
  /** Messages that have come back. */
  count = 0
  /** Nanoseconds that they took. */
  readonly latencies = createHistogram()
  readonly #links: Links
  readonly #sentAt = new Map<number, number>()
  readonly #timer: NodeJS.Timeout
  #next = 0
  #owed = 0
  #last = performance.now()

  /** @param messagesPerSecond over all connections, one after the other; may be 0. */
  constructor(links: Links, messagesPerSecond: number) {
    this.#links = links
    for (const [number, link] of links.all.entries()) {
      let rest: Uint8Array = Buffer.alloc(0)
      link.onOctets = (chunk, length) => {
        const read = readRawFrames(Buffer.concat([rest, chunk.subarray(0, length)]))
        rest = Buffer.from(read.rest)
        for (const { opcode, payload } of read.frames) {
          if (opcode === 9) link.write(buildRawFrame({ opcode: 10, payload, maskingKey }))
          else this.#received(number)
        }
      }
    }
    this.#timer = setInterval(() => this.#send(messagesPerSecond), 5)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #send(messagesPerSecond: number): void {
    const now = performance.now()
    this.#owed += ((now - this.#last) / 1000) * messagesPerSecond
    this.#last = now
    for (; this.#owed >= 1; this.#owed--) {
      const number = this.#next++ % this.#links.all.length
      this.#sentAt.set(number, now)
      this.#links.all[number]!.write(message)
    }
  }

  #received(number: number): void {
    const sentAt = this.#sentAt.get(number)
    if (sentAt === undefined) return
    this.#sentAt.delete(number)
    this.count++
    this.latencies.record(Math.max(1, Math.round((performance.now() - sentAt) * 1e6)))
  }
}
