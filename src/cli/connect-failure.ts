/** Why there is no connection, in one line, and what the command exits with for it. */
import { HandshakeError, TransportError } from '../errors.js'
import { CommandError } from './command-error.js'
import { ExitCode } from './exit-code.js'
import { visibleText } from './visible-text.js'

/** Node's names for certificates that nobody vouches for. */
const unvouched: readonly (string | undefined)[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]

/**
 * What `connect()` rejected with, as an error of the command; anything that is neither the server's nor the network's
 * fault as it is.
 *
 * @param url - what was to be connected to, as given.
 */
export function connectFailure(url: string, error: unknown): unknown {
  if (error instanceof HandshakeError) {
    return new CommandError(`no WebSocket at ${url}: ${refusal(error)}`, ExitCode.refused)
  }
  if (!(error instanceof TransportError)) return error
  const hint = unvouched.includes(error.causeCode) ? '; --tls-insecure accepts it, --tls-ca FILE trusts its issuer' : ''
  return new CommandError(`cannot reach ${url}: ${oneLine(error.message)}${hint}`, ExitCode.unreachable)
}

/** With the first line of the body, where it is text: servers say there what they did not like. */
function refusal({ message, response }: HandshakeError): string {
  const type = response?.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const [line = ''] = /^text\/plain\b/i.test(type) ? Buffer.from(response!.body).toString().trim().split('\n') : []
  return oneLine(line === '' ? message : `${message}: ${line.slice(0, 200)}`)
}

/** OpenSSL ends its messages with a line feed. */
function oneLine(text: string): string {
  return visibleText(text.trim().replace(/\s+/g, ' '))
}
