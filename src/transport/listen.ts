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
import { UsageError } from '../errors.js'
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
  /** May one more handshake begin? `pending`: TLS handshakes under way, of which the owner has not heard. */
  admits(pending: number): boolean
  /** Accepting failed (EMFILE, say); the listener goes on where it can. */
  onListenError(error: Error): void
  /** A TLS handshake failed; its socket is gone. */
  onTlsError(error: Error): void
}

// Node's timers hold no more.
const longestPeriod = 2 ** 31 - 1

/** What Node would allow by default, and nobody needs here. */
const secureDefaults: TlsOptions = { minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }

export class Listener {
  readonly #server: Server
  readonly #owner: ListenerOwner
  readonly #clock: Clock
  /** Sockets whose TLS handshake runs. */
  readonly #shaking = new Map<string | Socket, ShakingSocket>()
  #closed: Promise<void> | undefined

  /**
   * @param tls - Node's own options; undefined: plain TCP.
   * @param handshakeTimeout - milliseconds for a TLS handshake.
   */
  constructor(owner: ListenerOwner, tls: TlsServerOptions | undefined, handshakeTimeout: number, clock: Clock) {
    this.#owner = owner
    this.#clock = clock
    const options = { allowHalfOpen: true, noDelay: true }
    if (tls === undefined) {
      this.#server = createTcpServer(options, socket => owner.onStream(socket, clock()))
    } else {
      const handshake = { handshakeTimeout: Math.min(handshakeTimeout, longestPeriod) }
      const server = createTlsServer({ ...handshake, ...secureDefaults, ...tls, ...options })
      server.on('connection', socket => this.#onAccepted(socket))
      server.on('secureConnection', socket => owner.onStream(socket, this.#forget(socket)))
      server.on('tlsClientError', (error, socket) => {
        socket.destroy()
        owner.onTlsError(error)
      })
      this.#server = server
    }
  }

  get listening(): boolean {
    return this.#server.listening
  }

  /** TLS handshakes under way. */
  get pending(): number {
    return this.#shaking.size
  }

  /** Where it listens: an address, the path of a unix socket, or null. */
  get address(): BoundAddress {
    return this.#server.address()
  }

  /** Resolves when it listens; rejects with Node's error (EADDRINUSE and the like), or a UsageError if closed before. */
  listen(where: ListenTarget): Promise<void> {
    const server = this.#server
    return new Promise((resolve, reject) => {
      const closed = () => {
        reject(new UsageError('WS_SERVER_CLOSED', '7.4.1', 'the server was closed before it listened'))
      }
      server.once('error', reject).once('close', closed)
      server.listen(where, () => {
        server.off('error', reject).off('close', closed)
        server.on('error', error => this.#owner.onListenError(error))
        resolve()
      })
    })
  }

  /**
   * Accepts no more, and cuts TLS handshakes; what was handed on goes on.
   *
   * @returns when every connection that was accepted here has ended.
   */
  close(): Promise<void> {
    this.#closed ??= new Promise(resolve => {
      this.#server.close(() => resolve())
      for (const { socket } of this.#shaking.values()) socket.destroy()
    })
    return this.#closed
  }

  #onAccepted(socket: Socket): void {
    if (!this.#owner.admits(this.pending)) {
      socket.destroy()
      return
    }
    const peer = peerOf(socket) ?? socket
    this.#shaking.set(peer, { socket, since: this.#clock() })
    socket.once('close', () => this.#shaking.delete(peer))
  }

  /** TLS stands; returns when the socket was accepted. */
  #forget(socket: Socket): number {
    const peer = peerOf(socket) ?? parentOf(socket)
    const since = this.#shaking.get(peer)?.since ?? this.#clock()
    this.#shaking.delete(peer)
    return since
  }
}

interface ShakingSocket {
  readonly socket: Socket
  readonly since: number
}

/** The socket that TLS was begun on, where it has no name: of a unix socket. Node tells it nowhere else. */
function parentOf(socket: Socket): Socket {
  return (socket as Socket & { readonly _parent: Socket })._parent
}

function peerOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort}`
}
