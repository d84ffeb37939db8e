/**
 * The ledger of spec-notes.md as data: its rows, and what is wrong with them in themselves (ids, levels, statuses, empty
 * columns). Ids of RFC 7692 begin with its number: `7692/7.2.1-5`. Whether the files and tests it names exist is for the
 * caller to find out.
 */

/** A test that proves a row. */
export interface Proof {
  /** Path from the root of the repository. */
  readonly file: string
  /** Part of a name in that file. */
  readonly name: string
}

/** A row of the ledger. */
export interface LedgerRow {
  readonly id: string
  /** Section of the RFC, or `Errata`: the heading above the row. */
  readonly section: string
  readonly level: string
  readonly requirement: string
  readonly status: string
  readonly honouredBy: readonly string[]
  readonly provedBy: readonly Proof[]
}

const statuses = /^(honoured$|option: .|deviation: .|not applicable: .)/

const keywords = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY', 'REQUIRED', 'RECOMMENDED', 'OPTIONAL', 'SHALL']

const idPattern = /^((?:7692\/)?\d+(?:\.\d+)*-\d+|E\d{4})$/

/** What may stand before and between ids in the name of a test: other ids (`F-08`) and sections (`§5.2`). */
const otherIds = /^([A-Z]+-\d+|§[\d.]+),?$/

/** The ids that the name of a test bears: those it begins with, and further on those of a section with a dot (`5.5-1`). */
export function idsOf(name: string): string[] {
  const words = name.split(' ').map(word => word.replace(/[,;:]$/, ''))
  const end = words.findIndex(word => !idPattern.test(word) && !otherIds.test(word))
  const isId = (word: string, index: number) => idPattern.test(word) && (index < end || /\.\d+-|^7692\//.test(word))
  return words.filter(isId)
}

/** The rows of the ledger, in order. Throws on a table line that has not six columns. */
export function readLedger(markdown: string): LedgerRow[] {
  const rows: LedgerRow[] = []
  let section = ''
  for (const line of markdown.split('\n')) {
    const heading = /^## (\S+)/.exec(line)
    if (heading?.[1] !== undefined) section = heading[1]
    if (!/^\|/.test(line) || /^\| (id|---) \|/.test(line)) continue
    const cells = line.split('|').map(cell => cell.trim())
    if (cells.length !== 8) throw new Error(`spec-notes.md: ${cells.length - 2} columns instead of 6: ${line}`)
    const [, id = '', level = '', requirement = '', status = '', honoured = '', proved = ''] = cells
    rows.push({
      id,
      section,
      level,
      requirement,
      status,
      honouredBy: [...honoured.matchAll(/`([^`]+)`/g)].map(match => match[1] ?? ''),
      provedBy: [...proved.matchAll(/`([^`]+)` "([^"]+)"/g)].map(match => ({
        file: match[1] ?? '',
        name: match[2] ?? '',
      })),
    })
  }
  return rows
}

/** Whether a row binds us, and so needs a file and a proof. */
export function binds(row: LedgerRow): boolean {
  return !row.status.startsWith('not applicable')
}

/** What is wrong with the rows in themselves. */
export function faults(rows: readonly LedgerRow[]): string[] {
  const counts = new Map<string, number>()
  return rows.flatMap(row => {
    const number = (counts.get(row.section) ?? 0) + 1
    counts.set(row.section, number)
    const found: string[] = []
    const expected = row.section === 'Errata' ? row.id : `${row.section}-${number}`
    if (row.id !== expected || !idPattern.test(row.id)) found.push(`${row.id}: ${expected} should stand here`)
    if (rows.filter(({ id }) => id === row.id).length > 1) found.push(`${row.id}: stands twice`)
    if (!statuses.test(row.status)) found.push(`${row.id}: status "${row.status}"`)
    if (!/^(must|erratum)$/.test(row.level) && keywordsOf(row) === undefined)
      found.push(`${row.id}: level "${row.level}"`)
    if (binds(row) && row.honouredBy.length === 0) found.push(`${row.id}: no file honours it`)
    if (binds(row) && row.provedBy.length === 0) found.push(`${row.id}: no test proves it`)
    return found
  })
}

/** How often the keywords of RFC 2119 stand in the rows: by section, then by keyword. */
export function countKeywords(rows: readonly LedgerRow[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {}
  for (const row of rows) {
    const found = keywordsOf(row)
    if (found === undefined || row.section === 'Errata') continue
    counts[row.section] ??= {}
    const ofSection = counts[row.section] as Record<string, number>
    ofSection[found.keyword] = (ofSection[found.keyword] ?? 0) + found.times
  }
  return counts
}

function keywordsOf(row: LedgerRow): { keyword: string; times: number } | undefined {
  const [keyword = '', times = '1'] = row.level.split(' ×')
  return keywords.includes(keyword) ? { keyword, times: Number(times) } : undefined
}
