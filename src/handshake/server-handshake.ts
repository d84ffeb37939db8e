/**
 * The server's side of the Opening Handshake: RFC 6455 §4.2. Judges a request whose head has been read, by our own
 * reader or by node:http's, and writes the response that accepts it. Pure functions: who reads the octets, asks the
 * application and sends the answer is the transport's business.
 */

import { HandshakeError, UsageError } from '../errors.js'
import type { AgreedExtension, Extension } from '../extensions/extension.js'
import { chooseExtensions, formatExtensions, parseExtensions } from '../extensions/negotiation.js'
import { type Authority, parseAuthority } from '../http/authority.js'
import { fieldLines, type HeaderInit } from '../http/field-lines.js'
import type { Fields } from '../http/fields.js'
import { isToken, isVisibleAscii, type ParametrisedToken, parseDigits, splitList } from '../http/grammar.js'
import { isHttp11, type RequestHead } from '../http/message-head.js'
import { acceptValue, isKey } from './accept-key.js'
import { allowsOrigin, expectsHost, type RequestPolicy } from './request-policy.js'

/** A client's Opening Handshake that conforms to §4.2.1 and to the policy. */
export interface OpeningRequest {
  /** The request as it was read. */
  readonly head: RequestHead
  /** §4.2.1: the only one there is. */
  readonly method: 'GET'
  /** The resource name (§3): path and query exactly as received. */
  readonly path: string
  /** The value of Host, as received. */
  readonly host: string
  /** The value of Origin, as received; undefined when there is none, so not from a browser. */
  readonly origin: string | undefined
  /** The value of Sec-WebSocket-Key. */
  readonly key: string
  /** The value of Sec-WebSocket-Version. */
  readonly version: 13
  /** The subprotocols the client would speak, most preferred first. */
  readonly protocols: readonly string[]
  /** The extensions the client offers, most preferred first. */
  readonly extensions: readonly ParametrisedToken[]
  /** The request's header fields. */
  readonly fields: Fields
}

/** How many subprotocols and how many extensions a request may list. */
const maxListed = 64

/** §4.4, RFC 9110 §15.5.22: what a client needs to know to do it right. */
const upgradeOwed: ReadonlyArray<readonly [string, string]> = [
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
]

/**
 * Does this request mean to open a WebSocket connection? If so it is to be judged, also where it does it wrong; if not
 * it is a plain request, for a page perhaps.
 */
export function isUpgradeRequest(head: RequestHead): boolean {
  const { fields } = head
  if (fields.has('sec-websocket-key') || fields.has('sec-websocket-version')) return true
  return listsToken(fields.get('upgrade'), 'websocket') === true
}

/**
 * Judges a request by §4.2.1 and by the policy.
 *
 * @throws HandshakeError with the `status` to refuse it with and the `headers` that go with it.
 */
export function judgeRequest(head: RequestHead, policy: RequestPolicy): OpeningRequest {
  const { fields } = head
  if (!isHttp11(head)) throw refusal(505, 'WS_HTTP_VERSION', '4.2.1', 'the request must be HTTP/1.1')
  checkNoBody(fields)
  const host = single(fields, 'host') ?? ''
  const authority = parseAuthority(host)
  if (authority === undefined) throw refusal(400, 'WS_HOST', '4.2.1', 'Host must be one host, with or without a port')
  if (head.method !== 'GET') {
    throw refusal(405, 'WS_METHOD', '4.2.1', 'the method must be GET', [['Allow', 'GET']])
  }
  const path = resourceName(head.target, authority)
  if (!expectsHost(policy, authority)) throw refusal(421, 'WS_HOST_UNEXPECTED', '10.2', 'Host is not one of ours')
  checkUpgrade(fields)
  checkVersion(fields)
  const key = single(fields, 'sec-websocket-key')
  if (key === undefined || !isKey(key)) {
    throw refusal(400, 'WS_KEY', '4.2.1', 'Sec-WebSocket-Key must be the base64 of 16 octets')
  }
  const origin = checkOrigin(fields, policy, host)
  const protocols = listProtocols(fields)
  const extensions = listExtensions(fields)
  return { head, method: 'GET', path, host, origin, key, version: 13, protocols, extensions, fields }
}

/** The value of a field that must not repeat; undefined when there is none. */
function single(fields: Fields, name: string): string | undefined {
  const value = fields.only(name)
  if (value === null) throw refusal(400, 'WS_FIELD_REPEATED', '11.3', `${name} more than once`)
  return value
}

/**
 * Judges a request that is no Opening Handshake, before an application answers it: RFC 9112 §3.2 and §6.3. What two
 * readers could read as two requests is refused.
 *
 * @throws HandshakeError with the `status` to refuse it with.
 */
export function judgePlainRequest(head: RequestHead): void {
  const { fields } = head
  if (single(fields, 'host') === undefined && isHttp11(head)) {
    throw refusal(400, 'WS_HOST', 'RFC 9112 §3.2', 'a request must have a Host')
  }
  const length = single(fields, 'content-length')
  if (length !== undefined && (fields.has('transfer-encoding') || parseDigits(length) === undefined)) {
    throw refusal(400, 'WS_REQUEST_BODY', 'RFC 9112 §6.3', 'the length of the body is not clear')
  }
}

/** A body would be read as frames by us and as a body by others. */
function checkNoBody(fields: Fields): void {
  const length = single(fields, 'content-length')
  if (fields.has('transfer-encoding') || (length !== undefined && parseDigits(length) !== 0)) {
    throw refusal(400, 'WS_REQUEST_BODY', 'RFC 9112 §6', 'an Opening Handshake has no body')
  }
}

/**
 * The resource name in the request target (RFC 9112 §3.2): origin form, or an absolute http or https URI of the same
 * authority as Host.
 */
function resourceName(target: string, host: Authority): string {
  const path = target.startsWith('/') ? target : pathOfAbsoluteForm(target, host)
  if (path !== undefined && isResourceName(path)) return path
  throw refusal(400, 'WS_REQUEST_TARGET', '4.2.1', 'the request target must be a resource name')
}

/** Stricter than §3 where two readers could see two paths: no `//` in front, no NUL, no backslash. */
function isResourceName(path: string): boolean {
  if (!isVisibleAscii(path) || path.startsWith('//')) return false
  return !path.includes('#') && !path.includes('%00') && !hasBackslash(path)
}

/** In the path only: browsers send it as it is in a query. */
function hasBackslash(path: string): boolean {
  const backslash = path.indexOf('\\')
  const query = path.indexOf('?')
  return backslash !== -1 && (query === -1 || backslash < query)
}

function pathOfAbsoluteForm(target: string, host: Authority): string | undefined {
  const scheme = target.slice(0, 8).toLowerCase()
  const start = scheme.startsWith('http://') ? 7 : scheme === 'https://' ? 8 : -1
  if (start === -1) return undefined
  const slash = target.indexOf('/', start)
  const query = target.indexOf('?', start)
  const end = Math.min(slash === -1 ? target.length : slash, query === -1 ? target.length : query)
  const authority = parseAuthority(target.slice(start, end))
  const defaultPort = start === 7 ? 80 : 443
  if (authority?.host !== host.host || (authority.port ?? defaultPort) !== (host.port ?? defaultPort)) return undefined
  const path = target.slice(end)
  return path.startsWith('/') ? path : `/${path}`
}

/** §4.2.1 items 3 and 4. */
function checkUpgrade(fields: Fields): void {
  const upgrade = listsToken(fields.get('upgrade'), 'websocket')
  if (upgrade === undefined) throw refusal(400, 'WS_UPGRADE_FIELD', '4.2.1', 'Upgrade is malformed')
  if (!upgrade) throw refusal(426, 'WS_UPGRADE_REQUIRED', '4.2.1', 'Upgrade must list websocket', upgradeOwed)
  const connection = fields.get('connection')
  if (listsToken(connection, 'upgrade') !== true || listsToken(connection, 'close') === true) {
    throw refusal(400, 'WS_CONNECTION_FIELD', '4.2.1', 'Connection must list Upgrade, and not close')
  }
}

/**
 * Does this comma-separated list hold the token, in any case? False when there is no list; undefined when one of its
 * elements is neither a token nor a `protocol-name/version` (RFC 9110 §7.8). Empty elements are ignored.
 */
function listsToken(list: string | undefined, token: string): boolean | undefined {
  if (list === undefined) return false
  const lower = list.toLowerCase()
  if (lower === token) return true
  if (!lower.includes(',')) return lower === '' || isProtocol(lower) ? false : undefined
  const elements = splitList(lower)
  return elements.every(element => element === '' || isProtocol(element)) ? elements.includes(token) : undefined
}

function isProtocol(text: string): boolean {
  const slash = text.indexOf('/')
  return slash === -1 ? isToken(text) : isToken(text.slice(0, slash)) && isToken(text.slice(slash + 1))
}

/** §4.2.1 item 6, §4.3: one number from 0 to 255 without leading zeros; §4.4: another than 13 is told so. */
function checkVersion(fields: Fields): void {
  const version = single(fields, 'sec-websocket-version')
  if (version === '13') return
  const number = version === undefined ? undefined : parseDigits(version)
  if (number === undefined || number > 255 || String(number) !== version) {
    throw refusal(400, 'WS_VERSION', '4.2.1', 'Sec-WebSocket-Version must be one number from 0 to 255')
  }
  throw refusal(426, 'WS_VERSION', '4.4', 'the only version spoken here is 13', upgradeOwed)
}

/** §4.2.2 item 4: "If the server does not wish to accept this connection, it MUST return an appropriate … error code". */
function checkOrigin(fields: Fields, policy: RequestPolicy, host: string): string | undefined {
  const origin = single(fields, 'origin')
  if (origin === undefined) {
    if (policy.requireOrigin) throw refusal(403, 'WS_ORIGIN', '10.2', 'a request without Origin')
  } else if (!allowsOrigin(policy, origin, host)) {
    throw refusal(403, 'WS_ORIGIN', '10.2', 'a request from a page of another origin')
  }
  return origin
}

/** §4.1 item 10: tokens, none empty, "and MUST all be unique strings"; the field may be split over lines (§11.3.4). */
function listProtocols(fields: Fields): readonly string[] {
  const list = fields.get('sec-websocket-protocol')
  if (list === undefined) return []
  const protocols = splitList(list)
  if (protocols.length > maxListed || !protocols.every(isToken) || new Set(protocols).size < protocols.length) {
    throw refusal(400, 'WS_PROTOCOL', '4.2.1', `Sec-WebSocket-Protocol must list at most ${maxListed} different tokens`)
  }
  return protocols
}

function listExtensions(fields: Fields): readonly ParametrisedToken[] {
  const list = fields.get('sec-websocket-extensions')
  if (list === undefined) return []
  const extensions = parseExtensions(list, maxListed)
  if (extensions === undefined) {
    throw refusal(400, 'WS_EXTENSIONS', '9.1', 'Sec-WebSocket-Extensions is malformed, or too long')
  }
  return extensions
}

function refusal(
  status: number,
  code: string,
  section: string,
  message: string,
  headers?: ReadonlyArray<readonly [string, string]>,
): HandshakeError {
  return new HandshakeError(code, section, message, { status, headers })
}

/** How a request is accepted. */
export interface Acceptance {
  /** The subprotocol to speak: one of the request's; undefined or '' for none. */
  readonly protocol?: string | undefined
  /** More header fields of the response, such as Set-Cookie. */
  readonly headers?: HeaderInit | undefined
  /** The value of Server; left away unless told. */
  readonly serverName?: string | undefined
  /** The extensions we are willing to use. */
  readonly extensions?: readonly Extension[] | undefined
}

/** A request that was accepted, and what was agreed with it. */
export interface AcceptedRequest {
  /** The octets to send; after them the connection is OPEN. */
  readonly response: Buffer
  /** The subprotocol in use; '' for none. */
  readonly protocol: string
  /** The extensions in use, in the order they are applied. */
  readonly extensions: readonly AgreedExtension[]
}

const switching =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: '

const oursToSet = ['upgrade', 'sec-websocket-*']

/**
 * Accepts a request: §4.2.2 item 5.
 *
 * @throws UsageError WS_PROTOCOL: a subprotocol that was not asked for ("the value chosen MUST be derived from the
 *   client's handshake"); WS_HEADER, WS_HEADER_RESERVED: a header field that cannot be sent.
 */
export function acceptRequest(request: OpeningRequest, acceptance: Acceptance = {}): AcceptedRequest {
  const { protocol = '', serverName, extensions: ours = [] } = acceptance
  if (protocol !== '' && !request.protocols.includes(protocol)) {
    throw new UsageError('WS_PROTOCOL', '4.2.2', 'the subprotocol must be one that the client asked for')
  }
  const extensions = chooseExtensions(request.extensions, ours)
  let more = ''
  if (protocol !== '') more += `Sec-WebSocket-Protocol: ${protocol}\r\n`
  if (extensions.length > 0) more += `Sec-WebSocket-Extensions: ${formatExtensions(extensions.map(answered))}\r\n`
  if (serverName !== undefined) more += fieldLines([['Server', serverName]], [])
  more += fieldLines(acceptance.headers, oursToSet)
  const head = `${switching}${acceptValue(request.key)}\r\n${more}\r\n`
  return { response: Buffer.from(head, 'latin1'), protocol, extensions }
}

function answered({ extension, parameters }: AgreedExtension): ParametrisedToken {
  return { name: extension.name, parameters }
}
