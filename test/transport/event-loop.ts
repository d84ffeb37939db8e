/** Waiting without a clock: for turns of the event loop, and for what somebody else settles. */

/** One turn of the event loop: what has arrived is read. */
export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Some turns of the event loop, to see that something does not happen. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

/** Turns the event loop until it is so. The test's own timeout ends it when it never is. */
export async function until(is: () => boolean): Promise<void> {
  while (!is()) await turn()
}

/** A promise and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (error: unknown) => void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve']
  let reject!: Deferred<T>['reject']
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle))
  return { promise, resolve, reject }
}
