/**
 * The report as one page that needs nothing from elsewhere: the page's text, its script, which is bundled when the package is
 * built, and the reports themselves as JSON.
 */
import type { ConformanceReport } from '../../conformance/report/conformance-report.js'
import { packageFile } from '../../load/package-file.js'

/** The page stands with the sources, which are part of the package; its script with what is built. */
const page = 'src/cli/page/report.html'
const pageScript = 'build/src/cli/page/report.js'

/** The text of the page: one implementation, or several side by side. */
export function htmlReport(reports: readonly ConformanceReport[]): string {
  // Within a script only `</script` and `<!--` mean something.
  const data = JSON.stringify(reports).replaceAll('<', '\\u003c')
  const script = packageFile(pageScript).toString().replaceAll('</script', '<\\/script')
  return packageFile(page)
    .toString()
    .replace('<!-- data -->', () => `<script type="application/json" id="data">${data}</script>`)
    .replace('<!-- script -->', () => `<script>${script}</script>`)
}
