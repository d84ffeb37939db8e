/**
 * What a connection sends and what it has to get back, built once and shared by all connections. The messages differ from
 * each other, so that one in the place of another is found, but have the same length on the wire: so replies can be
 * counted by their octets, and the load costs little beside what it measures.
 */
import { buildRawFrame, readRawFrames } from '../../src/conformance/raw-frame.js'
import { textOf } from '../sample-text.js'
import type { Messages } from './load.js'

/** More than this is not kept of messages that differ. */
const mostOctets = 32 * 1024 * 1024

export class Exchange {
  /** Octets of one message as it is sent, and as it comes back. */
  readonly sentLength: number
  readonly replyLength: number
  readonly pipeline: number
  readonly #opcode: 1 | 2
  readonly #payloads: readonly Buffer[]
  /** All messages, and behind them the first ones once more: whatever is due lies in one piece. */
  readonly #wire: Buffer
  readonly #raw: boolean

  /** @param from `server`: what is sent is not masked, and what comes back is. `raw`: it comes back as it was sent. */
  constructor(messages: Messages, from: 'client' | 'server' | 'raw') {
    const { size, script, pipeline, fragments } = messages
    this.pipeline = pipeline
    this.#raw = from === 'raw'
    this.#opcode = script === 'binary' ? 2 : 1
    const count = Math.max(1, Math.min(Math.max(pipeline, 16), Math.floor(mostOctets / size)))
    this.#payloads = Array.from({ length: count }, (_, i) =>
      script === 'binary' ? binaryPayload(size, i) : textOf(script, size, i),
    )
    const maskingKey = from === 'server' ? undefined : Buffer.from('37fa213d', 'hex')
    const sent = this.#payloads.map(payload => inFragments(this.#opcode, payload, maskingKey, fragments))
    this.sentLength = sent[0]!.length
    const header = buildRawFrame({ opcode: this.#opcode, payloadLength: size }).length
    this.replyLength = this.#raw ? this.sentLength : header + size + (from === 'server' ? 4 : 0)
    this.#wire = Buffer.concat([...sent, ...Array.from({ length: pipeline - 1 }, (_, i) => sent[i % count]!)])
  }

  /** How many messages there are that differ. */
  get count(): number {
    return this.#payloads.length
  }

  /** The octets of `count` messages, at most `pipeline` of them, beginning with number `first`. Read only. */
  octets(first: number, count: number): Buffer {
    const start = (first % this.count) * this.sentLength
    return this.#wire.subarray(start, start + count * this.sentLength)
  }

  /** @throws {Error} unless these octets are the replies to the messages that begin with number `first`, to the octet. */
  verify(replies: Buffer, first: number): void {
    const { frames, rest } = readRawFrames(replies)
    const count = replies.length / this.replyLength
    // Replies are counted by their length: they must be one frame each, unless they are no frames to whom they come from.
    const perMessage = frames.length / count
    if (rest.length > 0 || (perMessage !== 1 && !this.#raw)) throw new Error('a reply is not one frame')
    for (let message = 0; message < count; message++) {
      const own = frames.slice(message * perMessage, (message + 1) * perMessage)
      const payload = Buffer.concat(own.map(frame => frame.payload))
      if (own[0]!.opcode !== this.#opcode || !own.at(-1)!.fin) throw new Error('a reply is of another type')
      const expected = this.#payloads[(first + message) % this.count]!
      if (!payload.equals(expected)) throw new Error('what came back is not what was sent')
    }
  }
}

function binaryPayload(size: number, number: number): Buffer {
  // A period that is no power of two: whatever is moved by a block is found.
  const pattern = Buffer.from(Array.from({ length: 251 }, (_, i) => (i * 31 + number * 7) & 0xff))
  return Buffer.alloc(size, pattern)
}

function inFragments(opcode: 1 | 2, payload: Buffer, maskingKey: Buffer | undefined, count: number): Buffer {
  const length = Math.ceil(payload.length / count)
  const frames: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const part = payload.subarray(i * length, (i + 1) * length)
    frames.push(buildRawFrame({ opcode: i === 0 ? opcode : 0, fin: i === count - 1, payload: part, maskingKey }))
  }
  return Buffer.concat(frames)
}
