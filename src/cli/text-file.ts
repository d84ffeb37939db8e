/** Text files that a command line names. */
import { readFile } from 'node:fs/promises'
import { CommandError } from './command-error.js'
import { systemReason } from './system-reason.js'

/** PowerShell, for one, begins files with it. */
const byteOrderMark = /^\ufeff/

/**
 * The text of the file.
 *
 * @param option - names it in the message.
 * @throws CommandError (as a rejection) when it cannot be read.
 */
export async function textFile(option: string, path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8')
    return text.replace(byteOrderMark, '')
  } catch (error) {
    throw new CommandError(`${option}: cannot read ${path}: ${systemReason(error)}`)
  }
}
