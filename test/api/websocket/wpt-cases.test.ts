// Every case of the web-platform-tests' folder is tested or has a reason, and what our tests are named by is a case.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readTestTexts } from '../../ledger/test-names.js'
import { notApplicable, tested } from './wpt-cases.js'

const here = new URL('../../../../test/api/websocket/', import.meta.url)
const caseName = /(?:[\w.-]+\/)*[\w.-]+\.(?:html|(?:any|window|worker)\.js)/g

/** The cases that stand in the literals of one of our files. */
async function namedIn(file: string): Promise<Set<string>> {
  const { literals } = readTestTexts(await readFile(new URL(file, here), 'utf8'))
  return new Set(literals.flatMap(literal => literal.match(caseName) ?? []))
}

t.test('every case that applies is tested by the file that is said to', async t => {
  for (const [file, cases] of Object.entries(tested)) {
    const named = await namedIn(file)
    for (const name of cases) t.ok(named.has(name), `${file}: ${name}`)
  }
})

t.test('every test that is named by a case is named by one that there is', async t => {
  for (const [file, cases] of Object.entries(tested)) {
    for (const name of await namedIn(file)) t.ok(cases.includes(name), `${file}: ${name}`)
  }
})

t.test('no case stands twice, and no reason is empty', async t => {
  const all = [...Object.values(tested), ...Object.values(notApplicable)].flat()
  t.same(
    all.filter((name, i) => all.indexOf(name) !== i),
    [],
  )
  t.notOk(Object.keys(notApplicable).some(reason => reason.trim() === ''))
  t.equal(all.length, 218)
})
