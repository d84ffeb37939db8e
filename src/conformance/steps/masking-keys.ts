/** A step about the masking-keys that a client has chosen: RFC 6455 §5.3 and §10.3. */
import type { RawPeer } from '../raw-peer.js'
import { type Step, type StepOutcome, well } from '../step.js'

/**
 * Looks at the masking-keys that have come, of which there are at least so many. What must never be of keys from a strong
 * source of entropy (but once in a million runs): the same key again, a constant difference from one to the next, a bit
 * that hardly ever changes.
 */
export function awaitMaskingKeys(atLeast: number): Step {
  const text = `at least ${atLeast} masking-keys that cannot be predicted`
  const run = async ({ inbox: { maskingKeys } }: RawPeer): Promise<StepOutcome> => {
    if (maskingKeys.length < atLeast)
      return { missed: `it sent ${maskingKeys.length} masked frames instead of ${atLeast}` }
    const missed = pattern(maskingKeys)
    return missed === undefined ? well : { missed }
  }
  return { kind: 'await', text, run }
}

/** Sees that the masking-keys of no other connection have begun as those of this one, of which there are some. */
export function awaitOwnMaskingKeys(): Step {
  const run = async ({ inbox: { maskingKeys: own }, otherMaskingKeys }: RawPeer): Promise<StepOutcome> => {
    const same = otherMaskingKeys.filter(keys => keys !== own && keys.length > 0 && beginAlike(keys, own)).length
    const what = `${hex(own[0]!)} and go on as its own do`
    return same === 0 ? well : { missed: `the masking-keys of ${same} other connections begin with ${what}` }
  }
  return { kind: 'await', text: 'masking-keys that are not those of another connection', run }
}

function beginAlike(some: readonly number[], others: readonly number[]): boolean {
  return some.slice(0, Math.min(4, others.length)).every((key, i) => key === others[i])
}

/** What makes the keys predictable, in a sentence; undefined when nothing was found. */
function pattern(keys: readonly number[]): string | undefined {
  const different = new Set(keys).size
  if (different < keys.length) {
    return `of ${keys.length} masking-keys only ${different} are different; the first is ${hex(keys[0]!)}`
  }
  const steps = keys.slice(1).map((key, i) => (key - keys[i]!) >>> 0)
  if (new Set(steps).size < keys.length / 2) {
    return `the difference of one masking-key and the next is mostly the same: ${hex(steps[0]!)}`
  }
  for (let bit = 0; bit < 32; bit++) {
    const set = keys.filter(key => ((key >>> bit) & 1) === 1).length
    // Six standard deviations from the half.
    if (Math.abs(set - keys.length / 2) > 3 * Math.sqrt(keys.length)) {
      return `bit ${bit} is set in ${set} of ${keys.length} masking-keys`
    }
    const period = periodOf(keys.map(key => (key >>> bit) & 1))
    if (period !== undefined) return `bit ${bit} of the masking-keys is the same every ${period} keys`
  }
  return undefined
}

/** After how many bits, a quarter of them at most, they begin again. */
function periodOf(bits: readonly number[]): number | undefined {
  for (let period = 1; period <= bits.length / 4; period++) {
    if (bits.every((bit, i) => i < period || bit === bits[i - period])) return period
  }
  return undefined
}

function hex(key: number): string {
  return key.toString(16).padStart(8, '0')
}
