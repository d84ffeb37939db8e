/** `framewright load compare`: whether a server has become better or worse. */
import { compareCaveats } from '../../load/compare-caveats.js'
import { type ComparedFigure, compareReports } from '../../load/compare-reports.js'
import { fewestSeconds } from '../../load/compared-figures.js'
import { htmlReport } from '../../load/html-report.js'
import { mainTime } from '../../load/main-time.js'
import type { LoadReport } from '../../load/report.js'
import { markdownCell } from '../../markdown-cell.js'
import { visibleText } from '../../visible-text.js'
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
  const text = given.has('json') ? `${JSON.stringify(figures)}\n` : markdown(figures)
  try {
    if (html === '-') terminal.stderr.write(text)
    else await print(terminal, text)
    for (const caveat of compareCaveats(old, now)) complain(terminal, `careful: ${caveat}`)
  } finally {
    if (html !== undefined) await writeOutput('--html', html, htmlReport(now.at(-1)!, old.at(-1)), terminal)
  }
  if (gate === undefined) return ExitCode.ok
  if (figures.some(({ verdict, change }) => verdict === 'worse' && Math.abs(change) > gate)) return ExitCode.failed
  // A gate that cannot see is not open.
  const blind = blindness(figures, [...old, ...now])
  if (blind === undefined) return ExitCode.ok
  complain(terminal, `--gate cannot judge: ${blind}`)
  return ExitCode.failed
}

/**
 * Why it cannot be said that a server is no worse; undefined where it can. What the load is about has to be judged, where that is
 * timed: that as many connections failed as before, that Pings come back as soon, or that each takes as much memory, says nothing of it.
 */
function blindness(figures: readonly ComparedFigure[], reports: readonly LoadReport[]): string | undefined {
  if (reports.some(({ counts }) => counts.opened === 0)) return 'in one of the runs not one connection was opened'
  // All that went wrong is in its last second, which many draws have not got.
  if (reports.some(({ interruptedBy }) => interruptedBy === 'disconnected')) {
    return 'in one of the runs, or of their shards, all connections were lost before the end'
  }
  const needed = `each side needs at least ${fewestSeconds} seconds in which`
  const timed = new Set(reports.map(mainTime))
  // Messages that ask for no reply have none to be late.
  if (reports.every(({ times }) => times.rtt === undefined)) timed.delete('rtt')
  for (const time of timed) {
    const seconds = figures.find(({ name }) => name === `${time}.p50`)?.seconds ?? 0
    if (seconds >= fewestSeconds) continue
    const enough = 'those of several runs count together (a.json,b.json,…)'
    return `${needed} ${time} was measured, and one has ${seconds}: ${enough}`
  }
  const seen = figures.some(({ seconds, verdict }) => seconds !== undefined && verdict !== 'unknown')
  return seen ? undefined : `${needed} something was measured`
}

function gateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, percent] = /^(\d+(?:\.\d+)?)%?$/.exec(text) ?? []
  if (percent === undefined) throw new CommandError(`--gate ${JSON.stringify(text)} is not a share such as 5%`)
  return Number(percent) / 100
}

function markdown(figures: readonly ComparedFigure[]): string {
  const rows = figures.map(({ name, unit, before, after, change, interval, noise, verdict }) => {
    const between = interval === undefined ? 'too short to say' : `${share(interval[0])} … ${share(interval[1])}`
    const own = noise === undefined ? '' : Number.isFinite(noise) ? `± ${(noise * 100).toFixed(1)} %` : 'any'
    // Parts of a load have any name, and reports come from anywhere.
    const cells = [
      markdownCell(visibleText(name)),
      figure(before, unit),
      figure(after, unit),
      share(change),
      between,
      own,
      marks[verdict],
    ]
    return `| ${cells.join(' | ')} |`
  })
  const head = [
    '| figure | before | after | change | with 95 % confidence | noise | |',
    '|---|--:|--:|--:|--:|--:|---|',
  ]
  return `${[...head, ...rows].join('\n')}\n`
}

const marks: Readonly<Record<ComparedFigure['verdict'], string>> = {
  better: '**better**',
  worse: '**worse**',
  same: 'no difference shown',
  unknown: '',
}

function figure(value: number, unit: ComparedFigure['unit']): string {
  const text = value.toLocaleString('en-GB', { maximumSignificantDigits: value < 1000 ? 3 : 6 })
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`
}

function share(change: number): string {
  if (!Number.isFinite(change)) return 'from nothing'
  return `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`
}
