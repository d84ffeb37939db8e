/**
 * HTTP responses other than 101: RFC 6455 §4.2.2 (the refusals it names), RFC 9112 §4 and §6. Every one says
 * `Connection: close`, for after it no octet of the connection is read as HTTP again.
 */
import { UsageError } from '../errors.js'
import { fieldLines, type HeaderInit } from '../http/field-lines.js'
import { isFieldValue } from '../http/grammar.js'

/** A response that is not 101. */
export interface PlainAnswer {
  /** 200 to 599. */
  readonly status: number
  /** The reason phrase; the usual one for the status unless told. */
  readonly reason?: string | undefined
  /** More header fields, such as Content-Type; a text without one is sent as `text/plain; charset=utf-8`. */
  readonly headers?: HeaderInit | undefined
  /**
   * Text is sent as UTF-8. Octets are copied. It is cut when less than 1 KiB/s has left in `closeTimeout`; all of it is in
   * memory until then: no place for large files.
   */
  readonly body?: string | Uint8Array | undefined
  /** The request was HEAD: Content-Length tells the body's length, the body is not sent (RFC 9110 §9.3.2). */
  readonly head?: boolean | undefined
}

const phrases: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [204, 'No Content'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [408, 'Request Timeout'],
  [410, 'Gone'],
  [414, 'URI Too Long'],
  [417, 'Expectation Failed'],
  [421, 'Misdirected Request'],
  [426, 'Upgrade Required'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [505, 'HTTP Version Not Supported'],
])

/**
 * A refusal of the Opening Handshake.
 *
 * @returns the octets to send before the connection is closed.
 * @throws UsageError WS_STATUS: not 300 to 599; and what {@link plainResponse} throws.
 */
export function refuse(answer: PlainAnswer): Buffer {
  if (!(answer.status >= 300)) throw new UsageError('WS_STATUS', '4.2.2', 'a refusal has a status from 300 to 599')
  return plainResponse(answer)
}

/**
 * The response to a plain HTTP request, such as a page or a health check.
 *
 * @returns the octets to send before the connection is closed.
 * @throws UsageError WS_STATUS, WS_REASON, WS_BODY, WS_HEADER, WS_HEADER_RESERVED: the answer cannot be sent so.
 */
export function plainResponse(answer: PlainAnswer): Buffer {
  const { status, headers, body = '' } = answer
  if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new UsageError('WS_STATUS', '4.2.2', 'a response has a status from 200 to 599')
  }
  const reason = answer.reason ?? phrases.get(status) ?? ''
  if (typeof reason !== 'string' || !isFieldValue(reason)) {
    throw new UsageError('WS_REASON', 'RFC 9112 §4', 'a reason phrase is text without control characters, up to U+00FF')
  }
  const octets = bodyOctets(status, body)
  const lines = fieldLines(headers, ['sec-websocket-accept', 'sec-websocket-extensions', 'sec-websocket-protocol'])
  const upgrade = hasField(lines, 'upgrade') ? ', Upgrade' : '' // RFC 9110 §7.8 wants it beside an Upgrade field
  let head = `HTTP/1.1 ${status} ${reason}\r\nConnection: close${upgrade}\r\n`
  if (status !== 204 && status !== 304) head += `Content-Length: ${octets.length}\r\n`
  if (typeof body === 'string' && body !== '' && !hasField(lines, 'content-type')) {
    head += 'Content-Type: text/plain; charset=utf-8\r\n'
  }
  const start = Buffer.from(`${head}${lines}\r\n`, 'latin1')
  return answer.head || octets.length === 0 ? start : Buffer.concat([start, octets])
}

function bodyOctets(status: number, body: string | Uint8Array): Uint8Array {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new UsageError('WS_BODY', 'RFC 9112 §6', 'a body is a string or a Uint8Array')
  }
  if (body.length > 0 && (status === 204 || status === 304)) {
    throw new UsageError('WS_BODY', 'RFC 9112 §6.3', `a response with status ${status} has no body`)
  }
  return typeof body === 'string' ? Buffer.from(body) : body
}

function hasField(lines: string, key: string): boolean {
  return `\r\n${lines}`.toLowerCase().includes(`\r\n${key}:`)
}
