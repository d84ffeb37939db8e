/** The cases of attack-cases.md as data, and which of them the name of a test says it shows. */

/** A row of attack-cases.md. */
export interface AttackCase {
  readonly id: string
  /** `yes`, `not yet`, or `no: ` and the reason. */
  readonly tested: string
}

const idPattern = /^[A-Z]-\d\d$/

/** What may stand before and between the ids at the beginning of a name: rows of the ledger, and sections. */
const otherIds = /^((7692\/)?\d+(\.\d+)*-\d+|E\d{4}|§[\d.]+)$/

/** The cases that the name of a test bears: the ids it begins with. */
export function casesOf(name: string): string[] {
  const words = name.split(' ').map(word => word.replace(/[,;:]$/, ''))
  const end = words.findIndex(word => !idPattern.test(word) && !otherIds.test(word))
  return words.slice(0, end === -1 ? words.length : end).filter(word => idPattern.test(word))
}

/** The rows, in order. Throws on one that has not four columns, stands twice, or says something else of being tested. */
export function readAttackCases(markdown: string): AttackCase[] {
  const cases = new Map<string, AttackCase>()
  for (const line of markdown.split('\n').filter(line => /^\| [A-Z]-/.test(line))) {
    const cells = line.split(' | ')
    const [id, tested] = [cells[0]!.slice(2), cells.at(-1)!.replace(/ \|$/, '')]
    if (cells.length !== 4 || !idPattern.test(id)) throw new Error(`attack-cases.md: no row of four columns: ${line}`)
    if (cases.has(id)) throw new Error(`attack-cases.md: ${id} stands twice`)
    if (!/^(yes|not yet|no: .+)$/.test(tested)) throw new Error(`attack-cases.md: ${id}: tested: ${tested}`)
    cases.set(id, { id, tested })
  }
  return [...cases.values()]
}
