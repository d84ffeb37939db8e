/** Numbers that look like chance and are the same for the same seed, so that a plan can be repeated and divided. */
import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/** What of a load is decided by numbers of its own: none follows from those of another. */
export type Chance = 'arrivals' | 'connections' | 'users' | 'peers' | 'returns' | 'draws'

/**
 * A source of numbers from 0 (included) to 1 (excluded), each as likely as any other.
 *
 * @param seed - a whole number.
 * @param chance - what they decide.
 * @param index - of who decides it, where there are several.
 */
export function randomNumbers(seed: number, chance: Chance, index = 0): () => number {
  // Not the bare seed: the first numbers of seeds that have few bits are all alike, and those of neighbours in step.
  const state = createHash('sha256').update(`${chance} ${seed} ${index}`).digest()
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map(at => state.readInt32LE(at)))
  return () => uniformFloat64(generator)
}
