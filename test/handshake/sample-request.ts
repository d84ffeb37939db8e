/**
 * The request of RFC 6455 §1.3, changed one field at a time, read by the head reader and judged.
 */
import { HandshakeError } from '../../src/errors.js'
import type { RequestPolicy } from '../../src/handshake/request-policy.js'
import { judgeRequest, type OpeningRequest } from '../../src/handshake/server-handshake.js'
import { HeadReader } from '../../src/http/head-reader.js'
import type { RequestHead } from '../../src/http/message-head.js'

/** Field lines to put in place of the sample's lines of the same name; an empty array takes them away. */
export type Changes = Readonly<Record<string, string | readonly string[]>>

const sample: ReadonlyMap<string, string> = new Map([
  ['Host', 'server.example.com'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['Sec-WebSocket-Version', '13'],
])

/** The head of the sample request, changed. */
export function sampleHead(changes: Changes = {}, line = 'GET /chat HTTP/1.1'): RequestHead {
  const fields = new Map<string, string | readonly string[]>(sample)
  for (const [name, value] of Object.entries(changes)) fields.set(name, value)
  const lines = [...fields].flatMap(([name, values]) => [values].flat().map(value => `${name}: ${value}\r\n`))
  const read = new HeadReader('request').receive(Buffer.from(`${line}\r\n${lines.join('')}\r\n`, 'latin1'))
  if (read === undefined) throw new Error('not a head')
  return read.head
}

/** What it is judged to be by a server without TLS that lets any origin connect. */
export function judge(changes?: Changes, line?: string, policy?: Partial<RequestPolicy>): OpeningRequest {
  return judgeRequest(sampleHead(changes, line), { secure: false, allowedOrigins: 'any', ...policy })
}

/** The status and code it is refused with, also where its head cannot be read; `accepted` if it is not. */
export function verdict(changes?: Changes, line?: string, policy?: Partial<RequestPolicy>): string {
  try {
    judge(changes, line, policy)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error
    return `${error.status} ${error.code}`
  }
}
