/** Compressed messages, one after the other, with a window that is kept: src/extensions/deflate.ts. */
import { ProtocolError } from '../../src/errors.js'
import { createInflater, type Inflater, pinnedByDeflate } from '../../src/extensions/deflate.js'
import { type Chunks, copyOf, formatChunks, parseChunks } from '../chunks.js'
import { deflatedMessages } from '../generators/deflated.js'
import { inflateMessages } from '../oracles/inflate.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

const limit = 3000

export const inflateTarget: Target<Chunks> = {
  name: 'inflate',
  about: 'compressed messages, inflated',
  inputs: deflatedMessages,
  format: formatChunks,
  parse: parseChunks,
  check(messages) {
    const expected = inflateMessages(messages, limit).map(spoken)
    const before = pinnedByDeflate()
    mustEqual('twin', inflate(messages, limit + 100), expected, 'the messages')
    mustEqual('segmentation', inflate(messages, 7), expected, 'the messages, 7 octets at a time')
    mustEqual('memory', pinnedByDeflate(), before, 'octets held at the end')
  },
}

/** As results are compared: octets as text, or the status code. */
function spoken(result: Buffer | number): string {
  return typeof result === 'number' ? String(result) : `octets ${result.toString('latin1')}`
}

/** Until one fails. */
function inflate(messages: Chunks, atOnce: number): string[] {
  const inflater = createInflater(15, 'handle')
  const results: string[] = []
  try {
    for (const message of copyOf(messages)) results.push(spoken(inflateOne(inflater, message, atOnce)))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    results.push(String(error.statusCode))
  } finally {
    inflater.close()
  }
  return results
}

function inflateOne(inflater: Inflater, message: Buffer, atOnce: number): Buffer {
  if (message.length === 0) return message
  const parts: Buffer[] = []
  const between = 0xaa
  let size = 0
  inflater.begin(message, limit)
  for (let calls = 0; !inflater.done; calls++) {
    // Every call takes an octet at least, or gives all there is room for; one more ends it.
    must('work', calls <= message.length + size / atOnce + 2, `${calls} calls`)
    const target = Buffer.alloc(atOnce + 2, between)
    const written = inflater.read(target.subarray(0, -1), 1)
    must('output', target[0] === between && target.at(-1) === between, 'octets around the target are written')
    parts.push(target.subarray(1, 1 + written))
    size += written
    must('memory', size <= limit, `${size} octets`)
  }
  return Buffer.concat(parts)
}
