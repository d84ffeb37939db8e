/** Files that a benchmark writes when it has measured. */
import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemReason } from '../src/cli/system-reason.js'

/**
 * Looks whether the file can be written: before what takes minutes is measured for it.
 *
 * @param option names it in the message.
 * @param path undefined: nothing was asked for.
 * @throws {Error} where it cannot.
 */
export function checkOutput(option: string, path: string | undefined): void {
  if (path === undefined) return
  try {
    // With the slash, what is no folder is refused too.
    accessSync(`${dirname(path)}/`, constants.W_OK)
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory() === true) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' })
    if (there !== undefined) accessSync(path, constants.W_OK)
  } catch (error) {
    throw new Error(`${option}: cannot write ${path}: ${systemReason(error)}`)
  }
}
