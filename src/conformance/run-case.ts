/** Runs one case on one connection, and judges: the behaviour and the closing, apart. */
import type { CaseRun } from './case.js'
import { conclude } from './conclude.js'
import { text } from './frame-parts.js'
import { type Patience, scaled } from './patience.js'
import { beyondLimits } from './raw-head-reader.js'
import type { RawPeer } from './raw-peer.js'
import type { StepOutcome } from './step.js'
import { messageText } from './steps/awaiting.js'
import { strayPongs } from './steps/closing.js'
import type { TranscriptEntry } from './transcript.js'
import { type Finding, type Judgement, judge, missed, type Verdict, worst } from './verdict.js'

/** What became of a step: `missed` is the one that ended the case. */
export interface StepRecord {
  readonly kind: 'send' | 'await'
  readonly text: string
  readonly state: 'done' | 'missed' | 'not reached'
}

/** What came of a run. */
export interface CaseResult {
  readonly run: CaseRun
  /** The worse of the two. */
  readonly verdict: Verdict
  readonly behaviour: Judgement
  /** SKIP where there was nothing left to close. */
  readonly closing: Judgement
  /** The status code of the endpoint's Close frame, if there was one that had one. */
  readonly closeCode: number | undefined
  readonly steps: readonly StepRecord[]
  readonly transcript: readonly TranscriptEntry[]
  /** Entries that the transcript lacks in its middle. */
  readonly leftOut: number
  /** The id of the case of fewer octets that fails as well, whose result this is. */
  readonly shrunkTo?: string
  /** How long it took, in ms. */
  readonly duration: number
}

/**
 * Runs a case.
 *
 * @param peer - our end of the connection; over afterwards.
 * @param open - brings the connection to where the first step begins; tells what keeps the case from being run.
 * @param onClosing - called when all steps are done, or none can be, and the end of the connection is waited for.
 */
export async function runCase(
  run: CaseRun,
  peer: RawPeer,
  seed: number,
  open: () => Promise<Finding | undefined>,
  onClosing: () => void = () => {},
): Promise<CaseResult> {
  const start = performance.now()
  const steps = run.case.steps({ tested: peer.tested, seed })
  const behaviour: Finding[] = []
  const closed: Finding[] = []
  let reached = 0
  let over: StepOutcome['over']
  let closing: Judgement = { verdict: 'SKIP', findings: [] }
  try {
    const obstacle = run.case.opening === 'raw' ? undefined : await open()
    if (obstacle !== undefined) {
      behaviour.push(obstacle)
      onClosing()
    } else {
      const neighbour = joinNeighbour(run, peer)
      for (const step of steps) {
        const outcome = await step.run(peer)
        behaviour.push(...found(outcome, run, peer))
        closed.push(...(outcome.closing ?? []))
        if (outcome.missed !== undefined) break
        reached++
        over = outcome.over
        if (over !== undefined) break
      }
      const complete = over !== undefined || reached === steps.length
      const ended = peer.closeSent !== undefined || peer.finished
      onClosing()
      if (over !== 'left') closing = await close(run, peer, complete, closed)
      behaviour.push(...peer.inbox.findings, ...leftOver(peer, complete && over !== 'left'), ...neighbour(ended))
      behaviour.push(...(peer.behind?.inbox.findings ?? []))
    }
  } catch (error) {
    behaviour.push({ verdict: 'ERROR', reason: `the tool failed: ${(error as Error).stack}` })
  }
  peer.destroy()
  peer.behind?.destroy()
  const judged = judge(behaviour)
  return {
    run,
    verdict: worst([judged.verdict, closing.verdict === 'SKIP' ? 'PASS' : closing.verdict]),
    behaviour: judged,
    closing,
    closeCode: peer.inbox.close?.code,
    steps: steps.map(({ kind, text }, i) => {
      const ended = judged.verdict === 'FAIL' || judged.verdict === 'WARN' || judged.verdict === 'INFO'
      return {
        kind,
        text,
        state: i < reached ? 'done' : i === reached && ended && over === undefined ? 'missed' : 'not reached',
      }
    }),
    transcript: peer.transcript.entries,
    leftOut: peer.transcript.leftOut,
    duration: performance.now() - start,
  }
}

/** How patient to be in this run: what is large takes longer. */
export function patienceFor(run: CaseRun, patience: Patience): Patience {
  const { profile, large } = run.case
  return profile === 'limits' || (profile === 'robust' && large === true) ? scaled(patience, 4) : patience
}

/** The result of a run that never came to its connection. */
export function notRun(run: CaseRun, reason: string): CaseResult {
  return {
    run,
    verdict: 'ERROR',
    behaviour: judge([{ verdict: 'ERROR', reason }]),
    closing: { verdict: 'SKIP', findings: [] },
    closeCode: undefined,
    steps: [],
    transcript: [],
    leftOut: 0,
    duration: 0,
  }
}

function found(outcome: StepOutcome, { case: one }: CaseRun, peer: RawPeer): Finding[] {
  const findings = [...(outcome.findings ?? [])]
  if (outcome.missed === undefined) return findings
  const ours = beyondLimits(peer.headError) ?? beyondLimits(peer.behind?.headError)
  if (ours !== undefined) findings.push(ours)
  else if (isOutgrown(one, peer)) {
    peer.sawFailure = true
    findings.push({ verdict: 'WARN', reason: `${outcome.missed}: it has a limit`, section: '10.4' })
  } else findings.push({ verdict: missed(one.level), reason: outcome.missed })
  return findings
}

/** How much an endpoint takes is its own choice (§10.4), best if it says so. */
function isOutgrown({ profile, large }: CaseRun['case'], { inbox, ended }: RawPeer): boolean {
  // The case knows that it is not: a limit was declared.
  if (large === false) return false
  const code = inbox.close?.code
  if (code === 1008 || code === 1009) return profile === 'limits' || large === true
  return profile === 'limits' && inbox.close === undefined && ended !== undefined
}

/** An endpoint that has gone silent is not asked to close as well. */
async function close(run: CaseRun, peer: RawPeer, complete: boolean, closed: readonly Finding[]): Promise<Judgement> {
  if (run.case.opening === 'raw' && peer.inbox.frames === 0) return { verdict: 'SKIP', findings: [] }
  // Behind a proxy nobody answers a Close frame but the steps of the case.
  if (!complete && (peer.silent || peer.behind !== undefined)) return { verdict: 'SKIP', findings: [] }
  return judge([...closed, ...(await conclude(peer))])
}

/** What came and nobody asked for. */
function leftOver({ inbox, pingsSent }: RawPeer, complete: boolean): Finding[] {
  if (!complete || inbox.heedless) return []
  const findings: Finding[] = []
  const [message] = inbox.messages
  if (message !== undefined)
    findings.push({ verdict: 'FAIL', reason: `it sent ${messageText(message)}, which nobody sent to it` })
  const pongs = strayPongs(inbox.pongs, pingsSent)
  if (pongs !== undefined) findings.push({ verdict: 'INFO', section: '5.5.3', reason: pongs })
  return findings
}

/**
 * In a `joined` run a message goes before the first octets of the case, in the same write; its echo comes by itself. Who has
 * closed meanwhile is owed none: behind its answer an endpoint "MUST NOT send any more data frames" (§5.5.1).
 */
function joinNeighbour(run: CaseRun, peer: RawPeer): (ended: boolean) => Finding[] {
  if (run.segmentation !== 'joined' || run.case.opening === 'raw') return () => []
  const payload = 'the neighbour'
  let came = false
  const onCame = () => {
    came = true
  }
  peer.inbox.allow({ opcode: 1, payload: Buffer.from(payload), onCame })
  peer.hold(peer.build(text(payload)))
  return ended => {
    if (came || peer.sawFailure || peer.silent) return []
    const reason = 'the message that came in the same segment, before the octets of the case, was not echoed'
    return [{ verdict: ended ? 'INFO' : 'FAIL', section: '6.2', reason }]
  }
}
