/**
 * The heads of HTTP messages: RFC 9112 §3 (request line) and §4 (status line), as types, parsed and as text. The
 * octets are the head reader's business; what a head means is the handshake's.
 */
import { Fields } from './fields.js'
import { isToken, isVisibleAscii, parseDigits } from './grammar.js'

/** The head of a request. */
export interface RequestHead {
  /** As received; methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string
  /** The request target, as received (RFC 9112 §3.2). */
  readonly target: string
  /** `1.1`: the digits of the HTTP version. */
  readonly version: string
  /** The header fields, in order. */
  readonly fields: Fields
}

/** The head of a response. */
export interface ResponseHead {
  /** `1.1`: the digits of the HTTP version. */
  readonly version: string
  /** Three digits; 100 to 599 by RFC 9110 §15, other values are kept as they came. */
  readonly status: number
  /** The reason phrase, as received; '' when there is none. */
  readonly reason: string
  /** The header fields, in order. */
  readonly fields: Fields
}

/**
 * HTTP/1.1, or a higher minor version: a recipient "SHOULD process the message as if it was in the highest minor version within
 * that major version to which the recipient is conformant" (RFC 9110 §2.5).
 */
export function isHttp11({ version }: RequestHead | ResponseHead): boolean {
  return version.startsWith('1.') && version !== '1.0'
}

/** `HTTP/1.1` -> `1.1`; undefined for anything that is not `HTTP-version` (RFC 9112 §2.3). */
function parseVersion(text: string): string | undefined {
  if (text.length !== 8 || !text.startsWith('HTTP/') || text[6] !== '.') return undefined
  if (parseDigits(text[5]!) === undefined || parseDigits(text[7]!) === undefined) return undefined
  return text.slice(5)
}

/**
 * Parses `method SP request-target SP HTTP-version` (RFC 9112 §3): single spaces, no more, no less.
 *
 * @returns undefined when the line does not conform.
 */
export function parseRequestLine(line: string, fields: Fields): RequestHead | undefined {
  const afterMethod = line.indexOf(' ')
  const afterTarget = line.indexOf(' ', afterMethod + 1)
  if (afterMethod === -1 || afterTarget === -1) return undefined
  const method = line.slice(0, afterMethod)
  const target = line.slice(afterMethod + 1, afterTarget)
  const version = parseVersion(line.slice(afterTarget + 1))
  if (version === undefined || !isToken(method) || !isVisibleAscii(target)) return undefined
  return { method, target, version, fields }
}

/**
 * Parses `HTTP-version SP status-code [ SP [ reason-phrase ] ]` (RFC 9112 §4; the space before an absent reason may
 * be missing, as many servers send it).
 *
 * @returns undefined when the line does not conform.
 */
export function parseStatusLine(line: string, fields: Fields): ResponseHead | undefined {
  const version = parseVersion(line.slice(0, 8))
  const status = parseDigits(line.slice(9, 12))
  if (version === undefined || status === undefined || line[8] !== ' ' || line.length < 12) return undefined
  if (line.length > 12 && line[12] !== ' ') return undefined
  return { version, status, reason: line.slice(13), fields }
}

/** What of a node:http IncomingMessage a head is made of. */
export interface NodeRequest {
  /** `GET`, as a rule. */
  readonly method?: string | undefined
  /** The request target. */
  readonly url?: string | undefined
  /** `1.1`: the digits of the HTTP version. */
  readonly httpVersion: string
  /** Names and values by turns, as received. */
  readonly rawHeaders: readonly string[]
}

/**
 * The head of a request that node:http has read. Names and values are taken from `rawHeaders`, so nothing is joined
 * or dropped; what Node's parser has already let through or normalised stays so.
 */
export function requestHeadFromNode(request: NodeRequest): RequestHead {
  const fields = new Fields()
  const { rawHeaders } = request
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) fields.append(rawHeaders[at]!, rawHeaders[at + 1]!)
  return { method: request.method ?? '', target: request.url ?? '', version: request.httpVersion, fields }
}
