/** What is told of a search for a rate. */
import type { FoundRate, RateStep } from '../../load/find-rate.js'
import { ExitCode } from '../exit-code.js'
import { count, milliseconds, rate } from './figures.js'

/** A run, while the search goes on. */
export function stepLine({ rate: tried, holds, reasons, report }: RateStep): string {
  const p99 = report.times.rtt === undefined ? '' : `  rtt p99 ${milliseconds(report.times.rtt.p99)} ms`
  return `${rate(Math.round(tried))}  ${holds ? 'holds' : 'does not hold'}${p99}${reasons.map(one => `\n  - ${one}`).join('')}`
}

const limits: Readonly<Record<FoundRate['limit'], string>> = {
  server: 'the server does not hold more',
  generator: 'more cannot be sent from here in time: the server may hold more; try more --threads',
  maximum: 'no higher rate was tried (--to)',
  interrupted: 'the search was ended before its time',
}

/** What has come of it. */
export function conclusion({ rate: found, limit }: FoundRate): string {
  return found === 0 ? `no rate holds: ${limits[limit]}\n` : `${count(found)} messages a second; ${limits[limit]}\n`
}

export function exitCodeOf({ rate: found, limit, steps }: FoundRate): ExitCode {
  if (limit === 'interrupted') return ExitCode.interrupted
  if (steps.every(({ report }) => report.counts.opened === 0)) return ExitCode.unreachable
  return found > 0 ? ExitCode.ok : ExitCode.failed
}
