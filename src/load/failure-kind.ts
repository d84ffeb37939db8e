/** What failures have in common, so that they can be counted: a name that is the same for all of a kind. */
import { HandshakeError, type TransportError } from '../errors.js'

/** Such as `tcp ECONNREFUSED`, `upgrade WS_CONNECT_TIMEOUT` or `refused with 503`. */
export function failureKind(error: HandshakeError | TransportError): string {
  if (error instanceof HandshakeError && error.code === 'WS_REFUSED') return `refused with ${error.status}`
  const { phase, code, causeCode = code } = error as TransportError
  return `${phase} ${causeCode}`
}
