/**
 * `uri-host [ ":" port ]`: RFC 9110 §7.2 (Host), RFC 3986 §3.2.2 and §3.2.3. Narrower than RFC 3986 on purpose: a
 * host is a name of letters, digits, `-`, `.`, `_` and `~`, a dotted-decimal IPv4 address or an IPv6 address in
 * brackets; what looks like an IPv4 address in another notation (`0x7f.1`, `127.1`, `10.0.2.555`) is refused, for
 * two readers would disagree on it.
 */
import { parseDigits } from './grammar.js'

/** A host and, where one was written, its port. */
export interface Authority {
  /** In lower case; an IPv6 address in its brackets, spelled as received. */
  readonly host: string
  /** 0 to 65535; undefined when none was written. */
  readonly port: number | undefined
}

/** The text of an authority. */
export function formatAuthority({ host, port }: Authority): string {
  return port === undefined ? host : `${host}:${port}`
}

const dot = 0x2e
const zero = 0x30

/** The longest host name there is (RFC 1035 §2.3.4). */
const maxHostLength = 255

/** @returns undefined when the text is not a host with or without a port. */
export function parseAuthority(text: string): Authority | undefined {
  const hostEnd = text.startsWith('[') ? text.indexOf(']') + 1 : indexOrEnd(text, ':')
  const host = text.slice(0, hostEnd).toLowerCase()
  if (!(text.startsWith('[') ? isIPv6Literal(host) : isHostName(host))) return undefined
  if (hostEnd === text.length) return { host, port: undefined }
  if (text[hostEnd] !== ':') return undefined
  // RFC 3986 §3.2.3: port = *DIGIT, so "host:" is legal and names the default port.
  if (hostEnd + 1 === text.length) return { host, port: undefined }
  const port = parseDigits(text.slice(hostEnd + 1))
  return port === undefined || port > 0xffff ? undefined : { host, port }
}

function indexOrEnd(text: string, character: string): number {
  const at = text.indexOf(character)
  return at === -1 ? text.length : at
}

function isHostName(host: string): boolean {
  if (host.length === 0 || host.length > maxHostLength || host.startsWith('.') || host.includes('..')) return false
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i)
    const legal =
      (code >= 0x61 && code <= 0x7a) || // a-z
      (code >= 0x30 && code <= 0x39) || // 0-9
      code === 0x2d || // -
      code === 0x2e || // .
      code === 0x5f || // _
      code === 0x7e // ~
    if (!legal) return false
  }
  return !endsInNumber(host) || isIPv4(host)
}

/** The WHATWG URL Standard's "ends in a number": such a host is an IPv4 address or nothing. */
function endsInNumber(host: string): boolean {
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  const last = name.slice(name.lastIndexOf('.') + 1)
  if (last.startsWith('0x')) return isMadeOf(last, 2, isHexDigit)
  return last.length > 0 && isMadeOf(last, 0, isDigit)
}

/** Four numbers up to 255 without leading zeros, in one pass: a server reads one of these in each Host that is an address. */
function isIPv4(text: string): boolean {
  let dots = 0
  let start = 0
  let number = 0
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? dot : text.charCodeAt(i)
    if (code === dot) {
      if (i === start || number > 255 || (text.charCodeAt(start) === zero && i - start > 1)) return false
      dots++
      start = i + 1
      number = 0
    } else if (!isDigit(code) || i - start === 3) return false
    else number = number * 10 + code - zero
  }
  return dots === 4
}

/** RFC 3986 §3.2.2 `IP-literal` for IPv6 (RFC 4291 §2.2); no zone, no IPvFuture. */
function isIPv6Literal(literal: string): boolean {
  if (literal.length < 4 || literal.length > 47) return false
  const address = literal.slice(1, -1)
  const gap = address.indexOf('::')
  if (gap === -1) return countGroups(address) === 8
  if (address.includes('::', gap + 1)) return false
  const before = gap === 0 ? 0 : countGroups(address.slice(0, gap), false)
  const after = gap + 2 === address.length ? 0 : countGroups(address.slice(gap + 2))
  return before + after <= 7
}

/** How many 16-bit groups these are; more than 8 when one of them is wrong. A dotted IPv4 address may be the last. */
function countGroups(text: string, mayEndInIPv4 = true): number {
  const groups = text.split(':')
  let count = 0
  for (const [at, group] of groups.entries()) {
    if (mayEndInIPv4 && at === groups.length - 1 && isIPv4(group)) count += 2
    else if (group.length > 0 && group.length <= 4 && isMadeOf(group, 0, isHexDigit)) count += 1
    else return 99
  }
  return count
}

function isMadeOf(text: string, from: number, is: (code: number) => boolean): boolean {
  for (let i = from; i < text.length; i++) if (!is(text.charCodeAt(i))) return false
  return true
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Of text in lower case. */
function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 0x61 && code <= 0x66)
}
