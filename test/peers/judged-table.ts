/** The table of docs/conformance.md: what the suite says of other people's endpoints, by name and version. */
import type { ConformanceReport } from '../../src/conformance/report/conformance-report.js'
import type { JudgedPeer } from './judged-peers.js'

const begin = '<!-- judged peers: npm run conformance:docs -->\n'
const end = '<!-- end of judged peers -->\n'
const shown = ['PASS', 'INFO', 'SKIP', 'WARN', 'FAIL'] as const

/**
 * The row of an endpoint.
 *
 * @param json - the report.
 */
export function rowOf({ title, side, version }: JudgedPeer, json: string): string {
  const { cases } = JSON.parse(json) as ConformanceReport
  const counts = shown.map(verdict => cases.filter(one => one.verdict === verdict).length)
  return `| ${[title, version(), side, cases.length, ...counts].join(' | ')} |\n`
}

/** The text with these rows in the place of those that it had. */
export function withTable(text: string, rows: readonly string[]): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error('there is no place for the table')
  const head = `| who | version | side | cases | ${shown.join(' | ')} |\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n`
  return `${text.slice(0, from)}${begin}\n${head}${rows.join('')}\n${text.slice(to)}`
}
