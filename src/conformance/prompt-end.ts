/** The end of TCP behind the Closing Handshake, and whether a server was prompt about it: RFC 6455 §5.5.1. */
import type { RawPeer } from './raw-peer.js'
import type { Finding } from './verdict.js'

/**
 * Awaits the end of TCP for as long as the patience goes.
 *
 * @returns what there is to tell of a server that ended it, and late.
 */
export async function untilEnd(peer: RawPeer): Promise<Finding[]> {
  const { prompt, silence } = peer.patience
  const closed = peer.closeSent !== undefined && peer.inbox.close !== undefined
  const never = () => false
  // Who is waited for less than that cannot be late. Behind a proxy it is the other end that is.
  const judged = closed && peer.tested === 'server' && peer.behind === undefined && prompt < silence
  if (judged) await peer.until(never, prompt)
  const late = judged && peer.ended === undefined
  if (peer.ended === undefined) await peer.until(never)
  if (!late || peer.ended === undefined) return []
  const reason = `it ended TCP more than ${prompt / 1000} s after both Close frames: "The server MUST close the underlying TCP connection immediately"`
  return [{ verdict: 'WARN', section: '5.5.1', reason }]
}
