/**
 * The body of a Close frame: RFC 6455 §5.5.1 (two octets of status code, then a reason in UTF-8) and §7.4 (which codes
 * may stand there).
 */
import { ProtocolError, UsageError } from '../errors.js'
import { isSendableStatusCode, StatusCode } from '../status-code.js'
import { maxControlPayload } from './frame-header.js'
import { decodeText } from './utf8.js'

/** What a Close frame says. `code` is 1005 when it says nothing (§7.1.5). */
export interface CloseBody {
  /** The status code (§7.4). */
  readonly code: StatusCode
  /** At most 123 octets of UTF-8; empty for none. */
  readonly reason: string
}

/** 125 octets of a control frame's payload, less two for the status code. */
export const maxReasonSize = maxControlPayload - 2

/**
 * Reads the body of a Close frame that was received.
 *
 * @param payload - unmasked; nothing of it is kept.
 * @throws ProtocolError 1002 for a body of one octet or a code that must not be on the wire; 1007 for a reason that is
 * not UTF-8.
 */
export function readCloseBody(payload: Buffer): CloseBody {
  if (payload.length === 0) return { code: StatusCode.noStatusReceived, reason: '' }
  if (payload.length === 1) {
    throw new ProtocolError('WS_CLOSE_BODY_TOO_SHORT', 1002, '5.5.1', 'a Close body of one octet')
  }
  const code = payload.readUInt16BE(0)
  if (!isSendableStatusCode(code)) {
    throw new ProtocolError('WS_INVALID_STATUS_CODE', 1002, '7.4', `status code ${code} must not be on the wire`)
  }
  const reason = decodeText(payload, 2, payload.length)
  if (reason === undefined) {
    throw new ProtocolError('WS_INVALID_UTF8', 1007, '5.5.1', 'the reason of a Close frame is not UTF-8')
  }
  return { code, reason }
}

/**
 * Builds the body of a Close frame: empty without a code.
 *
 * @throws UsageError for a code that may not be sent, a reason without a code, a reason over 123 octets.
 */
export function buildCloseBody(code?: number, reason = ''): Buffer {
  if (code === undefined) {
    if (reason !== '') throw new UsageError('WS_REASON_WITHOUT_CODE', '5.5.1', 'a reason needs a status code')
    return noBody
  }
  if (!isSendableStatusCode(code)) {
    throw new UsageError(
      'WS_INVALID_STATUS_CODE',
      '7.4',
      `status code ${typeof code === 'number' ? code : `of type ${typeof code}`} may not be sent: use 1000 to 1003, 1007 to 1014 or 3000 to 4999`,
    )
  }
  if (typeof reason !== 'string') throw new UsageError('WS_INVALID_REASON', '5.5.1', 'a reason is a string')
  const size = Buffer.byteLength(reason)
  if (size > maxReasonSize) {
    throw new UsageError(
      'WS_REASON_TOO_LONG',
      '5.5.1',
      `a reason has at most ${maxReasonSize} octets of UTF-8, this one has ${size}: see shortenReason`,
    )
  }
  const body = Buffer.allocUnsafe(2 + size)
  body.writeUInt16BE(code, 0)
  if (size > 0) body.write(reason, 2)
  return body
}

const noBody = Buffer.alloc(0)

/** Shortens a reason to 123 octets of UTF-8, never inside a code point. */
export function shortenReason(reason: string): string {
  const octets = Buffer.from(reason)
  if (octets.length <= maxReasonSize) return octets.toString()
  let end = maxReasonSize
  while ((octets[end]! & 0xc0) === 0x80) end--
  return octets.toString('utf8', 0, end)
}
