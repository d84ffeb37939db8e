/**
 * The heads of the Opening Handshake (RFC 6455 §4.1, §4.2.2) as text, right or bent: lines are replaced by the name of
 * their field, put before others or behind them, exactly as they are written.
 */
import { acceptValue } from '../handshake/accept-key.js'
import type { WebSocketUri } from '../handshake/websocket-uri.js'

/** Where the server under test is, and what else goes into the request. */
export interface RequestAbout {
  readonly uri: WebSocketUri
  /**
   * More header fields, as lines with CRLF: the command's `--header` and `--subprotocol`. Of subprotocols a head speaks as its
   * bend does, where that does.
   */
  readonly fieldLines: string
}

/** The key of the request that a response answers, and what else goes into it. */
export interface ResponseAbout {
  readonly key: string
  readonly fieldLines: string
}

/**
 * What is otherwise than in a head that conforms. In all texts `{resource}`, `{authority}`, `{key}` and `{accept}` stand for
 * what is right; lines are without their CRLF.
 */
export interface HeadBend {
  /** Octets before the first line. */
  readonly before?: string
  /** The request line, or the status line. */
  readonly start?: string
  /** By the name of a field: the lines that stand in place of its own, or none. */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  /** Lines before the others, right behind the first. */
  readonly first?: readonly string[]
  /** Lines behind the others. */
  readonly more?: readonly string[]
}

/** The request of a client with this key. */
export function requestText({ uri, fieldLines }: RequestAbout, key: string, bend: HeadBend = {}): string {
  const fields = {
    Host: ['Host: {authority}'],
    Upgrade: ['Upgrade: websocket'],
    Connection: ['Connection: Upgrade'],
    'Sec-WebSocket-Key': ['Sec-WebSocket-Key: {key}'],
    'Sec-WebSocket-Version': ['Sec-WebSocket-Version: 13'],
  }
  const lines = linesOf('GET {resource} HTTP/1.1', fields, bend)
  const values = { resource: uri.resourceName, authority: uri.authority, key }
  return `${filled(lines, values)}${besides(bend, fieldLines)}\r\n`
}

/** The response of a server that accepts. */
export function responseText({ key, fieldLines }: ResponseAbout, bend: HeadBend = {}): string {
  const fields = {
    Upgrade: ['Upgrade: websocket'],
    Connection: ['Connection: Upgrade'],
    'Sec-WebSocket-Accept': ['Sec-WebSocket-Accept: {accept}'],
  }
  const lines = linesOf('HTTP/1.1 101 Switching Protocols', fields, bend)
  return `${filled(lines, { key, accept: acceptValue(key) })}${besides(bend, fieldLines)}\r\n`
}

/** In a few words, for reports: what is otherwise. */
export function bendText({ before = '', start, fields = {}, first = [], more = [] }: HeadBend): string {
  const changed = Object.entries(fields).map(([name, lines]) => (lines.length === 0 ? `no ${name}` : shown(lines)))
  const parts = [
    before === '' ? '' : `${JSON.stringify(before)} before it`,
    start === undefined ? '' : JSON.stringify(start),
    ...changed,
    ...[first, more].map(shown),
  ]
  return parts.filter(part => part !== '').join(', ')
}

function shown(lines: readonly string[]): string {
  const most = 4
  const more = lines.length > most ? ` and ${lines.length - most} more` : ''
  return (
    lines
      .slice(0, most)
      .map(line => JSON.stringify(line))
      .join(' ') + more
  )
}

function linesOf(start: string, fields: Readonly<Record<string, readonly string[]>>, bend: HeadBend): string {
  const own = Object.entries(fields).flatMap(([name, lines]) => bend.fields?.[name] ?? lines)
  const lines = [bend.start ?? start, ...(bend.first ?? []), ...own, ...(bend.more ?? [])]
  return `${bend.before ?? ''}${lines.map(line => `${line}\r\n`).join('')}`
}

/** The field lines that are not the bend's to say. */
function besides({ fields = {}, first = [], more = [] }: HeadBend, fieldLines: string): string {
  const bent = [...Object.keys(fields), ...first, ...more].some(line => /^sec-websocket-protocol\b/i.test(line))
  return bent ? fieldLines.replace(/^sec-websocket-protocol:.*\r\n/im, '') : fieldLines
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((done, [name, value]) => done.replaceAll(`{${name}}`, () => value), text)
}
