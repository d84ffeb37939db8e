/** The options of commands that listen: with which certificate. */
import type { Arguments, OptionTable } from './arguments.js'
import { CommandError } from './command-error.js'
import { certificatesIn, privateKeyIn } from './pem-file.js'
import { parseTlsVersions, type TlsVersions, tlsVersionOptions } from './tls-versions.js'

export const tlsOptions: OptionTable = {
  'tls-cert': { value: 'FILE', help: 'certificate and chain, PEM: TLS (wss); with --tls-key' },
  'tls-key': { value: 'FILE', help: 'its private key, PEM, not encrypted' },
  'tls-self-signed': { help: 'TLS with a certificate made on the spot for localhost, 127.0.0.1 and ::1' },
  ...tlsVersionOptions,
}

/** Key and certificate, PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/**
 * How a command that listens speaks TLS; undefined where none is asked for.
 *
 * @throws CommandError (as a rejection) when it cannot be done.
 */
export async function parseListenTls(given: Arguments): Promise<(Certificate & TlsVersions) | undefined> {
  const versions = parseTlsVersions(given)
  const certificate = await certificateOf(given)
  if (certificate !== undefined) return { ...certificate, ...versions }
  if (Object.keys(versions).length === 0) return undefined
  throw new CommandError('--tls-min and --tls-max need TLS: --tls-cert and --tls-key, or --tls-self-signed')
}

/**
 * Key and certificate; undefined where no TLS is asked for.
 *
 * @throws CommandError (as a rejection) when they cannot be used.
 */
export async function certificateOf(given: Arguments): Promise<Certificate | undefined> {
  const cert = given.get('tls-cert')
  const key = given.get('tls-key')
  if (given.has('tls-self-signed')) {
    if ((cert ?? key) !== undefined) {
      throw new CommandError('--tls-self-signed makes its own certificate: leave out --tls-cert and --tls-key')
    }
    const { selfSignedCertificate } = await import('./self-signed-certificate.js')
    return await selfSignedCertificate()
  }
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) throw new CommandError('--tls-cert and --tls-key belong together')
  const certificates = await certificatesIn('--tls-cert', cert)
  const privateKey = await privateKeyIn('--tls-key', key)
  if (!certificates.content[0]!.checkPrivateKey(privateKey.content)) {
    throw new CommandError(`--tls-key ${key} is not the key of the first certificate in --tls-cert ${cert}`)
  }
  return { cert: certificates.pem, key: privateKey.pem }
}
