/** What is said of a ratio. */
import { ratio } from '../servers/report.js'
import type { Verdict } from './ratios.js'

export function verdictLine({ peer, point, accepted, measured, margin, passes }: Verdict): string {
  const name = `${point}, ${peer}`.padEnd(44)
  const least = ratio(accepted * (1 - margin))
  return `${passes ? 'pass' : 'FALL'}  ${name}${ratio(measured).padStart(6)}  accepted ${ratio(accepted)}, at least ${least}`
}
