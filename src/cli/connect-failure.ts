/** Why there is no connection, in one line, and what the command exits with for it. */
import { HandshakeError, type RefusalResponse, TransportError, UsageError } from '../errors.js'
import { visibleText } from '../visible-text.js'
import { CommandError } from './command-error.js'
import { ExitCode } from './exit-code.js'
import { systemReason } from './system-reason.js'

/** Node's names for certificates that nobody vouches for. */
const unvouched: readonly (string | undefined)[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]

/** Node's names for certificates that are good, but not now or not here. */
const outOfPlace: readonly (string | undefined)[] = [
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]

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
    // A server that expects TLS ends what it takes for none.
    const hint = error.response === undefined && /^(ws|http):/i.test(url) ? '; wss:// instead of ws://?' : ''
    return new CommandError(`no WebSocket at ${url}: ${refusal(error)}${hint}`, ExitCode.refused)
  }
  if (!(error instanceof TransportError)) return error
  return new CommandError(`cannot reach ${url}: ${reason(error)}`, ExitCode.unreachable)
}

function reason({ message, cause, causeCode }: TransportError): string {
  if (causeCode === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'it does not speak TLS: ws:// instead of wss://?'
  if (unvouched.includes(causeCode)) {
    return `${oneLine(message)}; --tls-insecure accepts it, --tls-ca FILE trusts its issuer`
  }
  if (outOfPlace.includes(causeCode)) return `${oneLine(message)}; --tls-insecure accepts it`
  return systemReason(cause, oneLine(message))
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

/** OpenSSL ends its messages with a line feed. */
function oneLine(text: string): string {
  return visibleText(text.trim().replace(/\s+/g, ' '))
}
