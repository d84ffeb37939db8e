/**
 * Where a text is no JSON (RFC 8259), and what was expected there. The parser of YAML takes more than that, and what it makes of
 * it is seldom what was meant: two numbers without a comma between them are text.
 */
import { type SyntaxMistake, syntaxMistake } from './syntax-mistake.js'

/** What may stand at a place; `… or end`: a list or mapping has just begun, and may be empty. */
type Awaited = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'next'

const blank = /[\t\n\r ]*/y
// The first set is `unescaped` of §7.
const quoted = /"(?:[\x20\x21\x23-\x5b\x5d-\uffff]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*/y
const literal = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/
const token = new RegExp(`[{}[\\],:]|${quoted.source}"|${literal.source}`, 'y')

/** Undefined: it is JSON. */
export function jsonMistake(source: string): SyntaxMistake | undefined {
  /** What ends the lists and mappings that are open. */
  const ends: string[] = []
  let awaited: Awaited = 'value'
  // Some editors put an invisible mark before all else.
  let at = source.startsWith('\ufeff') ? 1 : 0
  for (;;) {
    at += found(blank, source, at).length
    if (at === source.length && awaited === 'next' && ends.length === 0) return undefined
    const one = found(token, source, at)
    const next = taken(one, awaited, ends)
    if (next === undefined) {
      const [offset, expected] = expectation(source, at, awaited, ends.at(-1))
      return syntaxMistake(source, offset, `expected ${expected}`)
    }
    awaited = next
    at += one.length
  }
}

/** What a pattern finds at a place; nothing: it is not there. */
function found(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0] ?? ''
}

/** What is awaited behind a token; undefined where that is not what was awaited. */
function taken(one: string, awaited: Awaited, ends: string[]): Awaited | undefined {
  const isValue = awaited.startsWith('value')
  switch (one[0]) {
    case undefined:
      return undefined
    case '{':
      if (isValue) ends.push('}')
      return isValue ? 'key or end' : undefined
    case '[':
      if (isValue) ends.push(']')
      return isValue ? 'value or end' : undefined
    case '}':
    case ']':
      if (one !== ends.at(-1) || !(awaited === 'next' || awaited.endsWith('or end'))) return undefined
      ends.pop()
      return 'next'
    case ',':
      if (awaited !== 'next' || ends.length === 0) return undefined
      return ends.at(-1) === '}' ? 'key' : 'value'
    case ':':
      return awaited === 'colon' ? 'value' : undefined
    default:
      if (isValue) return 'next'
      return one.startsWith('"') && awaited.startsWith('key') ? 'colon' : undefined
  }
}

type Expectation = readonly [offset: number, expected: string]

/** @param end - of the innermost list or mapping that is open. */
function expectation(source: string, at: number, awaited: Awaited, end: string | undefined): Expectation {
  const one = source[at]
  if (one === undefined) return [source.trimEnd().length, `a ${end ?? '{'} before the end of the document`]
  if (one === '#' || one === '/') return [at, 'no comment: JSON has none, YAML has']
  if ((one === '}' || one === ']') && one !== end) {
    return [at, end === undefined ? `no ${one} here: there is none open` : `a ${end} before this ${one}`]
  }
  switch (awaited) {
    case 'next':
      return [at, end === undefined ? 'the end of the document' : 'a comma before this']
    case 'colon':
      return [at, 'a colon before this']
    case 'key':
    case 'key or end':
      if (one === '"') return inQuotes(source, at)
      return [at, one === '}' ? 'a key in double quotes before this }, or no comma' : 'a key in double quotes']
    default:
      if (one === '"') return inQuotes(source, at)
      return [at, end === undefined ? '{ here; YAML belongs into a file named .yaml' : valueInstead(one, end)]
  }
}

function valueInstead(one: string, end: string): string {
  if (one === ',') return 'a value before this comma'
  if (one === end) return `a value before this ${one}${end === ']' ? ', or no comma' : ''}`
  return /[\d+.-]/.test(one)
    ? 'a number as JSON has them, such as 0.5, -1 or 1e3, or double quotes around text'
    : 'double quotes around text, or true, false or null'
}

/** What is wrong with a text in quotes. */
function inQuotes(source: string, at: number): Expectation {
  const stop = at + found(quoted, source, at).length
  const one = source[stop]
  if (one === undefined || one === '\n' || one === '\r') return [at, 'a " that ends what begins here']
  if (one === '\\') return [stop, `\\\\ within quotes: there is no escape ${source.slice(stop, stop + 2)}`]
  return [stop, `${JSON.stringify(one).slice(1, -1)} within quotes, instead of this`]
}
