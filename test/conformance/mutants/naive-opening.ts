/** Both sides of the Opening Handshake, as naive as can be, rightly or broken. */
import { randomBytes } from 'node:crypto'
import { extensionElements } from '../../../src/conformance/extension-elements.js'
import { acceptValue } from '../../../src/handshake/accept-key.js'
import type { Break } from './mutants.js'
import { isLegal, naiveDeflateAnswer, naiveOffer } from './naive-deflate.js'
import { hasToken, isExtensionList, type NaiveHead, naiveHead } from './naive-head.js'

type Breaks = ReadonlySet<Break>

const refusal = (status: string, lines = '') =>
  `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n${lines.includes('Connection:') ? '' : 'Connection: close\r\n'}${lines}\r\n`
const badRequest = refusal('400 Bad Request')

/** What goes with a response 426. */
function upgradeOwed(breaks: Breaks): string {
  if (breaks.has('wants an upgrade without saying to what')) return ''
  const connection = breaks.has('sends Upgrade without Connection') ? 'close' : 'Upgrade, close'
  return `Upgrade: websocket\r\nConnection: ${connection}\r\n`
}

/** What a server answers to this request; it accepts when it answers with 101. */
export function naiveAnswer(text: string, breaks: Breaks): string {
  const head = naiveHead(text, breaks)
  if (head === undefined) return badRequest
  if (head.get('Expect') !== undefined) {
    if (breaks.has('waits for content that does not come') || breaks.has('hangs up on expectations')) return ''
    if (breaks.has('says 100 and no more')) return 'HTTP/1.1 100 Continue\r\n\r\n'
    if (breaks.has('meets no expectation')) return refusal('417 Expectation Failed')
  }
  return refusalOf(head, breaks) ?? acceptance(head, breaks)
}

function refusalOf(head: NaiveHead, breaks: Breaks): string | undefined {
  const does = (what: Break) => breaks.has(what)
  const [, method, target = '', version] = /^(\S+) (\S+) HTTP\/(\d\.\d)$/.exec(head.start) ?? []
  if (method === undefined && !does('skips lines that are no fields')) return badRequest
  if (method !== undefined && method !== 'GET' && !does('accepts every method')) {
    return refusal('405 No', does('refuses methods without naming its own') ? '' : 'Allow: GET\r\n')
  }
  if (version === '1.0' && !does('upgrades HTTP/1.0')) return refusal('400 No')
  if (version === '1.2' && does('takes HTTP/1.1 only')) return refusal('505 No')
  if (!target.startsWith('/') && does('refuses absolute targets')) return badRequest
  if (does('takes no request line above 4096 octets') && head.start.length > 4096) return refusal('414 No')
  if (does('hangs up on resources that there are not') && target.includes('no-such')) return ''
  if (head.get('Origin')?.includes('unwelcome')) {
    if (does('hangs up on pages of other origins')) return ''
    if (does('hides from pages of other origins')) return refusal('404 No')
  }
  const body = head.get('Content-Length') ?? head.get('Transfer-Encoding')
  if (body !== undefined && !does('takes bodies for frames')) return badRequest
  const good = head.count('Host') === 1 && /^[^\s/@?#]+$/.test(head.get('Host')!)
  if (!good && !does('does not look at Host')) return badRequest
  if (does('refuses unknown fields') && head.fields.some(([name]) => !/^(host|upgrade|conn|sec-|origin)/i.test(name))) {
    return badRequest
  }
  if (does('refuses what is beyond ASCII') && head.fields.some(([, value]) => /[^ -~]/.test(value))) return badRequest
  if (does('needs its fields in order') && head.fields[0]?.[0].toLowerCase() !== 'host') return badRequest
  return refusalOfUpgrade(head, breaks) ?? refusalOfVersion(head, breaks)
}

function refusalOfUpgrade(head: NaiveHead, breaks: Breaks): string | undefined {
  const does = (what: Break) => breaks.has(what)
  const ending = does('takes tokens that end as they should')
  const upgrades = hasToken(head.get('Upgrade'), 'websocket', {
    oneWord: false,
    withCase: does('compares Upgrade with case'),
    ending,
  })
  if (!upgrades && !does('does not look at Upgrade')) return refusal('426 Upgrade Required', upgradeOwed(breaks))
  const oneWord = does('takes Connection for one word')
  const connection = head.get('Connection')
  if (does('knows no empty elements') && /^\s*,|,\s*,/.test(connection ?? '')) return badRequest
  const connects = hasToken(connection, 'Upgrade', { oneWord, withCase: does('compares Connection with case'), ending })
  if (!connects && !does('does not look at Connection')) return badRequest
  const key = head.get('Sec-WebSocket-Key') ?? ''
  const octets = Buffer.from(key, 'base64')
  const isKey = octets.length === 16 && octets.toString('base64') === key
  if (!isKey && !does('does not look at the key')) return badRequest
  const extensions = head.get('Sec-WebSocket-Extensions')
  if (extensions !== undefined && !isExtensionList(extensions) && !does('ignores malformed extensions'))
    return badRequest
  return undefined
}

function refusalOfVersion(head: NaiveHead, breaks: Breaks): string | undefined {
  const version = head.get('Sec-WebSocket-Version') ?? ''
  if (version === '13' || breaks.has('does not look at the version')) return undefined
  if (breaks.has('reads versions as far as they are numbers') && Number.parseInt(version, 10) === 13) return undefined
  const told = breaks.has('refuses versions without telling its own') ? '' : 'Sec-WebSocket-Version: 13\r\n'
  return refusal('426 Upgrade Required', told + upgradeOwed(breaks))
}

function acceptance(head: NaiveHead, breaks: Breaks): string {
  const does = (what: Break) => breaks.has(what)
  const accept = acceptValue(does('sends a wrong accept value') ? 'x' : (head.get('Sec-WebSocket-Key') ?? ''))
  const acceptLine = `Sec-WebSocket-Accept: ${accept}`
  const extensions = head.get('Sec-WebSocket-Extensions')
  const protocols = head.get('Sec-WebSocket-Protocol')
  const deflate = naiveDeflateAnswer(extensions ?? '', breaks)
  const lines = [
    does('answers in HTTP/1.0') ? 'HTTP/1.0 101 Switching Protocols' : 'HTTP/1.1 101 Switching Protocols',
    does('sends no Upgrade') ? undefined : 'Upgrade: websocket',
    does('sends no Connection') ? undefined : `Connection: ${does('sends empty elements') ? ', ' : ''}Upgrade`,
    does('sends Content-Length with 101') ? 'Content-Length: 0' : undefined,
    does('sends Transfer-Encoding with 101') ? 'Transfer-Encoding: chunked' : undefined,
    acceptLine,
    does('sends its accept value twice') ? acceptLine : undefined,
    does('always chooses a subprotocol') ? 'Sec-WebSocket-Protocol: chat' : undefined,
    ...(does('chooses two subprotocols') && protocols !== undefined
      ? protocols.split(', ').map(one => `Sec-WebSocket-Protocol: ${one}`)
      : []),
    does('always agrees to an extension') ? 'Sec-WebSocket-Extensions: x-mine' : undefined,
    deflate === undefined ? undefined : `Sec-WebSocket-Extensions: ${deflate}`,
    does('agrees to every extension') && extensions !== undefined
      ? `Sec-WebSocket-Extensions: ${extensions}`
      : undefined,
  ]
  return `${lines.filter(line => line !== undefined).join('\r\n')}\r\n\r\n`
}

/** The request of a client, and its key. */
export function naiveRequest(port: number, path: string, breaks: Breaks): { text: string; key: string } {
  const does = (what: Break) => breaks.has(what)
  const key = does('sends one key always')
    ? 'dGhlIHNhbXBsZSBub25jZQ=='
    : randomBytes(does('sends a key of 8 octets') ? 8 : 16).toString('base64')
  const resource = does('sends a fragment in its target') ? `${path}#x` : path
  const target = does('asks for its ws URI') ? `ws://127.0.0.1:${port}${resource}` : resource
  const lines = [
    `${does('asks with POST') ? 'POST' : 'GET'} ${target} HTTP/1.${does('speaks HTTP/1.0') ? 0 : 1}`,
    does('sends no Host') ? undefined : `Host: 127.0.0.1${does('leaves the port out of Host') ? '' : `:${port}`}`,
    does('asks for no Upgrade') ? undefined : 'Upgrade: websocket',
    `Connection: ${does('sends empty elements') ? ', ' : ''}${does('asks to keep alive') ? 'keep-alive' : 'Upgrade'}`,
    does('expects 100 Continue') ? 'Expect: 100-continue' : undefined,
    does('declares an empty body') ? 'Content-Length: 0' : undefined,
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Version: ${does('asks for version 8') ? 8 : 13}`,
    `Sec-WebSocket-Extensions: ${naiveOffer(breaks)}`,
    does('offers an extension that nobody registered') ? 'Sec-WebSocket-Extensions: x-webkit-deflate-frame' : undefined,
    does('asks for a subprotocol twice') ? 'Sec-WebSocket-Protocol: chat, chat' : undefined,
    does('sends its URL as Origin') ? `Origin: http://127.0.0.1:${port}/page` : undefined,
  ]
  if (does('puts spaces before its colons')) lines.push('User-Agent : naive')
  const line = does('sends an empty line behind its request') ? '\r\n' : ''
  const early = does('sends data behind its request') ? '\x81\x80abcd' : line
  const text = `${lines.filter(line => line !== undefined).join('\r\n')}\r\n\r\n${early}`
  return { key, text: does('ends its lines with LF') ? text.replaceAll('\r\n', '\n') : text }
}

/** The extension that a response agrees to; '' for none. */
export function naiveExtension(text: string): string {
  return /\r\nSec-WebSocket-Extensions: *(permessage-deflate[^\r]*)/i.exec(text)?.[1] ?? ''
}

function takesExtensions(value: string | undefined, breaks: Breaks): boolean {
  if (value === undefined || breaks.has('takes every extension')) return true
  const elements = extensionElements(value) ?? []
  const [one] = elements
  if (elements.length !== 1 || one!.name !== 'permessage-deflate') return false
  if (breaks.has('refuses client_no_context_takeover') && value.includes('client_no_context')) return false
  return isLegal(one!.names, one!.parameters, false) || breaks.has('takes any answer to deflate')
}

/** RFC 9112 §5.2: each fold is a space. */
function unfolded(text: string, breaks: Breaks): string {
  if (breaks.has('refuses folded lines')) return text
  if (breaks.has('skips folded lines')) return text.replace(/\r\n[ \t][^\r]*/g, '')
  if (breaks.has('takes folded lines for fields')) return text.replace(/\r\n[ \t]+/g, '\r\n')
  return text.replace(/[ \t]*\r\n[ \t]+/g, ' ')
}

/** RFC 9112 §4; NaN for a line that is no status line. */
function statusOf(start: string, breaks: Breaks): number {
  if (breaks.has('reads three digits of the status')) return Number(start.slice(9, 12))
  if (breaks.has('reads statuses as far as they are numbers')) return Number.parseInt(start.slice(9), 10)
  if (breaks.has('takes HTTP/1.1 only') && !start.startsWith('HTTP/1.1')) return Number.NaN
  return Number(/^HTTP\/1\.[1-9] (\d{3})(?: |$)/.exec(start)?.[1])
}

/** Whether the client takes the connection for open; undefined for an interim response. */
export function naiveJudgement(text: string, key: string, breaks: Breaks): boolean | undefined {
  const does = (what: Break) => breaks.has(what)
  const head = naiveHead(unfolded(text, breaks), breaks)
  if (head === undefined) return false
  const status = statusOf(head.start, breaks)
  if (status >= 100 && status < 200 && status !== 101 && !does('takes an interim response for the last'))
    return undefined
  if (status !== 101 && !does('does not look at the status')) return false
  if (does('refuses another reason phrase') && !head.start.endsWith(' Switching Protocols')) return false
  if (does('refuses unknown fields') && head.fields.some(([name]) => !/^(upgrade|conn|sec-)/i.test(name))) return false
  const ending = does('takes tokens that end as they should')
  const upgrades = hasToken(head.get('Upgrade'), 'websocket', {
    oneWord: true,
    withCase: does('compares Upgrade with case'),
    ending,
  })
  if (!upgrades && !does('does not look at Upgrade')) return false
  const oneWord = does('takes Connection for one word')
  const connects = hasToken(head.get('Connection'), 'Upgrade', {
    oneWord,
    withCase: does('compares Connection with case'),
    ending,
  })
  if (!connects && !does('does not look at Connection')) return false
  if (head.get('Sec-WebSocket-Accept') !== acceptValue(key) && !does('does not look at the accept value')) return false
  if (!takesExtensions(head.get('Sec-WebSocket-Extensions'), breaks)) return false
  return head.get('Sec-WebSocket-Protocol') === undefined || does('takes every subprotocol')
}
