/**
 * Reads the heads of what is under test, within limits of the suite's own. No RFC has any of them, so a head that is larger is
 * nobody's fault: ERROR. They are as wide as they are lest an endpoint ever meets one.
 */
import type { HandshakeError } from '../errors.js'
import { type HeadLimits, HeadReader, type Heads } from '../http/head-reader.js'
import type { Finding } from './verdict.js'

const limits: HeadLimits = { startLine: 65_536, fieldLine: 65_536, head: 262_144, fields: 1000 }

export class RawHeadReader extends HeadReader<keyof Heads> {
  constructor(kind: keyof Heads) {
    super(kind, limits)
  }
}

/** What there is to tell of a head that could not be read, where that is the suite's own fault. */
export function beyondLimits(error: HandshakeError | undefined): Finding | undefined {
  if (error?.code !== 'WS_HEAD_TOO_LARGE') return undefined
  return { verdict: 'ERROR', reason: `its head is larger than this suite reads (${error.message})` }
}
