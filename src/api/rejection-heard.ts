/** For promises that the peer or the network rejects: nobody need await them for the process to live on. */

/**
 * The same promise; its rejection is told to whoever awaits it, and is no unhandled rejection where nobody does. Node ends
 * a process for those, and when a connection ends is the peer's choice.
 */
export function rejectionHeard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
