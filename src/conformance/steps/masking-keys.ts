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
  }
  return undefined
}

function hex(key: number): string {
  return key.toString(16).padStart(8, '0')
}
