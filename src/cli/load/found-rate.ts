/** What is told of a search for a rate. */

import { count, milliseconds, rate } from '../../load/figures.js'
import type { FoundRate, RateStep } from '../../load/find-rate.js'
import { ExitCode } from '../exit-code.js'

/** A run, while the search goes on. */
export function stepLine({ rate: tried, holds, reasons, report }: RateStep): string {
  const p99 = report.times.rtt === undefined ? '' : `  rtt p99 ${milliseconds(report.times.rtt.p99)} ms`
  return `${rate(Math.round(tried))}  ${holds ? 'holds' : 'does not hold'}${p99}${reasons.map(one => `\n  - ${one}`).join('')}`
}

const limits: Readonly<Record<FoundRate['limit'], string>> = {
  server: 'the server does not hold more',
  generator: 'more cannot be sent from here in time: the server may hold more; try more --threads',
  maximum: 'no higher rate was tried (--to)',
  unreachable: 'not one connection could be opened',
  interrupted: 'the search was ended before its time',
}

/** What has come of it. */
export function conclusion({ rate: found, limit, steps }: FoundRate): string {
  if (found === 0 && limit === 'generator') return untold(steps)
  return found === 0 ? `no rate holds: ${limits[limit]}\n` : `${count(found)} messages a second; ${limits[limit]}\n`
}

export function exitCodeOf({ rate: found, limit }: FoundRate): ExitCode {
  if (limit === 'interrupted') return ExitCode.interrupted
  if (limit === 'unreachable') return ExitCode.unreachable
  if (found > 0) return ExitCode.ok
  return limit === 'generator' ? ExitCode.untrusted : ExitCode.failed
}

/** Nothing has held, and whose fault that is nobody knows. */
function untold(steps: readonly RateStep[]): string {
  const bound = steps.filter(({ report }) => report.verdict.generatorBound).map(({ rate: tried }) => rate(tried))
  return (
    `nothing can be said of the server: the generator was the bottleneck at ${bound.join(' and at ')}\n` +
    'give this machine less to do, or use more --threads, another machine, or a lower --from\n'
  )
}
