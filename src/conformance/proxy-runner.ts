/** Puts cases to a proxy: each has an end before it, which dials, and one behind it, to which the proxy connects. */
import type { CaseRun } from './case.js'
import { dial, type Target } from './dial.js'
import type { FarEnd } from './far-end.js'
import { RawPeer } from './raw-peer.js'
import { type CaseResult, notRun, runCase } from './run-case.js'
import { SeededOctets } from './seeded-octets.js'
import type { ServerRunAbout } from './server-runner.js'

/**
 * Runs the cases: several at a time where the proxy passes keys on, by which requests are told apart.
 *
 * @returns the results, in the order of the runs. Rejects with what `onResult` throws: nothing else is begun then, and what has
 * begun is finished before.
 */
export async function runThroughProxy(
  runs: readonly CaseRun[],
  target: Target,
  far: FarEnd,
  about: ServerRunAbout,
): Promise<CaseResult[]> {
  const results = new Map<CaseRun, CaseResult>()
  const failures: unknown[] = []
  const queue = runs.values()
  const work = async () => {
    for (const run of queue) {
      if (about.signal?.aborted === true || failures.length > 0) return
      try {
        const result = await runOne(run, target, far, about)
        results.set(run, result)
        about.onResult?.(result)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: far.passesKeys ? about.jobs : 1 }, work))
  if (failures.length > 0) throw failures[0]
  return runs.flatMap(run => results.get(run) ?? [])
}

async function runOne(
  run: CaseRun,
  target: Target,
  far: FarEnd,
  { seed, patience }: ServerRunAbout,
): Promise<CaseResult> {
  const dialled = await dial(target, patience.silence).catch((error: Error) => error)
  if (dialled instanceof Error) return notRun(run, `cannot connect: ${dialled.message}`)
  const { segmentation } = run
  const chance = () => new SeededOctets(seed, run.id)
  const peer = new RawPeer(dialled, { tested: 'server', segmentation, chance: chance(), patience })
  peer.target = target
  peer.throughTunnel = far.behindTunnel
  peer.arrival = async () => {
    const behind = await far.next(peer.key)
    return Object.assign(behind, { segmentation, chance: chance(), patience })
  }
  const result = await runCase(run, peer, seed, async () => undefined)
  far.forget(peer.key)
  return result
}
