/**
 * Our side of the Opening Handshake (RFC 6455 §4) in cases that are not about it: it conforms, and what the endpoint under
 * test makes of it is looked at no closer than is needed to go on. The cases of §4 write their octets themselves.
 */
import { acceptValue } from '../handshake/accept-key.js'
import type { WebSocketUri } from '../handshake/websocket-uri.js'
import { splitList } from '../http/grammar.js'
import type { RawExtension } from './raw-extension.js'
import type { RawPeer } from './raw-peer.js'
import type { Finding } from './verdict.js'

/** Where the server under test is, and what else goes into the request. */
export interface RequestAbout {
  readonly uri: WebSocketUri
  /** More header fields, as lines with CRLF: the command's `--header`. */
  readonly fieldLines: string
}

/** The request of a client, its key given. `lines` are more header fields, each with its CRLF. */
export function requestText({ uri, fieldLines }: RequestAbout, key: string, lines = ''): string {
  return [
    `GET ${uri.resourceName} HTTP/1.1\r\nHost: ${uri.authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`,
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${lines}${fieldLines}\r\n`,
  ].join('')
}

/** The response of a server that accepts, for the key of the request. `lines` as above. */
export function responseText(key: string, lines = ''): string {
  return [
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n',
    `Sec-WebSocket-Accept: ${acceptValue(key)}\r\n${lines}\r\n`,
  ].join('')
}

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
  const lines = extension === undefined ? '' : `Sec-WebSocket-Extensions: ${extension.offer}\r\n`
  await peer.sendPieces([peer.note('http', 'the request of the Opening Handshake', requestText(about, key, lines))])
  await peer.until(() => peer.response !== undefined || peer.headError !== undefined)
  const { response, headError } = peer
  if (headError !== undefined) return fail('4.2.2', `its response is not HTTP: ${headError.message}`)
  if (response === undefined) return error(`${peer.instead()} instead of a response to the Opening Handshake`)
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
    peer.inbox.extension = answered === undefined ? undefined : extension.agree(answered)
    if (peer.inbox.extension === undefined) return skip(`it did not agree to ${extension.offer}`)
  }
  peer.startFrames()
  return undefined
}

/**
 * Opens the connection with the client under test, whose request has been read. In a `joined` run the response waits for
 * the first frames and goes with them.
 *
 * @returns what keeps the case from being run; undefined when the connection is open.
 */
export function openAsServer(peer: RawPeer, extension?: RawExtension): Finding | undefined {
  const { fields } = peer.request!
  const key = fields.get('sec-websocket-key')
  if (key === undefined || !splitList(fields.get('upgrade')?.toLowerCase() ?? '').includes('websocket')) {
    return fail('4.1', 'its request is no Opening Handshake')
  }
  let lines = ''
  if (extension !== undefined) {
    const answer = extension.answer(fields.get('sec-websocket-extensions') ?? '')
    peer.inbox.extension = answer === undefined ? undefined : extension.agree(answer)
    if (peer.inbox.extension === undefined)
      return skip(`its request does not offer ${extension.name} as the case needs it`)
    lines = `Sec-WebSocket-Extensions: ${answer}\r\n`
  }
  peer.hold(peer.note('http', 'the response that accepts', responseText(key, lines)))
  peer.startFrames()
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
