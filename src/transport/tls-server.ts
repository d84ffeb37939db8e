/**
 * TLS at a server: RFC 6455 §4.2.2 item 1, §10.6. Node's TLS server does the handshakes, but listens to nothing: it is
 * given the sockets that were accepted, so that each handshake can be counted, timed from the accept, and cut.
 */
import type { Socket } from 'node:net'
import { createServer, type TlsOptions, type Server as TlsServerOfNode } from 'node:tls'
import { UsageError } from '../errors.js'
import { given } from '../option-table.js'

/** Node's own options for a TLS server: key, cert, ca, ALPNProtocols, SNICallback and so on. */
export type TlsServerOptions = TlsOptions

/** Whom a TLS server tells. */
export interface TlsServerOwner {
  /** TLS stands. `since`: what {@link TlsServer.start} was told. */
  onStream(stream: Socket, since: number): void
  /** A handshake failed; its socket is gone. */
  onTlsError(error: Error): void
}

// Node's timers hold no more.
const longestPeriod = 2 ** 31 - 1

/** What Node would allow by default, and nobody needs here. */
const secureDefaults: TlsOptions = { minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }

/** A socket whose handshake runs, and when it was accepted. */
interface Shaking {
  readonly socket: Socket
  readonly since: number
}

export class TlsServer {
  readonly #owner: TlsServerOwner
  readonly #options: TlsOptions
  readonly #node: TlsServerOfNode
  /** By the peer's address, or by the socket where it has none. */
  readonly #shaking = new Map<string | Socket, Shaking>()

  /**
   * @param handshakeTimeout - milliseconds for a TLS handshake.
   * @throws UsageError WS_TLS_OPTIONS: a key, certificate or other option that Node does not take.
   */
  constructor(owner: TlsServerOwner, options: TlsServerOptions, handshakeTimeout: number) {
    this.#owner = owner
    this.#options = {
      handshakeTimeout: Math.min(handshakeTimeout, longestPeriod),
      ...(options.ALPNCallback === undefined ? secureDefaults : { minVersion: secureDefaults.minVersion }),
      ...given(options),
    }
    try {
      checkCertificate(this.#options)
      this.#node = this.#create(socket => nameOf(socket))
    } catch (error) {
      throw new UsageError('WS_TLS_OPTIONS', '10.6', `not usable as TLS options: ${(error as Error).message}`)
    }
  }

  /** Handshakes under way. */
  get pending(): number {
    return this.#shaking.size
  }

  /**
   * Begins the handshake on a socket that was accepted.
   *
   * @param named - sockets of this listener have addresses; not those of a unix socket.
   * @param since - when it was accepted.
   */
  start(socket: Socket, named: boolean, since: number): void {
    const key = named ? nameOf(socket) : socket
    if (key === undefined) {
      // Reset already.
      socket.destroy()
      return
    }
    // Who ends now has left. What TLS stands on becomes half open with its owner.
    socket.allowHalfOpen = false
    this.#shaking.set(key, { socket, since })
    socket.once('close', () => this.#shaking.delete(key))
    // Node does not tell which socket it was that TLS stands on now. Where an address does not either, the server has no other.
    const node = named ? this.#node : this.#create(() => key)
    node.emit('connection', socket)
  }

  /** Cuts the handshakes under way. */
  cut(): void {
    for (const { socket } of this.#shaking.values()) socket.destroy()
  }

  #create(keyOf: (socket: Socket) => string | Socket | undefined): TlsServerOfNode {
    const server = createServer(this.#options)
    server.on('secureConnection', socket => this.#onSecure(socket, keyOf(socket)))
    server.on('tlsClientError', (error, socket) => {
      socket.destroy()
      this.#owner.onTlsError(error)
    })
    return server
  }

  #onSecure(socket: Socket, key: string | Socket | undefined): void {
    const shaking = key === undefined ? undefined : this.#shaking.get(key)
    if (shaking === undefined) {
      // Reset as TLS stood: it has no address any more.
      socket.destroy()
      return
    }
    this.#shaking.delete(key!)
    this.#owner.onStream(socket, shaking.since)
  }
}

/** Without one, or something that finds one later, no handshake can succeed. */
function checkCertificate({ key, cert, pfx, secureContext, SNICallback, pskCallback, ciphers }: TlsOptions): void {
  if (key !== undefined && cert !== undefined) return
  const other = [pfx, secureContext, SNICallback, pskCallback, ciphers]
  if (other.every(option => option === undefined)) throw new TypeError('key and cert are there, or pfx, or SNICallback')
}

/** What no other connection is called at the same time. */
function nameOf({ localAddress, remoteAddress, remotePort }: Socket): string | undefined {
  return remotePort === undefined ? undefined : `${localAddress} ${remoteAddress} ${remotePort}`
}
