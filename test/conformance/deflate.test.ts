/**
 * As mutants-server.test.ts and mutants-client.test.ts, for the cases of compression. Of the messages that differ in kind,
 * size or agreement only, a few are run.
 */
import t from 'tap'
import { allCases } from '../../src/conformance/cases/all-cases.js'
import { areCaught, passesAll } from './mutants/judging.js'

const few =
  /^7692\/5\/(?:.*-of-(?:16|1024)|german-of-8192-in-fragments-of-256|three-offers-of-131072-in-fragments-of-1024)$/
const cases = allCases.filter(({ id, profile }) => {
  return profile === 'deflate' && (!/^7692\/5\/.*-of-/.test(id) || few.test(id))
})

for (const tested of ['server', 'client'] as const) {
  t.test(`a correct ${tested} passes`, async t => await passesAll(t, tested, cases))
  t.test(`a broken ${tested} is caught`, async t => await areCaught(t, tested, cases))
}
