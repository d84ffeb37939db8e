/**
 * Which requests a server lets through before the application is asked: RFC 6455 §4.2.2 item 4 (/origin/), §10.2
 * (Origin) and the Host it answers to (against DNS rebinding).
 */
import { UsageError } from '../errors.js'
import { type Authority, formatAuthority, parseAuthority } from '../http/authority.js'
import { canonicalOrigin, sameOrigin } from './origin.js'

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
 * Checks a policy once and spells its entries as they arrive, so that judging by it cannot fail later.
 *
 * @throws UsageError WS_POLICY: an entry that is no origin or no host. `*` is none: say `any`.
 */
export function makeRequestPolicy(policy: RequestPolicy): RequestPolicy {
  const { secure, allowedOrigins = 'same-origin', requireOrigin = false, expectedHosts } = policy
  if (typeof allowedOrigins !== 'string' && !Array.isArray(allowedOrigins)) throw wrongOrigins()
  if (typeof requireOrigin !== 'boolean') throw new UsageError('WS_POLICY', '10.2', 'requireOrigin is a boolean')
  if (expectedHosts !== undefined && !Array.isArray(expectedHosts)) {
    throw new UsageError('WS_POLICY', '10.2', 'expectedHosts is a list of hosts')
  }
  return {
    secure,
    allowedOrigins: typeof allowedOrigins === 'string' ? checkWord(allowedOrigins) : allowedOrigins.map(checkOrigin),
    requireOrigin,
    expectedHosts: expectedHosts?.map(checkHost),
  }
}

function checkWord(word: string): 'same-origin' | 'any' {
  if (word === 'same-origin' || word === 'any') return word
  throw wrongOrigins()
}

function wrongOrigins(): UsageError {
  return new UsageError('WS_POLICY', '10.2', "allowedOrigins must be 'same-origin', 'any' or a list of origins")
}

function checkOrigin(entry: unknown): string {
  const text = typeof entry === 'string' ? entry : ''
  const origin = text === 'same-origin' || text === 'null' ? text : canonicalOrigin(text)
  if (origin !== undefined) return origin
  throw new UsageError('WS_POLICY', '10.2', "an allowed origin must look like https://example.com:8443; '*' is 'any'")
}

function checkHost(entry: unknown): string {
  const authority = parseAuthority(typeof entry === 'string' ? entry : '')
  if (authority !== undefined) return formatAuthority(authority)
  throw new UsageError('WS_POLICY', '10.2', 'an expected host must be a host, with or without a port')
}

/** May a page of this origin connect, which calls us by this Host? */
export function allowsOrigin(policy: RequestPolicy, origin: string, host: string): boolean {
  const { allowedOrigins = 'same-origin', secure } = policy
  if (allowedOrigins === 'any') return true
  if (allowedOrigins === 'same-origin') return sameOrigin(origin, host, secure)
  if (origin !== 'same-origin' && allowedOrigins.includes(origin)) return true
  return allowedOrigins.includes('same-origin') && sameOrigin(origin, host, secure)
}

/** Is this the Host of a server that we are? */
export function expectsHost(policy: RequestPolicy, { host, port }: Authority): boolean {
  if (policy.expectedHosts === undefined || policy.expectedHosts.includes(host)) return true
  return policy.expectedHosts.includes(formatAuthority({ host, port: port ?? (policy.secure ? 443 : 80) }))
}
