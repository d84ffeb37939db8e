/** URLs of HTTP on the command line: of who takes figures, or has some. */
import { CommandError } from '../command-error.js'

/**
 * Understands one.
 *
 * @param expected - what would do.
 * @throws CommandError
 */
export function httpUrl(option: string, text: string, expected: string): URL {
  const url = /^https?:\/\//i.test(text) ? parsed(text) : undefined
  if (url !== undefined) return url
  throw new CommandError(`${option} ${JSON.stringify(text)} is not ${expected}`)
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
