/**
 * The report as one page that needs nothing from elsewhere: the page's text, its script, which is bundled when the package is
 * built, and the reports themselves as JSON.
 */
import { readFileSync } from 'node:fs'
import type { ConformanceReport } from '../../conformance/report/conformance-report.js'

/** The page stands with the sources, which are part of the package; its script with what is built. */
const pageUrl = new URL('../../../../src/cli/page/report.html', import.meta.url)
const scriptUrl = new URL('../page/report.js', import.meta.url)

/** The text of the page: one implementation, or several side by side. */
export function htmlReport(reports: readonly ConformanceReport[]): string {
  // Within a script only `</script` and `<!--` mean something.
  const data = JSON.stringify(reports).replaceAll('<', '\\u003c')
  const script = readFileSync(scriptUrl, 'utf8').replaceAll('</script', '<\\/script')
  return readFileSync(pageUrl, 'utf8')
    .replace('<!-- data -->', () => `<script type="application/json" id="data">${data}</script>`)
    .replace('<!-- script -->', () => `<script>${script}</script>`)
}
