/** Puts cases to a server: dials for each, several at a time. */
import type { CaseRun } from './case.js'
import { dial, type Target } from './dial.js'
import { LearnedPatience } from './learned-patience.js'
import { openAsClient } from './opening.js'
import { type Patience, scaled } from './patience.js'
import { RawPeer } from './raw-peer.js'
import { type CaseResult, notRun, patienceFor, runCase } from './run-case.js'
import { SeededOctets } from './seeded-octets.js'
import { shrink } from './shrink.js'

export interface ServerRunAbout {
  /** How many cases run at the same time. */
  readonly jobs: number
  readonly seed: number
  readonly patience: Patience
  /** Called after each run, in the order in which they end. */
  readonly onResult?: (result: CaseResult) => void
  /** Ends it: what has begun is finished, nothing else begun. */
  readonly signal?: AbortSignal
}

/** Runs the cases. The results are in the order of the runs, whatever ended first. */
export async function runOnServer(
  runs: readonly CaseRun[],
  target: Target,
  about: ServerRunAbout,
): Promise<CaseResult[]> {
  const results = new Map<CaseRun, CaseResult>()
  const server: Server = { target, about, learned: new LearnedPatience(about.patience), begun: [], unreached: 0 }
  const work = async (queue: Iterator<CaseRun> & Iterable<CaseRun>) => {
    for (const run of queue) {
      if (about.signal?.aborted === true) return
      const result = await shrunk(await runOne(run, server), server)
      results.set(run, result)
      about.onResult?.(result)
    }
  }
  // Large messages at the same time would hold up each other, and all that is small.
  for (const [large, jobs] of [[false, about.jobs] as const, [true, Math.min(2, about.jobs)] as const]) {
    const queue = runs.filter(run => isLarge(run) === large).values()
    await Promise.all(Array.from({ length: jobs }, () => work(queue)))
  }
  return runs.map(run => results.get(run)).filter(result => result !== undefined)
}

/** What is known of the server while the cases are put to it. */
interface Server {
  readonly target: Target
  readonly about: ServerRunAbout
  readonly learned: LearnedPatience
  /** The ids of the last runs that reached it. */
  readonly begun: string[]
  /** How many runs in a row have not. */
  unreached: number
}

/** After so many runs that did not reach the server, for each that may run beside, no further one tries. */
const attempts = 3

/** Where a case of many octets fails: the result of the fewest that are found to fail as well. */
async function shrunk(result: CaseResult, server: Server): Promise<CaseResult> {
  const { run } = result
  const { shrinks } = run.case
  if (shrinks === undefined || result.verdict !== 'FAIL') return result
  // What fails by silence is not waited for as long again.
  const { about } = server
  const impatient = { ...server, learned: new LearnedPatience(scaled(about.patience, 0.2)) }
  let least = result
  const fails = async (octets: Buffer) => {
    const fewer = shrinks.of(octets)
    const tried = await runOne({ id: fewer.id, case: fewer, segmentation: 'whole' }, impatient)
    if (tried.verdict === 'FAIL') least = { ...tried, run, shrunkTo: fewer.id }
    return tried.verdict === 'FAIL'
  }
  await shrink(shrinks.octets({ tested: 'server', seed: about.seed }), fails)
  return least
}

function isLarge(run: CaseRun): boolean {
  return run.case.profile === 'limits' || (run.case.profile === 'robust' && run.case.large === true)
}

async function runOne(run: CaseRun, server: Server): Promise<CaseResult> {
  const { target, about, learned, begun } = server
  const { seed, jobs } = about
  if (server.unreached >= attempts * jobs) {
    const gone = 'not run: the server cannot be reached any more; the last cases that reached it'
    return notRun(run, `${gone}: ${begun.join(', ')}`)
  }
  const patience = patienceFor(run, learned.patience)
  const dialled = await dial(target, patience.silence).catch((error: Error) => error)
  if (dialled instanceof Error) {
    server.unreached++
    return notRun(run, `cannot connect: ${dialled.message}`)
  }
  server.unreached = 0
  begun.push(run.id)
  if (begun.length > jobs) begun.shift()
  const { segmentation } = run
  const peer = new RawPeer(dialled, {
    tested: 'server',
    segmentation,
    chance: new SeededOctets(seed, run.id),
    patience,
  })
  peer.target = target
  const result = await runCase(run, peer, seed, () => openAsClient(peer, target, run.case.extension))
  learned.note(peer)
  return result
}
