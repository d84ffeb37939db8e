/** What holds for every head, of a request and of a response: checked in the same way for both. */
import { HandshakeError } from '../../src/errors.js'
import { defaultHeadLimits, HeadReader } from '../../src/http/head-reader.js'
import type { RequestHead, ResponseHead } from '../../src/http/message-head.js'
import { parseNaively } from '../../test/http/naive-head.js'
import { Allocations } from '../allocations.js'
import { type Chunks, copyOf, cutEverywhere } from '../chunks.js'
import { Reads } from '../counted.js'
import { must, mustEqual } from '../violation.js'

/** A head and the octets behind it, or an error, or neither: more octets are needed. */
export interface HeadOutcome {
  readonly head?: RequestHead | ResponseHead
  readonly rest?: Buffer
  readonly error?: HandshakeError
}

type Kind = 'request' | 'response'

/** The naive reading is the same, but for limits, of which it knows nothing. */
export function checkAgainstNaiveHead(kind: Kind, whole: Buffer, { head, rest, error }: HeadOutcome): void {
  const naive = parseNaively(kind, whole.toString('latin1'))
  if (head !== undefined) {
    must('twin', naive.outcome === 'head', `read, but the twin says ${naive.outcome}`)
    mustEqual('twin', [...head.fields], naive.fields, 'the fields')
    mustEqual('twin', rest!.toString('latin1'), naive.rest, 'the octets behind the head')
    return
  }
  if (error === undefined) {
    must('twin', naive.outcome === 'more', `not complete, but the twin says ${naive.outcome}`)
    return
  }
  if (naive.outcome === 'head') must('twin', isOverLimit(whole, naive.fields.length), `refused: ${error.message}`)
}

/** Is any limit passed, or may one be? */
function isOverLimit(whole: Buffer, fields: number): boolean {
  const { fieldLine, head } = defaultHeadLimits
  const lines = whole.toString('latin1').split('\r\n')
  return fields > defaultHeadLimits.fields || whole.length > head || lines.some(line => line.length > fieldLine)
}

/** Cut into single octets, each is looked at a bounded number of times. */
export function checkHeadWork(kind: Kind, whole: Buffer): void {
  const reads = new Reads()
  const reader = new HeadReader(kind)
  const chunks = whole.length > 1024 ? [whole] : cutEverywhere(whole)
  try {
    for (const chunk of chunks) if (reader.receive(reads.octets(chunk)) !== undefined) break
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error
  }
  must('work', reads.count <= 8 * whole.length + 64, `${reads.count} steps for ${whole.length} octets`)
}

/** What is kept of a head that is cut grows by doubling. */
export function checkHeadMemory(kind: Kind, chunks: Chunks): void {
  const allocations = new Allocations()
  const reader = new HeadReader(kind)
  let received = 0
  try {
    for (const chunk of copyOf(chunks)) {
      received += chunk.length
      if (allocations.during(() => reader.receive(chunk)) !== undefined) break
    }
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error
  }
  must('memory', allocations.octets <= 6 * received + 1024, `${allocations.octets} octets set aside for ${received}`)
}
