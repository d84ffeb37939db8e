/** What is to be seen of a second: in the warm-up what goes on then, though no figure has it. */
import type { SecondPart } from './report.js'
import { countNames } from './tally.js'

/** @param warmUp - it is one of the warm-up, at least in part. */
export function shownOf(
  { counts, times, ofWarmUp }: SecondPart,
  warmUp: boolean,
): Pick<SecondPart, 'counts' | 'times'> {
  // What came late of the warm-up is no part of the seconds behind it.
  if (!warmUp || ofWarmUp === undefined) return { counts, times }
  const sums = countNames.map(name => [name, counts[name] + ofWarmUp.counts[name]])
  return { counts: Object.fromEntries(sums), times: { ...ofWarmUp.times, ...times } }
}
