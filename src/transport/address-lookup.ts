/**
 * From a host name to the addresses to try, in order: RFC 6455 §4.1 leaves it open; RFC 8305 §4 has the families take
 * turns, so that a family that does not work costs one attempt and not all of its addresses.
 */
import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPromiseLike } from './settled.js'

/** Finds the addresses of a host name: as Node's `dns.lookup`, whose `all` it may or may not heed. */
export type Lookup = LookupFunction

export interface LookupSettings {
  /** 4 or 6: only addresses of this family; 0: both. */
  readonly family: 0 | 4 | 6
  /** Default: the system's, `dns.lookup`. */
  readonly lookup?: Lookup | undefined
}

/**
 * Looks up a host name, once: calls back with at least one address, or with an error. What cannot be abandoned: see to it
 * that an answer that is no longer wanted is ignored.
 */
export function lookUp(
  host: string,
  settings: LookupSettings,
  done: (error: Error | undefined, addresses: readonly string[]) => void,
): void {
  const { family, lookup = systemLookup as Lookup } = settings
  let answered = false
  const answer = (error: Error | null | undefined, found?: unknown): void => {
    if (answered) return
    answered = true
    const addresses = error ? [] : interleave(addressesIn(found))
    if (addresses.length > 0) done(undefined, addresses)
    else done(errorOf(error ?? `no address was found for ${host}`), [])
  }
  try {
    const result: unknown = lookup(host, { all: true, family, verbatim: true }, answer)
    // Its answer comes by the callback; an async function may fail before.
    if (isPromiseLike(result)) result.then(undefined, answer)
  } catch (error) {
    answer(error as Error)
  }
}

/** Whatever somebody's lookup failed with. */
function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

/** The addresses in the answer of a lookup, all of them or one; what is none is left out. */
function addressesIn(found: unknown): string[] {
  const entries: unknown[] = Array.isArray(found) ? found : [found]
  const addresses = entries.map(entry =>
    typeof entry === 'string' ? entry : (entry as { address?: unknown })?.address,
  )
  return addresses.filter(address => typeof address === 'string' && isIP(address) !== 0) as string[]
}

/** The families take turns, the family of the first address first; none twice. */
function interleave(found: readonly string[]): string[] {
  const addresses = [...new Set(found)]
  const first = isIP(addresses[0] ?? '')
  const same = addresses.filter(address => isIP(address) === first)
  const other = addresses.filter(address => isIP(address) !== first)
  return [...same.flatMap((address, i) => [address, ...other.slice(i, i + 1)]), ...other.slice(same.length)]
}
