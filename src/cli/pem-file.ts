/** Files that a command line names: certificates and private keys in PEM (RFC 7468), looked at before they are used. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CommandError } from './command-error.js'
import { systemReason } from './system-reason.js'

/** A file that was read: its text, as TLS takes it, and what is in it. */
export interface PemFile<Content> {
  readonly pem: string
  readonly content: Content
}

/**
 * The certificates in the file that an option names, first to last.
 *
 * @throws CommandError (as a rejection) when it cannot be read, holds none, or one that is broken.
 */
export async function certificatesIn(option: string, path: string): Promise<PemFile<readonly X509Certificate[]>> {
  const pem = await textOf(option, path)
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs)
  if (blocks === null) throw new CommandError(`${option}: there is no certificate in PEM in ${path}`)
  try {
    return { pem, content: blocks.map(block => new X509Certificate(block)) }
  } catch {
    throw new CommandError(`${option}: a certificate in ${path} is broken`)
  }
}

/**
 * The private key in the file that an option names.
 *
 * @throws CommandError (as a rejection) when it cannot be read, or holds none that can be used.
 */
export async function privateKeyIn(option: string, path: string): Promise<PemFile<KeyObject>> {
  const pem = await textOf(option, path)
  try {
    return { pem, content: createPrivateKey(pem) }
  } catch {
    throw new CommandError(
      // In the label (RFC 7468 §11), or in a field of the older form (RFC 1421 §4.6.1.1).
      pem.includes('ENCRYPTED')
        ? `${option}: the private key in ${path} is encrypted; decrypt it: openssl pkey -in ${path} -out FILE`
        : `${option}: there is no private key in PEM that can be used in ${path}`,
    )
  }
}

async function textOf(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CommandError(`${option}: cannot read ${path}: ${systemReason(error)}`)
  }
}
