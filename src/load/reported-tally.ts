/** Back from a report to what was counted: nothing is lost on the way, so that reports can be added and judged again. */
import { inflateSync } from 'node:zlib'
import { Histogram } from './histogram.js'
import type { LoadReport, TimeReport } from './report.js'
import { Tally, timeNames } from './tally.js'

/** Of a report, or of one of its seconds. */
export type Reported = Pick<LoadReport, 'counts' | 'times'> &
  Partial<Pick<LoadReport, 'errors' | 'closeCodes'>> & {
    readonly classes?: Readonly<Record<string, Reported>> | undefined
    readonly ofWarmUp?: Reported | undefined
  }

/** HdrHistogram's V2 under zlib. */
const compressedCookie = 0x1c849304 + 0x10

/** More than all buckets that there are take up. */
const longestHistogram = 2 ** 20

/**
 * What was counted.
 *
 * @throws {Error} a histogram that is none of this tool.
 */
export function tallyOf({ counts, times, errors = [], closeCodes = {}, classes = {}, ofWarmUp }: Reported): Tally {
  const tally = new Tally()
  Object.assign(tally.counts, counts)
  for (const name of timeNames) {
    const time = times[name]
    if (time !== undefined) tally.times(name).add(histogramOf(time))
  }
  for (const { kind, count, example } of errors) tally.error(kind, example, count)
  for (const [code, count] of Object.entries(closeCodes)) tally.closeCode(Number(code), count)
  for (const [name, part] of Object.entries(classes)) tally.classOf(name).add(tallyOf(part).take())
  if (ofWarmUp !== undefined) tally.warmUp.add(tallyOf(ofWarmUp).take())
  return tally
}

function histogramOf({ histogram, min, max, mean, count }: TimeReport): Histogram {
  const octets = Buffer.from(histogram, 'base64')
  if (octets.length < 8 || octets.readInt32BE(0) !== compressedCookie) throw new RangeError('no histogram in V2 format')
  return Histogram.of({
    counts: inflateSync(octets.subarray(8), { maxOutputLength: longestHistogram }),
    min: Math.round(min * 1000),
    max: Math.round(max * 1000),
    sum: Math.round(mean * count * 1000),
  })
}
