/** `framewright conform server`: judges a server. */
import type { Target } from '../../conformance/dial.js'
import type { Patience } from '../../conformance/patience.js'
import { reportOf } from '../../conformance/report/conformance-report.js'
import { runOnServer } from '../../conformance/server-runner.js'
import { trial } from '../../conformance/trial.js'
import type { TransportError } from '../../errors.js'
import { type Arguments, type OptionTable, parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { parseCount } from '../quantity.js'
import { parseSocket, socketArgument } from '../socket-argument.js'
import { parseSubprotocols, subprotocolArgument } from '../subprotocol-argument.js'
import { type Terminal, tell } from '../terminal.js'
import { transportReason } from '../transport-reason.js'
import { parseTrust, trustOptions } from '../trust-arguments.js'
import { uriOf } from '../url-argument.js'
import { toolName } from '../version.js'
import { givenAgain } from './given-again.js'
import { headerLines } from './header-lines.js'
import { conclude, readExpectation } from './outcome.js'
import { checkOutputs } from './outputs.js'
import { Progress } from './progress.js'
import { quoted } from './quoted.js'
import { suiteOptions, suiteParts, suiteRun } from './suite-options.js'

/** The options about how it is reached, which the line that runs a case again repeats. */
const reachOptions: OptionTable = {
  ...socketArgument,
  ...trustOptions,
  header: {
    short: 'H',
    value: "'NAME: VALUE'",
    multiple: true,
    help: 'a header field more in the request, such as Origin',
  },
}

const serverOptions = subprotocolArgument(
  'a subprotocol to offer, for servers that want one; repeat it for more, best first:\ncases that are about subprotocols offer their own',
)

/** The options about the server. */
export const targetOptions: OptionTable = {
  jobs: { value: 'N', help: 'how many cases at the same time (default 8)' },
  ...reachOptions,
}

/** The options of a proxy about where it leads to. */
export const behindOptions: OptionTable = {
  host: { value: 'HOST', help: 'the address that the proxy connects to (default 127.0.0.1)' },
  port: { value: 'PORT', help: 'the port that the proxy connects to (default 9003)' },
}

export const conformServer: Command = {
  name: 'conform server',
  summary: 'judges a server; it has to echo',
  usage: 'URL [options]',
  about: [
    'Opens a connection for each case, sends exact octets, and judges what comes by the words of the RFC. What is not PASS\nis printed: the requirement, what was sent and awaited, what came, and the line that runs it again.',
  ],
  options: { ...suiteOptions, ...targetOptions, ...serverOptions, help: { short: 'h', help: 'this text' } },
  parts: [
    ...suiteParts,
    [
      'Examples',
      [
        'framewright conform server ws://127.0.0.1:9001',
        'framewright conform server ws://127.0.0.1:9001 --profile all --junit report.xml',
        "framewright conform server wss://localhost:9001 --tls-insecure --case '6455/5.5*' --verbose",
        'framewright conform server ws://127.0.0.1:9001 --baseline known-failures.json',
        'framewright conform server ws://127.0.0.1:9001/graphql --subprotocol graphql-transport-ws',
      ],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, conformServer.options)
  const target = await targetOf(given, 'conform server')
  return await judgeServer(given, target, 'server', terminal)
}

/** The server that the command line names. */
export async function targetOf(given: Arguments, command: string): Promise<Target> {
  const [url, ...more] = given.positionals
  if (url === undefined) throw new CommandError(`which server? framewright ${command} ws://127.0.0.1:9001`)
  if (more.length > 0) throw new CommandError(`unexpected argument ${more[0]}`)
  return {
    uri: uriOf(url),
    fieldLines: headerLines(given, ['host', 'upgrade', 'sec-websocket-*']) + offerOf(parseSubprotocols(given)),
    socketPath: parseSocket(given),
    tls: await parseTrust(given),
  }
}

function offerOf(protocols: readonly string[]): string {
  return protocols.length === 0 ? '' : `Sec-WebSocket-Protocol: ${protocols.join(', ')}\r\n`
}

/** How an endpoint that we connect to is judged: a look whether cases can be put to it, and how they are. */
export interface Judge {
  /** What is in the way; undefined: nothing. Rejects with a TransportError when it cannot be reached. */
  readonly look: (target: Target, patience: Patience) => Promise<string | undefined>
  readonly runAll: typeof runOnServer
}

/** Runs the suite on a server, or on a proxy before one. */
export async function judgeServer(
  given: Arguments,
  target: Target,
  role: 'server' | 'proxy',
  terminal: Terminal,
  { look, runAll }: Judge = { look: trial, runAll: runOnServer },
): Promise<ExitCode> {
  const { runs, seed, patience, again } = suiteRun(given, role, terminal)
  const jobs = parseCount('--jobs', given.get('jobs') ?? '8')
  const expectation = await readExpectation(given)
  await checkOutputs(given)
  await reach(target, patience, look)
  const started = new Date()
  const start = performance.now()
  const progress = new Progress(terminal, runs.length)
  const interrupted = new AbortController()
  const ignore = terminal.onInterrupt(() => {
    ignore()
    interrupted.abort()
    progress.end()
    tell(terminal, 'interrupted: what has begun is finished first; Ctrl-C again ends at once')
  })
  const { signal } = interrupted
  const results = await runAll(runs, target, {
    jobs,
    seed,
    patience,
    signal,
    onResult: result => progress.add(result),
  })
  ignore()
  progress.end()
  const report = reportOf(results, {
    tool: toolName(),
    tested: { role, name: given.get('name') ?? String(target.uri) },
    started,
    duration: performance.now() - start,
    seed,
    reproduce: id => reproduction(given, role, target, id, again),
  })
  const code = await conclude(report, given, expectation, terminal)
  return signal.aborted ? ExitCode.interrupted : code
}

/** Who cannot be reached at all, or is no echo server, is told so once, and not for each case. */
async function reach(target: Target, patience: Patience, look: Judge['look']): Promise<void> {
  const obstacle = await look(target, patience).catch((error: TransportError) => {
    throw new CommandError(`cannot reach ${target.uri}: ${transportReason(error)}`)
  })
  if (obstacle !== undefined) throw new CommandError(`${target.uri}: ${obstacle}`)
}

function reproduction(given: Arguments, role: string, target: Target, id: string, again: string): string {
  const options = givenAgain(given, { ...behindOptions, ...reachOptions, ...serverOptions })
  return `framewright conform ${role} ${target.uri} --case ${quoted(id)}${options} ${again} --verbose`
}
