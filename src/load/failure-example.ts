/** What one of many connections says that could not be opened. */
import { HandshakeError, type TransportError } from '../errors.js'
import { refusalReason } from '../refusal-reason.js'

/** Of a server that refuses, with what it says besides. */
export function failureExample(error: HandshakeError | TransportError): string {
  return error instanceof HandshakeError ? refusalReason(error) : error.message
}
