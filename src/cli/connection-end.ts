/** How a connection ended, in one line, and what the command exits with for it. */
import type { CloseRecord } from '../connection/close-record.js'
import { ProtocolError } from '../errors.js'
import type { CloseBody } from '../framing/close-body.js'
import { StatusCode } from '../status-code.js'
import { visibleText } from '../visible-text.js'
import { ExitCode } from './exit-code.js'

export interface ConnectionEnd {
  readonly line: string
  readonly exitCode: ExitCode
}

/** Codes of peers that had nothing to complain of. */
const peaceful: readonly number[] = [StatusCode.normalClosure, StatusCode.goingAway, StatusCode.noStatusReceived]

/**
 * A Closing Handshake that was complete is well, if it was ours or its code says no ill; everything else is not.
 */
export function connectionEnd({ clean, initiator, error, sent, received }: CloseRecord): ConnectionEnd {
  if (error instanceof ProtocolError) return { line: ourComplaint(error), exitCode: ExitCode.failed }
  if (!clean) {
    const fault = error instanceof Error ? visibleText(error.message) : 'the server left without a Close frame'
    return { line: `the connection was lost: ${fault}`, exitCode: ExitCode.failed }
  }
  // Both have sent one.
  const [ours, theirs] = [sent!, received!]
  if (initiator !== 'local') {
    const exitCode = peaceful.includes(theirs.code) ? ExitCode.ok : ExitCode.failed
    return { line: `the server closed ${withCode(theirs)}`, exitCode }
  }
  const answer = theirs.code === ours.code ? '' : `; the server answered ${withCode(theirs)}`
  return { line: `closed ${withCode(ours)}${answer}`, exitCode: ExitCode.ok }
}

/** What the server did that we closed for. */
function ourComplaint({ message, section, statusCode }: ProtocolError): string {
  const law = section.startsWith('RFC') ? section : `RFC 6455 §${section}`
  const about = statusCode === StatusCode.messageTooBig ? '; --max-message SIZE takes more' : ` (${law})`
  return `closed with ${statusCode}: ${visibleText(message)}${about}`
}

function withCode({ code, reason }: CloseBody): string {
  const what = code === StatusCode.noStatusReceived ? 'without a code' : `with ${code}`
  return reason === '' ? what : `${what} (${visibleText(reason)})`
}
