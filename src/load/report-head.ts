/** What a report is of, in the same words wherever it stands: what was asked for, what was measured, and what came in between. */
import { count, period, several } from './figures.js'
import { lateStart } from './late-start.js'
import type { Workload } from './load-options.js'
import type { Interruption, LoadReport } from './report.js'
import { countOf } from './schedule.js'

/** Each a line, or a part of one. */
export interface ReportHead {
  /** The load: `echo, closed model, 1 under way on each connection; 10 connections …`. */
  readonly asked: string
  /** For how long. */
  readonly measured: string
  /** It began later than it was to. */
  readonly late: string | undefined
  /** It ended before its time, and why; or which of its shards did. */
  readonly ended: string | undefined
}

type Told = Pick<LoadReport, 'settings' | 'shards' | 'seconds' | 'startedAt' | 'interruptedBy' | 'generator'>

export function headOf(report: Told): ReportHead {
  const { settings, shards, seconds, generator } = report
  const { workload, segments, arrival, pipeline, burst, shard, size: octets, text } = settings
  const closed = `closed model, ${underWay(workload, pipeline)}${burst ? ', in bursts' : ''}`
  const open = `open model, ${arrival === 'poisson' ? 'Poisson arrivals' : 'evenly spaced'}`
  const threads = shards === undefined ? settings.threads : generator.threads.length
  const parts = [connectionsOf(report), several(threads, 'thread')]
  if (workload === 'echo' || workload === 'broadcast' || workload === 'upload') {
    parts.push(`${count(octets)} octets of ${text ? 'text' : 'binary'} each`)
  }
  if (settings.connect.perMessageDeflate) parts.push('compression asked for')
  if (shard.count > 1) parts.push(`share ${shard.index + 1} of ${shard.count}`)
  if (shards !== undefined) parts.push(`${shards.indexes.length} of ${several(shards.count, 'shard')}`)
  const model = segments === undefined ? closed : open
  const still = workload === 'idle' || workload === 'storm'
  return {
    asked: `${workload}${still ? '' : `, ${model}`}; ${parts.join(', ')}`,
    measured: `measured for ${period(seconds * 1000)}`,
    late: lateStart(report),
    ended: endingOf(report),
  }
}

/** Those of the shards that are there. Classes are divided one by one, and the report has only what they come to. */
function connectionsOf({ settings, shards }: Told): string {
  const { connections, scenario, mix } = settings
  const all = several(connections, 'connection')
  if (shards === undefined || shards.indexes.length === shards.count) return all
  if ((scenario ?? mix) !== undefined) return `${all} in all shards`
  const { count, indexes } = shards
  return several(
    indexes.reduce((sum, index) => sum + countOf(connections, { index, count }), 0),
    'connection',
  )
}

const endings: Readonly<Record<Interruption, string>> = {
  signal: 'ended before its time',
  failIf: 'ended by a condition that it was not to come to',
  disconnected: 'ended before its time: not one connection was open, and none was to come',
}

/** More of them are not named. */
const mostNamed = 20

/** Of shards that did not all end alike: each that ended before its time. */
function endingOf({ shards, interruptedBy }: Told): string | undefined {
  if (interruptedBy === undefined) return undefined
  const { count: all, indexes = [], ended = [] } = shards ?? {}
  const alike = ended.every(({ by }) => by === interruptedBy)
  if (ended.length === 0 || (alike && ended.length === indexes.length)) return endings[interruptedBy]
  const parts = Object.entries(endings).map(([by, ending]) => {
    const those = ended.filter(one => one.by === by)
    const names = those.map(({ index, seconds }) => `${index + 1}/${all} (after ${period(seconds * 1000)})`)
    const more = those.length > mostNamed ? [`and ${those.length - mostNamed} more`] : []
    const which = [...names.slice(0, mostNamed), ...more].join(', ')
    if (those.length === 0) return ''
    return those.length === 1 ? `shard ${which} ${ending}` : `shards ${which} each ${ending}`
  })
  return parts.filter(part => part !== '').join('; ')
}

function underWay(workload: Workload, pipeline: number): string {
  if (workload === 'connect') return 'each connection followed by another one'
  return `${count(pipeline)} under way${workload === 'broadcast' ? '' : ' on each connection'}`
}
