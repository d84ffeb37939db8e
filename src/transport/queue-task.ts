/** A turn of the event loop for one call: what the standards of the Web mean by "queue a task". */

/** Calls in a turn of its own, after all promises that are settled by now. Keeps the process alive until then. */
export function queueTask(call: () => void): void {
  setImmediate(call)
}
