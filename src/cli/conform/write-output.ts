/** Files that a run writes. */
import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { systemReason } from '../system-reason.js'

/**
 * Writes the file.
 *
 * @param option - names it in the message.
 * @throws CommandError (as a rejection) when it cannot be written.
 */
export async function writeOutput(option: string, path: string, content: string | Buffer): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (error) {
    throw new CommandError(`${option}: cannot write ${path}: ${systemReason(error)}`, ExitCode.failed)
  }
}

/**
 * Makes the folders on the way to the file, and looks whether it can be written: before a run of which it is to tell.
 *
 * @throws CommandError (as a rejection)
 */
export async function prepareOutput(option: string, path: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    await access(dirname(path), constants.W_OK)
    const there = await stat(path).catch(() => undefined)
    if (there?.isDirectory() === true) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
    if (there !== undefined) await access(path, constants.W_OK)
  } catch (error) {
    throw new CommandError(`${option}: cannot write ${path}: ${systemReason(error)}`)
  }
}

/** One after the other: Node's own way (recursive) goes on for ever below /proc. */
async function makeFolder(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory() === true) return
  if (dirname(path) !== path) await makeFolder(dirname(path))
  await mkdir(path)
}
