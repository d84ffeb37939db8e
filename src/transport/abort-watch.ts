/**
 * Who is told when a signal aborts. Of each signal there is one listener for all of them: a signal looks through all its listeners for
 * each that is added or removed, so that with 18,000 dials at a time nothing else was done for seconds.
 */

/** Somebody who stops when a signal aborts. */
export interface Abortable {
  onAbort(): void
}

class Watch {
  readonly watchers = new Set<Abortable>()

  handleEvent(): void {
    for (const one of [...this.watchers]) one.onAbort()
  }
}

const watches = new WeakMap<AbortSignal, Watch>()

/** Told once, when it aborts; until {@link unwatch}. */
export function watch(signal: AbortSignal, one: Abortable): void {
  let watched = watches.get(signal)
  if (watched === undefined) {
    watched = new Watch()
    watches.set(signal, watched)
    signal.addEventListener('abort', watched)
  }
  watched.watchers.add(one)
}

/** Nobody's listener is left behind the last one. */
export function unwatch(signal: AbortSignal, one: Abortable): void {
  const watched = watches.get(signal)
  if (watched?.watchers.delete(one) !== true || watched.watchers.size > 0) return
  watches.delete(signal)
  signal.removeEventListener('abort', watched)
}
