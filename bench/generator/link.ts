/**
 * One connection of a load: octets in, octets out, and nothing known of them. It reads into one buffer that all share,
 * where Node can, so that reading costs the generator little.
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

const shared = Buffer.allocUnsafeSlow(256 * 1024)
const nothing = () => {}

export interface LinkOptions {
  readonly port: number
  readonly tls: boolean
  /** A number that makes addresses differ: one has ports for about 28,000 connections that have just ended. */
  readonly number: number
}

export class Link {
  readonly #socket: Socket
  /** Told what has come: chunk[0, length), valid during the call. */
  onOctets: (chunk: Buffer, length: number) => void = nothing
  /** Told once that the connection has ended, by whomever. */
  onEnd: (error: Error | undefined) => void = nothing

  private constructor(open: (link: Link) => Socket) {
    this.#socket = open(this)
    let error: Error | undefined
    this.#socket.on('error', one => {
      error = one
    })
    this.#socket.on('close', () => this.onEnd(error))
  }

  /** Connects to a server on this machine; `onOpen` may write. */
  static dial({ port, tls, number }: LinkOptions, onOpen: (link: Link) => void): Link {
    return new Link(link => {
      const where = { port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (number % 8)}` }
      if (tls) {
        const socket = connectTls({ ...where, rejectUnauthorized: false }, () => onOpen(link))
        socket.setNoDelay()
        socket.on('data', (chunk: Buffer) => link.onOctets(chunk, chunk.length))
        return socket
      }
      const callback = (length: number) => {
        link.onOctets(shared, length)
        return true
      }
      return connectTcp({ ...where, noDelay: true, onread: { buffer: shared, callback } }, () => onOpen(link))
    })
  }

  /** A connection that somebody else has dialled. */
  static accepted(socket: Socket): Link {
    return new Link(link => socket.setNoDelay().on('data', (chunk: Buffer) => link.onOctets(chunk, chunk.length)))
  }

  /** @param octets must stay as they are until they have left. */
  write(octets: Buffer | string): void {
    this.#socket.write(octets)
  }

  /** Ends our half, behind all that was written. */
  end(): void {
    this.#socket.end()
  }

  close(): void {
    this.#socket.destroy()
  }
}
