/** What the turns of one peer at one point come to. */
import type { Turn } from '../generator/load.js'
import { median, spread } from '../statistics.js'
import type { Entry } from './contest.js'
import type { Point } from './point.js'

export interface Cell {
  readonly point: string
  readonly peer: string
  /** Median of the rounds: nanoseconds of CPU for one operation, or octets of memory for one connection. */
  readonly value: number
  /** (largest - smallest) / median of the rounds. */
  readonly noise: number
  /** How many times as much ws takes: the median of the ratios within each round; undefined without ws. */
  readonly againstWs: number | undefined
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number | undefined
  readonly p99: number | undefined
  /**
   * How much of one core the peer used, of the time when it could have had one. Below 0.7 it was waiting for the generator:
   * with more to do at a time a message would cost less.
   */
  readonly share: number
  readonly generatorBound: boolean
  /** How much of the time that it could have run the peer waited for a core: others had them all. */
  readonly waited: number
}

/** A peer that failed. */
export interface Failure {
  readonly point: string
  readonly peer: string
  readonly error: string
}

const enoughShare = 0.7

export function cellsOf(point: Point, entries: readonly Entry[]): (Cell | Failure)[] {
  const ws = entries.find(({ peer, error }) => peer === 'ws' && error === undefined)
  return entries.map(({ peer, turns, error }) =>
    error === undefined ? cellOf(point, peer, turns, ws?.turns) : { point: point.name, peer, error },
  )
}

function cellOf(point: Point, peer: string, turns: readonly Turn[], ws: readonly Turn[] | undefined): Cell {
  const values = turns.map(turn => valueIn(point, turn))
  const share = median(turns.map(shareOf))
  return {
    point: point.name,
    peer,
    value: median(values),
    noise: spread(values),
    againstWs: ws && median(values.map((value, round) => valueIn(point, ws[round]!) / value)),
    perSecond: median(turns.map(({ operations, seconds }) => operations / seconds)),
    p50: medianOfKnown(turns.map(({ p50 }) => p50)),
    p99: medianOfKnown(turns.map(({ p99 }) => p99)),
    share,
    generatorBound: isBound(point, turns, share),
    waited: median(turns.map(({ cpu, waited }) => waited / (cpu + waited || 1))),
  }
}

/** With a plan the peer is to wait, and the generator says by itself whether it kept that. */
function isBound({ load, compared }: Point, turns: readonly Turn[], share: number): boolean {
  if (load.kind === 'planned') return turns.filter(({ bound }) => bound).length * 2 > turns.length
  return compared === 'cpu' && share < enoughShare
}

function shareOf({ cpu, waited, seconds }: Turn): number {
  return cpu / Math.max(cpu, seconds * 1e9 - waited)
}

function valueIn({ compared, load }: Point, turn: Turn): number {
  if (compared === 'cpu') return turn.cpu / turn.operations
  return (turn.residentWith - turn.residentBefore) / load.connections
}

function medianOfKnown(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter(value => value !== undefined)
  return known.length === 0 ? undefined : median(known)
}
