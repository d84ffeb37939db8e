/**
 * A look at the proxy before the cases are put to it: does anything come behind it at all, and is it a party to HTTP?
 */
import { dial, type Target } from './dial.js'
import type { FarEnd } from './far-end.js'
import type { Patience } from './patience.js'
import { RawPeer } from './raw-peer.js'
import { SeededOctets } from './seeded-octets.js'
import { sendThrough } from './send-through.js'
import { passRequest } from './steps/passing-heads.js'

const noRequest = Buffer.from('SSH-2.0-framewright\r\n\r\n')

/**
 * Sends a request through the proxy, and then what is none.
 *
 * @param far - listens where the proxy connects to; is told whether there is a tunnel before it.
 * @returns why no case can be put to this proxy; undefined when they can: what is merely broken is theirs to find.
 * Rejects with a TransportError when the proxy cannot be reached.
 */
export async function proxyTrial(target: Target, far: FarEnd, patience: Patience): Promise<string | undefined> {
  const peer = await before(target, patience)
  peer.target = target
  peer.arrival = () => far.next(peer.key)
  const { missed } = await passRequest({}, 'a key').run(peer)
  far.forget(peer.key)
  const straight = peer.behind !== undefined && isStraight(peer, peer.behind)
  letGo(peer)
  if (straight) return 'there is no proxy: the URL leads straight to us'
  if (missed !== undefined && far.connections === 0) return `no connection came behind it: ${missed}`
  // Who does not pass keys on reads HTTP.
  if (far.passesKeys) far.behindTunnel = await isTunnel(await before(target, patience), far)
  return undefined
}

/** Both are ends of one TCP connection. A server that listens on `::` calls an IPv4 address `::ffff:127.0.0.1`. */
function isStraight(peer: RawPeer, behind: RawPeer): boolean {
  const ends = [...behind.ends].reverse().join(' ').replaceAll('::ffff:', '')
  return peer.ends.join(' ').replaceAll('::ffff:', '') === ends
}

async function before(target: Target, patience: Patience): Promise<RawPeer> {
  const chance = new SeededOctets(0, 'trial')
  return new RawPeer(await dial(target, patience.silence), {
    tested: 'server',
    segmentation: 'whole',
    chance,
    patience,
  })
}

/** Only who does not read HTTP passes on what is none. */
async function isTunnel(peer: RawPeer, far: FarEnd): Promise<boolean> {
  peer.arrival = () => far.next('')
  await sendThrough(peer, noRequest)
  far.forget('')
  letGo(peer)
  return peer.behind !== undefined
}

function letGo(peer: RawPeer): void {
  peer.destroy()
  peer.behind?.destroy()
}
