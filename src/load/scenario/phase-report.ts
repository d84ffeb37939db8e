/** What the phases of a scenario have come to: second by second, for that is how a run is told. */
import { type LoadPart, partOf } from '../report.js'
import { tallyOf } from '../reported-tally.js'
import { Tally, type TallyState } from '../tally.js'

/**
 * What one phase has come to: what happened in the seconds that began in it, and in the last one what came behind. What is sent
 * counts in the second in which it was due, what comes in that in which it came.
 */
export interface PhaseReport extends LoadPart {
  /** As the scenario has it. */
  readonly name: string
  /** How long it was to last, in milliseconds. */
  readonly duration: number
}

/** Divides a run into its phases. */
export class Phases {
  readonly #phases: readonly { readonly name: string; readonly duration: number; readonly tally: Tally }[]
  /** Milliseconds from the start of the warm-up to the end of each. */
  readonly #ends: readonly number[]
  readonly #warmUp: number

  constructor(phases: readonly { readonly name: string; readonly duration: number }[], warmUp: number) {
    this.#phases = phases.map(({ name, duration }) => ({ name, duration, tally: new Tally() }))
    this.#ends = phases.map((_, i) => phases.slice(0, i + 1).reduce((sum, { duration }) => sum + duration, warmUp))
    this.#warmUp = warmUp
  }

  /** What a second has come to, by its number; nothing of the warm-up belongs to a phase. */
  add(second: number, state: TallyState): void {
    if ((second + 1) * 1000 <= this.#warmUp) return
    const time = Math.max(this.#warmUp, second * 1000)
    const at = this.#ends.findIndex(end => time < end)
    this.#phases.at(at)?.tally.add(state)
  }

  get reports(): PhaseReport[] {
    return this.#phases.map(({ name, duration, tally }) => ({ name, duration, ...partOf(tally) }))
  }
}

/** Those of shards, added up. */
export function mergePhases(reports: readonly (readonly PhaseReport[])[]): PhaseReport[] {
  const [first = []] = reports
  return first.map(({ name, duration }, i) => {
    const tally = new Tally()
    for (const phases of reports) tally.add(tallyOf(phases[i]!).take())
    return { name, duration, ...partOf(tally) }
  })
}
