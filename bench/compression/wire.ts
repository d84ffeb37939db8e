/** How many octets leave, beside what a stream of node:zlib makes of the same messages. */
import { constants, createDeflateRaw } from 'node:zlib'
import type { Compression } from '../../src/extensions/deflate.js'
import { DeflateMessages } from '../../src/extensions/deflate-messages.js'
import { KeptDeflaters } from '../../src/extensions/kept-deflaters.js'
import { type Corpus, messageOf } from './corpora.js'

export interface Wire {
  readonly corpus: Corpus
  /** Octets in a message. */
  readonly size: number
  /** The window is kept from message to message. */
  readonly keeps: boolean
  readonly windowBits: number
  /** Octets that a message has as it is sent, on average; and as the stream makes it. */
  readonly octets: number
  readonly streamed: number
}

/** Octets of messages in a row, at least: more than a window. */
const row = 256 * 1024

export async function measureWire(corpus: Corpus, size: number, keeps: boolean, windowBits = 15): Promise<Wire> {
  const zlib = { windowBits, level: 6, memLevel: 8 }
  const messages = Array.from({ length: Math.ceil(row / size) }, (_, n) => messageOf(corpus, n, size))
  const ours = sum(messages.map(encoder(keeps, zlib)))
  const streamed = sum(await streamedSizes(messages, keeps, zlib))
  return { corpus, size, keeps, windowBits, octets: ours / messages.length, streamed: streamed / messages.length }
}

function encoder(keeps: boolean, compression: Compression): (message: Buffer) => number {
  const transform = new DeflateMessages({
    compression,
    keptDeflaters: keeps ? new KeptDeflaters(Number.POSITIVE_INFINITY) : undefined,
    incomingWindowBits: 15,
    keepsIncoming: keeps,
    threshold: 0,
    maxRatio: Number.POSITIVE_INFINITY,
    releaseAfter: Number.POSITIVE_INFINITY,
  })
  return message => {
    const encoded = transform.encode(message, { first: true, fin: true, compress: true })
    if (Buffer.isBuffer(encoded)) return encoded.length
    for (;;) {
      const octets = encoded.work()
      if (octets !== undefined) return octets.length
    }
  }
}

/** Flushed behind each message, and without the tail (RFC 7692 §7.2.1). */
async function streamedSizes(messages: readonly Buffer[], keeps: boolean, zlib: Compression): Promise<number[]> {
  let size = 0
  const stream = createDeflateRaw(zlib).on('data', (octets: Buffer) => (size += octets.length))
  const sizes: number[] = []
  for (const message of messages) {
    size = 0
    await new Promise<void>(resolve => {
      stream.write(message)
      stream.flush(constants.Z_SYNC_FLUSH, resolve)
    })
    sizes.push(size - 4)
    if (!keeps) stream.reset()
  }
  stream.close()
  return sizes
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
