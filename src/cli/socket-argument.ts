/** `--socket`: the unix socket to connect to, of every command that connects. */
import type { Arguments, OptionTable } from './arguments.js'
import { CommandError } from './command-error.js'

export const socketArgument: OptionTable = {
  socket: { value: 'PATH', help: 'connect to this unix socket; the URL gives the rest' },
}

/** @throws CommandError when it is empty. */
export function parseSocket(given: Arguments): string | undefined {
  const path = given.get('socket')
  if (path === '') throw new CommandError('--socket needs a path')
  return path
}
