/** What the phases of a scenario have come to: second by second, for that is how a run is told. */
import { type LoadPart, partOf } from '../report.js'
import { tallyOf } from '../reported-tally.js'
import { Tally, type TallyState } from '../tally.js'

/**
 * What one phase has come to: of the seconds that began in it, and of the last one what came behind. Messages, and what becomes of
 * them whenever that comes, count in the second in which they were due; all else in that in which it happened.
 */
export interface PhaseReport extends LoadPart {
  /** As the scenario has it. */
  readonly name: string
  /** How long it was to last, in milliseconds. */
  readonly duration: number
}

/** One phase, as a scenario has it; milliseconds. */
type Phase = { readonly name: string; readonly duration: number }

/** The first second of each phase: the first that begins in it, or of which the measured part does. */
export function firstSeconds(phases: readonly Phase[], warmUp: number): number[] {
  const starts = phases.map((_, i) => phases.slice(0, i).reduce((sum, { duration }) => sum + duration, warmUp))
  return starts.map((start, i) => (i === 0 ? Math.floor(start / 1000) : Math.ceil(start / 1000)))
}

/** Divides a run into its phases. */
export class Phases {
  readonly #phases: readonly (Phase & { readonly tally: Tally })[]
  readonly #seconds: readonly number[]

  constructor(phases: readonly Phase[], warmUp: number) {
    this.#phases = phases.map(({ name, duration }) => ({ name, duration, tally: new Tally() }))
    this.#seconds = firstSeconds(phases, warmUp)
  }

  /** What a second has come to, by its number; nothing of the warm-up belongs to a phase. */
  add(second: number, { ofPhases, ...own }: TallyState): void {
    for (const [phase, state] of ofPhases ?? []) this.#phases[phase]!.tally.add(state)
    this.#phases[this.#seconds.findLastIndex(first => first <= second)]?.tally.add(own)
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
