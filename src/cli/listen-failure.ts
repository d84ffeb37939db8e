/** Why a command cannot listen, in one line. */
import { CommandError } from './command-error.js'
import { ExitCode } from './exit-code.js'
import type { ListenPlace } from './listen-arguments.js'
import { systemReason } from './system-reason.js'

/** What listening failed with, as an error of the command. */
export function listenFailure(error: NodeJS.ErrnoException, place: ListenPlace): CommandError {
  const code = String(error.code)
  if (place.path !== undefined) {
    return new CommandError(
      `cannot listen on ${place.path}: ${ofSockets[code] ?? systemReason(error)}`,
      ExitCode.failed,
    )
  }
  const where = `${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}`
  const exitCode = code === 'ENOTFOUND' ? ExitCode.usage : ExitCode.failed
  return new CommandError(`cannot listen on ${where}: ${ofPorts[code] ?? systemReason(error)}`, exitCode)
}

const ofPorts: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; choose another with --port, or --port 0 for any that is free',
  EACCES: 'this user may not use that port; choose one above 1023 with --port',
  EADDRNOTAVAIL: 'this machine has no such address; see --host',
  ENOTFOUND: 'no such host; see --host',
}

const ofSockets: Readonly<Record<string, string>> = {
  EADDRINUSE: 'there is one already: a server listens on it, or was cut, and then remove it',
  EACCES: 'there is no such folder, or this user may not write there',
}
