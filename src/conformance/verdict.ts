/**
 * Verdicts: what is said of an endpoint after a case, and the findings that they are made of.
 */

/** From the best to the worst. */
export const verdicts = ['PASS', 'INFO', 'SKIP', 'WARN', 'FAIL', 'ERROR'] as const

/**
 * - `PASS`: it does what the RFC says.
 * - `INFO`: legal, and worth knowing; or a MAY that is not made use of.
 * - `SKIP`: the case does not apply: what it needs was not negotiated.
 * - `WARN`: a SHOULD missed, or legal but unusual; the reason is given.
 * - `FAIL`: a MUST broken.
 * - `ERROR`: the tool's or the network's fault; nothing is said of the endpoint.
 */
export type Verdict = (typeof verdicts)[number]

/** How binding a requirement is (RFC 2119). */
export type Level = 'MUST' | 'SHOULD' | 'MAY'

/** Something worth telling about what an endpoint did. No finding: all is well. */
export interface Finding {
  readonly verdict: Verdict
  /** A sentence: what came, and what should have come. */
  readonly reason: string
  /** The section of RFC 6455 that says so, or of another RFC that it names; where it is not the case's own. */
  readonly section?: string | undefined
}

/** What came of one side of a case: of how the endpoint behaved, or of how the connection was closed. */
export interface Judgement {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
}

/** The worst of these; `PASS` of none. */
export function worst(all: Iterable<Verdict>): Verdict {
  let found = 0
  for (const verdict of all) found = Math.max(found, verdicts.indexOf(verdict))
  return verdicts[found]!
}

/** What the findings come to. */
export function judge(findings: readonly Finding[]): Judgement {
  return { verdict: worst(findings.map(({ verdict }) => verdict)), findings }
}

/** What an endpoint deserves that does not do what a requirement of this level asks for. */
export function missed(level: Level): Verdict {
  return level === 'MUST' ? 'FAIL' : level === 'SHOULD' ? 'WARN' : 'INFO'
}
