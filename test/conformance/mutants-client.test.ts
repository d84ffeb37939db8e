/**
 * The proof that the cases judge clients right: the correct client passes every case, and every case catches at least one
 * mutant, namely each of those that name it. The cases of limits are in limits.test.ts,
 * those of compression in deflate.test.ts, those of endurance in robustness.test.ts.
 */
import t from 'tap'
import { allCases } from '../../src/conformance/cases/all-cases.js'
import { areCaught, nameCases, passesAll } from './mutants/judging.js'

const cases = allCases.filter(({ profile }) => !['limits', 'deflate', 'robust'].includes(profile ?? 'core'))

t.test('each mutant names cases that there are', async t => nameCases(t, allCases, 'client'))
t.test('a correct client passes every case in every segmentation', async t => await passesAll(t, 'client', cases))
t.test('a broken client is caught by each case that names it', async t => await areCaught(t, 'client', cases))
