/** Why the network or TLS failed, in words that say what to do. */
import type { TransportError } from '../errors.js'
import { oneLine } from '../one-line.js'
import { certificateHint } from './certificate-hint.js'
import { systemReason } from './system-reason.js'

/** Why no connection came about. */
export function transportReason({ message, cause, causeCode }: TransportError): string {
  if (causeCode === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'it does not speak TLS: ws:// instead of wss://?'
  const hint = certificateHint(causeCode)
  if (hint !== undefined) return `${oneLine(message)}; ${hint}`
  return systemReason(cause, oneLine(message))
}
