/** What to do about a certificate that is not taken, or not shown, in options of the command. */

/** Node's names for certificates that nobody vouches for. */
const unvouched: readonly (string | undefined)[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]

/** Node's names for certificates that are good, but not now or not here. */
const outOfPlace: readonly (string | undefined)[] = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']

/** @param code - of Node; undefined where it is of no certificate. */
export function certificateHint(code: string | undefined): string | undefined {
  if (unvouched.includes(code)) return '--tls-insecure accepts it, --tls-ca FILE trusts its issuer'
  if (outOfPlace.includes(code)) return '--tls-insecure accepts it'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return '--tls-insecure accepts it, --tls-servername NAME asks for another name'
  if (code?.endsWith('ALERT_CERTIFICATE_REQUIRED')) return '--tls-cert FILE and --tls-key FILE show one'
  // Of TLS 1.2, where that is one of several reasons.
  if (code?.endsWith('ALERT_HANDSHAKE_FAILURE'))
    return 'if it asks for a certificate, --tls-cert FILE and --tls-key FILE show one'
  return undefined
}
