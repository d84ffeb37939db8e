/** `framewright load compare`: whether a server has become better or worse. */
import { compareCaveats } from '../../load/compare-caveats.js'
import { compareGate } from '../../load/compare-gate.js'
import { compareMarkdown } from '../../load/compare-markdown.js'
import { compareReports } from '../../load/compare-reports.js'
import { htmlReport } from '../../load/html-report.js'
import { parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import { complain, type Terminal } from '../terminal.js'
import { checkOutput, writeOutput } from './outputs.js'
import { reportFiles } from './report-files.js'

export const loadCompare: Command = {
  name: 'load compare',
  summary: 'tells what is better or worse than before, with 95 % confidence; for CI',
  usage: 'BEFORE[,BEFORE…] AFTER[,AFTER…] [options]',
  about: [
    'Reads what --json wrote, and prints a table in Markdown: each figure before and after, by how much it has changed, where\nthat change is with 95 % confidence (bootstrap over runs and seconds), and what the same thing differs by from itself.',
    'Compared is what a load is about: round trips, or the times of connections, of the last receiver and so on; replies and\nconnections that are missing; CPU and memory of the server, where somebody looked; each class of a scenario by itself.',
    'Loads that were not told the same, and runs whose figures are those of the generator, are compared with a warning.',
    'One run cannot tell what differs from run to run: give several of each side, with commas between them. One of all may\nbe -, which is stdin.',
  ],
  options: {
    gate: { value: 'PERCENT', help: 'exit with 1 where a figure is worse by more than this (5%)' },
    html: {
      value: 'FILE',
      help: "write a page with charts of the last run after, beside the last run before;\n'-': to stdout, and the table to stderr",
    },
    json: { help: 'JSON instead of Markdown' },
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    [
      'Exit codes',
      [
        '0    it was printed',
        '1    with --gate: a figure has become worse by more than that, with 95 % confidence; or nothing can be said:\n     where a side has fewer than five seconds of what the load is about (as one storm has: give five runs of each side),\n     or a run in which not one connection was opened, or all were lost before the end;\n     with --html: the page could not be written',
        '2    the command line is wrong, or a file is no report',
        '5    stdout cannot be written to: the disk is full, … (a closed pipe is no error)',
      ],
    ],
    [
      'Examples',
      [
        'framewright load compare before.json after.json',
        'framewright load compare main-1.json,main-2.json,main-3.json mine-1.json,mine-2.json,mine-3.json --gate 5%',
      ],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, loadCompare.options)
  const [before, after, ...more] = given.positionals
  if (before === undefined || after === undefined) {
    throw new CommandError('which reports? framewright load compare before.json after.json')
  }
  if (more[0] !== undefined)
    throw new CommandError(`unexpected argument ${more[0]}; several runs of a side: a.json,b.json`)
  const gate = gateOf(given.get('gate'))
  const html = given.get('html')
  if (html === '-' && given.has('json')) {
    throw new CommandError('--html - and --json: only one of them can go to stdout')
  }
  const files = [before.split(','), after.split(',')] as const
  const old = await reportFiles('compare', files[0], terminal)
  const now = await reportFiles('compare', files[1], terminal)
  if (html !== undefined) await checkOutput('--html', html, files.flat())
  const figures = compareReports(old, now)
  const text = given.has('json') ? `${JSON.stringify(figures)}\n` : compareMarkdown(figures)
  try {
    if (html === '-') terminal.stderr.write(text)
    else await print(terminal, text)
    for (const caveat of compareCaveats(old, now)) complain(terminal, `careful: ${caveat}`)
  } finally {
    if (html !== undefined) await writeOutput('--html', html, htmlReport(now.at(-1)!, old.at(-1)), terminal)
  }
  if (gate === undefined) return ExitCode.ok
  const { passed, worse, blind } = compareGate(old, now, gate, figures)
  if (passed) return ExitCode.ok
  // What is worse stands in the table.
  if (worse.length === 0) complain(terminal, `--gate cannot judge: ${blind}`)
  return ExitCode.failed
}

function gateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, percent] = /^(\d+(?:\.\d+)?)%?$/.exec(text) ?? []
  if (percent === undefined) throw new CommandError(`--gate ${JSON.stringify(text)} is not a share such as 5%`)
  return Number(percent) / 100
}
