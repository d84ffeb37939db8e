/** The options of commands that listen: where. */
import type { Arguments, OptionTable } from './arguments.js'
import { CommandError } from './command-error.js'
import { parsePort } from './quantity.js'
import { parseSocket } from './socket-argument.js'

/** Where to listen, as Node takes it: an address and a port, or the path of a unix socket. */
export type ListenPlace =
  | { readonly host: string; readonly port: number; readonly path?: undefined }
  | { readonly path: string }

/** @param port - the default one, as the help says it. */
export function listenOptions(port: string): OptionTable {
  return {
    host: { value: 'HOST', help: 'the address to listen on (default 127.0.0.1; 0.0.0.0 or :: for all)' },
    port: { value: 'PORT', help: `the port (default ${port}; 0: any that is free, which is printed)` },
    socket: { value: 'PATH', help: 'listen on this unix socket instead' },
  }
}

/**
 * Understands the options.
 *
 * @throws CommandError
 */
export function parseListen(given: Arguments, port: number): ListenPlace {
  const path = parseSocket(given)
  if (path === undefined) {
    return {
      host: hostOf(given.get('host') ?? '127.0.0.1'),
      port: parsePort('--port', given.get('port') ?? String(port)),
    }
  }
  if (given.has('host') || given.has('port')) throw new CommandError('--socket takes the place of --host and --port')
  return { path }
}

function hostOf(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1')
  if (/^[^\s/?#@[\]]+$/.test(host)) return host
  throw new CommandError(
    `--host ${JSON.stringify(text)} is not an address such as 127.0.0.1, ::1 or 0.0.0.0, or a name`,
  )
}
