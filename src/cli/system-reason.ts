/** Why a call to the system failed, in words that say what to look at. */
import { getSystemErrorMap } from 'node:util'

const words: ReadonlyMap<string, string> = new Map([
  ...getSystemErrorMap().values(),
  // Where the system's own words say less.
  ['ENOENT', 'no such file'],
  ['EISDIR', 'it is a directory'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'the name service does not answer'],
  ['ECONNREFUSED', 'nothing listens there (connection refused)'],
  ['ECONNRESET', 'the server cut the connection'],
])

/**
 * What the system says of an error of Node's.
 *
 * @param otherwise - what to say of one that is not the system's.
 */
export function systemReason(error: unknown, otherwise = (error as Error).message): string {
  const { code = '' } = Object(error) as NodeJS.ErrnoException
  return words.get(code) ?? otherwise
}
