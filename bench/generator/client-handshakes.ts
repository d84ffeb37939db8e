/** The server's part of connections that clients open, close, and open again: it answers, and ends TCP first (RFC 6455 §7.1.1). */
import { createHistogram } from 'node:perf_hooks'
import { readRawFrames } from '../../src/conformance/raw-frame.js'
import type { Acceptor } from './acceptor.js'
import { closeReply } from './handshakes.js'
import type { Link } from './link.js'

export class ClientHandshakes {
  /** Connections that have ended as they should. */
  count = 0
  /** Nanoseconds from the response to the end of TCP. */
  readonly latencies = createHistogram()
  /** Rejects at the first that ends in another way. */
  readonly failure: Promise<never>
  readonly #acceptor: Acceptor
  readonly #atATime: number
  #fail: (error: Error) => void = () => {}

  constructor(acceptor: Acceptor, atATime: number) {
    this.#acceptor = acceptor
    this.#atATime = atATime
    this.failure = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failure.catch(() => {})
    acceptor.each(link => this.#serve(link))
  }

  /** Resolves when the clients have given up: each tries once more, and is turned away. */
  async stop(): Promise<void> {
    await Promise.race([this.#acceptor.refuse(this.#atATime), this.failure])
  }

  #serve(link: Link): void {
    const openedAt = performance.now()
    let received: Uint8Array = Buffer.alloc(0)
    let closed = false
    link.onOctets = (chunk, length) => {
      received = Buffer.concat([received, chunk.subarray(0, length)])
      const [frame] = readRawFrames(received).frames
      closed ||= frame?.opcode === 8 && frame.maskingKey !== undefined && frame.payload.toString('hex') === '03e8'
      if (frame === undefined) return
      link.write(closeReply)
      link.end()
    }
    link.onEnd = error => {
      if (error !== undefined || !closed) {
        this.#fail(error ?? new Error(`no Closing Handshake: ${Buffer.from(received).toString('hex')}`))
        return
      }
      this.count++
      this.latencies.record(Math.max(1, Math.round((performance.now() - openedAt) * 1e6)))
    }
  }
}
