/** The options of commands that connect over TLS: whom they trust, and who they say they are. */
import type { Arguments, OptionTable } from './arguments.js'
import { CommandError } from './command-error.js'
import { certificatesIn } from './pem-file.js'
import { certificateOf } from './tls-arguments.js'
import { parseTlsVersions, type TlsVersions, tlsVersionOptions } from './tls-versions.js'

export const trustOptions: OptionTable = {
  'tls-insecure': { short: 'k', help: 'accept any certificate: self-signed, expired, of another host' },
  'tls-ca': { value: 'FILE', help: 'trust what these certificates have signed, PEM, and nothing else' },
  'tls-cert': { value: 'FILE', help: 'a certificate of our own for servers that ask for one, PEM; with --tls-key' },
  'tls-key': { value: 'FILE', help: 'its private key, PEM, not encrypted' },
  'tls-servername': { value: 'NAME', help: 'the name to ask for and to check (SNI) instead of that in the URL' },
  ...tlsVersionOptions,
}

/** What of Node's options for TLS connections they give. */
export interface Trust extends TlsVersions {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

/**
 * Understands the options.
 *
 * @throws CommandError (as a rejection)
 */
export async function parseTrust(given: Arguments): Promise<Trust> {
  const ca = given.get('tls-ca')
  const servername = given.get('tls-servername')
  if (servername === '') throw new CommandError('--tls-servername needs a name')
  return {
    rejectUnauthorized: !given.has('tls-insecure'),
    ...(ca !== undefined && { ca: (await certificatesIn('--tls-ca', ca)).pem }),
    ...(await certificateOf(given)),
    ...(servername !== undefined && { servername }),
    ...parseTlsVersions(given),
  }
}
