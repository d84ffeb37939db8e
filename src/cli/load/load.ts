/** `framewright load`: loads a server and tells what came of it, and whether that can be believed. */
import type { UsageError } from '../../errors.js'
import { exportTo } from '../../load/export/export-to.js'
import { period } from '../../load/figures.js'
import { type LoadOptions, loadSettings } from '../../load/load-options.js'
import type { LoadSecond } from '../../load/report.js'
import { type RunningListeners, RunningLoad } from '../../load/running-load.js'
import { SampleWriter } from '../../load/sample-writer.js'
import type { ThreadSettings } from '../../load/thread-settings.js'
import { type Arguments, parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { CommandError } from '../command-error.js'
import { deflateLines } from '../deflate-arguments.js'
import type { ExitCode } from '../exit-code.js'
import { type Terminal, tell } from '../terminal.js'
import { uriOf } from '../url-argument.js'
import { loadCompare } from './compare.js'
import { conclude, conclusionOptions } from './conclude.js'
import { dialHints } from './dial-hints.js'
import { exporterOptions, parseExporters } from './exporter-arguments.js'
import { loadFind } from './find.js'
import { forewarn } from './forewarn.js'
import { inlineMore } from './inlining.js'
import { interruptible } from './interruptible.js'
import { announcement, LiveView } from './live-view.js'
import { loadOptions, parseLoad } from './load-arguments.js'
import { conditionLines, scenarioLines, shardLines, workloadLines } from './load-help.js'
import { loadMerge } from './merge.js'
import { inOptions } from './option-names.js'
import { checkOutputs } from './outputs.js'
import { samplesFile, samplesOption } from './samples-file.js'
import { isScenarioFile, scenarioFile } from './scenario-file.js'

export const load: Command = {
  name: 'load',
  summary: 'loads a server, and says whether its own figures can be trusted',
  usage: 'URL|SCENARIO [options]',
  about: [
    'Opens connections to a server and times every message that comes back. With --rate they are sent when they are due,\nwhether replies have come or not, and timed from then: a server that stalls is not forgiven (the open model). Without,\neach connection sends its next message when a reply has come: the most that the server does (the closed model).',
    'Where the generator itself was the bottleneck, it says so: do not trust such figures.',
    'SIZE is a number of octets, KiB, MiB or GiB (128, 64KiB, 1MiB), TIME one of ms, s, min or h (500ms, 20s, 2min).\nCtrl-C ends the run and tells what was measured until then; a second one cuts the connections. Behind the run, one ends\nthe waiting for those who are to take the figures.',
  ],
  options: {
    ...loadOptions,
    ...conclusionOptions,
    ...samplesOption,
    ...exporterOptions,
    quiet: { short: 'q', help: 'nothing while it runs' },
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    ['Workloads (--workload)', workloadLines],
    ['Scenarios (chat.yaml, chat.json, chat.js)', scenarioLines],
    ['Conditions (--fail-if)', conditionLines],
    ['Several machines (--shard)', shardLines],
    ['Compression (--deflate-options)', deflateLines],
    [
      'Exit codes',
      [
        '0    it ran, and came to nothing that --fail-if forbids',
        '1    it came to something that --fail-if forbids, or a file could not be written',
        '2    the command line or the scenario is wrong, or asks for more connections than this machine can hold',
        '3    with --strict: the generator was the bottleneck',
        '4    not one connection could be opened, or all were lost before the end',
        '5    the summary could not be printed: the disk is full, … (a closed pipe is no error)',
        '130  ended by Ctrl-C; what was measured until then has been told',
        'Of several the first of 130, 4, 3, 5 and 1; what could not be written is told in any case.',
      ],
    ],
    [
      'Examples',
      [
        'framewright load ws://127.0.0.1:9001',
        'framewright load ws://127.0.0.1:9001 --connections 1000 --rate 20000/s --arrival poisson --duration 1min',
        'framewright load ws://127.0.0.1:9001 --rate 0..50000/s:1min --size 1KiB --threads 2',
        "framewright load wss://example.com/echo --rate 100 --fail-if 'rtt.p99 > 20ms' --fail-if 'reach < 100%' --json run.json",
        'framewright load ws://127.0.0.1:9001 --connections 64 --pipeline 16',
        'framewright load ws://127.0.0.1:9001 --workload broadcast --connections 1000 --rate 10',
        `framewright load ws://127.0.0.1:9001 --workload request --message '{"id":"{id}","cmd":"list"}' --rate 500`,
        'framewright load ws://127.0.0.1:9001 --rate 1000 --samples run.csv.gz',
        'framewright load chat.yaml --json run.json --html run.html',
        'framewright load chat.yaml wss://staging.example.com/chat',
        'framewright load ws://127.0.0.1:9001 --workload idle --connections 10000 --server-pid 4711 --html idle.html',
        'framewright load ws://127.0.0.1:9001 --rate 1000 --server-metrics http://127.0.0.1:9000/metrics',
        "framewright load ws://127.0.0.1:9001 --rate 1000 --workload mixed --mix '95 echo 128' --mix '5 upload 1MiB'",
        'framewright load ws://127.0.0.1:9001 --connections 1000 --rate 5000 --slow-readers 5% --half-open 1%',
        'framewright load ws://127.0.0.1:9001 --workload storm --connections 5000 --backoff 100ms..5s --duration 30s',
      ],
    ],
  ],
  commands: [loadFind, loadCompare, loadMerge],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, load.options)
  const settings = await settingsOf(given)
  await checkOutputs(given, given.positionals)
  const view = new LiveView(terminal, settings)
  const exporters = parseExporters(given, terminal.env, message => view.note(message))
  forewarn(settings, given, terminal)
  checkStart(settings, terminal)
  const samples = samplesFile(given)
  const names = settings.classes.map(({ name }) => name)
  inlineMore()
  const onSecond = given.has('quiet') ? undefined : (second: LoadSecond) => view.add(second)
  const onServerTrouble = (message: string) => view.note(message)
  const onSamplesWaiting = () =>
    view.note(`waiting for ${given.get('samples')} to take the last times; Ctrl-C ends that`)
  const { report, interrupted } = await interruptible(terminal, (follow, hurry) => {
    // All that can be refused has been by then.
    const run = (onPart: RunningListeners['onPart']) => {
      if (!given.has('quiet')) tell(terminal, announcement(settings))
      const writer = samples && new SampleWriter(samples, names)
      const listeners = { onSecond, onPart, samples: writer, onSamplesWaiting, onServerTrouble }
      return follow(() => new RunningLoad(settings, listeners))
    }
    return exportTo(exporters, settings, run, hurry)
  })
  view.end()
  return await conclude(report, given, terminal, interrupted, dialHints(report))
}

/** Other shards have begun then. */
function checkStart({ startAt }: ThreadSettings, terminal: Terminal): void {
  const late = Date.now() - startAt
  if (startAt === 0 || late <= 0) return
  tell(terminal, `--start-at was ${period(late)} ago: it begins as soon as its connections are open`)
}

/** What the command line asks for: a URL, or a scenario and perhaps a URL. */
async function settingsOf(given: Arguments): Promise<ThreadSettings> {
  const [first, ...more] = given.positionals
  if (first === undefined) throw new CommandError('load needs a URL, such as ws://localhost:9001, or a scenario file')
  const scenario = isScenarioFile(first)
  const [url, extra] = scenario ? more : [first, ...more]
  if (extra !== undefined) throw new CommandError(`unexpected argument ${extra}`)
  if (url !== undefined) uriOf(url)
  const options = await parseLoad(given)
  return scenario ? await scenarioFile(first, url, given, options) : checked(first, options)
}

function checked(url: string, options: LoadOptions): ThreadSettings {
  try {
    return loadSettings(url, options)
  } catch (error) {
    throw new CommandError(inOptions((error as UsageError).message, load.options))
  }
}
