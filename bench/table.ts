/** Figures as a table: a line for each point and contestant. */
import type { Figure } from './measure.js'

export const tableHead = `${'point'.padEnd(36)}${'contestant'.padEnd(28)}${'ns'.padStart(12)}${'noise'.padStart(8)}${'ws / it'.padStart(9)}`

export function tableLine(point: string, { contestant, nanoseconds, noise, againstWs }: Figure): string {
  const ratio = againstWs === undefined ? '' : againstWs.toFixed(2)
  const time = nanoseconds.toLocaleString('en', { maximumSignificantDigits: nanoseconds < 100 ? 3 : 4 })
  return `${point.padEnd(36)}${contestant.padEnd(28)}${time.padStart(12)}${`${(noise * 100).toFixed(0)} %`.padStart(8)}${ratio.padStart(9)}`
}
