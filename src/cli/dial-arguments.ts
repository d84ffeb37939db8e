/** The options of commands that connect: what is asked of the server, and how it is trusted. */
import type { ConnectOptions } from '../api/connect-options.js'
import { isVisibleAscii } from '../http/grammar.js'
import type { Arguments, OptionTable } from './arguments.js'
import { CommandError } from './command-error.js'
import { deflateArguments, parseDeflate } from './deflate-arguments.js'
import { parseDuration, parseSize } from './quantity.js'
import { parseReads, readsArgument } from './reads-argument.js'
import { parseSocket, socketArgument } from './socket-argument.js'
import { parseSubprotocols, subprotocolArgument } from './subprotocol-argument.js'
import { parseTrust, trustOptions } from './trust-arguments.js'
import { headerOf } from './url-argument.js'

export const dialOptions: OptionTable = {
  header: {
    short: 'H',
    value: "'NAME: VALUE'",
    multiple: true,
    help: 'a header field of the request; may be repeated',
  },
  ...subprotocolArgument('a subprotocol to offer; repeat it for more, best first'),
  origin: { value: 'ORIGIN', help: 'the Origin to send, as browsers do' },
  ...socketArgument,
  ...trustOptions,
  timeout: {
    value: 'TIME',
    help: "for DNS, TCP, TLS and the response together (default 15s), or 'off'",
  },
  'max-message': { value: 'SIZE', help: "longest message to receive (default 16MiB), or 'unlimited'" },
  ...deflateArguments,
  ...readsArgument,
}

/** The options of `connect()` that a command line gives. */
export type DialOptions = Pick<
  ConnectOptions,
  | 'http'
  | 'headers'
  | 'protocols'
  | 'origin'
  | 'socketPath'
  | 'connectTimeout'
  | 'limits'
  | 'perMessageDeflate'
  | 'reads'
  | 'tls'
>

/**
 * Understands the options.
 *
 * @throws CommandError (as a rejection)
 */
export async function parseDial(given: Arguments): Promise<DialOptions> {
  const connectTimeout = parseDuration('--timeout', given.get('timeout') ?? '15s', ['off'])
  const maxMessageSize = parseSize('--max-message', given.get('max-message') ?? '16MiB', ['unlimited'])
  return {
    http: true,
    headers: given.all('header').map(headerOf),
    protocols: parseSubprotocols(given),
    origin: originOf(given.get('origin')),
    socketPath: parseSocket(given),
    connectTimeout,
    limits: { maxMessageSize },
    perMessageDeflate: parseDeflate(given),
    reads: parseReads(given),
    tls: await parseTrust(given),
  }
}

function originOf(text: string | undefined): string | undefined {
  if (text === undefined || isVisibleAscii(text)) return text
  throw new CommandError(`--origin ${JSON.stringify(text)} is not an origin such as https://example.com`)
}
