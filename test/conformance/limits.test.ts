/**
 * As mutants-server.test.ts and mutants-client.test.ts, for the cases of limits: large messages, many fragments. Of those
 * above 1 MiB, which differ from the others in a number only, one is run.
 */
import t from 'tap'
import { largeClosingCases } from '../../src/conformance/cases/5.5.1-large.js'
import { limitCases } from '../../src/conformance/cases/9-limits.js'
import { areCaught, passesAll } from './mutants/judging.js'

const cases = [...limitCases, ...largeClosingCases].filter(
  ({ id }) => !/[48]-mib|binary-of-16-mib|binary-messages/.test(id),
)

t.test('a correct server passes', async t => await passesAll(t, 'server', cases))
t.test('a broken server is caught', async t => await areCaught(t, 'server', cases))
t.test('a correct client passes', async t => await passesAll(t, 'client', cases))
