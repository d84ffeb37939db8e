/** Puts cases to a server: dials for each, several at a time. */
import type { CaseRun } from './case.js'
import { dial, type Target } from './dial.js'
import { openAsClient } from './opening.js'
import { type Patience, scaled } from './patience.js'
import { RawPeer } from './raw-peer.js'
import { type CaseResult, notRun, patienceFor, runCase } from './run-case.js'
import { SeededOctets } from './seeded-octets.js'
import { shrink } from './shrink.js'
import { afterSilence } from './silence-clock.js'
import { Turns } from './turns.js'

export interface ServerRunAbout {
  /** How many cases run at the same time; of those that wait long there may be more, but where it is 1. */
  readonly jobs: number
  readonly seed: number
  readonly patience: Patience
  /** Called after each run, in the order in which they end. */
  readonly onResult?: (result: CaseResult) => void
  /** Ends it: what has begun is finished, nothing else begun. */
  readonly signal?: AbortSignal
}

/**
 * Runs the cases.
 *
 * @returns the results, in the order of the runs, whatever ended first. Rejects with what `onResult` throws: nothing else is
 * begun then, and what has begun is finished before.
 */
export async function runOnServer(
  runs: readonly CaseRun[],
  target: Target,
  about: ServerRunAbout,
): Promise<CaseResult[]> {
  const results = new Map<CaseRun, CaseResult>()
  const failures: unknown[] = []
  const server: Server = { target, about, begun: [], unreached: 0, slow: 0, silent: false }
  // Large messages at the same time would hold up each other, and all that is small.
  for (const [large, jobs] of [[false, about.jobs] as const, [true, Math.min(2, about.jobs)] as const]) {
    const turns = new Turns(jobs)
    const running: Promise<void>[] = []
    for (const run of runs.filter(run => isLarge(run) === large)) {
      await turns.begin()
      if (about.signal?.aborted === true || failures.length > 0) break
      // Kept, and not thrown: nobody hears a rejection while this waits for a turn, and the turn would never be over.
      const judged = async (watch: Watch) => {
        try {
          const result = await shrunk(await runOne(run, server, watch), server)
          results.set(run, result)
          about.onResult?.(result)
        } catch (error) {
          failures.push(error)
        }
      }
      running.push(inTurn(turns, slowBeside * (jobs - 1), server, judged))
    }
    await Promise.all(running)
  }
  if (failures.length > 0) throw failures[0]
  return runs.map(run => results.get(run)).filter(result => result !== undefined)
}

/** What is known of the server while the cases are put to it. */
interface Server {
  readonly target: Target
  readonly about: ServerRunAbout
  /** The ids of the last runs that reached it. */
  readonly begun: string[]
  /** How many runs in a row have not. */
  unreached: number
  /** How many runs wait, beside those whose turn it is. */
  slow: number
  /** What was last waited for long, before it came to closing, has not come: it did not come late. */
  silent: boolean
}

/** Who is told how a run goes on. */
interface Watch {
  /** It has come to the end of the connection. */
  readonly onClosing: () => void
  /** Nothing has come for a while. */
  readonly onQuiet: () => void
}

/** For each run that may go on beside another one so many may wait. */
const slowBeside = 16

/**
 * Runs a case whose turn has begun. When it has waited a while for the end of its connection, its turn is over: a server that
 * never ends TCP is waited for with all patience in each case, and holds up no other one. So is one that says nothing where it
 * should fail or refuse, once it has shown that it does not only take its time: one that does would have more to do then.
 *
 * @param most - so many at a time.
 */
async function inTurn(
  turns: Turns,
  most: number,
  server: Server,
  judged: (watch: Watch) => Promise<void>,
): Promise<void> {
  let stop = () => {}
  let isSlow = false
  const giveUp = () => {
    if (isSlow || server.slow >= most) return
    isSlow = true
    server.slow++
    turns.end()
  }
  const onClosing = () => {
    stop = afterSilence(server.about.patience.asking, giveUp)
  }
  const onQuiet = () => {
    if (server.silent) giveUp()
  }
  await judged({ onClosing, onQuiet })
  stop()
  if (isSlow) server.slow--
  else turns.end()
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
  const impatient = { ...server, about: { ...about, patience: scaled(about.patience, 0.2) } }
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

async function runOne(run: CaseRun, server: Server, watch?: Watch): Promise<CaseResult> {
  const { target, about, begun } = server
  const { seed, jobs } = about
  if (server.unreached >= attempts * jobs) {
    const gone = 'not run: the server cannot be reached any more; the last cases that reached it'
    return notRun(run, `${gone}: ${begun.join(', ')}`)
  }
  const patience = patienceFor(run, about.patience)
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
  const { waiting } = peer
  if (watch !== undefined) waiting.onQuiet = watch.onQuiet
  const onClosing = () => {
    if (watch === undefined) return
    if (waiting.silences > 0) server.silent = true
    else if (waiting.slowest > patience.asking) server.silent = false
    watch.onClosing()
  }
  return await runCase(run, peer, seed, () => openAsClient(peer, target, run.case.extension), onClosing)
}
