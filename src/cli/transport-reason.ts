/** Why the network or TLS failed, in words that say what to do. */
import type { TransportError } from '../errors.js'
import { oneLine } from './one-line.js'
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

/** Why no connection came about. */
export function transportReason({ message, cause, causeCode }: TransportError): string {
  if (causeCode === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'it does not speak TLS: ws:// instead of wss://?'
  if (unvouched.includes(causeCode)) {
    return `${oneLine(message)}; --tls-insecure accepts it, --tls-ca FILE trusts its issuer`
  }
  if (outOfPlace.includes(causeCode)) return `${oneLine(message)}; --tls-insecure accepts it`
  return systemReason(cause, oneLine(message))
}
