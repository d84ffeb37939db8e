/** What naive endpoints take for text, rightly or broken. */
import type { Break } from './mutants.js'

/** @param ends - whether the message ends here, so that a code point must not go on. */
export function isNaiveText(octets: Buffer, ends: boolean, breaks: ReadonlySet<Break>): boolean {
  if (breaks.has('checks no UTF-8 above a thousand octets') && octets.length > 1000) return true
  const checked = octets.subarray(0, checkedLength(octets.length, breaks))
  const lax = breaks.has('lets long texts end within a code point') && octets.length > 60
  const mayGoOn = !ends || lax || checked.length < octets.length
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(checked, { stream: mayGoOn })
    return true
  } catch {
    return false
  }
}

function checkedLength(length: number, breaks: ReadonlySet<Break>): number {
  if (breaks.has('checks UTF-8 of the first 60 octets only')) return Math.min(length, 60)
  const inBlocks = length > 8 && breaks.has('checks UTF-8 of whole blocks of eight only')
  return inBlocks ? length - (length % 8) : length
}
