/** `framewright echo`: an echo server, with a page to try it from a browser. */
import { X509Certificate } from 'node:crypto'
import type { Server } from '../api/server.js'
import type { ServerOptions } from '../api/server-options.js'
import { type Arguments, parseArguments } from './arguments.js'
import type { Command } from './command.js'
import { CommandError } from './command-error.js'
import { createEchoServer } from './echo-server.js'
import { ExitCode } from './exit-code.js'
import { limitNames, parseLimits } from './limit-arguments.js'
import { namedFile } from './named-file.js'
import { parsePort, parseSize } from './quantity.js'
import { styled, type Terminal } from './terminal.js'

export const echo: Command = {
  name: 'echo',
  summary: 'an echo server, with a page to try it from a browser',
  usage: '[options]',
  about: [
    'Sends every message back as it came: text as text, binary as binary. Speaks the first subprotocol it is offered.',
    'A browser that asks for / gets a page to try it with. Ctrl-C closes all connections with 1001, then exits;\na second Ctrl-C cuts them.',
  ],
  options: {
    host: { value: 'HOST', help: 'the address to listen on (default 127.0.0.1; 0.0.0.0 or :: for all)' },
    port: { value: 'PORT', help: 'the port (default 9001; 0: any that is free, which is printed)' },
    'tls-cert': { value: 'FILE', help: 'certificate and chain, PEM: TLS (wss)' },
    'tls-key': { value: 'FILE', help: 'its private key, PEM' },
    'tls-self-signed': { help: 'TLS with a certificate made on the spot for localhost, 127.0.0.1 and ::1' },
    'max-message': { value: 'SIZE', help: 'longest message: 1048576, 64KiB, 64MiB, … (default 16MiB)' },
    limit: {
      value: 'NAME=VALUE',
      multiple: true,
      help: `another limit, by its name in the API: a size, a count, a time (20s),\n'unlimited' or 'off'. ${wrapped(limitNames)}`,
    },
    'allow-origin': {
      value: 'ORIGIN',
      multiple: true,
      help: "pages of this origin may connect too (default: this server's own);\n'any': all pages",
    },
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    [
      'Exit codes',
      [
        '0    it ran until Ctrl-C and all connections were closed',
        '1    it cannot listen: the port is in use, the address is not of this machine, …',
        '2    the command line is wrong, or a file named there cannot be used',
        '130  cut by a second Ctrl-C',
      ],
    ],
    [
      'Examples',
      [
        'framewright echo',
        'framewright echo --port 0 --max-message 64MiB',
        'framewright echo --host 0.0.0.0 --tls-self-signed --allow-origin https://example.com',
        'framewright echo --limit pingInterval=5s --limit maxConnections=100',
      ],
    ],
  ],
  run,
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, echo.options)
  if (given.positionals.length > 0) throw new CommandError(`unexpected argument ${given.positionals[0]}`)
  const host = given.get('host') ?? '127.0.0.1'
  const port = parsePort('--port', given.get('port') ?? '9001')
  const certificate = await certificateOf(given)
  const server = createEchoServer(serverOptions(given, certificate))
  await listen(server, host, port)
  const interrupted = untilInterrupted(server, terminal)
  announce(server, certificate, terminal)
  return await interrupted
}

function serverOptions(given: Arguments, tls: { key: string; cert: string } | undefined): ServerOptions {
  const parsed = parseLimits(given.all('limit'))
  const maxMessage = given.get('max-message')
  if (maxMessage !== undefined && parsed.limits?.maxMessageSize !== undefined) {
    throw new CommandError('--max-message and --limit maxMessageSize are the same: give one')
  }
  const maxMessageSize = maxMessage === 'unlimited' ? maxMessage : parseSize('--max-message', maxMessage ?? '16MiB')
  const origins = given.all('allow-origin')
  return {
    ...parsed,
    limits: { maxMessageSize, ...parsed.limits },
    allowedOrigins: origins.includes('any') ? 'any' : ['same-origin', ...origins],
    tls,
  }
}

async function certificateOf(given: Arguments): Promise<{ key: string; cert: string } | undefined> {
  const cert = given.get('tls-cert')
  const key = given.get('tls-key')
  if (given.has('tls-self-signed')) {
    if (cert ?? key)
      throw new CommandError('--tls-self-signed makes its own certificate: leave out --tls-cert and --tls-key')
    const { selfSignedCertificate } = await import('./self-signed-certificate.js')
    return await selfSignedCertificate()
  }
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) throw new CommandError('--tls-cert and --tls-key belong together')
  return { cert: await namedFile('--tls-cert', cert), key: await namedFile('--tls-key', key) }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port)
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): CommandError {
  // Without a system call it was OpenSSL, which has looked at the certificate and the key.
  if (error.syscall === undefined)
    return new CommandError(`the certificate or its key cannot be used: ${error.message}`)
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const reason = reasons[String(error.code)] ?? error.message
  return new CommandError(`cannot listen on ${where}: ${reason}`, ExitCode.failed)
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; choose another with --port, or --port 0 for any that is free',
  EACCES: 'this user may not use that port; choose one above 1023 with --port',
  EADDRNOTAVAIL: 'no such address on this machine',
  ENOTFOUND: 'no such host',
}

function announce(server: Server, certificate: { cert: string } | undefined, { stdout }: Terminal): void {
  const url = server.url!
  stdout.on('error', () => {}) // whoever has read enough of it may close the pipe: the server goes on
  stdout.write(`listening on ${url}\nto try it in a browser: ${url.replace(/^ws/, 'http')}/\n`)
  if (certificate === undefined) return
  stdout.write(`certificate, SHA-256: ${new X509Certificate(certificate.cert).fingerprint256}\n`)
}

/** Runs until Ctrl-C, then until all is closed; a second Ctrl-C does not wait. */
function untilInterrupted(server: Server, terminal: Terminal): Promise<ExitCode> {
  const say = (text: string) => terminal.stderr.write(`${styled(terminal, 'stderr', 'dim', text)}\n`)
  server.on('error', error => say(`accepting a connection failed: ${error.message}`))
  return new Promise(resolve => {
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
  })
}

/** Names in lines of the help. */
function wrapped(names: readonly string[]): string {
  const lines = ['Names:']
  for (const name of names) {
    if (lines.at(-1)!.length + name.length > 70) lines.push('')
    lines[lines.length - 1] = `${lines.at(-1)!} ${name},`.trim()
  }
  return lines.join('\n').replace(/,$/, '')
}
