/** UTF-8, run by run and whole: src/framing/utf8.ts. */
import { isUtf8 } from 'node:buffer'
import { decodeText, Utf8Validator } from '../../src/framing/utf8.js'
import { type Chunks, cutEverywhere, formatChunks, parseChunks } from '../chunks.js'
import { utf8Octets } from '../dictionary.js'
import { damaged, inChunks } from '../generators/octets.js'
import { anyText } from '../generators/text.js'
import { readUtf8 } from '../oracles/utf8.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8Target: Target<Chunks> = {
  name: 'utf8',
  about: 'UTF-8, run by run and whole',
  inputs: inChunks(damaged(anyText, utf8Octets)),
  format: formatChunks,
  parse: parseChunks,
  check(chunks) {
    const whole = Buffer.concat(chunks)
    checkRuns(chunks, whole)
    checkRuns([whole], whole)
    checkRuns(cutEverywhere(whole), whole)
    const valid = isUtf8(whole)
    mustEqual('twin', readUtf8(whole).complete, valid, 'the twin against the platform')
    checkDecoding(whole, valid)
  },
}

/** It fails in the run of the first wrong octet, not before and not after. */
function checkRuns(chunks: Chunks, whole: Buffer): void {
  const expected = readUtf8(whole)
  const validator = new Utf8Validator()
  // Each run lies inside a larger buffer, between octets that are not its own.
  let start = 0
  for (const chunk of chunks) {
    const padded = Buffer.concat([Buffer.from([0xbf, 0xf0]), chunk, Buffer.from([0x80, 0xff])])
    const valid = validator.push(padded, 2, 2 + chunk.length)
    const wrong = expected.wrongAt >= start && expected.wrongAt < start + chunk.length
    mustEqual('twin', valid, !wrong, `the run of octets ${start} to ${start + chunk.length}`)
    if (!valid) return
    start += chunk.length
  }
  mustEqual('twin', validator.complete, expected.complete, 'may the text end here')
}

function checkDecoding(whole: Buffer, valid: boolean): void {
  for (const before of [0, 3]) {
    const padded = Buffer.concat([Buffer.alloc(before, 0xf0), whole, Buffer.alloc(before, 0x80)])
    const text = decodeText(padded, before, before + whole.length)
    must('twin', (text !== undefined) === valid, () => `${valid ? 'valid' : 'invalid'} octets were judged otherwise`)
    if (text !== undefined) mustEqual('round trip', text, decoder.decode(whole), 'the text')
  }
}
