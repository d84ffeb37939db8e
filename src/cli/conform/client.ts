/** `framewright conform client`: judges a client. */
import { type ClientReport, ClientRunner } from '../../conformance/client-runner.js'
import { reportOf } from '../../conformance/report/conformance-report.js'
import type { CaseResult } from '../../conformance/run-case.js'
import { type Arguments, type OptionTable, parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { type ListenPlace, listenOptions, parseListen } from '../listen-arguments.js'
import { listenFailure } from '../listen-failure.js'
import { parseCount, parseDuration } from '../quantity.js'
import { parseSubprotocols, subprotocolArgument } from '../subprotocol-argument.js'
import { type Terminal, tell } from '../terminal.js'
import { parseListenTls, tlsOptions } from '../tls-arguments.js'
import { toolName } from '../version.js'
import { controlLines, judgeControlled } from './controlled-client.js'
import { givenAgain } from './given-again.js'
import { headerLines } from './header-lines.js'
import { conclude, readExpectation } from './outcome.js'
import { checkOutputs } from './outputs.js'
import { Progress } from './progress.js'
import { quoted } from './quoted.js'
import { type SuiteRun, suiteOptions, suiteParts, suiteRun } from './suite-options.js'

const listen = listenOptions('9002, with --control 0')

/** The options about how we answer, which the line that runs a case again repeats. */
const answerOptions: OptionTable = {
  header: {
    short: 'H',
    value: "'NAME: VALUE'",
    multiple: true,
    help: 'a header field more in our responses to its handshakes, such as Set-Cookie',
  },
  ...subprotocolArgument(
    'a subprotocol to choose where the client asks for it; repeat it for more, best first:\ncases that are about subprotocols choose by themselves',
  ),
  ...tlsOptions,
}

export const conformClient: Command = {
  name: 'conform client',
  summary: 'judges a client; it comes to us, and has to echo',
  usage: '--port PORT [options]\n       framewright conform client --control [options] -- PROGRAM [argument…]',
  about: [
    'Listens. The client under test goes through the loop that Autobahn|Testsuite made known, so that programs written for\n' +
      'it work unchanged: it opens /getCaseCount, which sends the number of cases; for each N from 1 on\n' +
      '/runCase?case=N&agent=NAME, where it sends back every message until the connection ends; then\n' +
      '/updateReports?agent=NAME, and the report is printed. Any Origin is welcome. `framewright testee` is such a client.',
    ...controlLines,
  ],
  options: {
    control: { help: 'start the program behind -- and order it about, by lines of JSON' },
    ...listen,
    wait: {
      value: 'TIME',
      help: 'end when nobody comes for so long\n(default: 5min for the first connection, 1min for the next one)',
    },
    jobs: {
      value: 'N',
      help: 'how many cases at the same time, where the client comes for several:\nthe others are not answered before it is their turn (default: as many as it comes for)',
    },
    ...answerOptions,
    ...suiteOptions,
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    ...suiteParts,
    [
      'Examples',
      [
        'framewright conform client --port 9002',
        "framewright conform client --port 9002 --profile all --not '6455/9*' --json report.json",
        'framewright testee ws://127.0.0.1:9002 --agent framewright',
        'framewright conform client --control -- python3 client.py',
      ],
    ],
  ],
  run,
}

/** So many are told of: a client that is at odds with HTTP may come for each case. */
const mostStrangers = 3

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, conformClient.options)
  if (given.has('control')) return await judgeControlled(given, terminal)
  if (given.positionals.length > 0) throw new CommandError(`unexpected argument ${given.positionals[0]}`)
  const place = parseListen(given, 9002)
  const wait = waitOf(given.get('wait'))
  const jobs = given.has('jobs') ? parseCount('--jobs', given.get('jobs')!) : Number.POSITIVE_INFINITY
  const fieldLines = headerLines(given, ['upgrade', 'sec-websocket-*'])
  const protocols = parseSubprotocols(given)
  const suite = suiteRun(given, 'client', terminal)
  await checkOutputs(given)
  const expectation = await readExpectation(given)
  const tls = await parseListenTls(given)
  const progress = new Progress(terminal, suite.runs.length)
  const { seed, patience, runs } = suite
  const onResult = (result: CaseResult) => progress.add(result)
  let strangers = 0
  const onStranger = (fault: string) => {
    if (++strangers > mostStrangers) return
    progress.end()
    tell(terminal, `somebody came, and was let go: ${fault}`)
  }
  const about = { ...place, tls, seed, patience, jobs, fieldLines, protocols, wait, onResult, onStranger }
  const runner = new ClientRunner(runs, about)
  const bound = await runner.listen().catch((error: NodeJS.ErrnoException) => {
    throw listenFailure(error, place)
  })
  const url = `${tls === undefined ? 'ws' : 'wss'}://${authorityOf(place, bound)}`
  const where = place.path ?? url
  tell(terminal, `listening on ${where}: ${runs.length} cases wait for a client; it begins with ${url}/getCaseCount`)
  const started = new Date()
  const ended = await untilReported(runner, terminal)
  runner.stop()
  progress.end()
  const { agent, results } = typeof ended === 'string' ? lastOf(runner) : ended
  if (agent === undefined) {
    tell(terminal, `${ended === 'gone' ? 'no client came' : 'interrupted'}: nothing was judged`)
    return ended === 'gone' ? ExitCode.usage : ExitCode.interrupted
  }
  const report = reportOf(results, {
    tool: toolName(),
    tested: { role: 'client', name: given.get('name') ?? agent },
    started,
    duration: Date.now() - started.getTime(),
    seed,
    reproduce: id => reproduction(given, place.path ?? bound, id, suite),
  })
  const code = await conclude(report, given, expectation, terminal)
  if (ended === 'gone')
    tell(terminal, `the client has not come back; ${counted(results)} of ${runs.length} cases were run`)
  return ended === 'interrupted' ? ExitCode.interrupted : code
}

/** Until a client asks for its report, none has come for too long, or Ctrl-C. */
async function untilReported(runner: ClientRunner, terminal: Terminal): Promise<ClientReport | 'gone' | 'interrupted'> {
  let ignore!: () => void
  const interrupted = new Promise<'interrupted'>(resolve => {
    ignore = terminal.onInterrupt(() => resolve('interrupted'))
  })
  const gone = runner.gone.then(() => 'gone' as const)
  const ended = await Promise.race([runner.report, gone, interrupted])
  ignore()
  return ended
}

/** What there is of the client that came last. */
function lastOf(runner: ClientRunner): { agent: string | undefined; results: readonly CaseResult[] } {
  const agent = runner.agents.at(-1)
  return agent === undefined ? { agent, results: [] } : runner.reportOf(agent)
}

function counted(results: readonly CaseResult[]): number {
  return results.filter(({ steps }) => steps.length > 0).length
}

function waitOf(text: string | undefined): { first: number; next: number } {
  if (text === undefined) return { first: 300_000, next: 60_000 }
  const wait = parseDuration('--wait', text)
  return { first: wait, next: wait }
}

/** @param bound - the port; 0 at a unix socket. */
function authorityOf(place: ListenPlace, bound: number): string {
  if (place.path !== undefined) return 'localhost'
  return `${place.host.includes(':') ? `[${place.host}]` : place.host}:${bound}`
}

/** @param where - the port, or the path of a unix socket. */
function reproduction(given: Arguments, where: number | string, id: string, { again }: SuiteRun): string {
  const at = typeof where === 'number' ? `--port ${where}` : `--socket ${quoted(where)}`
  const options = givenAgain(given, { host: listen['host']!, ...answerOptions })
  return `framewright conform client ${at} --case ${quoted(id)}${options} ${again} --verbose`
}
