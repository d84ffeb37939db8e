/**
 * Steps of a server's side of the Opening Handshake, put to a client under test: RFC 6455 §4.1. For cases whose `opening`
 * is `raw`: the client's request has been read.
 */
import type { RequestHead } from '../../http/message-head.js'
import { type FrameParts, text } from '../frame-parts.js'
import { bendText, type HeadBend, responseText } from '../head-text.js'
import { leaveAlone } from '../opening.js'
import type { RawPeer } from '../raw-peer.js'
import { cutEvery } from '../segmentation.js'
import { type Step, type StepOutcome, well } from '../step.js'
import { messageText } from './awaiting.js'

/** Sends the response that accepts, bent or not; the connection is open then. */
export function sendResponse(bend: HeadBend & { readonly pieces?: number } = {}): Step {
  const what = named('the response that accepts', bend)
  const run = async (peer: RawPeer) => {
    const octets = peer.note('http', what, responseText(peer, bend))
    peer.startFrames()
    if (bend.pieces === undefined) await peer.sendOctets(octets)
    else await peer.sendPieces(cutEvery(octets, bend.pieces))
    await leaveAlone()
    return well
  }
  return { kind: 'send', text: what, run }
}

/** Sends the response that accepts, and this message behind it in the same write. */
export function sendResponseWith(message: FrameParts): Step {
  const what = 'the response that accepts, and in the same segment a frame behind it'
  const run = async (peer: RawPeer) => {
    peer.hold(peer.note('http', 'the response that accepts', responseText(peer)))
    peer.startFrames()
    await peer.sendFrames([message])
    return well
  }
  return { kind: 'send', text: what, run }
}

const bait = 'a message for a connection that is not open'

/** Sends a response that a client must not take as accepting, and behind it a message that nobody may answer. */
export function sendWrongResponse(bend: HeadBend): Step {
  const what = named('a response', bend)
  const run = async (peer: RawPeer) => {
    const head = peer.note('http', what, responseText(peer, bend))
    peer.startFrames()
    await peer.sendOctets(Buffer.concat([head, peer.build(text(bait))]))
    return well
  }
  return { kind: 'send', text: `${what}, and a text frame behind it`, run }
}

/** Awaits that the client does not take the connection for open, and ends TCP; after us, if it waits for that. */
export function awaitNotOpened(): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    const answered = () => inbox.messages.length > 0
    if (!(await peer.until(answered, peer.patience.asking))) await peer.finish()
    await peer.until(answered)
    peer.sawFailure = true
    const [message] = inbox.messages
    if (message !== undefined) return { missed: `it took the connection for open: it sent ${messageText(message)}` }
    return peer.ended === undefined ? { missed: 'it keeps TCP open' } : well
  }
  return { kind: 'await', text: 'that it does not take the connection for open', run }
}

/**
 * Looks at the request of the client.
 *
 * @param what - it must have.
 * @param check - says what is wrong with it.
 */
export function awaitRequest(what: string, check: (request: RequestHead, peer: RawPeer) => string | undefined): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const wrong = check(peer.request!, peer)
    return wrong === undefined ? well : { missed: wrong }
  }
  return { kind: 'await', text: `a request with ${what}`, run }
}

function named(what: string, bend: HeadBend): string {
  const bent = bendText(bend)
  return bent === '' ? what : `${what}: ${bent}`
}
