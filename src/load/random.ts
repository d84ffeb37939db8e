/** Numbers that look like chance and are the same for the same seed, so that a plan can be repeated and divided. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/**
 * A source of numbers from 0 (included) to 1 (excluded), each as likely as any other.
 *
 * @param seed - a whole number; the low 32 bits count.
 */
export function randomNumbers(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  return () => uniformFloat64(generator)
}
