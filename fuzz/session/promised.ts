/** A promise of an application, settled when the bench says so: no turn of the event loop passes within a session. */
type Settled = (what: 'resolved' | 'rejected') => void

export class Promised {
  readonly #start: (settle: Settled) => void

  /** @param start - called when somebody waits, with what settles it; which must not be called from within. */
  constructor(start: (settle: Settled) => void) {
    this.#start = start
  }

  // biome-ignore lint/suspicious/noThenProperty: to be taken for a promise is what it is for
  then(resolve: () => void, reject: (error: unknown) => void): void {
    this.#start(what => (what === 'resolved' ? resolve() : reject(new Error('the promise of the application'))))
  }

  /** Runs `work`, in which Promise.resolve() leaves a Promised as it is, as it would leave a promise. */
  static during<Result>(work: () => Result): Result {
    const { resolve } = Promise
    const leave = (value: unknown) => (value instanceof Promised ? value : Promise.reject(new TypeError('no Promised')))
    Promise.resolve = leave as unknown as typeof resolve
    try {
      return work()
    } finally {
      Promise.resolve = resolve
    }
  }
}
