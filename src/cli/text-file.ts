/** Text files that a command line names. */
import { readFile } from 'node:fs/promises'
import { CommandError } from './command-error.js'
import { systemReason } from './system-reason.js'

/**
 * The text of the file.
 *
 * @param option - names it in the message.
 * @throws CommandError (as a rejection) when it cannot be read.
 */
export async function textFile(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CommandError(`${option}: cannot read ${path}: ${systemReason(error)}`)
  }
}
