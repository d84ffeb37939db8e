/** Files that a run writes. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { systemReason } from '../system-reason.js'

/**
 * Writes the file, and the folders on the way to it.
 *
 * @param option - names it in the message.
 * @throws CommandError (as a rejection) when it cannot be written.
 */
export async function writeOutput(option: string, path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (error) {
    throw new CommandError(`${option}: cannot write ${path}: ${systemReason(error)}`, ExitCode.failed)
  }
}
