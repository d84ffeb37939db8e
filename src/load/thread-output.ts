/** What a thread of a load writes to stdout and stderr, as Node does when it warns, or tells what NODE_DEBUG asks for. */
import type { Worker } from 'node:worker_threads'

/**
 * Passes it on, and takes it also when nobody reads ours any more. Node passes it on by a pipe, which an error ends; and a
 * thread whose output is taken by nobody does not end.
 */
export function passOutput(thread: Worker): void {
  const streams = [[thread.stdout, process.stdout] as const, [thread.stderr, process.stderr] as const]
  for (const [from, to] of streams) {
    from
      .unpipe()
      .on('data', chunk => to.write(chunk))
      .resume()
  }
}
