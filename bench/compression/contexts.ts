/**
 * The floor below a server whose connections keep their windows: zlib's handles, so many of them in turn, and nothing else.
 * What a handle has in the processor's caches is gone before its connection has its next turn; so a message costs more
 * the more connections there are, whoever drives zlib.
 */
import { createDeflater, createInflater } from '../../src/extensions/deflate.js'
import { jsonTick } from '../json-ticks.js'
import type { Rounds } from '../rounds.js'
import { median } from '../statistics.js'

export interface ContextFigures {
  /** Octets in a message. */
  readonly size: number
  readonly contexts: number
  /** Messages that each inflates and compresses before the next one has its turn. */
  readonly pipeline: number
  /** Microseconds of CPU for one message: medians of the rounds. */
  readonly inflate: number
  readonly deflate: number
}

export function measureContexts(
  size: number,
  contexts: number,
  pipeline: number,
  { rounds, seconds }: Rounds,
  windowBits = 15,
): ContextFigures {
  const zlib = { windowBits, level: 6, memLevel: 8 }
  const messages = Array.from({ length: Math.max(pipeline, Math.ceil(81_920 / size)) }, (_, n) => jsonTick(n, size))
  const first = createDeflater(zlib)
  const packed = messages.map(message => Buffer.from(first.deflate(message).subarray(0, -4)))
  first.close()
  const pairs = Array.from({ length: contexts }, () => ({
    deflater: createDeflater(zlib),
    inflater: createInflater(windowBits),
  }))
  const target = Buffer.allocUnsafeSlow(2 * size)
  /** Where all of them are in the circle of messages. */
  let at = 0
  const turn = (inflates: boolean, deflates: boolean) => {
    for (const { deflater, inflater } of pairs) {
      for (let n = at; n < at + pipeline; n++) {
        const number = n % messages.length
        if (inflates) {
          inflater.begin(packed[number]!, target.length)
          while (!inflater.done) inflater.read(target, 0)
        }
        if (deflates) deflater.deflate(messages[number]!)
      }
    }
    at += pipeline
  }
  // Windows are full from here on.
  while (at < messages.length) turn(true, true)
  const inflate: number[] = []
  const both: number[] = []
  for (let round = 0; round < rounds; round++) {
    // An inflater cannot leave anything out: from the first message of a circle on.
    at = 0
    inflate.push(perMessage(seconds, contexts * pipeline, () => turn(true, false)))
    at = 0
    both.push(perMessage(seconds, contexts * pipeline, () => turn(true, true)))
  }
  for (const { deflater, inflater } of pairs) {
    deflater.close()
    inflater.close()
  }
  return { size, contexts, pipeline, inflate: median(inflate), deflate: median(both) - median(inflate) }
}

/** Microseconds of CPU. */
function perMessage(seconds: number, messages: number, turn: () => void): number {
  const before = process.cpuUsage()
  const end = performance.now() + seconds * 1000
  let turns = 0
  do {
    turn()
    turns++
  } while (performance.now() < end)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / turns / messages
}
