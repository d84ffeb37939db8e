/** A forwarder of octets that knows of nothing above TCP: correct, and a trap for who takes connections by their order. */
import { connect, type Socket } from 'node:net'
import { NaiveListener } from './naive-listener.js'

export interface Forwarding {
  /** When it connects to what is behind it; `beforehand`: a connection waits for who comes next. */
  readonly dials: 'at once' | 'at the first octet' | 'beforehand'
  /** Whether it passes octets on in one direction when the other has ended. */
  readonly halfOpen: boolean
}

export class PlainForwarder extends NaiveListener {
  #waiting: Socket | undefined

  /** @param upstream - the port that it connects to. */
  constructor(upstream: number, { dials, halfOpen }: Forwarding) {
    const dial = () => this.keep(connect({ port: upstream, host: '127.0.0.1', allowHalfOpen: halfOpen }))
    super(client => {
      client.allowHalfOpen = halfOpen
      if (dials === 'at the first octet') {
        client.once('readable', () => join(client, dial()))
        return
      }
      join(client, this.#waiting ?? dial())
      this.#waiting = dials === 'beforehand' ? dial() : undefined
    })
  }
}

function join(client: Socket, server: Socket): void {
  client.pipe(server).pipe(client)
  client.on('error', () => server.destroy())
  server.on('error', () => client.destroy())
}
