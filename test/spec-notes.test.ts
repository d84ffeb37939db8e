/**
 * Holds the ledger of spec-notes.md to account, both ways: every row names files and tests that exist, every test that
 * bears an id names a row, and no keyword of the RFC was forgotten.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { binds, countKeywords, faults, idsOf, type LedgerRow, readLedger } from './ledger/ledger.js'
import { readTests, readTestTexts, type TestTexts } from './ledger/test-names.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * How often each keyword stands in each section of RFC 6455 and of RFC 7692, counted from their texts: §1 is not normative,
 * §13 and §14 have none, and the sentences of §2 that introduce the keywords are left out.
 */
const keywordsOfRfc: Record<string, Record<string, number>> = {
  '2': { MAY: 1 },
  '2.1': { MAY: 1 },
  '3': { OPTIONAL: 1, 'MUST NOT': 1, MUST: 1 },
  '4.1': { MAY: 5, MUST: 39, SHOULD: 3 },
  '4.2': { MAY: 1 },
  '4.2.1': { MUST: 1, 'SHOULD NOT': 1 },
  '4.2.2': { MUST: 8, MAY: 2, 'MUST NOT': 2 },
  '4.3': { MUST: 1 },
  '4.4': { MUST: 1 },
  '5.1': { MUST: 3, MAY: 3, 'MUST NOT': 1 },
  '5.2': { MAY: 1, MUST: 10 },
  '5.3': { MUST: 3, 'MUST NOT': 1 },
  '5.4': { MAY: 2, 'MUST NOT': 6, MUST: 4 },
  '5.5': { MUST: 1, 'MUST NOT': 1 },
  '5.5.1': { MAY: 5, MUST: 4, 'MUST NOT': 2, SHOULD: 2 },
  '5.5.2': { MAY: 2, MUST: 1, SHOULD: 1 },
  '5.5.3': { MAY: 2 },
  '5.6': { MUST: 1 },
  '5.8': { MUST: 1 },
  '6.1': { MUST: 8, MAY: 1 },
  '6.2': { MUST: 5, MAY: 2 },
  '7.1.1': { SHOULD: 4, MAY: 2 },
  '7.1.2': { MUST: 1, SHOULD: 1 },
  '7.1.7': { MUST: 2, MAY: 2, SHOULD: 2, 'MUST NOT': 1, 'SHOULD NOT': 1 },
  '7.2.1': { MUST: 2, 'SHOULD NOT': 1 },
  '7.2.2': { MUST: 1 },
  '7.2.3': { SHOULD: 3, MAY: 1 },
  '7.3': { MAY: 1, 'SHOULD NOT': 1 },
  '7.4': { MAY: 1 },
  '7.4.1': { MAY: 2, 'MUST NOT': 3, SHOULD: 1 },
  '8.1': { MUST: 1 },
  '9': { MAY: 2, 'MUST NOT': 1, MUST: 1 },
  '9.1': { MUST: 4, MAY: 2, 'MUST NOT': 1 },
  '9.2': { MAY: 1 },
  '10.2': { SHOULD: 2 },
  '10.3': { MUST: 1 },
  '10.4': { MUST: 1, SHOULD: 1 },
  '10.6': { MUST: 1, SHOULD: 1 },
  '10.7': { MUST: 1, MAY: 1, SHOULD: 2 },
  '11.1.1': { MUST: 2 },
  '11.1.2': { MUST: 2 },
  '11.3.1': { 'MUST NOT': 1 },
  '11.3.2': { MAY: 1, 'MUST NOT': 1 },
  '11.3.3': { 'MUST NOT': 1 },
  '11.3.4': { MAY: 1, 'MUST NOT': 1 },
  '11.3.5': { MAY: 1, 'MUST NOT': 1 },
  '7692/4': { MUST: 2 },
  '7692/5': { MUST: 8, MAY: 2, 'MUST NOT': 3 },
  '7692/6.1': { MUST: 3, 'MUST NOT': 1 },
  '7692/6.2': { MUST: 2 },
  '7692/7': { MUST: 2 },
  '7692/7.1.1.1': { MAY: 2, RECOMMENDED: 1 },
  '7692/7.1.1.2': { MAY: 2, MUST: 1 },
  '7692/7.1.2.1': { MAY: 2, MUST: 2 },
  '7692/7.1.2.2': { MAY: 2, MUST: 2, 'MUST NOT': 1 },
  '7692/7.2.1': { MAY: 7, MUST: 3, 'MUST NOT': 4 },
  '7692/7.2.2': { MAY: 4, MUST: 6 },
  '7692/7.3': { RECOMMENDED: 1 },
}

/** The ids tests bear. Of literals that are no title only ids with a dot count, lest a range be taken for one. */
function idsIn({ literals, titles }: TestTexts): string[] {
  const rows = literals.filter(text => /^(\d+\.[\d.]+|7692\/[\d.]+)-\d+ /.test(text))
  return [...new Set([...titles, ...rows])].flatMap(idsOf)
}

const rows = readLedger(await readFile(join(root, 'spec-notes.md'), 'utf8'))
const tests = await readTests(root)

t.test('ids are unique and in order, statuses and levels are known, no column is empty', async t => {
  t.same(faults(rows), [])
})

t.test('a keyword of the RFC that no row treats is seen', async t => {
  const counted = countKeywords(rows)
  for (const [section, counts] of Object.entries(keywordsOfRfc)) t.same(counted[section], counts, `§${section}`)
  t.same(Object.keys(counted), Object.keys(keywordsOfRfc))
})

t.test('every file that honours a row exists', async t => {
  for (const row of rows) {
    for (const file of row.honouredBy)
      t.ok(file.startsWith('src/') && existsSync(join(root, file)), `${row.id}: ${file}`)
  }
})

/** What is wrong with the proofs of a row: a test that is not there, or one that does not bear the id of the row. */
function unproved({ id, provedBy }: LedgerRow, tests: ReadonlyMap<string, TestTexts>): string[] {
  return provedBy.flatMap(({ file, name }) => {
    const named = (tests.get(file)?.literals ?? []).filter(text => text.includes(name))
    if (named.length === 0) return [`${id}: ${file} has no "${name}"`]
    return named.some(text => idsOf(text).includes(id)) ? [] : [`${id}: "${name}" in ${file} does not bear the id`]
  })
}

t.test('every test that proves a row exists, and bears its id', async t => {
  for (const row of rows.filter(binds)) t.same(unproved(row, tests), [], row.id)
})

t.test('every test that bears an id names a row', async t => {
  const known = new Set(rows.map(row => row.id))
  const borne = [...tests].flatMap(([file, texts]) => idsIn(texts).map(id => ({ file, id })))
  t.same(
    borne.filter(({ id }) => !known.has(id)),
    [],
  )
})

t.test('the ledger is read as written', async t => {
  const head = '## 5.5 Control\n\n| id | level | requirement | status | honoured by | proved by |\n| --- | --- |\n'
  const good =
    '| 5.5-1 | MUST | "short" | honoured | `src/a.ts`, `src/b.ts` | `test/a.test.ts` "x"; `test/b.test.ts` "y" |\n'
  t.same(readLedger(head + good), [
    {
      id: '5.5-1',
      section: '5.5',
      level: 'MUST',
      requirement: '"short"',
      status: 'honoured',
      honouredBy: ['src/a.ts', 'src/b.ts'],
      provedBy: [
        { file: 'test/a.test.ts', name: 'x' },
        { file: 'test/b.test.ts', name: 'y' },
      ],
    },
  ])
  const broken: [string, string][] = [
    [good.replace('5.5-1', '5.5-2'), '5.5-2: 5.5-1 should stand here'],
    [good.replace('MUST', 'MIGHT'), '5.5-1: level "MIGHT"'],
    [good.replace('honoured', 'done'), '5.5-1: status "done"'],
    [good.replace('honoured', 'deviation: '), '5.5-1: status "deviation:"'],
    [good.replace('`src/a.ts`, `src/b.ts`', '-'), '5.5-1: no file honours it'],
    [good.replace(/`test.*"y"/, '-'), '5.5-1: no test proves it'],
  ]
  for (const [text, fault] of broken) t.same(faults(readLedger(head + text)), [fault])
  t.equal(faults(readLedger(head + good + good)).length, 3, 'twice the same id, once out of order')
  t.same(faults(readLedger(head + good.replace('honoured', 'not applicable: x').replace(/`.*`.*"y"/, '- | -'))), [])
  t.throws(() => readLedger(head + good.replace('short', 'a | b')), /7 columns instead of 6/)
  t.same(countKeywords(readLedger(head + good.replace('MUST', 'MUST ×3'))), { '5.5': { MUST: 3 } })
})

t.test('a proof that is not there, or is of something else, is seen', async t => {
  const texts = readTestTexts("t.test('F-08 5.5-1 too long', f); t.test('5.5-12 cut', f); t.test('of 5.5-1', f)")
  const written = new Map([['test/a.test.ts', texts]])
  const proofs: [file: string, name: string, faults: string[]][] = [
    ['test/a.test.ts', 'too long', []],
    ['test/a.test.ts', 'of 5', []],
    ['test/a.test.ts', 'too short', ['5.5-1: test/a.test.ts has no "too short"']],
    ['test/b.test.ts', 'too long', ['5.5-1: test/b.test.ts has no "too long"']],
    ['test/a.test.ts', 'cut', ['5.5-1: "cut" in test/a.test.ts does not bear the id']],
  ]
  for (const [file, name, faults] of proofs) {
    t.same(unproved({ id: '5.5-1', provedBy: [{ file, name }] } as unknown as LedgerRow, written), faults)
  }
})

t.test('names of tests are read from literals, not from comments', async t => {
  const source = [
    "// t.test('5.5-9 no')",
    "t.test('H-18 5.5-1, E3433 yes, 0-125 and 5.6-1', f)",
    "const a = ['5.5-2 row', '3-4 octets', `E3433 $" + '{b} c`]',
  ]
  const texts = readTestTexts(source.join('\n'))
  t.same(texts.titles, ['H-18 5.5-1, E3433 yes, 0-125 and 5.6-1'])
  t.same(idsIn(texts), ['5.5-1', 'E3433', '5.6-1', '5.5-2'])
  t.ok(texts.literals.includes('E3433 … c'))
})
