/** A server whose connections are the load of a client: the other side of opening.ts. */
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { acceptValue } from '../../src/handshake/accept-key.js'
import { Link } from './link.js'
import { Links, untilHead } from './opening.js'

/** Where clients dial. */
export interface Ports {
  readonly port: number
  readonly tlsPort: number
}

export class Acceptor {
  readonly ports: Ports
  /** Told of each that is opened; undefined: nobody is expected, and whoever comes is turned away. */
  #opened: ((link: Link) => void) | undefined
  #refused = () => {}

  private constructor(ports: Ports) {
    this.ports = ports
  }

  static async open(): Promise<Acceptor> {
    let acceptor: Acceptor
    const accept = (socket: Socket) => acceptor.#accept(Link.accepted(socket))
    const tls = { cert: certificate('pem'), key: certificate('key') }
    const ports = {
      port: await listen(createTcpServer(accept)),
      tlsPort: await listen(createTlsServer(tls, accept)),
    }
    acceptor = new Acceptor(ports)
    return acceptor
  }

  /** Resolves with the next so many, once they are open. */
  take(count: number): Promise<Links> {
    return new Promise(resolve => {
      const all: Link[] = []
      this.each(link => {
        all.push(link)
        if (all.length < count) return
        this.#opened = undefined
        resolve(new Links(all))
      })
    })
  }

  /** Hands over whatever is opened from now on. */
  each(opened: (link: Link) => void): void {
    this.#opened = opened
  }

  /** Expects nobody any more; resolves when so many have come nevertheless. */
  refuse(count: number): Promise<void> {
    this.#opened = undefined
    return new Promise(resolve => {
      let left = count
      this.#refused = () => {
        left--
        if (left === 0) resolve()
      }
    })
  }

  #accept(link: Link): void {
    link.onOctets = untilHead(head => {
      if (this.#opened === undefined) {
        link.close()
        this.#refused()
        return
      }
      const [, key = ''] = /^sec-websocket-key: *(\S+)/im.exec(head) ?? []
      link.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          `Sec-WebSocket-Accept: ${acceptValue(key)}\r\n\r\n`,
      )
      this.#opened(link)
    })
  }
}

function certificate(ending: 'pem' | 'key'): Buffer {
  return readFileSync(new URL(`../../../test/certificates/localhost.${ending}`, import.meta.url))
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
