/** YAML, and JSON, which is part of it, as values that know where they stand. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { deepest, type Located, tooDeep, wrong } from './located.js'
import type { SyntaxFault } from './syntax-error.js'
import type { SyntaxMistake } from './syntax-mistake.js'

/** A document of more nodes than that is a mistake, or made of references that multiply. */
const mostNodes = 100_000

/** Says what is wrong with the syntax of a document, given what the parser of YAML has found. */
export type SyntaxJudge = (source: string, faults: readonly SyntaxFault[]) => SyntaxMistake | undefined

/**
 * Reads a document.
 *
 * @param name - of the file, for messages.
 * @throws UsageError WS_INVALID_OPTION: it is no such document; the message begins with name, line and column, and says what was
 * expected there.
 */
export function parseLocated(source: string, name: string, judge: SyntaxJudge): Located {
  const lineCounter = new LineCounter()
  const document = parseDocument(source, { lineCounter, prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return `${name}:${line}:${col}`
  }
  // The parser goes as deep as its stack: what it says behind that follows from there.
  const bottom = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  if (bottom !== undefined) throw tooDeep(at(bottom.pos[0]))
  const mistake = judge(source, document.errors)
  if (mistake !== undefined) throw wrong(`${at(mistake.offset)}: ${mistake.message}`)
  let nodes = 0
  const located = (node: Node | null, key: string, offset: number, depth: number): Located => {
    const place = `${at(node?.range?.[0] ?? offset)}${key}`
    if (depth > deepest) throw tooDeep(place)
    if (++nodes > mostNodes) throw wrong(`${place}: expected ${mostNodes} values at most, and this is one more`)
    if (isAlias(node)) {
      const meant = node.resolve(document)
      if (meant === undefined) {
        throw wrong(`${place}: expected &${node.source} before this, or quotes around text that begins with *`)
      }
      return { ...located(meant, key, offset, depth + 1), place }
    }
    if (isSeq(node)) {
      return { place, value: node.items.map(item => located(item as Node | null, key, offset, depth + 1)) }
    }
    if (isMap(node)) {
      const entries = node.items.map(pair => {
        const { key, value } = pair
        const found = isScalar(key) ? key : undefined
        const text = String(found?.value)
        const start = found?.range?.[0] ?? offset
        const merges = text === '<<' && found?.type === 'PLAIN'
        return { text, merges, found: located(value as Node | null, `: ${text}`, start, depth + 1) }
      })
      // The mapping's own keys, then those of the first that is merged: wherever the merge stands.
      const merged = entries.filter(({ merges }) => merges).flatMap(({ found }) => mergedInto(found))
      const own = entries.filter(({ merges }) => !merges).map(({ text, found }) => [text, found] as const)
      return { place, value: new Map([...merged.reverse().flatMap(map => [...map]), ...own]) }
    }
    const value = isScalar(node) ? node.value : null
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return { place, value, written: true }
    }
    throw wrong(`${place}: a value of a kind that has no meaning here`)
  }
  return located(document.contents, '', 0, 0)
}

/** What stands behind a merge key `<<`: a mapping, or several, the first of which counts most. */
function mergedInto({ place, value }: Located): ReadonlyMap<string, Located>[] {
  const all = Array.isArray(value) ? value.map((one: Located) => one.value) : [value]
  if (all.every(one => one instanceof Map)) return all
  throw wrong(`${place}: expected a mapping to take keys from, or a list of those`)
}
