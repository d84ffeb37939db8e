/** The server under test, and a connection to it. */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { TransportError } from '../errors.js'
import type { RequestAbout } from './head-text.js'
import { afterSilence } from './silence-clock.js'

/** The server under test. */
export interface Target extends RequestAbout {
  /** How TLS is spoken where the URI says so: whom to trust, and a certificate of our own. Default: as Node does. */
  readonly tls?: Pick<
    ConnectionOptions,
    'rejectUnauthorized' | 'ca' | 'cert' | 'key' | 'servername' | 'minVersion' | 'maxVersion'
  >
  /** The unix socket to connect to; the URI gives the rest. Default: host and port of the URI. */
  readonly socketPath?: string | undefined
}

/** A connection to the server, with TLS where its URI says so. Rejects with a TransportError. */
export function dial({ uri, tls, socketPath: path }: Target, within: number): Promise<Socket> {
  const { host, port, secure } = uri
  const socket = secure
    ? connectTls({ host, port, path, ALPNProtocols: ['http/1.1'], ...nameOf(host), ...tls })
    : connectTcp(path === undefined ? { host, port, allowHalfOpen: true } : { path, allowHalfOpen: true })
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      stop()
      socket.destroy()
      const reason = cause.message.trim() // OpenSSL's end with a line feed
      reject(new TransportError('WS_CONNECT', reason, { cause, phase: 'tcp' }))
    }
    const stop = afterSilence(within, () => fail(new Error(`no connection within ${within} ms`)))
    socket.once('error', fail)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      stop()
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

/** The name a certificate is asked for; an address has none (RFC 6066 §3). */
function nameOf(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {}
}
