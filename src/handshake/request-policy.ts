/**
 * Which requests a server lets through before the application is asked: RFC 6455 §4.2.2 item 4 (/origin/), §10.2
 * (Origin) and the Host it answers to (against DNS rebinding).
 */
import { UsageError } from '../errors.js'
import { type Authority, parseAuthority } from '../http/authority.js'
import { isVisibleAscii } from '../http/grammar.js'
import { sameOrigin } from './origin.js'

/** What a server asks of every request. Make one with {@link makeRequestPolicy}, which checks it. */
export interface RequestPolicy {
  /** The connection came over TLS that ends here (and not at a proxy). */
  readonly secure: boolean
  /**
   * Whose pages may connect, where there is an Origin field: `same-origin` (the default), `any`, or a list of origins
   * such as `https://example.com`; a list may hold `same-origin` and `null` too.
   */
  readonly allowedOrigins?: 'same-origin' | 'any' | readonly string[] | undefined
  /** Refuse a request without Origin, which no browser sends. Off unless told. */
  readonly requireOrigin?: boolean | undefined
  /** The hosts this server answers to, `example.com` (any port) or `example.com:8080`; any unless told. */
  readonly expectedHosts?: readonly string[] | undefined
}

/**
 * Checks a policy once, so that judging by it cannot fail later.
 *
 * @throws {UsageError} WS_POLICY: an entry that is no origin or no host. `*` is none: say `any`.
 */
export function makeRequestPolicy(policy: RequestPolicy): RequestPolicy {
  const { secure, allowedOrigins = 'same-origin', requireOrigin = false, expectedHosts } = policy
  if (typeof allowedOrigins === 'string') {
    if (allowedOrigins !== 'same-origin' && allowedOrigins !== 'any') {
      throw invalid("allowedOrigins must be 'same-origin', 'any' or a list")
    }
  } else if (!allowedOrigins.every(isOriginEntry)) {
    throw invalid("an allowed origin must look like https://example.com, or be 'same-origin' or 'null'")
  }
  const hosts = expectedHosts?.map(entry => {
    const authority = parseAuthority(entry)
    if (authority === undefined) throw invalid('an expected host must be a host, with or without a port')
    return formatAuthority(authority, authority.port)
  })
  return { secure, allowedOrigins, requireOrigin, expectedHosts: hosts }
}

function isOriginEntry(entry: string): boolean {
  if (entry === 'same-origin' || entry === 'null') return true
  const host = entry.slice(entry.indexOf('://') + 3)
  return isVisibleAscii(entry) && entry.includes('://') && !/[*/A-Z]/.test(host)
}

/** May a page of this origin connect? */
export function allowsOrigin(policy: RequestPolicy, origin: string, host: string): boolean {
  const { allowedOrigins = 'same-origin', secure } = policy
  if (allowedOrigins === 'any') return true
  if (allowedOrigins === 'same-origin') return sameOrigin(origin, host, secure)
  if (origin !== 'same-origin' && allowedOrigins.includes(origin)) return true
  return allowedOrigins.includes('same-origin') && sameOrigin(origin, host, secure)
}

/** Is this the Host of a server that we are? */
export function expectsHost(policy: RequestPolicy, host: Authority): boolean {
  if (policy.expectedHosts === undefined) return true
  const port = host.port ?? (policy.secure ? 443 : 80)
  return policy.expectedHosts.includes(host.host) || policy.expectedHosts.includes(formatAuthority(host, port))
}

function formatAuthority({ host }: Authority, port: number | undefined): string {
  return port === undefined ? host : `${host}:${port}`
}

function invalid(why: string): UsageError {
  return new UsageError('WS_POLICY', '10.2', why)
}
