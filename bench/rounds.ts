/** How often and how long something is measured: what every benchmark's command line has. */

export interface Rounds {
  readonly rounds: number
  /** Seconds that each contestant is measured in each round. */
  readonly seconds: number
}

/** @throws {Error} where one is no number that makes sense. */
export function readRounds({ rounds, seconds }: { readonly rounds: string; readonly seconds: string }): Rounds {
  const read = { rounds: Number(rounds), seconds: Number(seconds) }
  if (!Number.isInteger(read.rounds) || read.rounds < 1) throw new Error(`--rounds ${rounds} is not possible`)
  if (!(read.seconds > 0 && read.seconds <= 60)) throw new Error(`--seconds ${seconds} is not possible`)
  return read
}
