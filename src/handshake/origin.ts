/**
 * Origins: RFC 6454 §6.2 (how one is written in ASCII) and RFC 6455 §10.2 (a server that is "not intended to process
 * input from any web page but only for certain sites SHOULD verify the |Origin| field"). Origins are parsed and
 * compared by part, never by prefix or pattern.
 */
import { type Authority, parseAuthority } from '../http/authority.js'

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
])

/**
 * Does a page of this origin come from the server that it calls by this Host? Host and port must be equal, where both
 * stand for the default port of the origin's own scheme when they name none. The scheme counts only where we end TLS
 * ourselves: behind a proxy that does, `https` pages reach us over plain TCP.
 *
 * @param origin the value of Origin; anything but one `http` or `https` origin as browsers write it (lower case, no
 *   user name, no path, no list, not `null`) is never the same.
 * @param host the value of Host.
 * @param secure whether the connection came over TLS that ends here.
 */
export function sameOrigin(origin: string, host: string, secure: boolean): boolean {
  const schemeEnd = origin.indexOf('://')
  const scheme = origin.slice(0, Math.max(schemeEnd, 0))
  const defaultPort = defaultPorts.get(scheme)
  if (defaultPort === undefined || (secure && scheme !== 'https')) return false
  const theirs = parseOriginAuthority(origin.slice(schemeEnd + 3))
  const ours = parseAuthority(host)
  if (theirs === undefined || ours === undefined) return false
  return theirs.host === ours.host && (theirs.port ?? defaultPort) === (ours.port ?? defaultPort)
}

function parseOriginAuthority(text: string): Authority | undefined {
  const authority = parseAuthority(text)
  // RFC 6454 §4: scheme and host are converted to lower case before an origin is written.
  return authority !== undefined && text.startsWith(authority.host) ? authority : undefined
}
