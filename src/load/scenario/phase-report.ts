/** What the phases of a scenario have come to: second by second, for that is how a run is told. */
import { type LoadPart, type LoadSecond, partOf } from '../report.js'
import { tallyOf } from '../reported-tally.js'
import { Tally } from '../tally.js'

/** What one phase has come to: what happened in the seconds that began in it, and in the last one what came behind. */
export interface PhaseReport extends LoadPart {
  /** As the scenario has it. */
  readonly name: string
  /** How long it was to last, in milliseconds. */
  readonly duration: number
}

/**
 * Divides a run into its phases.
 *
 * @param rest - what belongs to no whole second.
 */
export function phasesOf(
  phases: readonly { readonly name: string; readonly duration: number }[],
  warmUp: number,
  seconds: readonly LoadSecond[],
  rest: Tally,
): PhaseReport[] {
  if (phases.length === 0) return []
  const ends = phases.map((_, i) => phases.slice(0, i + 1).reduce((sum, { duration }) => sum + duration, warmUp))
  const tallies = phases.map(() => new Tally())
  const at = (time: number) =>
    tallies[
      Math.max(
        0,
        ends.findIndex(end => time < end || end === ends.at(-1)),
      )
    ]!
  const measured = seconds.filter(({ warmUp }) => !warmUp)
  for (const second of measured) at(second.number * 1000).add(tallyOf(second).take())
  at(Math.max(warmUp, seconds.length * 1000)).add(rest.take())
  return phases.map(({ name, duration }, i) => ({ name, duration, ...partOf(tallies[i]!) }))
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
