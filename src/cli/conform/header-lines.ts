/** The header fields that a command line adds to our request or response. */
import { fieldLines, type Reserved } from '../../http/field-lines.js'
import type { Arguments } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { headerOf } from '../url-argument.js'

/**
 * As lines with CRLF.
 *
 * @param reserved - what belongs to the handshake.
 * @throws CommandError
 */
export function headerLines(given: Arguments, reserved: Reserved): string {
  const headers = given.all('header').map(headerOf)
  try {
    return fieldLines(headers, reserved)
  } catch (error) {
    throw new CommandError(`--header: ${(error as Error).message}`)
  }
}
