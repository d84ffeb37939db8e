/** A time of a load, as the command line has it: no longer than a load may be. */
import { longestTime } from '../../load/load-times.js'
import { parseDuration } from '../quantity.js'

/**
 * Understands it.
 *
 * @param option - names it in the message.
 * @param least - the shortest that may be, in milliseconds.
 * @throws CommandError
 */
export function parseLoadTime(option: string, text: string, least = 1): number {
  return parseDuration<never>(option, text, [], least, longestTime)
}
