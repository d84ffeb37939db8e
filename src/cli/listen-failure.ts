/** Why a command cannot listen, in one line. */
import { CommandError } from './command-error.js'
import { ExitCode } from './exit-code.js'
import { systemReason } from './system-reason.js'

/** What listening failed with, as an error of the command. */
export function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): CommandError {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const reason = reasons[String(error.code)] ?? systemReason(error)
  const exitCode = error.code === 'ENOTFOUND' ? ExitCode.usage : ExitCode.failed
  return new CommandError(`cannot listen on ${where}: ${reason}`, exitCode)
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; choose another with --port, or --port 0 for any that is free',
  EACCES: 'this user may not use that port; choose one above 1023 with --port',
  EADDRNOTAVAIL: 'this machine has no such address; see --host',
  ENOTFOUND: 'no such host; see --host',
}
