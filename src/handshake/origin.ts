/**
 * Origins: RFC 6454 §6.2 (how one is written in ASCII) and RFC 6455 §10.2 (a server that is "not intended to process
 * input from any web page but only for certain sites SHOULD verify the |Origin| field"). Origins are parsed and
 * compared part by part, never by prefix or pattern.
 */
import { type Authority, formatAuthority, parseAuthority } from '../http/authority.js'
import { isToken } from '../http/grammar.js'

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
])

/** `scheme "://" host [ ":" port ]`, as browsers write it. */
interface Origin extends Authority {
  readonly scheme: string
}

/** @returns undefined for anything but one http or https origin in its one spelling (RFC 6454 §4: in lower case). */
function parseOrigin(origin: string): Origin | undefined {
  const schemeEnd = origin.indexOf('://')
  const text = origin.slice(schemeEnd + 3)
  const authority = parseAuthority(text)
  if (schemeEnd === -1 || authority === undefined || text !== formatAuthority(authority)) return undefined
  const scheme = origin.slice(0, schemeEnd)
  return defaultPorts.has(scheme) ? { scheme, ...authority } : undefined
}

/**
 * Does a page of this origin come from the server that it calls by this Host? Host and port must be equal, where both
 * stand for the default port of the origin's own scheme when they name none. The scheme counts only where we end TLS
 * ourselves: behind a proxy that does, `https` pages reach us over plain TCP.
 *
 * @param origin - the value of Origin; anything but one `http` or `https` origin as browsers write it (lower case, no
 *   user name, no path, no list, not `null`) is never the same.
 * @param host - the value of Host.
 * @param secure - whether the connection came over TLS that ends here.
 */
export function sameOrigin(origin: string, host: string, secure: boolean): boolean {
  const theirs = parseOrigin(origin)
  const ours = parseAuthority(host)
  if (theirs === undefined || ours === undefined || (secure && theirs.scheme !== 'https')) return false
  const defaultPort = defaultPorts.get(theirs.scheme)
  return theirs.host === ours.host && (theirs.port ?? defaultPort) === (ours.port ?? defaultPort)
}

/**
 * An origin that the application names, in the spelling in which browsers send it: lower case, without the default
 * port, without a slash behind it. Schemes beside http and https are taken as they are (`chrome-extension://id`).
 *
 * @returns undefined for what is no origin; `*` is none.
 */
export function canonicalOrigin(text: string): string | undefined {
  const lower = text.toLowerCase()
  const trimmed = lower.endsWith('/') && !lower.endsWith('://') ? lower.slice(0, -1) : lower
  const origin = parseOrigin(trimmed)
  if (origin !== undefined) {
    const port = origin.port === defaultPorts.get(origin.scheme) ? undefined : origin.port
    return `${origin.scheme}://${formatAuthority({ host: origin.host, port })}`
  }
  const [scheme, host, more] = trimmed.split('://')
  if (!isToken(scheme!) || host === undefined || more !== undefined || defaultPorts.has(scheme!)) return undefined
  return host === '' || isToken(host) ? trimmed : undefined
}
