/**
 * A head parser that is obvious and slow: the whole text, split at its line ends and matched by expressions. What the
 * head reader must agree with.
 */

export type NaiveHead =
  | {
      readonly outcome: 'head'
      readonly line: string
      readonly fields: readonly (readonly [string, string])[]
      readonly rest: string
    }
  | { readonly outcome: 'malformed' }
  /** Nothing is wrong with complete lines, but the empty line has not come. */
  | { readonly outcome: 'more' }

const startLines = {
  request: /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [!-~]+ HTTP\/1\.\d$/,
  response: /^HTTP\/1\.\d \d\d\d( [\t -~\x80-\xff]*)?$/,
}
const fieldLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t -~\x80-\xff]*)$/

/** RFC 9112 §5.2: in a response each fold is as many spaces as it had octets. */
function unfolded(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return lines
  return lines
    .join('\r\n')
    .replace(/[ \t]*\r\n[ \t]+/g, fold => ' '.repeat(fold.length))
    .split('\r\n')
}

/** Parses a text whose characters are octets. Knows nothing of limits. */
export function parseNaively(kind: 'request' | 'response', text: string): NaiveHead {
  const head = kind === 'request' && text.startsWith('\r\n') ? text.slice(2) : text
  const end = head.indexOf('\r\n\r\n')
  if (end === -1) return { outcome: 'more' }
  const [line, ...folded] = head.slice(0, end).split('\r\n')
  if (!startLines[kind].test(line!)) return { outcome: 'malformed' }
  const lines = kind === 'request' ? folded : unfolded(folded)
  const fields: [string, string][] = []
  for (const one of lines) {
    const match = fieldLine.exec(one)
    if (match === null) return { outcome: 'malformed' }
    fields.push([match[1]!, match[2]!.replace(/^[\t ]+|[\t ]+$/g, '')])
  }
  return { outcome: 'head', line: line!, fields, rest: head.slice(end + 4) }
}
