/** `framewright conform client --control`: judges a client whose program takes orders. */
import { runOrdered } from '../../conformance/ordered-runner.js'
import { reportOf } from '../../conformance/report/conformance-report.js'
import type { Arguments } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { listenFailure } from '../listen-failure.js'
import { parsePort } from '../quantity.js'
import { type Terminal, tell } from '../terminal.js'
import { tlsOptions } from '../tls-arguments.js'
import { toolName } from '../version.js'
import { startProgram } from './controlled-program.js'
import { conclude, readExpectation } from './outcome.js'
import { checkOutputs } from './outputs.js'
import { Progress } from './progress.js'
import { quoted } from './quoted.js'
import { suiteRun } from './suite-options.js'

/** What is told of it in the help of the command. */
export const controlLines: readonly string[] = [
  'With --control a program is started, which is told what to do in lines of JSON: to connect, to send, to ping, to close.\nWhat the client begins by itself is judged then, and what its program is told of the end of connections.',
]

/** So many times the longest silence: a virtual machine may have to start. */
const patienceWithStart = 3

/** Starts the program, runs the cases, reports. */
export async function judgeControlled(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const command = given.positionals
  if (command.length === 0) {
    throw new CommandError('--control: which program? framewright conform client --control -- node client.mjs')
  }
  for (const name of [...Object.keys(tlsOptions), 'socket', 'wait', 'jobs', 'header', 'subprotocol', 'max-message']) {
    if (given.has(name)) throw new CommandError(`--${name} does not go with --control`)
  }
  const host = given.get('host') ?? '127.0.0.1'
  const port = parsePort('--port', given.get('port') ?? '0')
  const { runs, seed, patience, again } = suiteRun(given, 'controlled client', terminal)
  await checkOutputs(given)
  const expectation = await readExpectation(given)
  const { control, agent, ended, stop } = await startProgram(command, patienceWithStart * patience.silence)
  const started = new Date()
  const progress = new Progress(terminal, runs.length)
  const interrupted = new AbortController()
  const ignore = terminal.onInterrupt(() => interrupted.abort())
  const left = new AbortController()
  void ended.then(() => left.abort())
  const results = await runOrdered(runs, control, {
    host,
    port,
    seed,
    patience,
    signal: AbortSignal.any([interrupted.signal, left.signal]),
    onResult: result => progress.add(result),
  }).catch(async (error: NodeJS.ErrnoException) => {
    await stop()
    throw listenFailure(error, { host, port })
  })
  ignore()
  progress.end()
  const gone = left.signal.aborted
  await stop()
  for (const line of control.strays.slice(0, 3))
    tell(terminal, `the program said ${JSON.stringify(line)}, which is no event`)
  const report = reportOf(results, {
    tool: toolName(),
    tested: { role: 'client', name: given.get('name') ?? agent },
    started,
    duration: Date.now() - started.getTime(),
    seed,
    reproduce: id =>
      `framewright conform client --control --case ${quoted(id)} ${again} --verbose -- ${command.map(asWord).join(' ')}`,
  })
  const code = await conclude(report, given, expectation, terminal)
  if (interrupted.signal.aborted) return ExitCode.interrupted
  if (!gone) return code
  tell(terminal, `the program has ended; ${results.length} of ${runs.length} cases were run`)
  return ExitCode.failed
}

/** As a shell takes it for one word. */
function asWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text)
}
