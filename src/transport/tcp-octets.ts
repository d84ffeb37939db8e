/**
 * What TCP carries for a connection, TLS and both handshakes with it: a connection itself counts its frames, and a TLS socket
 * what it has encrypted.
 */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

/** Octets, from the beginning of a TCP connection. */
export interface TcpOctets {
  /** Handed to the system; some of them may wait. */
  readonly sent: number
  readonly received: number
}

/** Below those with TLS. */
const sockets = new WeakMap<Duplex, Socket>()

/** Remembers what a TLS socket stands on. */
export function keepSocket(secured: TLSSocket, socket: Socket): void {
  sockets.set(secured, socket)
}

/** @param stream - a socket, open or not: of an endpoint that has dialled. */
export function tcpOctets(stream: Duplex): TcpOctets {
  const { bytesWritten, bytesRead } = sockets.get(stream) ?? (stream as Socket)
  return { sent: bytesWritten, received: bytesRead }
}
