/**
 * A report as one HTML page without anything from elsewhere: charts over time, distributions, what each part and each stage
 * has taken, what should not be, and a comparison with an earlier run. The charts are drawn by uPlot, which is bundled into
 * the page.
 */
import { createHash } from 'node:crypto'
import { absentFrom } from './absent-replies.js'
import { compareCaveats } from './compare-caveats.js'
import { compareReports } from './compare-reports.js'
import { conditionText } from './condition.js'
import type { Histogram } from './histogram.js'
import { mainTime } from './main-time.js'
import { packageFile } from './package-file.js'
import type { LoadPart, LoadReport, SecondPart } from './report.js'
import { headOf } from './report-head.js'
import { badPeerWords, countWords, timeWords } from './report-words.js'
import { tallyOf } from './reported-tally.js'
import { serverEnding } from './server/server-ending.js'
import { shownOf } from './shown-second.js'
import { type TimeName, timeNames } from './tally.js'
import { verdictWords } from './verdict-words.js'

/** The page stands with the sources, its script is made when the package is built. */
const page = 'src/load/page/report.html'
const pageScript = 'build/src/load/page/plots.js'

/** A point for each of these shares of what takes longer, and of ten times less, and so on. */
const steps = [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8]

/** Bars of the histogram for each power of ten. */
const perDecade = 20

/** Points of 1 / (1 - p) and the percentile p. */
type Curve = readonly (readonly [x: number, time: number])[]

/**
 * The page.
 *
 * @param report - only read.
 * @param before - an earlier run to compare with.
 */
export function htmlReport(report: LoadReport, before?: LoadReport): string {
  const script = packageFile(pageScript).toString().replaceAll('</script', '<\\/script')
  const data = {
    words: { counts: countWords, badPeers: badPeerWords },
    report: drawable(report),
    ...(before && {
      before: drawable(before),
      compared: compareReports([before], [report]),
      caveats: compareCaveats([before], [report]),
    }),
  }
  const parts: Readonly<Record<string, string>> = {
    '%POLICY%': `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    // Nothing in it can end the element that it stands in.
    '"%DATA%"': JSON.stringify(data).replaceAll('<', '\\u003c'),
    "'%SCRIPT%'": script,
  }
  return packageFile(page)
    .toString()
    .replace(/%POLICY%|"%DATA%"|'%SCRIPT%'/g, name => parts[name]!)
}

/** The report without its histograms, but with what is drawn of them. */
function drawable({ phases = [], classes = {}, perSecond, ...report }: LoadReport) {
  const main = mainTime(report)
  return {
    ...report,
    main,
    curves: curvesOf(report),
    bars: barsOf(tallyOf(report).times(main)),
    words: timeWords(report.settings),
    absent: absentFrom(report) ?? '',
    head: headOf(report),
    serverEnding: report.server && serverEnding(report.server),
    verdict: verdictWords(report, 'the generator'),
    times: plain(report.times),
    conditions: report.conditions.map(one => ({ ...one, said: conditionText(one) })),
    phases: phases.map(phase => partOf(phase.name, phase)),
    classes: Object.entries(classes).map(([name, part]) => ({
      ...partOf(name, part),
      // By the second: what is drawn of a class over time.
      seconds: perSecond.map(({ classes, warmUp }) => secondOf(classes?.[name], warmUp, mainTime(part))),
    })),
    perSecond: withUnanswered(
      report.counts,
      perSecond.map(({ classes: _, ofWarmUp, ...second }) => {
        const { counts, times } = shownOf({ ...second, ofWarmUp }, second.warmUp)
        return { ...second, counts, times: plain(times) }
      }),
    ),
  }
}

/** What had not come at the end is in no second of the report, for it never happened: it is drawn where it was known, at the end. */
function withUnanswered<Second extends Pick<LoadReport, 'counts'>>(
  { unanswered }: LoadReport['counts'],
  seconds: readonly Second[],
): readonly Second[] {
  const told = seconds.reduce((sum, { counts }) => sum + counts.unanswered, 0)
  return seconds.map((second, i) => {
    if (i < seconds.length - 1) return second
    return { ...second, counts: { ...second.counts, unanswered: second.counts.unanswered + unanswered - told } }
  })
}

function partOf(name: string, { counts, times, errors }: LoadPart) {
  const main = mainTime({ times })
  return { name, counts, errors, main, times: plain(times), curve: curvesOf({ counts, times })[main] ?? [] }
}

function secondOf(part: SecondPart | undefined, warmUp: boolean, main: TimeName) {
  if (part === undefined) return { received: null, p99: null }
  const { counts, times } = shownOf(part, warmUp)
  return { received: counts.received, p99: times[main]?.p99 ?? null }
}

function plain(times: LoadReport['times']): object {
  // Of a report that was read: one of another version may have more.
  const known = timeNames.filter(name => times[name] !== undefined)
  return Object.fromEntries(
    known.map(name => {
      const { histogram: _, ...rest } = times[name]!
      return [name, rest]
    }),
  )
}

/** Of each time that was measured. */
function curvesOf(part: Pick<LoadReport, 'counts' | 'times'>): Partial<Record<TimeName, Curve>> {
  const tally = tallyOf(part)
  const known = timeNames.filter(name => part.times[name] !== undefined)
  return Object.fromEntries(known.map(name => [name, curveOf(tally.times(name))]))
}

/** As far as there are times beyond the percentile. */
function curveOf(histogram: Histogram): Curve {
  const points: [number, number][] = []
  for (let decade = 1; decade <= histogram.count; decade *= 10) {
    for (const step of steps) {
      const x = decade * step
      if (x <= histogram.count) points.push([x, histogram.percentile(100 - 100 / x)])
    }
  }
  return points
}

/** The least time that each bar has, and how many: from the shortest to the longest, with those between that are empty, and one behind. */
function barsOf(histogram: Histogram): readonly (readonly [time: number, count: number])[] {
  const counts = new Map<number, number>()
  for (const [time, count] of histogram.buckets()) {
    // There is no place for 0 on a logarithmic axis: nothing is known below a microsecond.
    const bar = Math.floor(Math.log10(Math.max(time, 0.001)) * perDecade)
    counts.set(bar, (counts.get(bar) ?? 0) + count)
  }
  if (counts.size === 0) return []
  const first = Math.min(...counts.keys())
  return Array.from({ length: Math.max(...counts.keys()) - first + 2 }, (_, i) => [
    10 ** ((first + i) / perDecade),
    counts.get(first + i) ?? 0,
  ])
}
