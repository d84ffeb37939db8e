/** `framewright load find`: the highest rate that a server holds. */
import type { UsageError } from '../../errors.js'
import { type FoundRate, findRateOf } from '../../load/find-rate.js'
import { type LoadOptions, loadSettings } from '../../load/load-options.js'
import { RunningLoad } from '../../load/running-load.js'
import { parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { CommandError } from '../command-error.js'
import type { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import { parseWord } from '../quantity.js'
import { type Terminal, tell } from '../terminal.js'
import { uriOf } from '../url-argument.js'
import { dialHints } from './dial-hints.js'
import { forewarn } from './forewarn.js'
import { conclusion, exitCodeOf, stepLine } from './found-rate.js'
import { inlineMore } from './inlining.js'
import { interruptible } from './interruptible.js'
import { loadOptions, parseLoad } from './load-arguments.js'
import { inOptions } from './option-names.js'
import { isScenarioFile } from './scenario-file.js'

const {
  rate: _,
  'per-connection': _r,
  pipeline: _p,
  burst: _b,
  'reply-timeout': _w,
  'fail-if': _f,
  'abort-on-fail': _a,
  shard: _s,
  'start-at': _t,
  backoff: _o,
  'wait-for-cut': _c,
  ...runOptions
} = loadOptions

/** Those that have a rate. */
const workloads = ['echo', 'request', 'broadcast', 'connect', 'upload', 'download', 'mixed'] as const

export const loadFind: Command = {
  name: 'load find',
  summary: 'finds the highest rate that a server holds',
  usage: "URL --slo 'rtt.p99 < 10ms' [options]",
  about: [
    'Loads the server with rates that close in on the highest one at which all that --slo says holds and every message could\nbe sent; prints that rate. What is asked for is written as in framewright load --fail-if. A rate at which it did not\nhold, and the generator did not keep up, is tried a second time.',
    'Percentiles are of what was answered. So, unless --slo says how much of it may be, no more than 0.1 % of the replies may\nbe lost, unanswered or wrong, nor of the connections fail, and no more than 0.5 % of the messages be missed.',
  ],
  options: {
    slo: {
      value: 'CONDITION',
      multiple: true,
      help: "what has to hold: 'rtt.p99 < 10ms', 'unanswered <= 1%'; may be repeated",
    },
    from: { value: 'RATE', help: 'the first rate, in messages a second (default 1000, or --to where that is less)' },
    to: { value: 'RATE', help: 'no rate above this is tried (default 10000000)' },
    precision: { value: 'SHARE', help: 'how near to come, in per cent of the rate (default 5%)' },
    ...runOptions,
    workload: {
      ...runOptions['workload']!,
      help: `${workloads.join(', ')}\n(default echo), as framewright load --help tells`,
    },
    duration: { short: 'd', value: 'TIME', help: 'how long each run is measured (default 5s)' },
    json: { help: 'print the rate and all runs as JSON' },
    quiet: { short: 'q', help: 'nothing while it runs' },
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    [
      'Exit codes',
      [
        '0    a rate was found that holds',
        '1    none holds',
        '2    the command line is wrong, or asks for more connections than this machine can hold',
        '3    nothing can be said of the server: nothing held, and at the lowest rate the generator was the bottleneck',
        '4    not one connection could be opened',
        '5    stdout cannot be written to: the disk is full, … (a closed pipe is no error)',
        '130  ended by Ctrl-C (at the second one without closing); the highest rate until then has been printed',
      ],
    ],
    [
      'Examples',
      [
        "framewright load find ws://127.0.0.1:9001 --slo 'rtt.p99 < 10ms' --connections 100",
        "framewright load find ws://127.0.0.1:9001 --slo 'rtt.p99.9 < 50ms' --slo 'reach >= 100%' --from 5000 --precision 2%",
      ],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, loadFind.options)
  const [url, ...more] = given.positionals
  if (url === undefined) throw new CommandError('find needs a URL, such as ws://localhost:9001')
  if (more[0] !== undefined) throw new CommandError(`unexpected argument ${more[0]}`)
  if (isScenarioFile(url)) {
    throw new CommandError(
      `find needs a URL: the rates of ${url} are those of its phases; framewright load ${url} runs it`,
    )
  }
  uriOf(url)
  const rate = (name: string) => {
    const text = given.get(name)
    return text === undefined ? undefined : rateOf(`--${name}`, text)
  }
  const precision = given.get('precision')
  parseWord('--workload', given.get('workload') ?? 'echo', workloads)
  const {
    rate: _,
    perConnection: _r,
    pipeline: _p,
    burst: _b,
    replyTimeout: _w,
    failIf: _f,
    abortOnFail: _a,
    shard: _s,
    startAt: _t,
    ...options
  } = await parseLoad(given)
  inlineMore()
  const onServerTrouble = (message: string) => tell(terminal, message)
  let begun = false
  const loaded = async (run: LoadOptions) => {
    const settings = loadSettings(url, run)
    // The runs differ in their rates only: what is known before the first is true of all.
    if (!begun) forewarn(settings, given, terminal)
    begun = true
    const { report } = await interruptible(terminal, follow =>
      follow(() => new RunningLoad(settings, { onServerTrouble })),
    )
    return report
  }
  const found = await search(url, loaded, {
    ...options,
    duration: options.duration ?? 5000,
    slo: given.all('slo'),
    from: rate('from'),
    to: rate('to'),
    precision: precision === undefined ? undefined : precisionOf(precision),
    onStep: step => given.has('quiet') || tell(terminal, stepLine(step)),
  })
  await print(terminal, given.has('json') ? `${JSON.stringify(found)}\n` : conclusion(found))
  for (const hint of found.steps.slice(-1).flatMap(({ report }) => dialHints(report))) tell(terminal, hint)
  return exitCodeOf(found)
}

async function search(...args: Parameters<typeof findRateOf>): Promise<FoundRate> {
  try {
    return await findRateOf(...args)
  } catch (error) {
    throw new CommandError(inOptions((error as UsageError).message, loadFind.options))
  }
}

function rateOf(option: string, text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text) ?? []
  if (digits === undefined) throw new CommandError(`${option} ${JSON.stringify(text)} is not a rate such as 1000/s`)
  return Number(digits)
}

function precisionOf(text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? []
  const percent = Number(digits)
  if (percent >= 0.1 && percent < 100) return percent / 100
  throw new CommandError(`--precision ${JSON.stringify(text)} is not a share from 0.1% to below 100%, such as 5%`)
}
