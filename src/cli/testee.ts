/** `framewright testee`: our client as an echo client, for any fuzzing server that speaks Autobahn's loop. */
import { connect } from '../api/client.js'
import type { ConnectOptions } from '../api/connect-options.js'
import type { WebSocketConnection } from '../api/websocket-connection.js'
import { parseArguments } from './arguments.js'
import type { Command } from './command.js'
import { CommandError } from './command-error.js'
import { connectFailure } from './connect-failure.js'
import { deflateArguments, deflateLines, parseDeflate } from './deflate-arguments.js'
import { ExitCode } from './exit-code.js'
import { print } from './print.js'
import { parseDuration, parseSize } from './quantity.js'
import { parseSocket, socketArgument } from './socket-argument.js'
import { type Terminal, writesOver } from './terminal.js'
import { parseTrust, trustOptions } from './trust-arguments.js'
import { uriOf } from './url-argument.js'

export const testee: Command = {
  name: 'testee',
  summary: 'our client as an echo client, for any fuzzing server',
  usage: 'URL [options]',
  about: [
    'Goes through the loop of `framewright conform client` or of Autobahn|Testsuite: asks /getCaseCount, opens /runCase for\neach case and sends back what comes, then opens /updateReports.',
  ],
  options: {
    agent: { value: 'NAME', help: 'the name to be reported under (default framewright)' },
    'max-message': { value: 'SIZE', help: 'longest message (default 64MiB)' },
    timeout: { value: 'TIME', help: 'for the number of cases to come (default 15s)' },
    ...socketArgument,
    ...trustOptions,
    ...deflateArguments,
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    [
      'Exit codes',
      [
        '0    the loop is through; the report is where the server writes it',
        '2    the command line is wrong',
        '3    the server answered and refused',
        '4    the server cannot be reached',
      ],
    ],
    ['Compression (--deflate-options)', deflateLines],
    [
      'Examples',
      [
        'framewright testee ws://127.0.0.1:9002 --agent framewright',
        'framewright testee ws://127.0.0.1:9002 --deflate',
      ],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, testee.options)
  const [url, ...more] = given.positionals
  if (url === undefined) throw new CommandError('which server? framewright testee ws://127.0.0.1:9002')
  if (more.length > 0) throw new CommandError(`unexpected argument ${more[0]}`)
  const base = String(uriOf(url)).replace(/\/$/, '')
  const agent = encodeURIComponent(given.get('agent') ?? 'framewright')
  const options: ConnectOptions = {
    limits: { maxMessageSize: parseSize('--max-message', given.get('max-message') ?? '64MiB') },
    text: 'buffer',
    perMessageDeflate: parseDeflate(given),
    socketPath: parseSocket(given),
    tls: await parseTrust(given),
  }
  const timeout = parseDuration('--timeout', given.get('timeout') ?? '15s')
  try {
    const count = await caseCount(`${base}/getCaseCount`, options, timeout)
    for (let number = 1; number <= count; number++) {
      await echoCase(`${base}/runCase?case=${number}&agent=${agent}`, options)
      if (writesOver(terminal)) terminal.stderr.write(`\r\x1b[K${number}/${count}`)
    }
    if (writesOver(terminal)) terminal.stderr.write('\r\x1b[K')
    await (await connect(`${base}/updateReports?agent=${agent}`, options)).closed
    await print(terminal, `${count} cases\n`)
    return ExitCode.ok
  } catch (error) {
    throw connectFailure(url, error)
  }
}

async function caseCount(url: string, options: ConnectOptions, timeout: number): Promise<number> {
  let count = Number.NaN
  const message = (_: unknown, data: string | Buffer) => {
    count = Number(data)
  }
  const connection = await connect(url, { ...options, handlers: { message } })
  const timer = setTimeout(() => connection.terminate(), timeout)
  await connection.closed
  clearTimeout(timer)
  if (Number.isInteger(count)) return count
  throw new CommandError(`${url} did not send a number of cases: is it a fuzzing server?`, ExitCode.refused)
}

/** A handshake that fails may be just what the case is about. */
async function echoCase(url: string, options: ConnectOptions): Promise<void> {
  const message = (connection: WebSocketConnection, data: string | Buffer, isBinary: boolean) => {
    const verdict = isBinary ? connection.send(data) : connection.send(data, { text: true })
    if (verdict === 'queued') connection.pause()
  }
  const drain = (connection: WebSocketConnection) => connection.resume()
  const connection = await connect(url, { ...options, handlers: { message, drain } }).catch(() => undefined)
  await connection?.closed
}
