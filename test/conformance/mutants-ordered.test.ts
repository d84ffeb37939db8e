/**
 * The proof that the cases judge clients that take orders right: the correct client passes every case, and every case catches at
 * least one mutant, namely each of those that name it.
 */
import t from 'tap'
import type { CaseRun } from '../../src/conformance/case.js'
import { allCases } from '../../src/conformance/cases/all-cases.js'
import { Control } from '../../src/conformance/control.js'
import { runOrdered } from '../../src/conformance/ordered-runner.js'
import { defaultPatience, type Patience } from '../../src/conformance/patience.js'
import type { CaseResult } from '../../src/conformance/run-case.js'
import { selectRuns } from '../../src/conformance/selection.js'
import { impatience, told } from './mutants/judging.js'
import { due, type Mutant, provesItsCase } from './mutants/mutant.js'
import { NaiveOrdered } from './mutants/naive-ordered.js'
import { type OrderedBreak, orderedMutants } from './mutants/ordered-mutants.js'

function runsOf(wanted: readonly string[] = []): CaseRun[] {
  return selectRuns(allCases, { tested: 'controlled client', profile: 'all', wanted })
}

async function judge(
  runs: readonly CaseRun[],
  breaks: readonly OrderedBreak[],
  patience: Patience,
): Promise<CaseResult[]> {
  const control: Control = new Control(line => program.obey(line))
  const program = new NaiveOrdered(new Set(breaks), line => control.receive(line))
  return await runOrdered(runs, control, { host: '127.0.0.1', port: 0, seed: 1, patience })
}

t.test('a correct client passes every case', async t => {
  const results = await judge(runsOf(), [], defaultPatience)
  t.equal(results.length, runsOf().length)
  t.ok(results.length > 80)
  t.same(results.filter(({ verdict }) => verdict !== 'PASS').map(told), [])
})

t.test('a broken client is caught by each case that names it', async t => {
  const caught = new Set<string>()
  const queue = (orderedMutants as readonly Mutant[]).values()
  const work = async () => {
    for (const mutant of queue) {
      const { breaks, caughtBy } = mutant
      for (const pattern of caughtBy) t.not(runsOf([pattern]).length, 0, `${pattern} names a case`)
      const results = await judge(runsOf(caughtBy), [breaks as OrderedBreak], impatience)
      t.same(results.filter(result => result.verdict !== due(result, mutant)).map(told), [], `${breaks}: caught`)
      for (const result of results) if (provesItsCase(result)) caught.add(result.run.id)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  t.same(
    runsOf()
      .filter(({ id }) => !caught.has(id))
      .map(({ id }) => id),
    [],
    'cases that no mutant fails',
  )
})
