/**
 * Starts a thread of a load. Where its code is found is this file's business alone: a command in one single file has it within
 * it, and another in place of this one.
 */
import { Worker } from 'node:worker_threads'

/** A thread that runs worker.ts, without the loaders and hooks of the program, which would be part of what is measured. */
export function loadThread(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] })
}
