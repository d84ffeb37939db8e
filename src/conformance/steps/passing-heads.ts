/**
 * Steps put to a proxy: the Opening Handshake, of which both ends are ours. `peer` is the end before the proxy, a client;
 * `peer.behind` the one behind it, a server.
 */
import { acceptValue } from '../../handshake/accept-key.js'
import { BodyReader } from '../../http/body-reader.js'
import type { RequestHead, ResponseHead } from '../../http/message-head.js'
import { type FrameParts, frame } from '../frame-parts.js'
import { bendText, type HeadBend, requestText, responseText } from '../head-text.js'
import type { RawPeer } from '../raw-peer.js'
import { sendThrough } from '../send-through.js'
import { type Step, type StepOutcome, well } from '../step.js'
import type { Finding } from '../verdict.js'

/** Sends the request of an Opening Handshake, and holds what comes of it behind the proxy to this. */
export function passRequest(
  bend: HeadBend,
  what: string,
  check: (request: RequestHead, peer: RawPeer) => string | undefined = () => undefined,
): Step {
  const bent = bendText(bend)
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    peer.key = peer.chance.take(16).toString('base64')
    const text = `the request of the Opening Handshake${bent === '' ? '' : `: ${bent}`}`
    await sendThrough(peer, peer.note('http', text, requestText(peer.target!, peer.key, bend)))
    if (peer.behind?.request === undefined) {
      const came = peer.response === undefined ? peer.instead() : `it answered with ${peer.response.status}`
      return { missed: `${came} instead of passing the request on` }
    }
    const wrong = check(peer.behind.request, peer)
    return wrong === undefined ? well : { missed: `behind the proxy came ${wrong}` }
  }
  return { kind: 'await', text: `a request behind the proxy${bent === '' ? '' : ` (${bent})`}, with ${what}`, run }
}

/** Accepts behind the proxy, with frames right behind, and holds what comes of it before the proxy to this. */
export function passAcceptance(
  bend: HeadBend,
  what: string,
  check: (response: ResponseHead, peer: RawPeer) => string | undefined = () => undefined,
  frames: readonly FrameParts[] = [],
): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const far = peer.behind!
    const head = Buffer.from(responseText(far, bend), 'latin1')
    far.startFrames()
    await far.sendPieces([Buffer.concat([head, ...frames.map(parts => far.build(parts))])])
    const response = await responseOf(peer)
    if (typeof response === 'string') return { missed: `${response} instead of the response that accepts` }
    const accept = response.fields.get('sec-websocket-accept')
    if (response.status !== 101) return { missed: `it answered with ${response.status} instead of 101` }
    if (accept !== acceptValue(peer.key)) return { missed: `before the proxy came Sec-WebSocket-Accept: ${accept}` }
    const wrong = check(response, peer)
    if (wrong !== undefined) return { missed: `before the proxy came ${wrong}` }
    peer.startFrames()
    return well
  }
  return { kind: 'await', text: `a response before the proxy that accepts, with ${what}`, run }
}

/** A response that refuses, or what there is behind its head. */
export interface PassedRefusal {
  /** The status line and the fields, each line with its CRLF. */
  readonly head: string
  /** The message body, as it goes over the wire. Default: none. */
  readonly body?: string
}

/** Refuses behind the proxy, and holds what comes of it before the proxy, with its content, to this. TCP ends there. */
export function passRefusal(
  { head, body = '' }: PassedRefusal,
  what: string,
  check: (response: ResponseHead, content: string) => string | undefined,
): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const far = peer.behind!
    await far.sendPieces([far.note('http', 'a response that refuses', `${head}Connection: close\r\n\r\n${body}`)])
    await far.finish()
    const response = await responseOf(peer)
    if (typeof response === 'string') return { missed: `${response} instead of a response` }
    const wrong = check(response, await contentOf(peer, response))
    return wrong === undefined ? well : { missed: wrong }
  }
  return { kind: 'await', text: what, run }
}

/** The content of a response, decoded; as much of it as comes. */
async function contentOf(peer: RawPeer, response: ResponseHead): Promise<string> {
  const read = () => {
    const reader = new BodyReader(response, 65_536)
    reader.receive(peer.behindHead)
    return reader
  }
  await peer.until(() => read().done)
  return Buffer.from(read().take()).toString('latin1')
}

/**
 * Accepts behind the proxy, with a line that no response may have, and holds what comes of it to this: the line mended, or a
 * refusal.
 *
 * @param passed - looks for what must not be passed on.
 * @param refusal - what a refusal with 502 is, where the RFC does not name it.
 */
export function passMended(line: string, passed: (head: string) => string | undefined, refusal?: Finding): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const far = peer.behind!
    await far.sendPieces([far.note('http', 'a response that accepts', responseText(far, { more: [line] }))])
    const response = await responseOf(peer)
    const wrong = passed(peer.headOctets.toString('latin1'))
    if (wrong !== undefined) return { missed: `before the proxy came ${wrong}` }
    if (typeof response === 'string') return { missed: `${response} instead of a response` }
    if (response.status === 101) return well
    if (response.status < 500) return { missed: `it answered with ${response.status}` }
    return refusal === undefined ? well : { findings: [refusal] }
  }
  return { kind: 'await', text: `that ${JSON.stringify(line)} is not passed on as it is`, run }
}

/** Sends a request that a proxy may refuse; if it passes it on, it is held to this, and the case over. */
export function passOrRefuse(
  bend: HeadBend,
  body: string,
  what: string,
  check: (request: RequestHead) => string | undefined,
): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    peer.key = peer.chance.take(16).toString('base64')
    const request = requestText(peer.target!, peer.key, bend) + body
    await sendThrough(peer, peer.note('http', `a request: ${bendText(bend)}`, request))
    const passed = peer.behind?.request
    const refused = peer.response === undefined ? peer.ended !== undefined : peer.response.status >= 400
    if (passed === undefined) return refused ? well : { missed: `${peer.instead()}` }
    const wrong = check(passed)
    return wrong === undefined ? well : { missed: `behind the proxy came ${wrong}` }
  }
  return { kind: 'await', text: `a refusal, or a request behind the proxy with ${what}`, run }
}

/** Behind a response that refuses, and leaves TCP open, comes a frame: it must not arrive behind the proxy. */
export function passNoFrame(): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const far = peer.behind!
    await far.sendPieces([far.note('http', 'a refusal', 'HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n')])
    const response = await responseOf(peer)
    if (typeof response === 'string') return { missed: `${response} instead of a response` }
    if (response.status === 101) return { missed: 'it answered with 101 instead of 426' }
    const came = peer.behindHead.length
    // Behind it an empty line: whoever reads HTTP knows then that this is none.
    const octets = Buffer.concat([peer.build(frame(0x2, 'a frame')), Buffer.from('\r\n\r\n')])
    await peer.sendPieces([octets])
    const answered = () => far.behindHead.length > 0 || peer.behindHead.length > came
    await peer.until(answered)
    if (far.behindHead.length > 0) return { missed: `behind the proxy came ${far.behindHead.length} octets` }
    return answered() || peer.ended !== undefined ? well : { missed: 'it neither answers nor ends TCP' }
  }
  return { kind: 'await', text: 'that nothing of a frame behind a refusal is passed on', run }
}

/** First in cases of what HTTP asks of who reads it: a tunnel does not, and the case is over. */
export function exceptTunnel(): Step {
  const reason = 'it is a tunnel, which "is not considered a party to the HTTP communication" (RFC 9110 §3.7)'
  const skipped: StepOutcome = { over: true, findings: [{ verdict: 'SKIP', reason }] }
  const run = async ({ throughTunnel }: RawPeer) => (throughTunnel ? skipped : well)
  return { kind: 'await', text: 'a proxy that reads HTTP, and is no tunnel', run }
}

/** What an Opening Handshake is, without anything besides. */
export function passHandshake(): Step[] {
  return [passRequest({}, 'what an Opening Handshake has'), passAcceptance({}, 'what an Opening Handshake has')]
}

async function responseOf(peer: RawPeer): Promise<ResponseHead | string> {
  await peer.until(() => peer.response !== undefined || peer.headError !== undefined)
  return peer.response ?? peer.instead()
}
