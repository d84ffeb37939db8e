/** URIs, hosts and origins: src/handshake/websocket-uri.ts, src/http/authority.ts, src/handshake/origin.ts. */
import { UsageError } from '../../src/errors.js'
import { ClientHandshake } from '../../src/handshake/client-handshake.js'
import { sameOrigin } from '../../src/handshake/origin.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { parseAuthority } from '../../src/http/authority.js'
import { parseNaively } from '../../test/http/naive-head.js'
import { formatChunks, parseChunks } from '../chunks.js'
import { Reads } from '../counted.js'
import { uriWords } from '../dictionary.js'
import { damaged } from '../generators/octets.js'
import { uriText } from '../generators/words.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

export const uriTarget: Target<Buffer> = {
  name: 'uri',
  about: 'URIs, hosts and origins',
  inputs: damaged(
    uriText,
    uriWords.map(word => Buffer.from(word)),
  ),
  format: text => formatChunks([text]),
  parse: lines => parseChunks(lines)[0]!,
  check(octets) {
    const text = octets.toString()
    checkUri(text)
    checkAuthority(text)
    checkAuthority(text.slice(text.includes('://') ? text.indexOf('://') + 3 : 0))
    checkOrigin(text)
  },
}

function checkUri(text: string): void {
  let uri: WebSocketUri
  try {
    uri = WebSocketUri.parse(text)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    must('output', text === '' || text.length < 8 || !error.message.includes(text), 'the message repeats the URI')
    return
  }
  const again = WebSocketUri.parse(String(uri))
  const facts = ({ secure, host, port, authority, resourceName }: WebSocketUri) =>
    [secure, host, port, authority, resourceName].join(' ')
  mustEqual('canonical', facts(again), facts(uri), 'the URI read again')
  must('output', !/[^!-~]|#/.test(String(uri)) && !uri.authority.includes('@'), `written as ${String(uri)}`)
  must('twin', /^wss?:/i.test(text.trim()) && !text.includes('#'), 'another scheme, or a fragment')
  checkRequest(uri)
}

/** Its request is one head with one Host: nothing in a URI can add a line. */
function checkRequest(uri: WebSocketUri): void {
  const { request } = new ClientHandshake(uri, { nonce: () => Buffer.alloc(16) })
  const naive = parseNaively('request', request.toString('latin1'))
  must('output', naive.outcome === 'head' && naive.rest === '', 'a request that is no head')
  mustEqual('output', naive.line, `GET ${uri.resourceName} HTTP/1.1`, 'the request line')
  const names = naive.fields.map(([name]) => name)
  const expected = ['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']
  if (uri.basicCredentials !== undefined) expected.push('Authorization')
  mustEqual('output', names, expected, 'the fields')
  mustEqual('output', naive.fields[0]![1], uri.authority, 'Host')
}

function checkAuthority(text: string): void {
  const reads = new Reads()
  const parsed = parseAuthority(text)
  parseAuthority(reads.text(text))
  must('work', reads.count <= 8 * text.length + 32, `${reads.count} steps for ${text.length}`)
  if (parsed === undefined) return
  const { host, port } = parsed
  must('twin', /^(\[[0-9a-f:.]+\]|[-a-z0-9._~]+)$/.test(host), `the host ${host}`)
  must('twin', port === undefined || (port >= 0 && port <= 65535), `the port ${port}`)
  const written = port === undefined ? host : `${host}:${port}`
  mustEqual('canonical', parseAuthority(written), parsed, 'the host read again')
  checkAddress(host)
}

/** Whoever hands the host to a URL parser must come to the same host: no address in disguise. */
function checkAddress(host: string): void {
  if (host.startsWith('[') || host.includes('xn--')) return
  if (!URL.canParse(`http://${host}/`)) return
  mustEqual('strictness', new URL(`http://${host}/`).hostname, host, "the URL parser's reading")
}

function checkOrigin(text: string): void {
  for (const secure of [false, true]) {
    const same = sameOrigin(text, 'server.example:80', secure)
    if (!same) continue
    const url = new URL(text)
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
    mustEqual('handshake', [url.hostname, port], ['server.example', '80'], `the origin ${text}`)
    must('handshake', !secure || url.protocol === 'https:', 'a page from plain HTTP')
  }
  // Whatever the Host: a page of another host is another origin.
  must(
    'handshake',
    !sameOrigin('http://evil.example', text, false) || /^evil\.example(:80|:)?$/i.test(text),
    'taken for the same',
  )
}
