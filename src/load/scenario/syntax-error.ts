/**
 * What is wrong with the syntax of a YAML or JSON document, in the words of who writes one: the parser tells of implicit keys
 * and compact mappings where a comma is missing. Said is where, what was expected there, and the line is shown.
 */
import { lineAt } from './line-at.js'
import { type SyntaxMistake, syntaxMistake } from './syntax-mistake.js'

/** As the parser tells it. */
export interface SyntaxFault {
  readonly code: string
  readonly message: string
  readonly pos: readonly [from: number, to: number]
}

/** What is known of a fault: where it is in the document, and whether that is within braces or brackets. */
interface Place {
  readonly source: string
  readonly at: number
  readonly inFlow: boolean
  /** What the pattern has found in the parser's words. */
  readonly found: string
}

type Expectation = string | readonly [expected: string, offset: number]

const indentation = 'as many spaces before this line as before the others that belong together'
const comma = 'a comma between this and what follows'
const commaBefore = 'a comma before this'
const quotes = 'quotes around all of it, or nothing more in this line'
const spaces = 'spaces before this line: tabs are no indentation'
const colon = 'a colon and a space behind this, as in key: value'

/** By the parser's code and words; the first that holds. */
const expectations: readonly (readonly [words: RegExp, expected: (place: Place) => Expectation])[] = [
  [/^TAB_AS_INDENT/, () => spaces],
  [
    /^MISSING_CHAR Missing closing (["'])/,
    ({ source, at, found }) => [`a ${found} that ends what begins here`, opening(source, at, found)],
  ],
  [/^MISSING_CHAR Missing , or : between flow map/, () => 'a colon, or a comma, before this'],
  [/^MISSING_CHAR Missing ,/, () => commaBefore],
  [/must (?:be sufficiently indented and )?end with a (.)$/, endOf],
  [/^MISSING_CHAR Implicit map keys/, () => colon],
  [/^MISSING_CHAR Comments/, () => 'a space before #'],
  [/^BLOCK_IN_FLOW/, () => comma],
  [/^MULTILINE_IMPLICIT_KEY/, ({ inFlow }) => (inFlow ? comma : `${colon}, or quotes around text of several lines`)],
  [/^BLOCK_AS_IMPLICIT_KEY Nested/, nested],
  [/^(?:BAD_INDENT|BLOCK_AS_IMPLICIT_KEY)/, () => indentation],
  [/^BAD_SCALAR_START .*(.)$/, ({ found }) => `quotes around text that begins with ${found}`],
  [
    /^BAD_DQ_ESCAPE .* (\\.)/,
    ({ found }) => `single quotes around this, or \\${found} within: there is no escape ${found}`,
  ],
  [/^DUPLICATE_KEY/, () => 'each key once: this one is there already'],
  [/^MULTIPLE_DOCS/, () => 'one document, and this begins another one'],
  [/^BAD_ALIAS/, ({ source, at }) => `a name behind ${source[at]}, or quotes around text that has it`],
  [/^UNEXPECTED_TOKEN Unexpected , /, () => 'a value before this comma'],
  [
    /^UNEXPECTED_TOKEN Unexpected flow-(?:map|seq)-end/,
    ({ source, at }) => `no ${source[at]} here: there is none open`,
  ],
  [
    /^UNEXPECTED_TOKEN Unexpected block-seq-ind/,
    () => 'a list in lines of its own, each with - before it, or in [ ] with commas',
  ],
  [/^UNEXPECTED_TOKEN Block scalar/, () => 'the text in the lines behind this, indented'],
  [
    /^UNEXPECTED_TOKEN Unexpected \S+(?: token| at node end)$/,
    ({ source, at, inFlow }) => {
      if (inFlow) return commaBefore
      return lineAt(source, at).before.trim() === '' ? indentation : quotes
    },
  ],
]

/** @param faults - at least one. */
export function syntaxError(source: string, faults: readonly SyntaxFault[]): SyntaxMistake {
  const { code, message, pos } = faults.reduce((first, one) => (one.pos[0] < first.pos[0] ? one : first))
  const inFlow = faults.some(({ code, message }) => code === 'BLOCK_IN_FLOW' || / flow (?:map|sequence)/i.test(message))
  const said = `${code} ${message}`
  const known = expectations.find(([words]) => words.test(said))
  if (known === undefined) return syntaxMistake(source, pos[0], `no YAML: ${message}`)
  const [words, expected] = known
  const found = words.exec(said)![1] ?? ''
  const expectation = expected({ source, at: pos[0], inFlow, found })
  const [text, offset] = typeof expectation === 'string' ? [expectation, pos[0]] : expectation
  return syntaxMistake(source, offset, `expected ${text}`)
}

/** Where a quoted text begins that goes on to the end of the document. */
function opening(source: string, end: number, quote: string): number {
  const escaped = quote === '"' ? /\\.|"/gs : /''|'/g
  let last = 0
  for (const { 0: one, index } of source.slice(0, end).matchAll(escaped)) if (one === quote) last = index
  return last
}

function endOf({ source, at, found }: Place): Expectation {
  const { before } = lineAt(source, at)
  if (before.trim() === '' && before.includes('\t')) return spaces
  if (source.slice(at).trim() === '') return `a ${found} before the end of the document`
  const got = source[at]!
  if ('}]'.includes(got)) return `a ${found} before this ${got}`
  return `a ${found} before this, or this further to the right than the line in which that was opened`
}

/** A colon where a value has been begun: in the same line, or in the next one, which is further to the right. */
function nested({ source, at }: Place): Expectation {
  const { rest } = lineAt(source, at)
  return /:(?:\s|$)/.test(rest)
    ? 'quotes around text that has a colon and a space in it'
    : [indentation, source.indexOf('\n', at) + 1]
}
