/** A promise of an application, settled when the bench says so and not a turn later. */
type Settled = (what: 'resolved' | 'rejected') => void

export class Promised {
  readonly #start: (settle: Settled) => void

  /** @param start called when somebody waits, with what settles it. */
  constructor(start: (settle: Settled) => void) {
    this.#start = start
  }

  // biome-ignore lint/suspicious/noThenProperty: to be taken for a promise is what it is for
  then(resolve: () => void, reject: (error: unknown) => void): void {
    this.#start(what => (what === 'resolved' ? resolve() : reject(new Error('the promise of the application'))))
  }
}
