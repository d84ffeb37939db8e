/** `framewright connect`: a client for the terminal and for pipes. */
import { connect as openConnection } from '../api/client.js'
import type { ConnectOptions } from '../api/connect-options.js'
import type { WebSocketConnection } from '../api/websocket-connection.js'
import type { WebSocketUri } from '../handshake/websocket-uri.js'
import { type Arguments, parseArguments } from './arguments.js'
import type { Command } from './command.js'
import { CommandError } from './command-error.js'
import { connectFailure } from './connect-failure.js'
import { deflateLines } from './deflate-arguments.js'
import { dialOptions, parseDial } from './dial-arguments.js'
import { ExitCode } from './exit-code.js'
import { PipeSession } from './pipe-session.js'
import { PromptSession } from './prompt-session.js'
import { parseCount, parseDuration } from './quantity.js'
import { tellReads } from './reads-argument.js'
import type { SessionSettings } from './session.js'
import { parseClose } from './session-command.js'
import { type Terminal, tell } from './terminal.js'
import { uriOf } from './url-argument.js'

export const connect: Command = {
  name: 'connect',
  summary: 'a client for the terminal and for pipes',
  usage: 'URL [options]',
  about: [
    'URL is ws://HOST[:PORT][/PATH], or wss:// for TLS; http:// and https:// are taken as these two.',
    'SIZE is a number of octets, KiB, MiB or GiB (1048576, 64KiB, 16MiB), TIME one of ms, s, min or h (500ms, 20s, 2min).',
    'At a terminal: a line that is typed is sent as a text message, what comes is printed; /help lists the commands.',
    'In a pipe: each line of stdin is sent as a text message, each message that comes is a line on stdout. When the\n' +
      'input has ended it waits for replies (--wait, --replies), then closes. Whatever else there is to tell goes to\n' +
      'stderr. A terminal is what both stdin and stderr are; everything else is a pipe.',
  ],
  options: {
    ...dialOptions,
    ping: { short: 'p', help: 'send a Ping first and tell its round-trip time' },
    close: { value: 'CODE[:REASON]', help: 'what to close with (default 1000)' },
    binary: {
      short: 'b',
      help: 'all of stdin is one binary message; binary messages are written to stdout raw\n(otherwise: a line of hexadecimal octets each)',
    },
    wait: {
      short: 'w',
      value: 'TIME',
      help: "in a pipe: how long it must be quiet after the input before it closes (default 1s,\nwith --replies 10s); 'forever': until the server closes",
    },
    replies: {
      short: 'n',
      value: 'N',
      help: 'in a pipe: close as soon as the input has left and N messages have been printed',
    },
    verbose: { short: 'v', help: 'in a pipe, too, tell what happens (stderr)' },
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    ['Compression (--deflate-options)', deflateLines],
    [
      'Exit codes',
      [
        '0    a complete Closing Handshake, begun by us, or by the server with 1000, 1001 or no code',
        '1    any other end of the connection, or fewer messages than --replies (see --wait)',
        '2    the command line is wrong, or the input: a line that is not UTF-8 (lines before it are sent)',
        '3    the server refused, or does not speak WebSocket',
        '4    the server cannot be reached: DNS, TCP, TLS, or no answer in time',
        '5    a message could not be printed: the disk is full, … (but a closed pipe, as of head, ends it with 0)',
        '130  cut by Ctrl-C: the second one, or the first before there was a connection',
      ],
    ],
    [
      'Examples',
      [
        'framewright connect ws://localhost:9001',
        'echo hi | framewright connect ws://localhost:9001 --replies 1',
        'framewright connect ws://localhost:9001 --deflate',
        'framewright connect wss://localhost:9001 --tls-insecure --binary --replies 1 <in >out',
        "framewright connect wss://example.com/chat -s chat.v2 -H 'Authorization: Bearer TOKEN'",
      ],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, connect.options)
  const [url, ...more] = given.positionals
  if (url === undefined) throw new CommandError('connect needs a URL, such as ws://localhost:9001')
  if (more[0] !== undefined) throw new CommandError(`unexpected argument ${more[0]}`)
  const settings = sessionSettings(given)
  const uri = uriOf(url)
  terminal.stdin.on('error', () => {}) // whoever reads it is told, but not before it is read
  const options = await parseDial(given)
  const connection = await dial(url, uri, options, terminal)
  if (connection === undefined) return ExitCode.interrupted
  tellReads(terminal, options.reads!, connection.reads, connection.secure)
  const interactive = terminal.stdin.isTTY === true && terminal.stderr.isTTY === true
  const session = new (interactive ? PromptSession : PipeSession)(connection, terminal, settings)
  const { line, exitCode } = await session.run()
  if (exitCode !== ExitCode.ok) throw new CommandError(line, exitCode)
  if (interactive || settings.verbose) tell(terminal, line)
  return ExitCode.ok
}

/** Undefined when Ctrl-C came first. */
async function dial(
  url: string,
  uri: WebSocketUri,
  options: ConnectOptions,
  terminal: Terminal,
): Promise<WebSocketConnection | undefined> {
  const abort = new AbortController()
  const ignore = terminal.onInterrupt(() => abort.abort())
  try {
    return await openConnection(url, { ...options, signal: abort.signal }).finally(ignore)
  } catch (error) {
    if (abort.signal.aborted) return undefined
    // A password is shown to nobody.
    throw connectFailure(uri.basicCredentials === undefined ? url : String(uri), error)
  }
}

function sessionSettings(given: Arguments): SessionSettings {
  const close = parseClose(given.get('close') ?? '1000')
  if (close === undefined) {
    throw new CommandError('--close needs a code that may be sent, such as 1000 or 3000:reason (123 octets at most)')
  }
  const replies = given.get('replies')
  const wait = parseDuration('--wait', given.get('wait') ?? (replies === undefined ? '1s' : '10s'), ['forever'], 0)
  return {
    closeCode: close.code,
    closeReason: close.reason,
    ping: given.has('ping'),
    binary: given.has('binary'),
    wait: wait === 'forever' ? Number.POSITIVE_INFINITY : wait,
    replies: replies === undefined ? undefined : parseCount('--replies', replies, [], 0),
    verbose: given.has('verbose'),
  }
}
