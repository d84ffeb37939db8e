/** Connect, Opening Handshake, Closing Handshake (RFC 6455 §7.1.2), end of TCP, and again. */
import { createHistogram } from 'node:perf_hooks'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { Link, type LinkOptions } from './link.js'
import { openingRequest, untilHead } from './opening.js'

const close = buildRawFrame({
  opcode: 8,
  payload: Buffer.from([0x03, 0xe8]),
  maskingKey: Buffer.from('37fa213d', 'hex'),
})
/** What a server answers to it. */
export const closeReply = buildRawFrame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) })

export class Handshakes {
  /** Handshakes whose connection has ended. */
  count = 0
  /** Nanoseconds from connecting to the end. */
  readonly latencies = createHistogram()
  /** Rejects at the first that goes another way. */
  readonly failure: Promise<never>
  readonly #options: Omit<LinkOptions, 'number'>
  #fail: (error: Error) => void = () => {}
  #started = 0
  #running = 0
  #stopping = false
  #stopped: () => void = () => {}

  constructor(options: Omit<LinkOptions, 'number'>, atATime: number) {
    this.#options = options
    this.failure = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failure.catch(() => {})
    for (let i = 0; i < atATime; i++) this.#start()
  }

  async stop(): Promise<void> {
    const stopped = new Promise<void>(resolve => {
      this.#stopped = resolve
    })
    this.#stopping = true
    await Promise.race([stopped, this.failure])
  }

  #start(): void {
    const startedAt = performance.now()
    let response = ''
    let reply = ''
    this.#started++
    this.#running++
    const link = Link.dial({ ...this.#options, number: this.#started }, () => link.write(openingRequest))
    link.onOctets = untilHead(head => {
      response = head
      link.onOctets = (chunk, length) => {
        reply += chunk.toString('hex', 0, length)
      }
      link.write(close)
    })
    link.onEnd = error => {
      if (error !== undefined || !response.startsWith('HTTP/1.1 101 ') || reply !== closeReply.toString('hex')) {
        this.#fail(error ?? new Error(`no handshake: ${response}${reply}`))
        return
      }
      this.count++
      this.latencies.record(Math.max(1, Math.round((performance.now() - startedAt) * 1e6)))
      this.#running--
      if (!this.#stopping) this.#start()
      else if (this.#running === 0) this.#stopped()
    }
  }
}
