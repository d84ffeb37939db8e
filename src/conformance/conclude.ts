/**
 * The end of every case: closes what is still open, and judges how the endpoint closed. RFC 6455 §5.5.1 and §7.1.
 */
import { untilEnd } from './prompt-end.js'
import type { RawPeer } from './raw-peer.js'
import type { Finding } from './verdict.js'

const bothSides =
  '"After both sending and receiving a Close message, an endpoint considers the WebSocket connection closed and MUST close the underlying TCP connection"'

/** Closes, and tells what is wrong with how the endpoint did. The connection is over afterwards. */
export async function conclude(peer: RawPeer): Promise<Finding[]> {
  const findings: Finding[] = []
  const fail = (section: string, reason: string) => findings.push({ verdict: 'FAIL', section, reason })
  // Who has ended TCP without a Close frame is owed none.
  const owed = peer.closeSent !== undefined || !peer.finished
  if (peer.ended === undefined && peer.inbox.close === undefined && peer.closeSent === undefined && owed) {
    await peer.sendClose(1000)
  }
  if (peer.inbox.close === undefined && !peer.sawFailure && owed) {
    if (!(await peer.until(() => peer.inbox.close !== undefined))) fail('5.5.1', withoutClose(peer))
  }
  if (peer.ended === undefined && peer.inbox.close !== undefined && peer.closeSent === undefined) {
    await peer.sendClose(peer.inbox.close.code)
  }
  if (findings.length === 0 && (owed || peer.inbox.close !== undefined)) findings.push(...(await endOfTcp(peer)))
  if (peer.ended === 'reset') {
    const clean = 'the TCP connection is to be closed in order, so that all that was sent arrives'
    findings.push({ verdict: 'WARN', section: '7.1.1', reason: `it reset TCP instead of ending it: ${clean}` })
  }
  return findings
}

function withoutClose(peer: RawPeer): string {
  if (peer.closeSent === undefined) return `${peer.instead()}, without a Close frame`
  return `${peer.instead()} instead of an answer to our Close frame: "the endpoint MUST send a Close frame in response"`
}

/** The server ends TCP; a client waits for that, and ends it then. */
async function endOfTcp(peer: RawPeer): Promise<Finding[]> {
  if (peer.tested === 'client') await peer.finish()
  const late = await untilEnd(peer)
  const open: Finding = { verdict: 'FAIL', section: '5.5.1', reason: `it keeps TCP open: ${bothSides}` }
  const findings = peer.ended === undefined ? [open] : late
  await peer.finish()
  return findings
}
