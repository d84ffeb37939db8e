/**
 * Loops over bare sockets, beside which the load generator is measured: what they send, and what they do with replies. All of
 * them keep as many messages under way as the generator, and none can be used as one: replies are told by their octets alone.
 */
import { randomBytes } from 'node:crypto'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { headerSize } from '../../src/framing/frame-header.js'
import { createMaskingKeySource } from '../../src/framing/masking.js'
import { Histogram } from '../../src/load/histogram.js'

/** What one connection of a loop does. */
export interface SocketLoop {
  /** The next messages, so many, in frames. */
  frames(count: number): Buffer
  /** So many replies have come. */
  answered(count: number): void
}

/** Only counts octets: one frame, built beforehand, is sent again and again. */
export function bareLoop(size: number, pipeline: number): SocketLoop {
  const frame = buildRawFrame({ opcode: 2, payload: Buffer.alloc(size, 'x'), maskingKey: randomBytes(4) })
  const frames = Buffer.concat(Array.from({ length: pipeline }, () => frame))
  return { frames: count => frames.subarray(0, count * frame.length), answered() {} }
}

const keys = createMaskingKeySource()
const latencies = new Histogram()

/**
 * The least that honest figures need besides: a masking-key of real chance for each message (RFC 6455 §5.3, §10.3), when it was
 * sent, and its latency in a histogram of three digits.
 */
export function leastLoop(size: number, pipeline: number): SocketLoop {
  const frame = buildRawFrame({ opcode: 2, payload: Buffer.alloc(size), maskingKey: Buffer.alloc(4) })
  const header = frame.subarray(0, headerSize(size, true))
  const keyAt = header.length - 4
  const payload = Buffer.alloc(size, 'x')
  const times = new Float64Array(pipeline)
  let sent = 0
  let received = 0
  return {
    frames(count) {
      // Of its own: the socket may hold it.
      const octets = Buffer.allocUnsafe(count * (header.length + size))
      const now = performance.now()
      for (let i = 0, at = 0; i < count; i++) {
        const key = keys()
        for (let j = 0; j < keyAt; j++) octets[at++] = header[j]!
        for (let j = 0; j < 32; j += 8) octets[at++] = key >>> j
        for (let j = 0; j < size; j++) octets[at++] = payload[j]! ^ (key >>> ((j & 3) << 3))
        times[sent++ % pipeline] = now
      }
      return octets
    },
    answered(count) {
      const now = performance.now()
      for (let i = 0; i < count; i++) latencies.record(now - times[received++ % pipeline]!)
    },
  }
}
