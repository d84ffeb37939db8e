/**
 * Steps of a client's side of the Opening Handshake, put to a server under test: RFC 6455 §4.2. For cases whose `opening`
 * is `raw`.
 */
import { acceptValue } from '../../handshake/accept-key.js'
import type { ResponseHead } from '../../http/message-head.js'
import { bendText, type HeadBend, requestText } from '../head-text.js'
import type { RawExtension } from '../raw-extension.js'
import type { RawPeer } from '../raw-peer.js'
import { cutEvery } from '../segmentation.js'
import { type Step, type StepOutcome, well } from '../step.js'
import type { Finding } from '../verdict.js'

/** How the request is sent. */
export interface RequestSending extends HeadBend {
  /** The key. Default: one of the run's own. */
  readonly key?: string
  /** Octets behind the head: a body. */
  readonly behind?: string
  /** In pieces of this many octets, however the run cuts. */
  readonly pieces?: number
}

/** Sends the request of an Opening Handshake, bent or not. */
export function sendRequest(sending: RequestSending = {}): Step {
  const bent = bendText(sending)
  const text = `the request of the Opening Handshake${bent === '' ? '' : `: ${bent}`}`
  const run = async (peer: RawPeer) => {
    peer.key = sending.key ?? peer.chance.take(16).toString('base64')
    const octets = peer.note('http', text, `${requestText(peer.target!, peer.key, sending)}${sending.behind ?? ''}`)
    if (sending.pieces === undefined) await peer.sendOctets(octets)
    else await peer.sendPieces(cutEvery(octets, sending.pieces))
    return well
  }
  return { kind: 'send', text, run }
}

/** What a response is held to besides: says what is wrong with it, or what is unusual and weighs by itself. */
export type ResponseCheck = (response: ResponseHead, peer: RawPeer) => string | Finding | undefined

/** What comes of a check. */
function checked(wrong: ReturnType<ResponseCheck>): StepOutcome {
  if (wrong === undefined) return well
  return typeof wrong === 'string' ? { missed: wrong } : { findings: [wrong] }
}

/**
 * Awaits that the server accepts; the connection is open then.
 *
 * @param extension - what it may have chosen, which is in use then.
 */
export function awaitAccepted(
  what = 'the response that accepts',
  check: ResponseCheck = () => undefined,
  extension?: RawExtension,
): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const response = await responseOf(peer)
    if (typeof response === 'string') return { missed: `${response} instead of ${what}` }
    if (response.status !== 101) return { missed: `it answered with ${response.status} instead of ${what}` }
    const accept = response.fields.get('sec-websocket-accept')
    if (accept !== acceptValue(peer.key)) {
      return {
        missed: `it sent ${accept === undefined ? 'no Sec-WebSocket-Accept' : `Sec-WebSocket-Accept: ${accept}`}`,
      }
    }
    const outcome = checked(check(response, peer))
    if (outcome.missed !== undefined) return outcome
    peer.inbox.extension = extension?.agree(response.fields.get('sec-websocket-extensions') ?? '', 'server')
    peer.startFrames()
    return outcome
  }
  return { kind: 'await', text: what, run }
}

/** How a refusal may look. */
export interface Refusal {
  /**
   * The status codes that the RFC names. Another error is WARN: the request is refused, and "appropriate" is what a server
   * holds so. Default: any of 4xx and 5xx.
   */
  readonly statuses?: readonly number[]
  /** No sentence asks for an error: a server may take it for a request for something else, and answer as it likes. */
  readonly anyStatus?: boolean
  /** What the response is held to besides. */
  readonly check?: ResponseCheck
}

/**
 * Awaits that the server refuses. Where the RFC asks for an answer, the end of TCP is none: the sentences have a MUST for the
 * response, and not only for the refusal.
 */
export function awaitRefused({ statuses = [], anyStatus = false, check = () => undefined }: Refusal = {}): Step {
  const which = statuses.length > 0 ? ` with ${statuses.join(' or ')}` : ''
  const text = `that it refuses${which}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const response = await responseOf(peer)
    if (typeof response === 'string') return anyStatus ? hungUp(peer, response) : unanswered(peer, response)
    const { status } = response
    if (status === 101) return { missed: 'it accepted: it answered with 101' }
    const outcome = checked(check(response, peer))
    if (outcome !== well || anyStatus || statuses.includes(status)) return outcome
    if (statuses.length === 0) return status >= 400 ? well : warn(`it refused with ${status}: ${should}`)
    const instead = `it refused with ${status} instead of ${statuses.join(' or ')}`
    return status >= 400 ? warn(instead) : { missed: instead }
  }
  return { kind: 'await', text, run }
}

/** There is no response. Who closes TCP with octets unread resets it, and the answer may be lost; else there was none. */
function unanswered(peer: RawPeer, instead: string): StepOutcome {
  const came = `${instead} instead of an answer`
  return hasHungUp(peer) && peer.ended === 'reset' ? warn(came) : { missed: came }
}

/** The same, where no sentence asks for an answer: who ends TCP has refused. */
function hungUp(peer: RawPeer, instead: string): StepOutcome {
  return hasHungUp(peer) ? warn(`${instead}: ${should}`) : { missed: instead }
}

/** It has ended TCP, and sent nothing that may have been meant for an answer. */
function hasHungUp({ ended, headError }: RawPeer): boolean {
  return ended !== undefined && headError === undefined
}

/**
 * A status that is neither an error nor a redirection, of which §4.2.2 says "MAY": the server did as if it had not been asked
 * to switch, which HTTP allows.
 */
export const ignoresUpgrade: ResponseCheck = ({ status }) => {
  const ignored = '"A server MAY ignore a received Upgrade header field", but who asked cannot tell that from a mistake'
  const reason = `it answered with ${status}: ${ignored}`
  return status >= 300 ? undefined : { verdict: 'WARN', reason, section: 'RFC 9110 §7.8' }
}

/**
 * Awaits that the server either refuses or accepts. The steps behind are for the second.
 *
 * @param accepted - what the response is held to that accepts: {@link awaitAccepted}.
 * @param unusual - why a refusal is legal but unusual. Default: it is not.
 */
export function awaitAcceptedOrRefused(accepted: Step, unusual?: string): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const response = await responseOf(peer)
    const refused = typeof response === 'string' ? hasHungUp(peer) : response.status !== 101
    if (!refused) return await accepted.run(peer)
    if (unusual !== undefined) return { over: true, ...warn(`it refused: ${unusual}`) }
    if (typeof response === 'string') return { over: true, ...hungUp(peer, response) }
    return { over: true, ...checked(ignoresUpgrade(response, peer)) }
  }
  return { kind: 'await', text: `${accepted.text}, or that it refuses`, run }
}

/** Awaits that the server accepts; or its answer, whatever its status, which is held to this, and the case over. */
export function awaitAcceptedOr(check: ResponseCheck): Step {
  const accepted = awaitAccepted()
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const response = await responseOf(peer)
    if (typeof response === 'string') return { over: true, ...unanswered(peer, response) }
    if (response.status === 101) return await accepted.run(peer)
    return { over: true, ...checked(check(response, peer)) }
  }
  return { kind: 'await', text: `${accepted.text}, or another answer`, run }
}

/** Awaits a response of any status, and holds it to this. */
export function awaitAnswer(what: string, check: ResponseCheck): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const response = await responseOf(peer)
    if (typeof response === 'string') return hungUp(peer, `${response} instead of ${what}`)
    return checked(check(response, peer))
  }
  return { kind: 'await', text: what, run }
}

/**
 * Awaits what an expectation of 100 asks for where content is to follow (RFC 9110 §10.1.1): an answer, and the case is over; or
 * 100, upon which the content is sent.
 */
export function awaitContinue(content: string): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const continued = () => peer.interim.includes(100)
    await peer.until(() => continued() || peer.response !== undefined || peer.headError !== undefined)
    if (continued()) {
      await peer.sendOctets(peer.note('octets', 'the content', content))
      return well
    }
    const response = await responseOf(peer)
    if (typeof response === 'string') {
      return { over: true, ...hungUp(peer, `${response} instead of 100 or an answer`) }
    }
    return response.status === 101 ? { missed: 'it answered with 101, without 100 before it' } : { over: true }
  }
  return { kind: 'await', text: 'a response 100, or an answer that refuses', run }
}

const should =
  'a server that refuses is to "return an HTTP response with an appropriate error code (such as 400 Bad Request)"'

function warn(reason: string): StepOutcome {
  const finding: Finding = { verdict: 'WARN', reason, section: '4.2.1' }
  return { findings: [finding] }
}

/** The head of the response; or, in a clause, what came instead of one. */
async function responseOf(peer: RawPeer): Promise<ResponseHead | string> {
  await peer.until(() => peer.response !== undefined || peer.headError !== undefined)
  if (peer.headError !== undefined) return `it sent what is not HTTP (${peer.headError.message})`
  return peer.response ?? peer.instead()
}
