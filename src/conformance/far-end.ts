/**
 * The server behind a proxy under test. Which connection belongs to which case its request says, by the key. Nothing is told by
 * when a connection comes, nor in which order: a proxy may connect as soon as it is connected to, or with the first octets, or
 * long before, or once more. Until a request has come on it, a connection is left alone.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { defaultPatience } from './patience.js'
import { RawPeer } from './raw-peer.js'
import { SeededOctets } from './seeded-octets.js'

const alive = Buffer.from('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')

export class FarEnd {
  /** What is between is a tunnel; `proxyTrial()` finds out. */
  behindTunnel = false
  readonly #server: Server
  #take: (socket: Socket) => void = socket => void this.#accept(socket)
  readonly #sockets = new Set<Socket>()
  readonly #awaited = new Map<string, (peer: RawPeer) => void>()
  #connections = 0
  #passesKeys = false

  constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, socket => this.#take(socket))
  }

  /** How many connections have come. */
  get connections(): number {
    return this.#connections
  }

  /**
   * A key has come as it was sent: from now on requests are told apart by it, so that several cases can run at a time. Until
   * then a request with another key goes to the case that waits, if it is the only one.
   */
  get passesKeys(): boolean {
    return this.#passesKeys
  }

  /** Begins to listen; resolves with the port, rejects with Node's own error. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  /**
   * Our end of the connection on which the request with this key comes ('': what is no HTTP). Never settles when none does:
   * how long to wait is for the one who waits to say, and then to {@link forget}.
   */
  next(key: string): Promise<RawPeer> {
    return new Promise(resolve => {
      this.#awaited.set(key, resolve)
    })
  }

  /** Nobody waits for it any more. */
  forget(key: string): void {
    this.#awaited.delete(key)
  }

  /**
   * From now on connections are somebody else's, and what is open is cut. It goes on listening: a proxy that finds nobody may
   * leave us alone for a while, and the port may be taken meanwhile.
   */
  handOver(take: (socket: Socket) => void): void {
    this.#take = take
    this.#cut()
  }

  /** Stops listening and cuts what is open, but for what was handed over; resolves when the port is free. */
  close(): Promise<void> {
    this.#cut()
    return new Promise(resolve => {
      this.#server.close(() => resolve())
    })
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async #accept(socket: Socket): Promise<void> {
    this.#connections++
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // Whose it is shows in the request; until then octets are only read.
    const chance = new SeededOctets(0)
    const peer = new RawPeer(socket, { tested: 'client', segmentation: 'whole', chance, patience: defaultPatience })
    const asked = () => peer.request !== undefined || peer.headError !== undefined
    while (!asked() && peer.ended === undefined) await peer.until(asked)
    const key = asked() ? this.#awaitedBy(peer) : undefined
    if (key !== undefined) {
      const take = this.#awaited.get(key)!
      this.forget(key)
      take(peer)
      return
    }
    // A proxy may ask whether we live.
    if (peer.request !== undefined && peer.key === '') await peer.sendPieces([alive])
    await peer.finish()
  }

  /** The key that is awaited by who is to get this connection. */
  #awaitedBy({ key, headError }: RawPeer): string | undefined {
    if (this.#awaited.has(key) && (key !== '' || headError !== undefined)) {
      this.#passesKeys ||= key !== ''
      return key
    }
    const [only, ...others] = this.#passesKeys ? [] : this.#awaited.keys()
    return others.length === 0 ? only : undefined
  }
}
