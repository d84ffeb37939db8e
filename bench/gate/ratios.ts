/** The ratios that have been reached, as they are kept in bench/ratios.json, and what is compared with them. */
import type { Cell } from '../servers/cell.js'
import { peers } from '../servers/peers.js'
import { isLarge, type Point } from '../servers/point.js'
import { gatePoints } from '../servers/points.js'
import type { Results } from '../servers/results.js'

/** By peer and point: how many times as much ws takes. */
export type Ratios = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface AcceptedRatios extends Pick<Results, 'date' | 'machine' | 'node'> {
  readonly ratios: Ratios
}

/** Whose ratios are kept. */
export const ours = peers.filter(({ name, unusual }) => name.startsWith('framewright') && unusual === undefined)

export interface Verdict {
  readonly peer: string
  readonly point: string
  readonly accepted: number
  readonly measured: number
  /** How much less it may be: a share of what was accepted. */
  readonly margin: number
  readonly passes: boolean
}

/** The margin for chance: large messages vary more from run to run. */
export function marginOf(point: Point): number {
  return isLarge(point) ? 0.3 : 0.15
}

/** @param cells of one point, with ws among them. */
export function judge(point: Point, accepted: Ratios, cells: readonly Cell[]): Verdict[] {
  const margin = marginOf(point)
  const verdicts: Verdict[] = []
  for (const { peer, againstWs } of cells) {
    const ratio = accepted[peer]?.[point.name]
    if (ratio === undefined) continue
    const measured = againstWs ?? 0
    verdicts.push({
      peer,
      point: point.name,
      accepted: ratio,
      measured,
      margin,
      passes: measured >= ratio * (1 - margin),
    })
  }
  return verdicts
}

/** Three digits are what is known of a ratio. */
export function ratiosOf(cells: readonly Cell[]): Ratios {
  const ratios: Record<string, Record<string, number>> = {}
  for (const { peer, point, againstWs } of cells) {
    if (peer === 'ws' || againstWs === undefined) continue
    ratios[peer] ??= {}
    ratios[peer][point] = Number(againstWs.toPrecision(3))
  }
  return ratios
}

/** What was accepted before, with what was measured now in its place: of our peers, at the points of the gate. */
export function accepting(
  before: AcceptedRatios | undefined,
  { date, machine, node, cells }: Pick<Results, 'date' | 'machine' | 'node' | 'cells'>,
): AcceptedRatios {
  const kept = cells.filter(
    cell => ours.some(({ name }) => name === cell.peer) && gatePoints.some(({ name }) => name === cell.point),
  )
  const now = ratiosOf(kept)
  const names = new Set([...Object.keys(before?.ratios ?? {}), ...Object.keys(now)])
  const ratios = Object.fromEntries([...names].map(peer => [peer, { ...before?.ratios[peer], ...now[peer] }]))
  return { date, machine, node, ratios }
}
