/** For hooks that answer now or later, as they like: goes on at once where it can, so that a sync answer costs no turn. */

/** Calls `next` with the value: now, or once the promise that it is has been fulfilled. */
export function settled<T, R>(value: T | PromiseLike<T>, next: (value: T) => R | PromiseLike<R>): R | PromiseLike<R> {
  return isPromiseLike(value) ? Promise.resolve(value).then(next) : next(value)
}

/** Is this a promise, or like one? */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === 'function'
}
