/** `framewright conform proxy`: both ends are ours, the middle is judged. */
import type { CaseRun } from '../../conformance/case.js'
import type { Target } from '../../conformance/dial.js'
import { FarEnd } from '../../conformance/far-end.js'
import type { Patience } from '../../conformance/patience.js'
import { runThroughProxy } from '../../conformance/proxy-runner.js'
import { proxyTrial } from '../../conformance/proxy-trial.js'
import type { CaseResult } from '../../conformance/run-case.js'
import { runOnServer, type ServerRunAbout } from '../../conformance/server-runner.js'
import { parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { createEchoServer } from '../echo-server.js'
import type { ExitCode } from '../exit-code.js'
import { listenFailure } from '../listen-failure.js'
import { parsePort } from '../quantity.js'
import { type Terminal, tell } from '../terminal.js'
import { behindOptions, judgeServer, targetOf, targetOptions } from './server.js'
import { suiteOptions, suiteParts } from './suite-options.js'

export const conformProxy: Command = {
  name: 'conform proxy',
  summary: 'judges a proxy: both ends are ours',
  usage: 'URL [options]',
  about: [
    'Listens as the server behind the proxy, and is the client before it: URL leads through the proxy. What one end sends has\nto arrive at the other (the cases named proxy-*). Then our echo server is behind it: as it passes every case by itself,\nwhat fails is done by what is between.',
  ],
  options: {
    ...behindOptions,
    ...suiteOptions,
    ...targetOptions,
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    ...suiteParts,
    [
      'Examples',
      ['framewright conform proxy ws://127.0.0.1:8080/ws --port 9003   # the proxy forwards /ws to 127.0.0.1:9003'],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, conformProxy.options)
  const target = await targetOf(given, 'conform proxy')
  const host = given.get('host') ?? '127.0.0.1'
  const port = parsePort('--port', given.get('port') ?? '9003')
  const far = new FarEnd()
  const listening = await far.listen(host, port).catch((error: NodeJS.ErrnoException) => {
    throw listenFailure(error, { host, port })
  })
  tell(terminal, `what the proxy connects to: ${host}:${listening}`)
  try {
    return await judgeServer(given, target, 'proxy', terminal, {
      look: (target, patience) => look(target, far, listening, patience),
      runAll: (runs, ...rest) => runBoth(runs, far, ...rest),
    })
  } finally {
    await far.close()
  }
}

async function look(target: Target, far: FarEnd, port: number, patience: Patience): Promise<string | undefined> {
  const obstacle = await proxyTrial(target, far, patience)
  return obstacle === undefined ? undefined : `${obstacle}; the proxy is to connect to port ${port} (--port)`
}

/** The cases of proxies, with both ends ours; then those of servers, with our echo server at the same port. */
async function runBoth(
  runs: readonly CaseRun[],
  far: FarEnd,
  target: Target,
  about: ServerRunAbout,
): Promise<CaseResult[]> {
  const own = runs.filter(({ case: { roles } }) => roles?.includes('proxy') === true)
  const results = await runThroughProxy(own, target, far, about)
  const server = createEchoServer({ allowedOrigins: 'any', limits: { maxMessageSize: 64 * 2 ** 20 } })
  far.handOver(socket => server.handleConnection(socket))
  try {
    const others = runs.filter(run => !own.includes(run))
    results.push(...(await runOnServer(others, target, about)))
  } finally {
    await server.close()
  }
  return runs.flatMap(run => results.filter(result => result.run === run))
}
