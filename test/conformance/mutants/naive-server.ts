/** A server of naive endpoints, broken or not. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { acceptValue } from '../../../src/handshake/accept-key.js'
import type { Break } from './mutants.js'
import { NaiveEcho } from './naive-echo.js'

export class NaiveServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(breaks: ReadonlySet<Break> = new Set()) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
      accept(socket, breaks)
    })
  }

  /** Resolves with its URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function accept(socket: Socket, breaks: ReadonlySet<Break>): void {
  let head = ''
  const receive = (chunk: Buffer) => {
    head += chunk.toString('latin1')
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    socket.off('data', receive)
    const key = /\r\nsec-websocket-key: *(\S+)/i.exec(head)?.[1] ?? ''
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptValue(key)}\r\n\r\n`,
    )
    new NaiveEcho(socket, 'server', breaks).receive(Buffer.from(head.slice(end + 4), 'latin1'))
  }
  socket.on('data', receive)
}
