/** How a load was connected, as its report has it: what makes a difference to its figures, and nothing that is secret. */
import type { HeaderInit } from '../http/field-lines.js'
import type { LoadConnectOptions } from './load-options.js'

/** What is kept of `connect`: see {@link LoadConnectOptions}. What was not said is left out. */
export interface ConnectReport {
  /** Compression was asked for: so, or by default. False: it was not. */
  readonly perMessageDeflate: Exclude<LoadConnectOptions['perMessageDeflate'], undefined>
  /** How many subprotocols were offered; their names may be secret, for pages of browsers have no other field for a token. */
  readonly protocols: number
  /** The names of header fields, in lower case and in their order; their values may be secret. */
  readonly headers: readonly string[]
  /** The Origin field. */
  readonly origin?: string
  /** The Host field, where it was not to be that of the URL. */
  readonly host?: string
  /** Only addresses of that family. */
  readonly family?: 0 | 4 | 6
  /** The unix socket. */
  readonly socketPath?: string
  /** Milliseconds for everything before a connection is open. */
  readonly connectTimeout?: number | 'off'
  /** Sizes and counts that a connection allows itself and its peer. */
  readonly limits?: LoadConnectOptions['limits']
  /** Of `tls`: versions, ciphers, the name, and whether there was a certificate to show and one to be verified. */
  readonly tls?: TlsReport
}

/** What is kept of `tls`. What was not said is left out. */
export interface TlsReport {
  /** As Node has it: `TLSv1.3`. */
  readonly minVersion?: string
  /** Likewise. */
  readonly maxVersion?: string
  /** As OpenSSL writes them. */
  readonly ciphers?: string
  /** The name that was asked for instead of that of the URL. */
  readonly servername?: string
  /** Whether the server's certificate was verified. */
  readonly rejectUnauthorized: boolean
  /** Whether the client had one. */
  readonly certificate: boolean
}

export function connectReport(connect: LoadConnectOptions): ConnectReport {
  const { perMessageDeflate = false, protocols = [], headers = {}, tls } = connect
  const { origin, host, family, socketPath, connectTimeout, limits } = connect
  const plain = { origin, host, family, socketPath, connectTimeout, limits }
  return {
    perMessageDeflate,
    protocols: protocols.length,
    headers: [...new Set(namesOf(headers))].sort(),
    ...said(plain),
    ...(tls && { tls: tlsReport(tls) }),
  }
}

function tlsReport(tls: NonNullable<LoadConnectOptions['tls']>): TlsReport {
  const { minVersion, maxVersion, ciphers, servername, rejectUnauthorized = true, cert, pfx } = tls
  const certificate = (cert ?? pfx) !== undefined
  return { ...said({ minVersion, maxVersion, ciphers, servername }), rejectUnauthorized, certificate }
}

function namesOf(headers: HeaderInit): string[] {
  const names =
    Symbol.iterator in headers
      ? Array.from(headers as Iterable<readonly string[]>, ([name]) => name!)
      : Object.keys(said(headers))
  return names.map(name => name.toLowerCase())
}

/** Without what is undefined. */
function said<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: Exclude<Options[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as object
}
