/** What is told of a search for a rate. */
import { milliseconds, several } from '../../load/figures.js'
import type { FoundRate, RateStep } from '../../load/find-rate.js'
import type { LoadReport } from '../../load/report.js'
import { oneLine } from '../../one-line.js'
import { visibleText } from '../../visible-text.js'
import { ExitCode } from '../exit-code.js'

/** A run, while the search goes on. */
export function stepLine({ rate, holds, reasons, report }: RateStep): string {
  const [, name] = measureOf(report)
  const times = report.times[name]
  const p99 = times === undefined ? '' : `  ${name} p99 ${milliseconds(times.p99)} ms`
  // Of the generator's own, which is part of what was measured.
  const inSpite = report.verdict.reasons.map(reason => `in spite of the generator: ${reason}`)
  const why = holds ? inSpite : [...reasons, ...errorsOf(report)]
  return `${figure(rate)}/s  ${holds ? 'holds' : 'does not hold'}${p99}${why.map(one => `\n  - ${one}`).join('')}`
}

/** The most frequent ones. */
function errorsOf({ errors }: LoadReport): string[] {
  return errors.slice(0, 3).map(({ kind, count, example }) => {
    const said = example === '' ? '' : `: ${oneLine(example)}`
    return `${several(count, 'error')}: ${visibleText(kind)}${said}`
  })
}

/** What is counted, and the time of each. */
function measureOf({ settings: { workload } }: LoadReport): readonly [things: string, time: 'rtt' | 'connect'] {
  return workload === 'connect' ? ['connections', 'connect'] : ['messages', 'rtt']
}

/** Never more than was tried, with three digits at least: `1.04`, `50.7`, `1,234`. */
function figure(rate: number): string {
  const parts = rate < 10 ? 100 : rate < 100 ? 10 : 1
  return (Math.floor(Number((rate * parts).toPrecision(12))) / parts).toLocaleString('en-GB')
}

const limits: Readonly<Record<FoundRate['limit'], string>> = {
  server: 'the server does not hold more',
  generator: 'more cannot be sent from here in time: the server may hold more; try more --threads',
  maximum: 'no higher rate was tried (--to)',
  unreachable: 'not one connection could be opened',
  interrupted: 'the search was ended before its time',
}

/** What has come of it. */
export function conclusion(found: FoundRate): string {
  const { rate, limit, steps } = found
  const [last] = steps.slice(-1)
  if (last === undefined) return 'nothing is known yet: the search was ended before its first run was over\n'
  const isOpened = limit === 'unreachable' && last.report.counts.opened > 0
  const reason = isOpened ? 'the server has ended' : limits[limit]
  if (rate > 0) return `${figure(rate)} ${measureOf(last.report)[0]} a second; ${reason}\n`
  if (limit === 'generator') return untold(steps)
  return `${limit === 'interrupted' ? 'no rate has held yet' : 'no rate holds'}: ${reason}${why(found)}\n`
}

/** What most of the connections of the last run said that could not be opened. */
function why({ limit, steps }: FoundRate): string {
  if (limit !== 'unreachable') return ''
  const errors = steps.slice(-1).flatMap(({ report }) => (report.counts.opened > 0 ? [] : report.errors.slice(0, 1)))
  return errors.map(({ example }) => `: ${oneLine(example)}`).join('')
}

export function exitCodeOf({ rate: found, limit }: FoundRate): ExitCode {
  if (limit === 'interrupted') return ExitCode.interrupted
  if (limit === 'unreachable') return ExitCode.unreachable
  if (found > 0) return ExitCode.ok
  return limit === 'generator' ? ExitCode.untrusted : ExitCode.failed
}

/** Nothing has held, and whose fault that is nobody knows. */
function untold(steps: readonly RateStep[]): string {
  const bound = [...new Set(steps.filter(({ report }) => report.verdict.generatorBound).map(({ rate }) => rate))]
  // One a second is the least that is tried.
  const ways = ['more --threads', 'another machine', ...(Math.min(...bound) > 1 ? ['a lower --from'] : [])]
  const rates = bound.map(rate => `${figure(rate)}/s`).join(' and at ')
  return (
    `nothing can be said of the server: the generator was the bottleneck at ${rates}\n` +
    `give this machine less to do, or use ${new Intl.ListFormat('en', { type: 'disjunction' }).format(ways)}\n`
  )
}
