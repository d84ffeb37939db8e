/** A report as JSON, piece by piece: that of a run of a day is longer than the longest string of V8, which is half a GiB. */
import type { LoadReport } from './report.js'

/** What JSON.stringify would make of it: lists member by member, so by the second, and all else at once. */
export function* jsonPieces(report: LoadReport): Generator<string> {
  let before = '{'
  for (const [name, value] of Object.entries(report)) {
    if (value === undefined) continue
    const begin = `${before}${JSON.stringify(name)}:`
    before = ','
    if (Array.isArray(value)) {
      yield `${begin}[`
      for (const [i, member] of value.entries()) yield (i === 0 ? '' : ',') + JSON.stringify(member)
      yield ']'
    } else yield begin + JSON.stringify(value)
  }
  yield '}\n'
}
