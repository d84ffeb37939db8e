/** A request on its way through a proxy. */
import type { RawPeer } from './raw-peer.js'

/**
 * Sends what has been noted, and waits until it has come behind the proxy, which `peer.behind` is then; or until it is
 * answered before, or nothing comes any more.
 */
export async function sendThrough(peer: RawPeer, octets: Buffer): Promise<void> {
  const coming = peer.arrival!()
  await peer.sendOctets(octets)
  peer.behind = await Promise.race([coming, answered(peer)])
}

async function answered(peer: RawPeer): Promise<undefined> {
  await peer.until(() => peer.response !== undefined || peer.headError !== undefined)
}
