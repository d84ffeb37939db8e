/** How a connection ended, in one line, and what the command exits with for it. */
import type { CloseRecord } from '../connection/close-record.js'
import { StatusCode } from '../status-code.js'
import { ExitCode } from './exit-code.js'
import { visibleText } from './visible-text.js'

export interface ConnectionEnd {
  readonly line: string
  readonly exitCode: ExitCode
}

/** Codes of peers that had nothing to complain of. */
const peaceful: readonly number[] = [StatusCode.normalClosure, StatusCode.goingAway, StatusCode.noStatusReceived]

/**
 * A Closing Handshake that was complete is well, if it was ours or its code says no ill; everything else is not.
 */
export function connectionEnd({ code, reason, clean, initiator, error }: CloseRecord): ConnectionEnd {
  const by = initiator === 'local' ? 'closed' : 'the server closed'
  const what = code === StatusCode.noStatusReceived ? 'without a code' : `with ${code}`
  const why = reason === '' ? '' : ` (${visibleText(reason)})`
  if (clean) {
    const well = initiator === 'local' || peaceful.includes(code)
    return { line: `${by} ${what}${why}`, exitCode: well ? ExitCode.ok : ExitCode.failed }
  }
  const fault = error instanceof Error ? visibleText(error.message) : 'the server left without a Close frame'
  return { line: `the connection was lost: ${fault}`, exitCode: ExitCode.failed }
}
