/** The server under test, and a connection to it. */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { TransportError } from '../errors.js'
import type { RequestAbout } from './head-text.js'

/** The server under test. */
export interface Target extends RequestAbout {
  /** How TLS is spoken where the URI says so: whom to trust, and a certificate of our own. Default: as Node does. */
  readonly tls?: Pick<ConnectionOptions, 'rejectUnauthorized' | 'ca' | 'cert' | 'key' | 'servername'>
}

/** A connection to the server, with TLS where its URI says so. Rejects with a TransportError. */
export function dial({ uri, tls }: Target, within: number): Promise<Socket> {
  const { host, port, secure } = uri
  const socket = secure
    ? connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...nameOf(host), ...tls })
    : connectTcp({ host, port, allowHalfOpen: true })
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(new TransportError('WS_CONNECT', `cannot connect to ${uri}: ${cause.message}`, { cause, phase: 'tcp' }))
    }
    const timer = setTimeout(() => fail(new Error(`no connection within ${within} ms`)), within)
    socket.once('error', fail)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

/** The name a certificate is asked for; an address has none (RFC 6066 §3). */
function nameOf(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {}
}
