/** A promise that is settled from outside, as Promise.withResolvers() of later versions of Node. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void
  const promise = new Promise<T>(fulfil => {
    resolve = fulfil
  })
  return { promise, resolve: resolve! }
}
