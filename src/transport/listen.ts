/**
 * Listens for TCP and TLS connections, on a port, a path (unix socket) or a descriptor, and hands each on as a stream. It
 * knows nothing of WebSocket but that sockets stay half open (RFC 6455 §7.1.1: whoever hangs up reads on until the peer has
 * ended).
 */
import {
  type AddressInfo,
  createServer as createTcpServer,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Clock } from './timer-wheel.js'

/** Node's own options for a TLS server: key, cert, ca, ALPNProtocols, SNICallback and so on. */
export type TlsServerOptions = TlsOptions

/** Node's own options: port and host, path (unix socket), or a descriptor that listens already. */
export type ListenTarget = ListenOptions | { fd: number }

/** Address and port, the path of a unix socket, or null when nothing listens. */
export type BoundAddress = AddressInfo | string | null

/** Whom a listener tells. */
export interface ListenerOwner {
  /** A connection came in, TLS and all. `since`: when its TCP connection was accepted, by the timer wheel's clock. */
  onStream(stream: Duplex, since: number): void
  /** Accepting failed (EMFILE, say); the listener goes on where it can. */
  onListenError(error: Error): void
  /** A TLS handshake failed; its socket is gone. */
  onTlsError(error: Error): void
}

/** What Node would allow by default, and nobody needs here. */
const secureDefaults: TlsOptions = { minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }

export class Listener {
  readonly #server: Server
  readonly #owner: ListenerOwner
  readonly #clock: Clock
  /** When the sockets whose TLS handshake runs were accepted, by their peer. */
  readonly #accepted = new Map<string, number>()

  /**
   * @param tls Node's own options; undefined: plain TCP.
   * @param handshakeTimeout milliseconds for a TLS handshake.
   */
  constructor(owner: ListenerOwner, tls: TlsServerOptions | undefined, handshakeTimeout: number, clock: Clock) {
    this.#owner = owner
    this.#clock = clock
    const options = { allowHalfOpen: true, noDelay: true }
    if (tls === undefined) {
      this.#server = createTcpServer(options, socket => owner.onStream(socket, clock()))
    } else {
      const server = createTlsServer({ handshakeTimeout, ...secureDefaults, ...tls, ...options })
      server.on('connection', socket => this.#noteAccepted(socket))
      server.on('secureConnection', socket => owner.onStream(socket, this.#acceptedAt(socket)))
      server.on('tlsClientError', error => owner.onTlsError(error))
      this.#server = server
    }
  }

  get listening(): boolean {
    return this.#server.listening
  }

  /** Where it listens: an address, the path of a unix socket, or null. */
  get address(): BoundAddress {
    return this.#server.address()
  }

  /** Resolves when it listens; rejects with Node's error (EADDRINUSE and the like). */
  listen(where: ListenTarget): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(where, () => {
        this.#server.off('error', reject)
        this.#server.on('error', error => this.#owner.onListenError(error))
        resolve()
      })
    })
  }

  /** Accepts no more; what was accepted goes on. */
  close(): void {
    this.#server.close()
  }

  #noteAccepted(socket: Socket): void {
    const peer = peerOf(socket)
    this.#accepted.set(peer, this.#clock())
    socket.once('close', () => this.#accepted.delete(peer))
  }

  #acceptedAt(socket: Socket): number {
    return this.#accepted.get(peerOf(socket)) ?? this.#clock()
  }
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}
