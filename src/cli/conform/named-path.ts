/** Paths that stand for themselves. */
import { CommandError } from '../command-error.js'

/**
 * The path that an option names, of a folder, or of a file that is read as well.
 *
 * @throws CommandError where it is `-`, by which other options mean standard output.
 */
export function namedPath(option: string, path: string): string {
  if (path !== '-') return path
  throw new CommandError(`${option} -: this cannot be standard output; ./- is a path of that name`)
}
