/** How long the tool waits for what does not come. */

/** How long things may take, in milliseconds. They bound failure: what succeeds does so at once. */
export interface Patience {
  /** The longest silence before what was awaited counts as missing. */
  readonly silence: number
  /** The silence after which an endpoint that should have failed the connection is asked by a Ping whether it lives. */
  readonly asking: number
  /** The time within which a server has ended TCP "immediately". */
  readonly prompt: number
  /** The longest time a single await takes, however much comes meanwhile. */
  readonly endless: number
}

/** The times used unless scaled: 5 s, 0.4 s, 1 s, 120 s. */
export const defaultPatience: Patience = { silence: 5000, asking: 400, prompt: 1000, endless: 120_000 }

/** Longer or shorter. */
export function scaled({ silence, asking, prompt, endless }: Patience, by: number): Patience {
  const time = (one: number) => Math.min(one * by, longestTimer)
  return { silence: time(silence), asking: time(asking), prompt: time(prompt), endless: time(endless) }
}

// Node's timers hold 2^31 - 1 ms.
const longestTimer = 2 ** 31 - 1
