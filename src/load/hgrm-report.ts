/** The whole spectrum of percentiles of one time, as text that HdrHistogram's plotters read. */
import { UsageError } from '../errors.js'
import { instead } from './condition.js'
import { mainTime } from './main-time.js'
import type { LoadReport } from './report.js'
import { timeWords } from './report-words.js'
import { tallyOf } from './reported-tally.js'
import { type TimeName, timeNames } from './tally.js'

/**
 * One distribution, in full: values in milliseconds, the percentile of each, how many there are up to it, and
 * 1/(1-percentile), with mean, deviation, longest and count below (`.hgrm`). The first line is a comment, and says which time it is.
 *
 * @param report - only read.
 * @param time - which; where it was not measured, there are no lines. Default: what the workload is about, `rtt` mostly,
 * measured or not.
 * `rttFromSend` is the same without what waited before it left: the distribution that is not corrected for coordinated
 * omission.
 * @throws UsageError WS_INVALID_OPTION: there is no such time.
 */
export function hgrmReport(report: LoadReport, time: TimeName = mainTime(report)): string {
  if (!timeNames.includes(time)) {
    throw new UsageError('WS_INVALID_OPTION', '6.1', `there is no time ${String(time)}: ${instead(time, timeNames)}`)
  }
  const histogram = tallyOf(report).times(time)
  const none = histogram.count === 0 ? '; none was measured' : ''
  return `#[${time}, in milliseconds: ${timeWords(report.settings)[time]}${none}]\n${histogram.distribution()}`
}
