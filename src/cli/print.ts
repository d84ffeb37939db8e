/** Writing to stdout, where it matters whether what was written has arrived. */
import { CommandError } from './command-error.js'
import { ExitCode } from './exit-code.js'
import { systemReason } from './system-reason.js'
import type { Terminal } from './terminal.js'

/**
 * Writes to stdout and waits until the system has it.
 *
 * @returns whether it has: false once whoever reads the pipe has left (EPIPE), as `head` does when it has seen enough.
 * @throws CommandError (as a rejection) when it cannot be written for any other reason: the disk is full, …
 */
export async function print({ stdout }: Terminal, content: string | Buffer): Promise<boolean> {
  const error = await new Promise<NodeJS.ErrnoException | null | undefined>(resolve => stdout.write(content, resolve))
  if (!error) return true
  if (error.code === 'EPIPE') return false
  throw new CommandError(`cannot write to stdout: ${systemReason(error)}`, ExitCode.output)
}
