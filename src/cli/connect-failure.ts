/** Why there is no connection, in one line, and what the command exits with for it. */
import { HandshakeError, type RefusalResponse, TransportError, UsageError } from '../errors.js'
import { CommandError } from './command-error.js'
import { ExitCode } from './exit-code.js'
import { oneLine } from './one-line.js'
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
    return new CommandError(`no WebSocket at ${url}: ${refusal(error)}`, ExitCode.refused)
  }
  if (!(error instanceof TransportError)) return error
  return new CommandError(`cannot reach ${url}: ${transportReason(error)}`, ExitCode.unreachable)
}

/** With the first line of the body, where it is text: servers say there what they did not like. */
function refusal({ message, response }: HandshakeError): string {
  const type = fieldOf(response, 'content-type') ?? ''
  const [line = ''] = /^text\/plain\b/i.test(type) ? Buffer.from(response!.body).toString().trim().split('\n') : []
  const location = response?.status.toString().startsWith('3') ? fieldOf(response, 'location') : undefined
  const elsewhere = location === undefined ? '' : `; it redirects to ${location.slice(0, 200)}`
  return oneLine(`${message}${line === '' ? '' : `: ${line.slice(0, 200)}`}${elsewhere}`)
}

function fieldOf(response: RefusalResponse | undefined, name: string): string | undefined {
  return response?.headers.find(([field]) => field.toLowerCase() === name)?.[1]
}
