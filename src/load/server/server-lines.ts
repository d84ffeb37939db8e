/** What a report says of the server, as text: what it took, and what it told of itself. */
import { visibleText } from '../../visible-text.js'
import { count, milliseconds, several, size } from '../figures.js'
import type { LoadReport } from '../report.js'
import { hasAllShards } from '../shards.js'
import type { Paint } from '../text-report.js'
import { serverEnding } from './server-ending.js'
import type { EventLoopDelay, MetricReport, ServerReport } from './server-report.js'

/** @param report - the whole of it. */
export function serverLines(server: ServerReport, report: LoadReport, paint: Paint): string[] {
  const { pid, cgroup, memoryBefore, memoryMax, perConnection, eventLoopDelay, metrics = {}, scrapes } = server
  const which = pid === undefined ? cgroup : `process ${pid}`
  const lines = [paint('bold', which === undefined ? 'server' : `server, ${visibleText(which)}`)]
  const ending = serverEnding(server)
  if (ending !== undefined) lines.push(`  ${paint('red', ending)}`)
  const cpu = cpuLine(server, report)
  if (cpu !== '') lines.push(`  ${cpu}`)
  if (memoryMax !== undefined) {
    const before = memoryBefore === undefined ? '' : `${size(memoryBefore)} before the first connection, `
    lines.push(`  memory ${before}${size(memoryMax)} at most`)
  }
  if (perConnection !== undefined) lines.push(`  ${eachLine(perConnection)}`)
  if (memoryMax !== undefined && (report.settings.shard.count > 1 || report.shards !== undefined)) {
    lines.push('  what each connection takes of it no shard can tell: the others open theirs at the same time')
  }
  if (eventLoopDelay !== undefined) lines.push(`  ${delayLine(eventLoopDelay)}`)
  lines.push(...metricLines(metrics, paint))
  if (scrapes !== undefined && scrapes.failed > 0) {
    const all = count(scrapes.answered + scrapes.failed)
    lines.push(`  ${paint('red', `its metrics could not be had ${count(scrapes.failed)} of ${all} times`)}`)
  }
  if (lines.length === 1)
    lines.push('  none of its figures is known: neither its CPU and memory, nor how late its event loop was')
  return lines
}

function eachLine(perConnection: NonNullable<ServerReport['perConnection']>): string {
  if ('unknown' in perConnection) return `what each connection takes of it cannot be told: ${perConnection.unknown}`
  const { octets, error, samples } = perConnection
  return `${size(octets)} for each connection, ± ${size(2 * error)} (by regression over ${samples} samples)`
}

function cpuLine({ cores, threads, endedAfter }: ServerReport, report: LoadReport): string {
  const { counts, seconds } = report
  // What it did for shards that are not here is in its CPU, and not among the messages; nor are the seconds its own that it missed.
  const received = hasAllShards(report) && endedAfter === undefined ? counts.receivedInTime : 0
  const cpu = cores === undefined ? [] : [`CPU ${cores.toFixed(2)} cores${each(cores * seconds, received)}`]
  return [...cpu, ...(threads === undefined ? [] : [several(threads, 'thread')])].join('; ')
}

/** @param cpu - seconds. */
function each(cpu: number, received: number): string {
  return received === 0 ? '' : `, ${((cpu * 1e6) / received).toFixed(1)} µs for each message received`
}

const delayWords = { now: 'when it was asked', p50: 'at p50', p90: 'at p90', p99: 'at p99', max: 'at most' } as const

/** The mean is one of seconds; of the others it is the worst second. */
function delayLine({ mean, ...worst }: EventLoopDelay): string {
  const figures = Object.entries(delayWords) as [keyof typeof delayWords, string][]
  const known = figures.flatMap(([figure, words]) => {
    const value = worst[figure]
    return value === undefined ? [] : [`${milliseconds(value)} ms ${words}`]
  })
  const parts = [
    ...(mean === undefined ? [] : [`${milliseconds(mean)} ms on average`]),
    ...(known.length === 0 ? [] : [`in its worst second ${known.join(', ')}`]),
  ]
  return `event loop late, as it told: ${parts.join('; ')}`
}

function metricLines(metrics: Readonly<Record<string, MetricReport>>, paint: Paint): string[] {
  const all = Object.entries(metrics)
  if (all.length === 0) return []
  const width = Math.max(...all.map(([name]) => visibleText(name).length)) + 2
  const head = `  ${' '.repeat(width)}${['min', 'mean', 'max'].map(figure => figure.padStart(14)).join('')}`
  const rows = all.map(([name, { min, mean, max, counter }]) => {
    const cells = [min, mean, max].map(value => figure(value).padStart(14)).join('')
    return `  ${visibleText(name).padEnd(width)}${cells}${counter ? '  a second' : ''}`
  })
  return [paint('dim', head), ...rows]
}

function figure(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: Math.abs(value) < 1000 ? 3 : 9 })
}
