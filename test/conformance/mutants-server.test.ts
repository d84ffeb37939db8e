/**
 * The proof that the cases judge servers right: the correct server passes every case, and every case catches at least one
 * mutant, namely each of those that name it. The cases of limits are in limits.test.ts,
 * those of compression in deflate.test.ts, those of endurance in robustness.test.ts.
 */
import t from 'tap'
import { everyCodeCases } from '../../src/conformance/cases/7.4-every-code.js'
import { allCases } from '../../src/conformance/cases/all-cases.js'
import { areCaught, nameCases, passesAll } from './mutants/judging.js'

// Of the 65,536 status codes a few of each class.
const cases = [
  ...allCases.filter(({ id, profile }) => {
    return !id.includes('/every-code-') && !['limits', 'deflate', 'robust'].includes(profile ?? 'core')
  }),
  ...everyCodeCases(100),
]

t.test('each mutant names cases that there are', async t => nameCases(t, allCases, 'server'))
t.test('a correct server passes every case in every segmentation', async t => await passesAll(t, 'server', cases))
t.test('a broken server is caught by each case that names it', async t => await areCaught(t, 'server', cases))
