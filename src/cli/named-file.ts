/** Files that a command line names. */
import { readFile } from 'node:fs/promises'
import { CommandError } from './command-error.js'

/**
 * The text of the file that an option names.
 *
 * @throws CommandError when it cannot be read.
 */
export async function namedFile(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CommandError(`${option}: cannot read ${path}: ${reasons[codeOf(error)] ?? (error as Error).message}`)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code)
}
