/**
 * Requests that are not HTTP as RFC 9112 has it, read for what they mean: a client that breaks it in each of its requests comes to
 * its cases all the same, and one of them names the breach (6455/4.1/request-is-http).
 */
import { Fields } from '../http/fields.js'
import type { RequestHead } from '../http/message-head.js'
import type { RawPeer } from './raw-peer.js'

/** An empty line, however lines end. */
const headEnd = /\r?\n\r?\n/

/**
 * Waits for the request of the client under test, and sets it.
 *
 * @returns it; undefined when there is none, or nothing can be made of it.
 */
export async function awaitAnyRequest(peer: RawPeer): Promise<RequestHead | undefined> {
  await peer.until(() => peer.request !== undefined || peer.headError !== undefined)
  if (peer.request !== undefined || peer.headError === undefined) return peer.request
  const text = () => Buffer.concat([peer.headOctets, peer.behindHead]).toString('latin1')
  await peer.until(() => split(text()).length > 0, peer.patience.asking)
  const [head = '', behind = ''] = split(text())
  peer.request = meant(head)
  peer.key = peer.request?.fields.get('sec-websocket-key') ?? ''
  peer.behindHead = Buffer.from(behind, 'latin1')
  return peer.request
}

/** What makes a request none of HTTP, with its first octets. One that is too large for us is HTTP. */
export function requestFault({ headError, headOctets }: Pick<RawPeer, 'headError' | 'headOctets'>): string | undefined {
  if (headError === undefined || headError.code === 'WS_HEAD_TOO_LARGE') return undefined
  if (headOctets[0] === tlsHandshake) return 'it speaks TLS: ws:// instead of wss://?'
  return `its request is not HTTP (${headError.message}): ${JSON.stringify(headOctets.toString('latin1', 0, 120))}`
}

// RFC 8446 §5.1: the type of the record that a client begins with.
const tlsHandshake = 0x16

/** Head and what is behind it; nothing where the head does not end. */
function split(text: string): string[] {
  const from = /^[\r\n]*/.exec(text)![0].length
  const end = headEnd.exec(text.slice(from))
  if (end === null) return []
  const to = from + end.index
  return [text.slice(from, to), text.slice(to + end[0].length)]
}

function meant(head: string): RequestHead | undefined {
  const [start = '', ...lines] = head.split(/\r?\n/)
  const [, method, target, version] = /^(\S+)\s+((?:\/|https?:\/\/)\S*)\s+HTTP\/(\S+)\s*$/i.exec(start) ?? []
  if (method === undefined || target === undefined || version === undefined) return undefined
  const fields = new Fields()
  const unfolded = lines.join('\n').replace(/\n[ \t]+/g, ' ')
  for (const line of unfolded.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
  }
  return { method, target, version, fields }
}
