/** The lists of RFC 9110 §5.6 and RFC 6455 §9.1 by regular expression: the twin of src/http/grammar.ts. */

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/
const quoted = /^"(?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t -~\x80-\xff])*"/

export function isTokenText(text: string): boolean {
  return token.exec(text)?.[0].length === text.length && text !== ''
}

export type NaiveElement = readonly [name: string, parameters: ReadonlyArray<readonly [string, string | null]>]

/** The words of the text, white space between them left away; undefined when some octet is part of none. */
function wordsOf(text: string): string[] | undefined {
  const words: string[] = []
  let left = text.replace(/^[\t ]+/, '')
  while (left !== '') {
    const word = quoted.exec(left)?.[0] ?? token.exec(left)?.[0] ?? /^[,;=]/.exec(left)?.[0]
    if (word === undefined) return undefined
    words.push(word)
    left = left.slice(word.length).replace(/^[\t ]+/, '')
  }
  return words
}

/** `1#( token *( ";" token [ "=" ( token / quoted-string ) ] ) )`, empty elements ignored; undefined when it is not. */
export function readElements(text: string): NaiveElement[] | undefined {
  const words = wordsOf(text)
  if (words === undefined) return undefined
  const shape = words.map(word => (word.startsWith('"') ? 'q' : /^[,;=]$/.test(word) ? word : 't')).join('')
  if (!/^,*t(;t(=[tq])?)*(,+t(;t(=[tq])?)*)*,*$/.test(shape)) return undefined
  const elements: [string, [string, string | null][]][] = []
  for (const [at, word] of words.entries()) {
    const before = at === 0 ? ',' : words[at - 1]!
    if (/^[,;=]$/.test(word)) continue
    if (before === ',') elements.push([word, []])
    else if (before === ';') elements.at(-1)![1].push([word, null])
    else elements.at(-1)![1].at(-1)![1] = unquoted(word)
  }
  return elements
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word
}
