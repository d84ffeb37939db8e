/**
 * Our side of the Opening Handshake (RFC 6455 §4) in cases that are not about it: it conforms, and what the endpoint under
 * test makes of it is looked at no closer than is needed to go on. The cases of §4 write their octets themselves.
 */
import { setTimeout } from 'node:timers/promises'
import { acceptValue } from '../handshake/accept-key.js'
import { splitList } from '../http/grammar.js'
import { type HeadBend, type RequestAbout, requestText, responseText } from './head-text.js'
import type { RawExtension } from './raw-extension.js'
import { beyondLimits } from './raw-head-reader.js'
import type { RawPeer } from './raw-peer.js'
import type { Finding } from './verdict.js'

/**
 * Opens the connection with the server under test.
 *
 * @returns what keeps the case from being run; undefined when the connection is open.
 */
export async function openAsClient(
  peer: RawPeer,
  about: RequestAbout,
  extension?: RawExtension,
): Promise<Finding | undefined> {
  const key = peer.chance.take(16).toString('base64')
  const bend: HeadBend = extension === undefined ? {} : { more: [`Sec-WebSocket-Extensions: ${extension.offer}`] }
  await peer.sendPieces([peer.note('http', 'the request of the Opening Handshake', requestText(about, key, bend))])
  await peer.until(() => peer.response !== undefined || peer.headError !== undefined)
  const { response, headError } = peer
  if (headError !== undefined) {
    return beyondLimits(headError) ?? fail('4.2.2', `its response is not HTTP: ${headError.message}`)
  }
  if (response === undefined) return error(`${peer.instead()} instead of a response to the Opening Handshake`)
  if (response.status !== 101 && extension !== undefined) {
    return skip(`it answered the offer of ${extension.offer} with ${response.status}`)
  }
  if (response.status !== 101) return error(`it answered the Opening Handshake with ${response.status}`)
  const { fields } = response
  if (fields.get('sec-websocket-accept') !== acceptValue(key)) {
    return fail('4.2.2', 'its Sec-WebSocket-Accept is not the value for our key')
  }
  const answered = fields.get('sec-websocket-extensions')
  if (extension === undefined && answered !== undefined) {
    return fail('4.1', `it chose extensions though none were offered: ${answered}`)
  }
  if (extension !== undefined) {
    peer.inbox.extension = answered === undefined ? undefined : extension.agree(answered, 'server')
    if (peer.inbox.extension === undefined) return skip(`it did not agree to ${extension.offer}`)
  }
  peer.startFrames()
  return undefined
}

/** Lets the client read the response before a frame comes: 2 ms, on which no judgement rests. */
export async function leaveAlone(): Promise<void> {
  await setTimeout(2)
}

/**
 * Opens the connection with the client under test, whose request has been read. In a `joined` run the response waits for
 * the first frames and goes with them. In all others it goes alone, lest a client that loses what comes with it fails every
 * case, where `6455/4.1/response-with-frame-behind` can name the fault.
 *
 * @returns what keeps the case from being run; undefined when the connection is open.
 */
export async function openAsServer(peer: RawPeer, extension?: RawExtension): Promise<Finding | undefined> {
  const { fields } = peer.request!
  const key = fields.get('sec-websocket-key')
  if (key === undefined || !splitList(fields.get('upgrade')?.toLowerCase() ?? '').includes('websocket')) {
    return fail('4.1', 'its request is no Opening Handshake')
  }
  let bend: HeadBend = {}
  if (extension !== undefined) {
    const answer = extension.answer(fields.get('sec-websocket-extensions') ?? '')
    peer.inbox.extension = answer === undefined ? undefined : extension.agree(answer, 'client')
    if (peer.inbox.extension === undefined)
      return skip(`its request does not offer ${extension.name} as the case needs it`)
    bend = { more: [`Sec-WebSocket-Extensions: ${answer}`] }
  }
  const response = peer.note('http', 'the response that accepts', responseText(peer, bend))
  peer.startFrames()
  if (peer.segmentation === 'joined') peer.hold(response)
  else {
    await peer.sendPieces([response])
    await leaveAlone()
  }
  return undefined
}

function fail(section: string, reason: string): Finding {
  return { verdict: 'FAIL', section, reason }
}

function error(reason: string): Finding {
  return { verdict: 'ERROR', reason }
}

function skip(reason: string): Finding {
  return { verdict: 'SKIP', reason }
}
