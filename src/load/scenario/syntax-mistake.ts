/** What is wrong with the syntax of a document, told to who has written it. */
import { lineAt } from './line-at.js'

/** Where in a document something is wrong, and what was expected there. */
export interface SyntaxMistake {
  readonly offset: number
  /** The first line of it; behind it the line of the document, with a mark below the place. */
  readonly message: string
}

/** So much of the line on either side. */
const most = 50

/** @param said - what is wrong, or what was expected. */
export function syntaxMistake(source: string, offset: number, said: string): SyntaxMistake {
  const { before, rest } = lineAt(source, offset)
  const left = before.slice(-most)
  // One column each, whatever they are, and nothing that a terminal obeys.
  const line = `${left}${rest.slice(0, most)}`.replace(/\p{Cc}/gu, ' ')
  return { offset, message: `${said}\n  ${line.trimEnd()}\n  ${' '.repeat(left.length)}^` }
}
