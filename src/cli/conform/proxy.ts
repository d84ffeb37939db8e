/** `framewright conform proxy`: both ends are ours, the middle is judged. */
import { parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { createEchoServer } from '../echo-server.js'
import type { ExitCode } from '../exit-code.js'
import { listenFailure } from '../listen-failure.js'
import { parsePort } from '../quantity.js'
import { type Terminal, tell } from '../terminal.js'
import { judgeServer, targetOf, targetOptions } from './server.js'
import { suiteOptions, suiteParts } from './suite-options.js'

export const conformProxy: Command = {
  name: 'conform proxy',
  summary: 'judges a proxy: both ends are ours',
  usage: 'URL [options]',
  about: [
    'Listens as the server behind the proxy, and is the client before it: URL leads through the proxy. As our echo server\npasses every case by itself, what fails is done by what is between: lost, changed, held back or not ended in order.',
  ],
  options: {
    host: { value: 'HOST', help: 'the address that the proxy connects to (default 127.0.0.1)' },
    port: { value: 'PORT', help: 'the port that the proxy connects to (default 9003)' },
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
  const target = targetOf(given, 'conform proxy')
  const host = given.get('host') ?? '127.0.0.1'
  const port = parsePort('--port', given.get('port') ?? '9003')
  const server = createEchoServer({ allowedOrigins: 'any', limits: { maxMessageSize: 64 * 2 ** 20 } })
  await server.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw listenFailure(error, host, port)
  })
  tell(terminal, `the server behind the proxy: ${server.url}`)
  try {
    return await judgeServer(given, target, 'proxy', terminal)
  } finally {
    await server.close()
  }
}
