/**
 * A report as one HTML page without anything from elsewhere: charts over time, the distribution, what should not be, and a
 * comparison with an earlier run. The charts are drawn by uPlot, which is bundled into the page.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { compareReports } from './compare-reports.js'
import type { LoadReport, TimeReport } from './report.js'
import { tallyOf } from './reported-tally.js'
import type { TimeName } from './tally.js'

/** The page stands with the sources, its script is made when the package is built. */
const pageUrl = new URL('../../../src/load/page/report.html', import.meta.url)
const scriptUrl = new URL('./page/plots.js', import.meta.url)

/** A point for each of these shares of what takes longer, and of ten times less, and so on. */
const steps = [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8]

/**
 * The page.
 *
 * @param report - only read.
 * @param before - an earlier run to compare with.
 */
export function htmlReport(report: LoadReport, before?: LoadReport): string {
  const script = readFileSync(scriptUrl, 'utf8').replaceAll('</script', '<\\/script')
  const data = {
    report: drawable(report),
    ...(before && { before: { curve: curveOf(before) }, compared: compareReports([before], [report]) }),
  }
  const parts: Readonly<Record<string, string>> = {
    '%POLICY%': `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    // Nothing in it can end the element that it stands in.
    '"%DATA%"': JSON.stringify(data).replaceAll('<', '\\u003c'),
    "'%SCRIPT%'": script,
  }
  return readFileSync(pageUrl, 'utf8').replace(/%POLICY%|"%DATA%"|'%SCRIPT%'/g, name => parts[name]!)
}

/** The report without its histograms, but with what is drawn of them. */
function drawable(report: LoadReport) {
  return {
    ...report,
    main: mainTime(report),
    curve: curveOf(report),
    times: plain(report.times),
    perSecond: report.perSecond.map(second => ({ ...second, times: plain(second.times) })),
  }
}

/** What the workload is about. */
function mainTime({ times }: LoadReport): TimeName {
  return (['rtt', 'connect', 'reconnect'] as const).find(name => times[name] !== undefined) ?? 'rtt'
}

function plain(times: LoadReport['times']): object {
  return Object.fromEntries(
    Object.entries(times).map(([name, { histogram: _, ...rest }]: [string, TimeReport]) => [name, rest]),
  )
}

/** Points of 1 / (1 - p) and the percentile p, as far as there are times beyond it. */
function curveOf(report: LoadReport): [x: number, time: number][] {
  const histogram = tallyOf(report).times(mainTime(report))
  const points: [number, number][] = []
  for (let decade = 1; decade <= histogram.count; decade *= 10) {
    for (const step of steps) {
      const x = decade * step
      if (x <= histogram.count) points.push([x, histogram.percentile(100 - 100 / x)])
    }
  }
  return points
}
