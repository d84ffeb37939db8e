/** `framewright echo`: an echo server, with a page to try it from a browser. */
import { X509Certificate } from 'node:crypto'
import type { Server } from '../api/server.js'
import type { ServerOptions } from '../api/server-options.js'
import { canonicalOrigin } from '../handshake/origin.js'
import { type Arguments, parseArguments } from './arguments.js'
import type { Command } from './command.js'
import { CommandError } from './command-error.js'
import { deflateArguments, deflateLines, parseDeflate } from './deflate-arguments.js'
import { createEchoServer } from './echo-server.js'
import { ExitCode } from './exit-code.js'
import { limitLines, parseLimits } from './limit-arguments.js'
import { type ListenPlace, listenOptions, parseListen } from './listen-arguments.js'
import { listenFailure } from './listen-failure.js'
import { print } from './print.js'
import { parseSize } from './quantity.js'
import { parseReads, readsArgument, tellReads } from './reads-argument.js'
import { type Terminal, tell } from './terminal.js'
import { type Certificate, parseListenTls, tlsOptions } from './tls-arguments.js'

export const echo: Command = {
  name: 'echo',
  summary: 'an echo server, with a page to try it from a browser',
  usage: '[options]',
  about: [
    'Sends every message back as it came: text as text, binary as binary. Speaks the first subprotocol it is offered.',
    'A browser that asks for / gets a page to try it with, a load balancer that asks for /health "ok". Ctrl-C closes all\n' +
      'connections with 1001, then exits; a second Ctrl-C cuts them.',
    'SIZE is a number of octets, KiB, MiB or GiB (1048576, 64KiB, 16MiB), TIME one of ms, s, min or h (500ms, 20s, 2min).',
  ],
  options: {
    ...listenOptions('9001'),
    ...tlsOptions,
    'max-message': { value: 'SIZE', help: "longest message (default 16MiB), or 'unlimited'" },
    limit: {
      value: 'NAME=VALUE',
      multiple: true,
      help: 'another limit or deadline, by its name in the API: see below; may be repeated',
    },
    'allow-origin': {
      value: 'ORIGIN',
      multiple: true,
      help: "pages of this origin (https://example.com) may connect too, besides this server's own;\n'null': pages without an origin (files); 'any': all pages; may be repeated",
    },
    ...deflateArguments,
    ...readsArgument,
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    ['Limits (--limit NAME=VALUE)', limitLines()],
    ['Compression (--deflate-options)', deflateLines],
    [
      'Exit codes',
      [
        '0    it ran until Ctrl-C and all connections were closed',
        '1    it cannot listen: the port is in use, the address is not of this machine, …',
        '2    the command line is wrong: an option, a host that is not known, a file that cannot be used',
        '5    it cannot say where it listens: stdout cannot be written to (a closed pipe is no error)',
        '130  cut by a second Ctrl-C',
      ],
    ],
    [
      'Examples',
      [
        'framewright echo',
        'framewright echo --port 0 --max-message 64MiB',
        'framewright echo --host 0.0.0.0 --tls-self-signed --allow-origin https://example.com',
        "framewright echo --deflate-options 'server_no_context_takeover; threshold=1KiB'",
        'framewright echo --limit pingInterval=5s --limit maxConnections=100',
        'framewright echo --reads reused --max-message 64MiB',
      ],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, echo.options)
  if (given.positionals.length > 0) throw new CommandError(`unexpected argument ${given.positionals[0]}`)
  const place = parseListen(given, 9001)
  const tls = await parseListenTls(given)
  const options = serverOptions(given, tls)
  const server = tls === undefined ? createEchoServer(options) : createTlsEchoServer(options)
  await listen(server, place)
  tellReads(terminal, options.reads!, server.reads, tls !== undefined)
  return await untilInterrupted(server, announcement(server.url, place, tls), terminal)
}

function createTlsEchoServer(options: ServerOptions): Server {
  try {
    return createEchoServer(options)
  } catch (error) {
    // OpenSSL is stricter than we are: a key may be too short for it.
    throw new CommandError(`--tls-cert and --tls-key cannot be used: ${(error as Error).message}`)
  }
}

function serverOptions(given: Arguments, tls: Certificate | undefined): ServerOptions {
  const parsed = parseLimits(given.all('limit'))
  const maxMessage = given.get('max-message')
  if (maxMessage !== undefined && parsed.limits?.maxMessageSize !== undefined) {
    throw new CommandError('--max-message and --limit maxMessageSize are the same: give one')
  }
  const maxMessageSize = parseSize('--max-message', maxMessage ?? '16MiB', ['unlimited'])
  const origins = given.all('allow-origin').map(originOf)
  return {
    ...parsed,
    limits: { maxMessageSize, ...parsed.limits },
    perMessageDeflate: parseDeflate(given),
    reads: parseReads(given),
    allowedOrigins: origins.includes('any') ? 'any' : ['same-origin', ...origins],
    tls,
  }
}

function originOf(text: string): string {
  const origin = text === 'any' || text === 'null' ? text : canonicalOrigin(text)
  if (origin !== undefined) return origin
  throw new CommandError(
    `--allow-origin ${JSON.stringify(text)} is not an origin such as https://example.com:8443, 'null' or 'any'`,
  )
}

async function listen(server: Server, place: ListenPlace): Promise<void> {
  try {
    await server.listen(place)
  } catch (error) {
    throw listenFailure(error as NodeJS.ErrnoException, place)
  }
}

function announcement(url: string | undefined, { path }: ListenPlace, tls: Certificate | undefined): string {
  const lines =
    url === undefined
      ? [
          `listening on ${path}`,
          `to try it: framewright connect ${tls === undefined ? 'ws' : 'wss'}://localhost --socket ${path}`,
        ]
      : [`listening on ${url}`, `to try it in a browser: ${url.replace(/^ws/, 'http')}/`]
  if (tls !== undefined) lines.push(`certificate, SHA-256: ${new X509Certificate(tls.cert).fingerprint256}`)
  return `${lines.join('\n')}\n`
}

/** Says where it listens, runs until Ctrl-C, then until all is closed; a second Ctrl-C does not wait. */
function untilInterrupted(server: Server, announcement: string, terminal: Terminal): Promise<ExitCode> {
  const say = (text: string) => tell(terminal, text)
  server.on('error', error => say(`accepting a connection failed: ${error.message}`))
  return new Promise((resolve, reject) => {
    let closing = false
    const ignore = terminal.onInterrupt(() => {
      if (closing) {
        for (const connection of server.connections) connection.terminate()
        end(ExitCode.interrupted)
        return
      }
      closing = true
      const { size } = server.connections
      if (size > 0) say(`closing ${size === 1 ? 'one connection' : `${size} connections`}; Ctrl-C again cuts`)
      void server.close().then(() => end(ExitCode.ok))
    })
    const end = (code: ExitCode) => {
      ignore()
      resolve(code)
    }
    print(terminal, announcement).catch(error => {
      ignore()
      void server.close().then(() => reject(error))
    })
  })
}
