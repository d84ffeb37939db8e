/** What a stream knows of its two ends, where it is a socket. */
import { isIP, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

/** Both ends of a socket; undefined where the stream is none, or a unix socket, or closed. */
export interface StreamAddresses {
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
}

const none: StreamAddresses = {
  localAddress: undefined,
  localPort: undefined,
  remoteAddress: undefined,
  remotePort: undefined,
}

export function addressesOf(stream: Duplex): StreamAddresses {
  return stream instanceof Socket ? (stream as unknown as StreamAddresses) : none
}

/** The addresses as they are now. */
export function copyOfAddresses({
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
}: StreamAddresses): StreamAddresses {
  return { localAddress, localPort, remoteAddress, remotePort }
}

/**
 * Has the stream read the address of its peer, which it then keeps, also when it has been destroyed: when the peer resets, the
 * kernel has forgotten it before anybody is told.
 */
export function keepPeer(stream: Duplex): void {
  addressesOf(stream).remoteAddress
}

/** TLS ends here. */
export function isSecure(stream: Duplex): boolean {
  return stream instanceof TLSSocket
}

/** An IPv4 or an IPv6 address, as text. */
export function isAddress(text: unknown): boolean {
  return typeof text === 'string' && isIP(text) !== 0
}
