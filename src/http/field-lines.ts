/**
 * Header fields that the application adds, checked and written as lines: RFC 9110 §5.1, §5.5. Nothing that could end
 * a line early gets through, so no header can be smuggled in.
 */
import { UsageError } from '../errors.js'
import { isFieldValue, isToken } from './grammar.js'

/**
 * Header fields as the application hands them over: pairs of name and value (a Map, a Headers, a list of arrays of two), or
 * an object (an array repeats the field, undefined leaves it away).
 */
export type HeaderInit = Iterable<readonly string[]> | Readonly<Record<string, string | readonly string[] | undefined>>

/** What decides where a message ends or whose connection it is: never the application's (RFC 9112 §6, RFC 9110 §7.6.1). */
const framing = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
])

/** Of `fieldLines`: names that only framewright itself writes there. In lower case; `sec-websocket-*` is a prefix. */
export type Reserved = readonly string[]

/**
 * The lines of these fields, each with its CRLF; '' for none.
 *
 * @param reserved - what the application may not set here, beside the fields that frame the message.
 * @throws UsageError WS_HEADER for a name that is no token or a value with CR, LF, NUL, another control character or
 *   anything above U+00FF; WS_HEADER_RESERVED for a field that is not the application's to set.
 */
export function fieldLines(headers: HeaderInit | undefined, reserved: Reserved): string {
  if (headers === undefined) return ''
  if (typeof headers !== 'object' || headers === null) {
    throw new UsageError('WS_HEADER', 'RFC 9110 §5', 'header fields are an object, or pairs of name and value')
  }
  let lines = ''
  for (const pair of pairs(headers)) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new UsageError('WS_HEADER', 'RFC 9110 §5', 'a pair is an array of name and value')
    }
    const [name, value]: unknown[] = pair
    if (typeof name !== 'string' || !isToken(name)) {
      throw new UsageError('WS_HEADER', 'RFC 9110 §5.1', 'the name of a header field must be a token')
    }
    if (typeof value !== 'string' || !isFieldValue(value)) {
      const message = `the value of header field ${name} must be text without control characters, up to U+00FF`
      throw new UsageError('WS_HEADER', 'RFC 9110 §5.5', message)
    }
    const key = name.toLowerCase()
    if (framing.has(key) || reserved.some(entry => isReservedBy(entry, key))) {
      throw new UsageError('WS_HEADER_RESERVED', '4.1', `header field ${name} is not the application's to set`)
    }
    lines += `${name}: ${value}\r\n`
  }
  return lines
}

function isReservedBy(entry: string, key: string): boolean {
  return entry.endsWith('*') ? key.startsWith(entry.slice(0, -1)) : key === entry
}

function* pairs(headers: HeaderInit): Iterable<unknown> {
  if (isIterable(headers)) {
    yield* headers
    return
  }
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) for (const one of value) yield [name, one]
    else if (value !== undefined) yield [name, value]
  }
}

function isIterable(headers: HeaderInit): headers is Iterable<readonly string[]> {
  return typeof (headers as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
}
