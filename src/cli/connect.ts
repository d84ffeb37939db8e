/** `framewright connect`: a client for the terminal and for pipes. */
import { connect as openConnection } from '../api/client.js'
import type { ConnectOptions } from '../api/connect-options.js'
import type { WebSocketConnection } from '../api/websocket-connection.js'
import type { WebSocketUri } from '../handshake/websocket-uri.js'
import { isToken, isVisibleAscii } from '../http/grammar.js'
import { type Arguments, parseArguments } from './arguments.js'
import type { Command } from './command.js'
import { CommandError } from './command-error.js'
import { connectFailure } from './connect-failure.js'
import { deflateArguments, deflateLines, parseDeflate } from './deflate-arguments.js'
import { ExitCode } from './exit-code.js'
import { certificatesIn } from './pem-file.js'
import { PipeSession } from './pipe-session.js'
import { PromptSession } from './prompt-session.js'
import { parseCount, parseDuration, parseSize } from './quantity.js'
import type { SessionSettings } from './session.js'
import { parseClose } from './session-command.js'
import { type Terminal, tell } from './terminal.js'
import { headerOf, uriOf } from './url-argument.js'

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
    header: {
      short: 'H',
      value: "'NAME: VALUE'",
      multiple: true,
      help: 'a header field of the request; may be repeated',
    },
    subprotocol: {
      short: 's',
      value: 'NAME',
      multiple: true,
      help: 'a subprotocol to offer; repeat it for more, best first',
    },
    origin: { value: 'ORIGIN', help: 'the Origin to send, as browsers do' },
    'tls-insecure': { short: 'k', help: 'accept any certificate: self-signed, expired, of another host' },
    'tls-ca': { value: 'FILE', help: 'trust what these certificates have signed, PEM, and nothing else' },
    timeout: {
      value: 'TIME',
      help: "for DNS, TCP, TLS and the response together (default 15s), or 'off'",
    },
    'max-message': { value: 'SIZE', help: "longest message to receive (default 16MiB), or 'unlimited'" },
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
    ...deflateArguments,
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
  const connection = await dial(url, uri, await connectOptions(given), terminal)
  if (connection === undefined) return ExitCode.interrupted
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

async function connectOptions(given: Arguments): Promise<ConnectOptions> {
  const ca = given.get('tls-ca')
  const connectTimeout = parseDuration('--timeout', given.get('timeout') ?? '15s', ['off'])
  const maxMessageSize = parseSize('--max-message', given.get('max-message') ?? '16MiB', ['unlimited'])
  return {
    http: true,
    headers: given.all('header').map(headerOf),
    protocols: given.all('subprotocol').map(subprotocolOf),
    origin: originOf(given.get('origin')),
    connectTimeout,
    limits: { maxMessageSize },
    perMessageDeflate: parseDeflate(given),
    tls: {
      rejectUnauthorized: !given.has('tls-insecure'),
      ...(ca !== undefined && { ca: (await certificatesIn('--tls-ca', ca)).pem }),
    },
  }
}

function subprotocolOf(text: string, index: number, all: readonly string[]): string {
  if (!isToken(text)) {
    throw new CommandError(
      `--subprotocol ${JSON.stringify(text)} is not one name, such as chat.v2; for several, repeat --subprotocol`,
    )
  }
  if (all.indexOf(text) < index) throw new CommandError(`--subprotocol ${text} was given twice`)
  return text
}

function originOf(text: string | undefined): string | undefined {
  if (text === undefined || isVisibleAscii(text)) return text
  throw new CommandError(`--origin ${JSON.stringify(text)} is not an origin such as https://example.com`)
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
