/** Which figures of two sides are compared: those that their loads are about, and what the server took for it. */
import type { ComparedFigure } from './compare-reports.js'
import type { ComparedSide, Figures, ServerName } from './compared-side.js'
import { mainTimeWhere } from './main-time.js'
import type { TimeName } from './tally.js'
import { wireOctetsEach } from './wire-octets-each.js'

/** One figure, and how it is read. */
export interface Figure {
  /** Such as `rtt.p99`; of a class of a scenario, or a part of a mixed load: `writers: rtt.p99`. */
  readonly name: string
  readonly unit: ComparedFigure['unit']
  readonly lessIsBetter: boolean
  of(figures: Figures): number
  /** In how many seconds of a side it was measured: it is drawn from these. */
  seconds(side: ComparedSide): number
  /** Where it is 0 on both sides it is left out. */
  readonly hidesNone: boolean
}

/** Fewer seconds of a side say nothing about their scatter. */
export const fewestSeconds = 5

/** Besides round trips; what only opening a connection takes is there only where connections are opened all the time. */
const others = [
  'connect',
  'reconnect',
  'upgrade',
  'tls',
  'firstReply',
  'lastReceiver',
  'firstOctet',
  'iteration',
  'ping',
] as const satisfies readonly TimeName[]

/**
 * Of a whole run.
 *
 * @param hasAll - no shard is missing: what a server did for others is in its CPU, and not among the replies.
 */
export function wholeFigures(old: ComparedSide, now: ComparedSide, hasAll: boolean): readonly Figure[] {
  const repliesTo = (counts: Figures['counts']) => (hasAll ? counts.receivedInTime : 0)
  return [
    ...timeFigures('rtt', [50, 90, 99, 99.9], true),
    ...otherTimes(old, now),
    ...messageFigures,
    wireFigure('sent'),
    wireFigure('received'),
    {
      ...figure('connections dropped', '/s', true, ({ counts, seconds }) => counts.dropped / seconds),
      hidesNone: true,
    },
    serverFigure(
      'cpu a reply',
      'µs',
      'cores',
      (cores, { seconds, counts }) => (cores * seconds * 1e6) / repliesTo(counts),
    ),
    // Where there are replies it is told for each: a server that gives more of them may take more for all.
    serverFigure('cores', 'cores', 'cores', (cores, { counts }) => (repliesTo(counts) > 0 ? Number.NaN : cores)),
    serverFigure('memory', 'octets', 'memory'),
    serverFigure('eventLoopDelay.p99', 'ms', 'delay'),
  ]
}

/** Of a class of a scenario, or a part of a mixed load. */
export function classFigures(className: string, old: ComparedSide, now: ComparedSide): readonly Figure[] {
  const all = [...timeFigures('rtt', [50, 99], false), ...otherTimes(old, now), ...messageFigures]
  return all.map(one => ({ ...one, name: `${className}: ${one.name}` }))
}

const messageFigures: readonly Figure[] = [
  {
    ...figure('rate.received', '/s', false, ({ counts, seconds }) => counts.receivedInTime / seconds),
    hidesNone: true,
  },
  figure('reach', '%', false, ({ counts }) => share(counts.received, counts.expected)),
  figure('not answered', '%', true, ({ counts }) => {
    const { expected, missed, lost, unanswered, wrong } = counts
    return share(missed + lost + unanswered + wrong, expected + missed)
  }),
]

/**
 * That which the load is about, and those that both sides have in enough seconds; Pings where there is nothing better. What only one
 * side has cannot be compared, and is not better than anything.
 */
function otherTimes(old: ComparedSide, now: ComparedSide): Figure[] {
  const seconds = (name: TimeName) => Math.min(old.secondsWith(name), now.secondsWith(name))
  const main = mainTimeWhere(name => seconds(name) > 0)
  return others
    .filter(name => name !== 'ping' || seconds('rtt') === 0)
    .filter(name => name === main || seconds(name) >= fewestSeconds)
    .flatMap(name => timeFigures(name, [50, 99], false))
}

function timeFigures(name: TimeName, percents: readonly number[], mean: boolean): Figure[] {
  const seconds = (side: ComparedSide) => side.secondsWith(name)
  const percentiles = percents.map(percent => ({
    ...figure(`${name}.p${percent}`, 'ms', true, figures => figures.times(name).percentile(percent)),
    seconds,
  }))
  const average = { ...figure(`${name}.mean`, 'ms', true, figures => figures.times(name).mean), seconds }
  return mean ? [...percentiles, average] : percentiles
}

function figure(name: string, unit: Figure['unit'], lessIsBetter: boolean, of: (figures: Figures) => number): Figure {
  return { name, unit, lessIsBetter, of, seconds: side => side.seconds, hidesNone: false }
}

function wireFigure(way: 'sent' | 'received'): Figure {
  return figure(`${way} on the wire`, 'octets', true, ({ counts }) => wireOctetsEach(counts, way) ?? Number.NaN)
}

/** @param of - makes it of what was known of the server. */
function serverFigure(
  name: string,
  unit: Figure['unit'],
  known: ServerName,
  of: (value: number, figures: Figures) => number = value => value,
): Figure {
  const each = figure(`server.${name}`, unit, true, figures => of(figures.server(known), figures))
  return { ...each, seconds: side => side.secondsKnown(known) }
}

function share(part: number, whole: number): number {
  return (part * 100) / whole
}
