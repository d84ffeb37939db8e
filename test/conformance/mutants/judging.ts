/** Puts cases to naive endpoints, and holds them to what the table of mutants says. */
import type { Test } from 'tap'
import type { Case, CaseRun } from '../../../src/conformance/case.js'
import { ClientRunner } from '../../../src/conformance/client-runner.js'
import { defaultPatience, type Patience } from '../../../src/conformance/patience.js'
import type { CaseResult } from '../../../src/conformance/run-case.js'
import { selectRuns } from '../../../src/conformance/selection.js'
import { runOnServer } from '../../../src/conformance/server-runner.js'
import { WebSocketUri } from '../../../src/handshake/websocket-uri.js'
import { due, type Mutant, provesItsCase } from './mutant.js'
import { type Break, mutants } from './mutants.js'
import { NaiveClient } from './naive-client.js'
import { NaiveServer } from './naive-server.js'

type Role = 'server' | 'client'

/** Mutants that keep silent must be caught: being impatient with them finds what is there, and now and then more. */
export const impatience: Patience = { silence: 500, asking: 50, prompt: 1000, endless: 60_000 }

async function judge(tested: Role, runs: readonly CaseRun[], breaks: readonly Break[], patience: Patience) {
  return tested === 'server' ? await judgeServer(runs, breaks, patience) : await judgeClient(runs, breaks, patience)
}

async function judgeServer(runs: readonly CaseRun[], breaks: readonly Break[], patience: Patience) {
  const server = new NaiveServer(new Set(breaks))
  const uri = WebSocketUri.parse(await server.listen())
  const results = await runOnServer(runs, { uri, fieldLines: '' }, { jobs: 8, seed: 1, patience })
  await server.stop()
  return results
}

async function judgeClient(runs: readonly CaseRun[], breaks: readonly Break[], patience: Patience) {
  const client = new NaiveClient(new Set(breaks))
  const onResult = ({ run }: CaseResult) => client.cut(runs.indexOf(run) + 1)
  const runner = new ClientRunner(runs, { host: '127.0.0.1', port: 0, seed: 1, patience, onResult })
  await client.run(await runner.listen())
  const { results } = await runner.report
  runner.stop()
  return results
}

export function told(result: CaseResult): string {
  const { run, verdict, behaviour, closing } = result
  const reasons = [...behaviour.findings, ...closing.findings].map(finding => `${finding.verdict}: ${finding.reason}`)
  return [run.id, verdict, ...reasons].join(' ')
}

/** A correct endpoint passes these cases, in every segmentation. */
export async function passesAll(t: Test, tested: Role, cases: readonly Case[]): Promise<void> {
  const runs = selectRuns(cases, { tested, profile: 'all' })
  const results = await judge(tested, runs, [], defaultPatience)
  t.equal(results.length, runs.length)
  t.same(results.filter(({ verdict }) => verdict !== 'PASS').map(told), [])
}

/**
 * Of each mutant each of these cases that it names says what it should, and each of these cases is named by one that it says the
 * worst of that its level has. Several mutants at a time, for most of it is waiting for what does not come.
 */
export async function areCaught(t: Test, tested: Role, cases: readonly Case[]): Promise<void> {
  const caught = new Set<string>()
  const queue = (mutants as readonly Mutant[]).values()
  const work = async () => {
    for (const mutant of queue) {
      const { breaks, caughtBy, roles = [tested] } = mutant
      const runs = roles.includes(tested) ? wholes(cases, tested, caughtBy) : []
      if (runs.length === 0) continue
      const isOdd = (result: CaseResult) => result.verdict !== due(result, mutant)
      const results = await judge(tested, runs, [breaks as Break], impatience)
      // Of these one may have been late, and no more than that.
      const hasty = results.filter(isOdd).map(({ run }) => run)
      const odd = hasty.length === 0 ? [] : await judge(tested, hasty, [breaks as Break], defaultPatience)
      t.same(odd.filter(isOdd).map(told), [], `${breaks}: caught`)
      for (const result of results) if (provesItsCase(result)) caught.add(result.run.id)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  const missing = wholes(cases, tested).filter(({ id }) => !caught.has(id))
  t.same(
    missing.map(({ id }) => id),
    [],
    'cases that no mutant fails',
  )
}

/** What names no case is a slip of the pen. */
export function nameCases(t: Test, cases: readonly Case[], tested: Role): void {
  for (const { breaks, caughtBy, roles } of mutants as readonly Mutant[]) {
    if (roles?.includes(tested) === false) continue
    const unknown = caughtBy.filter(pattern => wholes(cases, tested, [pattern]).length === 0)
    t.same(unknown, [], breaks)
  }
}

function wholes(cases: readonly Case[], tested: Role, wanted: readonly string[] = []): CaseRun[] {
  const runs = selectRuns(cases, { tested, profile: 'all', wanted })
  return runs.filter(({ segmentation }) => segmentation === 'whole')
}
