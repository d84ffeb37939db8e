/** What is compressed: JSON as a server of market data sends it, English, and octets that nothing can make shorter. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { jsonTick } from '../json-ticks.js'

export type Corpus = 'JSON ticks' | 'English text' | 'random octets'

export const corpora: readonly Corpus[] = ['JSON ticks', 'English text', 'random octets']

/** Some 200 KiB of English: what this project says of itself. */
const pages = [
  'README.md',
  'SECURITY.md',
  'docs/compression.md',
  'docs/performance.md',
  'docs/conformance.md',
  'spec-notes.md',
]

let english: Buffer | undefined

/** So many octets of it: the message with this number, unlike the others. */
export function messageOf(corpus: Corpus, n: number, size: number): Buffer {
  switch (corpus) {
    case 'JSON ticks':
      return jsonTick(n, size)
    case 'English text':
      return englishFrom(n * size, size)
    default:
      corpus satisfies 'random octets'
      return randomOctets(n, size)
  }
}

/** Goes round and round. */
function englishFrom(start: number, size: number): Buffer {
  english ??= Buffer.concat(pages.map(page => readFileSync(new URL(`../../../${page}`, import.meta.url))))
  const message = Buffer.allocUnsafe(size)
  for (let at = 0; at < size; ) at += english.copy(message, at, (start + at) % english.length)
  return message
}

/** The same in every run. */
function randomOctets(n: number, size: number): Buffer {
  const block = 32
  const message = Buffer.allocUnsafe(Math.ceil(size / block) * block)
  for (let at = 0; at < size; at += block) createHash('sha256').update(`${n} ${at}`).digest().copy(message, at)
  return message.subarray(0, size)
}
