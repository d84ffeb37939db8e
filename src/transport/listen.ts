/**
 * Listens for TCP and TLS connections, on a port, a path (unix socket) or a descriptor, and hands each on as a stream. It
 * knows nothing of WebSocket but that sockets stay half open (RFC 6455 §7.1.1: whoever hangs up reads on until the peer has
 * ended).
 */
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { UsageError } from '../errors.js'
import type { Clock } from './timer-wheel.js'
import type { TlsServer } from './tls-server.js'

/** Node's own options but `signal`: port and host, path (unix socket), or a descriptor that listens already. */
export type ListenTarget = Omit<ListenOptions, 'signal'> | { fd: number }

/** Address and port, the path of a unix socket, or null when nothing listens. */
export type BoundAddress = AddressInfo | string | null

/** The URL of a server that listens there; undefined where it is no port. */
export function urlOf(address: BoundAddress, secure: boolean): string | undefined {
  if (address === null || typeof address === 'string') return undefined
  const any = address.address === '::' || address.address === '0.0.0.0'
  const host = any ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${secure ? 'wss' : 'ws'}://${host}:${address.port}`
}

/** Whom a listener tells. */
export interface ListenerOwner {
  /** A connection came in, TLS and all. `since`: when its TCP connection was accepted, by the timer wheel's clock. */
  onStream(stream: Duplex, since: number): void
  /** May one more handshake begin? `pending`: TLS handshakes under way, of which the owner has not heard. */
  admits(pending: number): boolean
  /** Accepting failed (EMFILE, say); the listener goes on where it can. */
  onListenError(error: Error): void
}

export class Listener {
  readonly #server: Server
  readonly #owner: ListenerOwner
  readonly #clock: Clock
  readonly #tls: TlsServer | undefined
  #closed: Promise<void> | undefined

  /** @param tls - undefined: plain TCP. */
  constructor(owner: ListenerOwner, tls: TlsServer | undefined, clock: Clock) {
    this.#owner = owner
    this.#clock = clock
    this.#tls = tls
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, socket => this.#onSocket(socket))
  }

  get listening(): boolean {
    return this.#server.listening
  }

  /** Where it listens: an address, the path of a unix socket, or null. */
  get address(): BoundAddress {
    return this.#server.address()
  }

  /**
   * Resolves when it listens; rejects with Node's error (EADDRINUSE and the like), or with a UsageError: WS_LISTEN_OPTIONS
   * for what Node does not take (a port above 65535), WS_SERVER_CLOSED if closed before.
   */
  listen(where: ListenTarget): Promise<void> {
    const server = this.#server
    return new Promise((resolve, reject) => {
      const closed = () => {
        reject(new UsageError('WS_SERVER_CLOSED', '7.4.1', 'the server was closed before it listened'))
      }
      server.once('error', reject).once('close', closed)
      const listening = () => {
        server.off('error', reject).off('close', closed)
        server.on('error', error => this.#owner.onListenError(error))
        resolve()
      }
      try {
        server.listen(where, listening)
      } catch (error) {
        reject(new UsageError('WS_LISTEN_OPTIONS', '4.2', `cannot listen there: ${(error as Error).message}`))
      }
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
      this.#tls?.cut()
    })
    return this.#closed
  }

  #onSocket(socket: Socket): void {
    const tls = this.#tls
    if (tls === undefined) {
      this.#owner.onStream(socket, this.#clock())
    } else if (this.#owner.admits(tls.pending)) tls.start(socket, this.#named, this.#clock())
    else socket.destroy()
  }

  /** What is accepted here has an address. */
  get #named(): boolean {
    const { address } = this
    return typeof address === 'object' && address !== null
  }
}
