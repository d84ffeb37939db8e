/** Whether a change is let through: nothing is worse than it may be, and what the loads are about could be judged. */
import { UsageError } from '../errors.js'
import { type ComparedFigure, compareReports } from './compare-reports.js'
import { fewestSeconds } from './compared-figures.js'
import { mainTime } from './main-time.js'
import type { LoadReport } from './report.js'

/** What a gate says of a change. */
export interface GateReport {
  /** Nothing is worse, and that could be judged. */
  readonly passed: boolean
  /** The figures that are worse by more than they may be, with 95 % confidence. */
  readonly worse: readonly ComparedFigure[]
  /** Why nobody can say that the server is no worse, for people; left out where that can be said. */
  readonly blind?: string | undefined
}

/**
 * Judges a change as `framewright load compare --gate` does.
 *
 * @param before - at least one; only read.
 * @param after - at least one; only read.
 * @param gate - by how much a figure may be worse, as a share of what it was: 0.05 is 5 per cent.
 * @param figures - what `compareReports` says of the two, where that is known.
 * @throws UsageError WS_INVALID_OPTION: the gate is no share.
 */
export function compareGate(
  before: readonly LoadReport[],
  after: readonly LoadReport[],
  gate: number,
  figures: readonly ComparedFigure[] = compareReports(before, after),
): GateReport {
  if (!(gate >= 0)) throw new UsageError('WS_INVALID_OPTION', '6.1', '`gate` is a share from 0 on, such as 0.05')
  const worse = figures.filter(({ verdict, change }) => verdict === 'worse' && Math.abs(change) > gate)
  // A gate that cannot see is not open.
  const blind = blindness(figures, [...before, ...after])
  return { passed: worse.length === 0 && blind === undefined, worse, ...(blind !== undefined && { blind }) }
}

/**
 * What the load is about has to be judged, where that is timed: that as many connections failed as before, that Pings come back as
 * soon, or that each takes as much memory, says nothing of it.
 */
function blindness(figures: readonly ComparedFigure[], reports: readonly LoadReport[]): string | undefined {
  if (reports.some(({ counts }) => counts.opened === 0)) return 'in one of the runs not one connection was opened'
  // All that went wrong is in its last second, which many draws have not got.
  if (reports.some(({ interruptedBy }) => interruptedBy === 'disconnected')) {
    return 'in one of the runs, or of their shards, all connections were lost before the end'
  }
  const needed = `each side needs at least ${fewestSeconds} seconds in which`
  const timed = new Set(reports.map(mainTime))
  // Messages that ask for no reply have none to be late.
  if (reports.every(({ times }) => times.rtt === undefined)) timed.delete('rtt')
  for (const time of timed) {
    const seconds = figures.find(({ name }) => name === `${time}.p50`)?.seconds ?? 0
    if (seconds >= fewestSeconds) continue
    const enough = 'those of several runs count together (a.json,b.json,…)'
    return `${needed} ${time} was measured, and one has ${seconds}: ${enough}`
  }
  const seen = figures.some(({ seconds, verdict }) => seconds !== undefined && verdict !== 'unknown')
  return seen ? undefined : `${needed} something was measured`
}
