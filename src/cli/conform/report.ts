/** `framewright conform report`: several implementations side by side. */
import { join } from 'node:path'
import { type ConformanceReport, parseReport } from '../../conformance/report/conformance-report.js'
import { matrixMarkdown } from '../../conformance/report/matrix.js'
import { visibleText } from '../../visible-text.js'
import { parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import type { Terminal } from '../terminal.js'
import { textFile } from '../text-file.js'
import { htmlReport } from './html-report.js'
import { namedPath } from './named-path.js'
import { prepareOutput, writeOutput } from './write-output.js'

export const conformReport: Command = {
  name: 'conform report',
  summary: 'shows reports of several implementations side by side',
  usage: 'FILE… [options]',
  about: [
    'Reads files that --json wrote, and prints the sums and every case that is not PASS wherever it was run (– where it was\n' +
      'not), as Markdown; or makes a page of them, with search, filters, and what went over the wire.',
  ],
  options: {
    html: { value: 'DIR', help: 'writes DIR/index.html instead' },
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    [
      'Exit codes',
      ['0    it was printed, or written', '2    a file cannot be read, or is no report; or the page cannot be written'],
    ],
    [
      'Examples',
      [
        'framewright conform report ours.json theirs.json > matrix.md',
        'framewright conform report ours.json theirs.json --html matrix',
      ],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, conformReport.options)
  const { positionals } = given
  if (positionals.length === 0) throw new CommandError('which reports? framewright conform report A.json B.json')
  const reports: ConformanceReport[] = []
  for (const path of positionals) {
    const report = parseReport(await textFile('report', path))
    if (report === undefined)
      throw new CommandError(`${path} is no report; framewright conform server URL --json FILE writes one`)
    reports.push(report)
  }
  const html = given.get('html')
  if (html !== undefined) {
    const path = join(namedPath('--html', html), 'index.html')
    await prepareOutput('--html', path)
    await writeOutput('--html', path, htmlReport(reports))
  } else await print(terminal, visibleText(matrixMarkdown(reports)))
  return ExitCode.ok
}
