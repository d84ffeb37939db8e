/** Why there is no connection, in one line, and what the command exits with for it. */
import { HandshakeError, TransportError, UsageError } from '../errors.js'
import { refusalReason } from '../refusal-reason.js'
import { CommandError } from './command-error.js'
import { ExitCode } from './exit-code.js'
import { transportReason } from './transport-reason.js'

/**
 * What `connect()` rejected with, as an error of the command; what is nobody's fault but ours as it is.
 *
 * @param url - what was to be connected to.
 */
export function connectFailure(url: string, error: unknown): unknown {
  if (error instanceof UsageError && error.code.startsWith('WS_HEADER')) {
    return new CommandError(`--header: ${error.message}`)
  }
  if (error instanceof HandshakeError) {
    return new CommandError(`no WebSocket at ${url}: ${refusalReason(error)}`, ExitCode.refused)
  }
  if (!(error instanceof TransportError)) return error
  return new CommandError(`cannot reach ${url}: ${transportReason(error)}`, ExitCode.unreachable)
}
