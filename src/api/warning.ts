/** Where an application's fault ends up that nobody wants to hear of: never lost, and never the end of the process. */
import { inspect } from 'node:util'

/** Tells a process warning: an event that `process` emits, on stderr by default. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(inspect(error)))
}
