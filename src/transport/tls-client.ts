/**
 * TLS at a client: RFC 6455 §4.1 item 5, §10.6. The certificate must be good for the host of the URI, whatever address or
 * path was connected to, and the name is sent ahead (SNI, RFC 6066 §3) unless it is an address.
 */
import { X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import { UsageError } from '../errors.js'
import { given } from '../option-table.js'
import { keepSocket } from './tcp-octets.js'

/**
 * Node's own options for a TLS client: ca, cert, key, servername, checkServerIdentity, minVersion and so on. The
 * certificate is verified unless `rejectUnauthorized` is `false` here; no environment variable changes that.
 */
export type TlsClientOptions = Omit<
  ConnectionOptions,
  'socket' | 'host' | 'port' | 'path' | 'lookup' | 'timeout' | 'allowHalfOpen' | 'isServer' | 'requestCert'
>

/** What starts TLS on a socket; made before anything is sent, so that options that cannot be are the caller's fault. */
export class TlsClient {
  readonly #host: string
  readonly #options: TlsClientOptions
  readonly #context: SecureContext

  /**
   * @param host - of the URI: a name, or an address.
   * @throws UsageError WS_TLS_OPTIONS: a key, certificate or version that Node does not take.
   */
  constructor(host: string, options: TlsClientOptions = {}) {
    this.#host = host
    this.#options = given(options)
    try {
      checkEarly(this.#options)
      this.#context = this.#options.secureContext ?? createSecureContext({ minVersion: 'TLSv1.2', ...this.#options })
    } catch (error) {
      throw unusable(error)
    }
  }

  /**
   * Begins the TLS handshake; the stream says `secureConnect`, or fails.
   *
   * @throws UsageError WS_TLS_OPTIONS: an option that only shows now that Node does not take it.
   */
  start(socket: Socket): TLSSocket {
    try {
      const secured = connect(this.#optionsFor(socket))
      keepSocket(secured, socket)
      return secured
    } catch (error) {
      throw unusable(error)
    }
  }

  #optionsFor(socket: Socket): ConnectionOptions {
    return {
      ALPNProtocols: ['http/1.1'],
      // An absolute name ends in a dot; the name in SNI does not.
      ...(isIP(this.#host) === 0 && { servername: this.#host.replace(/\.$/, '') }),
      ...(isIP(this.#host) === 6 && { checkServerIdentity: checkAddress }),
      ...this.#options,
      rejectUnauthorized: this.#options.rejectUnauthorized !== false,
      secureContext: this.#context,
      host: this.#host,
      socket,
    }
  }
}

/** Node 22.23 and 24.17 take an IPv6 address for a name, and find it in no certificate (nodejs/node#64144). */
function checkAddress(host: string, certificate: PeerCertificate): Error | undefined {
  if (new X509Certificate(certificate.raw).checkIP(host) !== undefined) return undefined
  return checkServerIdentity(host, certificate)
}

/** What Node looks at when its socket is made already, which then fails by itself, and nobody hears it. */
function checkEarly(options: TlsClientOptions & { readonly highWaterMark?: unknown }): void {
  const { servername, highWaterMark, session } = options
  if (servername !== undefined && typeof servername !== 'string') throw new TypeError('servername is a string')
  if (highWaterMark !== undefined && !(Number.isInteger(highWaterMark) && (highWaterMark as number) >= 0)) {
    throw new TypeError('highWaterMark is a number of octets')
  }
  if (session !== undefined && !ArrayBuffer.isView(session)) throw new TypeError('session is a Buffer')
}

function unusable(error: unknown): UsageError {
  return new UsageError('WS_TLS_OPTIONS', '4.1', `not usable as TLS options: ${(error as Error).message}`)
}
