/** Steps about the end of the connection: RFC 6455 §5.5.1, §7.1. */
import { ping } from '../frame-parts.js'
import { payloadText } from '../frame-text.js'
import { untilEnd } from '../prompt-end.js'
import type { RawPeer } from '../raw-peer.js'
import { type Step, type StepOutcome, well } from '../step.js'
import type { Finding } from '../verdict.js'
import { messageText } from './awaiting.js'

const stillThere = 'still there?'
const failedAlready = 'failed already?'

/** How a connection may be failed: with a status code, or, where the RFC says so, without a Close frame. */
export type FailureWay = number | 'silently'

/**
 * Awaits that the endpoint fails the connection (§7.1.7) in one of these ways. A Close frame with another code, or none at
 * all, is a SHOULD missed, in how it closes; going on is what the case catches. An endpoint that keeps quiet is asked by a
 * Ping.
 */
export function awaitFailure(...ways: readonly FailureWay[]): Step {
  const text = `that it fails the connection, ${ways.map(way => (way === 'silently' ? way : `with ${way}`)).join(' or ')}`
  return { kind: 'await', text, run: peer => failure(peer, ways) }
}

/**
 * Looks whether the endpoint fails already. The RFC does not ask for it, so that one that waits for more goes on unblamed
 * (INFO): once it has answered a Ping, or has not, for how soon a Pong comes is another question. What proves that it does
 * not fail at all is asked behind the rest of the message.
 *
 * @param where - between frames, or within one, where no Ping can be sent.
 */
export function awaitFailureSoon(where: 'between frames' | 'within a frame', ...ways: readonly FailureWay[]): Step {
  const text = `whether it fails already, with ${ways.join(' or ')}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    const over = () => inbox.close !== undefined
    const asked = Buffer.from(failedAlready)
    await peer.until(over, peer.patience.asking)
    if (where === 'between frames' && !over() && peer.ended === undefined) {
      await peer.sendFrames([ping(asked)])
      await peer.until(() => over() || inbox.pongs.some(pong => pong.equals(asked)))
    }
    if (!over() && peer.ended === undefined) return { findings: [waits] }
    return { over: true, ...(await failure(peer, ways)) }
  }
  return { kind: 'await', text, run }
}

const waits: Finding = { verdict: 'INFO', reason: 'it does not fail before more has come' }

function isStillThere(payload: Buffer): boolean {
  return payload.equals(Buffer.from(stillThere))
}

async function failure(peer: RawPeer, ways: readonly FailureWay[]): Promise<StepOutcome> {
  const { inbox } = peer
  const over = () => inbox.close !== undefined || inbox.messages.length > 0
  if (!(await peer.until(over, peer.patience.asking)) && peer.ended === undefined) {
    if (peer.closeSent === undefined) await peer.sendFrames([ping(stillThere)])
    await peer.until(() => over() || inbox.pongs.some(isStillThere))
  }
  const [message] = inbox.messages
  if (message !== undefined) return { missed: `it sent ${messageText(message)} instead of failing the connection` }
  if (inbox.close !== undefined) return closedWith(peer, ways)
  if (inbox.pongs.some(isStillThere))
    return { missed: 'it goes on: it answered a Ping instead of failing the connection' }
  if (peer.ended === undefined) return { missed: `${peer.instead()}: it did not fail the connection` }
  peer.sawFailure = true
  return ways.includes('silently') ? well : warning(`it ended TCP (${peer.ended}) without a Close frame`)
}

function closedWith(peer: RawPeer, ways: readonly FailureWay[]): StepOutcome {
  const { code } = peer.inbox.close!
  if (code !== undefined && !ways.includes(code) && code === peer.closeSent) {
    return { missed: `it took the Close frame as a valid one, and echoed ${code}` }
  }
  peer.sawFailure = true
  if (code === undefined) {
    const alike = peer.closeSent === 'none' ? ', as if ours had been a valid one without a code' : ''
    return warning(`it closed with an empty Close frame${alike}`)
  }
  const wanted = ways.filter(way => way !== 'silently')
  return wanted.includes(code) ? well : warning(`it closed with ${code} instead of ${wanted.join(' or ')}`)
}

function warning(what: string): StepOutcome {
  const should = 'the endpoint SHOULD send a Close frame with an appropriate status code before proceeding to'
  const finding: Finding = {
    verdict: 'WARN',
    reason: `${what}: "${should} _Close the WebSocket Connection_"`,
    section: '7.1.7',
  }
  return { closing: [finding] }
}

/**
 * Awaits the answer to our Close frame. §5.5.1: "When sending a Close frame in response, the endpoint typically echos the
 * status code it received", so another legal one, or none, is legal and unusual.
 *
 * @param codes - the usual ones; `none` for an empty Close frame.
 */
export function awaitClose(...codes: readonly (number | 'none')[]): Step {
  return closeStep(codes, () => undefined)
}

/**
 * The same, where the answer may be missing: an endpoint that ends TCP without one is told so, and has not failed.
 *
 * @param why - it may be missing; told of the endpoint.
 * @param ends - how TCP ends then. Default: in any way.
 */
export function awaitCloseOrEnd(
  { why, ends }: { readonly why: string; readonly ends?: 'reset' },
  ...codes: readonly (number | 'none')[]
): Step {
  return closeStep(codes, ended => (ended === undefined || (ends ?? ended) !== ended ? undefined : why))
}

function closeStep(codes: readonly (number | 'none')[], excuse: (ended: RawPeer['ended']) => string | undefined): Step {
  const usual = codes.join(' or ')
  const text = `a Close frame with ${usual}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    await peer.until(() => peer.inbox.close !== undefined)
    const { close } = peer.inbox
    if (close === undefined) {
      const missed = `${peer.instead()} instead of ${text}`
      const why = excuse(peer.ended)
      if (why === undefined) return { missed }
      peer.sawFailure = true
      return { findings: [{ verdict: 'WARN', reason: `${missed}: ${why}`, section: '5.5.1' }] }
    }
    const code = close.code ?? 'none'
    if (codes.includes(code)) return well
    const reason = `it answered with ${close.code ?? 'an empty Close frame'}: "the endpoint typically echos the status code it received" (${usual})`
    return { closing: [{ verdict: 'WARN', reason, section: '5.5.1' }] }
  }
  return { kind: 'await', text, run }
}

/** Awaits that the endpoint ends TCP; what comes before that has been looked at. */
export function awaitEndOfTcp(): Step {
  const text = 'the end of TCP'
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const closing = await untilEnd(peer)
    return peer.ended === undefined ? keepsTcpOpen(peer) : { closing }
  }
  return { kind: 'await', text, run }
}

/**
 * What an endpoint deserves that keeps its side of TCP open. Where ours has ended without a Close frame, a client has lost
 * its connection and "MUST _Fail the WebSocket Connection_" (§7.2.1); of servers no sentence says so.
 */
export function keepsTcpOpen(peer: RawPeer): StepOutcome {
  const missed = `${peer.instead()} instead of the end of TCP`
  const lost = peer.finished && peer.closeSent === undefined && peer.inbox.close === undefined
  if (peer.tested === 'client' || !lost) return { missed }
  return { findings: [{ verdict: 'WARN', reason: `${missed}, though ours has ended`, section: '7.1.4' }] }
}

/**
 * Completes the Closing Handshake, awaits that the endpoint ends TCP, and sees that it did not answer a Ping on the way that
 * it had no business to read.
 */
export function awaitEndWithoutPong(payload: string): Step {
  const text = `the end of TCP, and no Pong ${JSON.stringify(payload)}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    const came = () => inbox.pongs.some(pong => pong.equals(Buffer.from(payload)))
    if (inbox.close !== undefined && peer.closeSent === undefined) await peer.sendClose(inbox.close.code)
    if (peer.tested === 'client') await peer.finish()
    await peer.until(came)
    return came() ? { missed: `it answered Ping ${JSON.stringify(payload)}` } : well
  }
  return { kind: 'await', text, run }
}

/** Sees that the endpoint does not end TCP at once, by itself: for as long as one that keeps quiet is waited for. */
export function awaitPatience(): Step {
  const text = 'that it waits for us to end TCP'
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    await peer.until(() => false, peer.patience.asking)
    return peer.ended === undefined ? well : { missed: 'it ended TCP before us' }
  }
  return { kind: 'await', text, run }
}

/** The Pongs nobody asked for, in a clause; undefined when there are none. */
export function strayPongs(pongs: readonly Buffer[], pings: readonly Buffer[]): string | undefined {
  const strays = pongs.filter(payload => !pings.some(ping => ping.equals(payload)))
  return strays.length === 0
    ? undefined
    : `it sent ${strays.length} Pongs nobody asked for, the first ${payloadText(strays[0]!)}`
}
