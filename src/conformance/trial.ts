/**
 * A look at the server before the cases are put to it: does it open a connection at all, and echo? One that does not would
 * break some MUST in each of them, for a reason that has nothing to do with it.
 */
import { dial, type Target } from './dial.js'
import { text } from './frame-parts.js'
import { openAsClient } from './opening.js'
import type { Patience } from './patience.js'
import { beyondLimits } from './raw-head-reader.js'
import { RawPeer } from './raw-peer.js'
import { SeededOctets } from './seeded-octets.js'
import { messageText } from './steps/awaiting.js'

const word = 'are you there?'

// RFC 8446 §5.1: a record of the type alert.
const tlsAlert = Buffer.of(0x15, 0x03)

/**
 * Opens a connection, and sends a message.
 *
 * @returns why no case can be put to this server; undefined when they can: what is merely broken is theirs to find.
 * Rejects with a TransportError when the server cannot be reached.
 */
export async function trial(target: Target, patience: Patience): Promise<string | undefined> {
  const peer = new RawPeer(await dial(target, patience.silence), {
    tested: 'server',
    segmentation: 'whole',
    chance: new SeededOctets(0, 'trial'),
    patience,
  })
  try {
    return await obstacle(peer, target)
  } finally {
    peer.destroy()
  }
}

async function obstacle(peer: RawPeer, target: Target): Promise<string | undefined> {
  const broken = await openAsClient(peer, target)
  const { response } = peer
  if (response === undefined) {
    if (peer.headOctets.indexOf(tlsAlert) === 0) return 'it speaks TLS: wss:// instead of ws://?'
    if (peer.headError !== undefined) return beyondLimits(peer.headError)?.reason
    // A server that expects TLS ends what it takes for none.
    const hint = peer.ended !== undefined && !target.uri.secure ? '; wss:// instead of ws://?' : ''
    return `it takes connections, but ${peer.instead()} instead of a response to the Opening Handshake${hint}`
  }
  if (response.status !== 101) {
    const status = `${response.status} ${response.reason}`.trimEnd()
    const advice =
      'is this the right path? does it ask for a field, such as Origin (--header), or for a subprotocol (--subprotocol)?'
    return `it answered the Opening Handshake with ${status}: ${advice}`
  }
  if (broken !== undefined) return undefined
  await peer.sendFrames([text(word)])
  const { inbox } = peer
  await peer.until(() => inbox.messages.length > 0 || inbox.close !== undefined)
  const [message] = inbox.messages
  const advice = 'the server under test has to send back every message, and nothing else'
  if (message === undefined) return peer.silent && peer.pending === 0 ? `it does not echo: ${advice}` : undefined
  // One that comes back as long as it was may be wrong by a mask, or by its opcode: that is what the cases are about.
  if (message.payload.length === word.length) return undefined
  return `it sent ${messageText(message)} where an echo was awaited: ${advice}`
}
