/** Octets of a message of a load, as `--size` and `--mix` have them: it may be empty. */
import { most } from '../../load/load-amounts.js'
import { CommandError } from '../command-error.js'
import { octetsOf } from '../quantity.js'

/**
 * Understands them.
 *
 * @param option - names it in the message.
 * @throws CommandError
 */
export function parseMessageSize(option: string, text: string): number {
  const size = octetsOf(text)
  if (size !== undefined && size <= most.size) return size
  const longest = `${most.size / 2 ** 30}GiB`
  throw new CommandError(`${option} ${JSON.stringify(text)} is not a size from 0 to ${longest} (128, 64KiB, 1MiB, …)`)
}
