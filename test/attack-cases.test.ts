/** Holds attack-cases.md to account: what is said to be tested is borne by a test, and every id that a test bears is there. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { casesOf, readAttackCases } from './ledger/attack-cases.js'
import { readTests } from './ledger/test-names.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const cases = readAttackCases(await readFile(join(root, 'test/attack-cases.md'), 'utf8'))
const tests = await readTests(root)
// A title of its own would bear the ids of its examples.
tests.delete('test/attack-cases.test.ts')

/** Every id that a test bears, with the file. */
const borne = [...tests].flatMap(([file, { literals }]) => literals.flatMap(casesOf).map(id => ({ file, id })))

/** What must never be left untested again: everything that needs no more than a few connections. */
const basic = [
  ...numbered('H', 44),
  ...numbered('F', 31),
  ...numbered('M', 5),
  ...numbered('K', 4),
  ...numbered('D', 17),
  ...['M-08', 'M-10', 'M-13', 'M-14', 'X-01', 'X-02', 'X-10', 'X-13', 'X-15', 'X-21'],
]

function numbered(letter: string, last: number): string[] {
  return Array.from({ length: last }, (_, before) => `${letter}-${String(before + 1).padStart(2, '0')}`)
}

t.test('a test bears each case that is said to be tested', async t => {
  const ids = new Set(borne.map(({ id }) => id))
  for (const { id } of cases.filter(({ tested }) => tested === 'yes')) t.ok(ids.has(id), id)
})

t.test('the cases of single connections, with compression and without, are tested', async t => {
  for (const id of basic) t.equal(cases.find(one => one.id === id)?.tested, 'yes', id)
})

t.test('a case that a test bears stands in attack-cases.md', async t => {
  const known = new Set(cases.map(({ id }) => id))
  t.same(
    borne.filter(({ id }) => !known.has(id)),
    [],
  )
  t.ok(borne.length > known.size)
})

t.test('names and rows are read as written', async t => {
  const names: [name: string, ids: string[]][] = [
    ['H-18 5.5-1, E3433 §5.2 F-01: both, not M-01', ['H-18', 'F-01']],
    ['X-13', ['X-13']],
    ['as in H-18', []],
    ['UTF-8 F-01', []],
  ]
  for (const [name, ids] of names) t.same(casesOf(name), ids, name)
  const row = '| H-01 | `a | b` | 400 | yes |\n'
  t.throws(() => readAttackCases(row), /no row of four columns/)
  t.throws(() => readAttackCases(row.replace(' | b', '').replace('H-01', 'H-1')), /no row of four columns/)
  t.throws(() => readAttackCases(row.replace(' | b', '').repeat(2)), /H-01 stands twice/)
  t.throws(() => readAttackCases(row.replace(' | b', '').replace('yes', 'some day')), /H-01: tested: some day/)
  t.same(readAttackCases(row.replace(' | b', '').replace('yes', 'no: why')), [{ id: 'H-01', tested: 'no: why' }])
})
