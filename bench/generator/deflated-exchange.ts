/**
 * Compressed messages for the generator, in a circle that all connections go round: built once, with node:zlib's public
 * functions. With a window that is kept, each is compressed with those before it, and the first of the circle with none:
 * so it can follow the last.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { buildRawFrame, readRawFrames } from '../../src/conformance/raw-frame.js'
import { jsonTick } from '../json-ticks.js'

export interface DeflatedMessages {
  /** Octets of JSON in each, before it is compressed. */
  readonly size: number
  /** Messages of each connection that are under way at a time. */
  readonly pipeline: number
  /** Both ends keep their windows, none does, or nothing is compressed. */
  readonly window: 'kept' | 'empty' | 'none'
}

/** Octets of messages in a circle, at least: a window has lost the first when they come again. */
const circle = 80 * 1024

const maskingKey = Buffer.from('37fa213d', 'hex')
const tail = Buffer.from([0, 0, 0xff, 0xff])

export class DeflatedExchange {
  readonly pipeline: number
  readonly #kind: DeflatedMessages['window']
  readonly #messages: readonly Buffer[]
  /** The frames, and behind them the first ones once more; and where each begins. */
  readonly #wire: Buffer
  readonly #starts: readonly number[]

  constructor({ size, pipeline, window: kind }: DeflatedMessages) {
    this.pipeline = pipeline
    this.#kind = kind
    const count = Math.max(16, pipeline, Math.ceil(circle / size))
    this.#messages = Array.from({ length: count }, (_, n) => jsonTick(n, size))
    let window: Buffer = Buffer.alloc(0)
    const frames = this.#messages.map(message => {
      if (kind === 'none') return buildRawFrame({ opcode: 1, payload: message, maskingKey })
      const dictionary = kind === 'kept' ? { dictionary: window } : {}
      const payload = deflateRawSync(message, { ...dictionary, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
      window = slide(window, message)
      return buildRawFrame({ opcode: 1, rsv: 4, payload, maskingKey })
    })
    const all = [...frames, ...frames.slice(0, pipeline)]
    this.#wire = Buffer.concat(all)
    const starts = [0]
    for (const frame of all) starts.push(starts.at(-1)! + frame.length)
    this.#starts = starts
  }

  /** What to ask for in the Opening Handshake. */
  get offer(): string | undefined {
    if (this.#kind === 'none') return undefined
    return `permessage-deflate${this.#kind === 'kept' ? '' : '; server_no_context_takeover; client_no_context_takeover'}`
  }

  /** The octets of `count` messages, at most `pipeline` of them, beginning with number `first`. Read only. */
  octets(first: number, count: number): Buffer {
    const start = first % this.#messages.length
    return this.#wire.subarray(this.#starts[start], this.#starts[start + count])
  }

  /** @throws {Error} unless these octets are the compressed replies to the first messages, of which there are so many. */
  verify(replies: Buffer, count: number): void {
    const { frames, rest } = readRawFrames(replies)
    if (rest.length > 0 || frames.length !== count) throw new Error('a reply is not one frame')
    let window: Buffer = Buffer.alloc(0)
    for (const [n, { rsv, opcode, payload }] of frames.entries()) {
      if (rsv !== (this.#kind === 'none' ? 0 : 4) || opcode !== 1) throw new Error('a reply is not a compressed text')
      const octets = Buffer.concat([payload, tail])
      const inflated = { dictionary: window, finishFlush: constants.Z_SYNC_FLUSH }
      const message = this.#kind === 'none' ? payload : inflateRawSync(octets, inflated)
      if (!message.equals(this.#messages[n % this.#messages.length]!)) {
        throw new Error('what came back is not what was sent')
      }
      if (this.#kind === 'kept') window = slide(window, message)
    }
  }
}

function slide(window: Buffer, message: Buffer): Buffer {
  return Buffer.concat([window, message]).subarray(-32_768)
}
