/** What ends a command: told in one line on stderr, with the exit code that says whose fault it was. */
import { ExitCode } from './exit-code.js'

/** The message is the line that is printed, without the name of the program. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: ExitCode

  /** @param exitCode - by default: the command line was wrong. */
  constructor(message: string, exitCode: ExitCode = ExitCode.usage) {
    super(message)
    this.exitCode = exitCode
  }
}
