/**
 * Where messages are counted, by when they were due: those of the warm-up apart; of a scenario, those of other phases apart from
 * those of the present one. All others, which are nearly all, take two comparisons.
 */
import type { Histogram } from './histogram.js'
import type { LoadSettings } from './load-settings.js'
import { firstSeconds } from './scenario/phase-report.js'
import type { Tally } from './tally.js'

/** Where messages are counted. */
export interface Counted {
  readonly tally: Tally
  /** Of the tally: asked for once, for to look them up costs as much as to count. */
  readonly times: Readonly<Record<'rtt' | 'rttFromSend' | 'lateness', Histogram>>
}

export class DueParts {
  /** Then the measured time is over, and the last replies are waited for. */
  until = Number.POSITIVE_INFINITY
  /** Between these times is due what is of the present phase. */
  #from = Number.POSITIVE_INFINITY
  #to = Number.POSITIVE_INFINITY
  readonly #measured: Counted
  readonly #warmUp: Counted
  readonly #another: (phase: number) => Counted
  readonly #timeOfWarmUp: number
  /** The first second of each phase. */
  readonly #seconds: readonly number[]
  /** When each phase begins, and where what is of it is counted while another is present. */
  #phases: { readonly from: number; apart?: Counted }[] = []

  /** @param tally - of a thread, or of a class there. */
  constructor({ scenario, warmUp }: LoadSettings, tally: Tally) {
    // Of a load without phases all that is measured is one, from the first second on.
    this.#seconds = scenario === undefined ? [0] : firstSeconds(scenario.phases, warmUp)
    this.#timeOfWarmUp = warmUp
    this.#measured = countedIn(tally)
    this.#warmUp = countedIn(tally.warmUp)
    this.#another = phase => countedIn(tally.ofPhase(phase))
  }

  get measured(): Counted {
    return this.#measured
  }

  /** The first second begins at that time, and the warm-up with it. */
  begin(start: number): void {
    const measured = start + this.#timeOfWarmUp
    this.#phases = this.#seconds.map(second => ({ from: Math.max(measured, start + second * 1000) }))
    this.second(0)
  }

  /** A second begins, of that number: perhaps a phase with it. */
  second(number: number): void {
    const present = this.#seconds.findLastIndex(first => first <= number)
    this.#from = this.#phases[present]?.from ?? Number.POSITIVE_INFINITY
    this.#to = this.#phases[present + 1]?.from ?? Number.POSITIVE_INFINITY
  }

  /** Where that is counted which was due at a time. */
  of(due: number): Counted {
    return due >= this.#from && due < this.#to ? this.#measured : this.#apart(due)
  }

  /** Something is due, or was, and is counted where it belongs; or so many in the same millisecond. */
  plan(due: number, count = 1): Counted {
    const counted = this.of(due)
    const { counts } = counted.tally
    counts.planned += count
    if (due < this.until) counts.plannedInTime += count
    return counted
  }

  /** What was due then has left, with so many octets. */
  sent(due: number, octets: number): void {
    const { counts } = this.of(due).tally
    counts.sent++
    counts.sentOctets += octets
    if (due >= this.until) return
    counts.sentInTime++
    counts.sentOctetsInTime += octets
  }

  /** A reply has come, whatever it answers. */
  replied(now: number): void {
    if (now < this.until) this.of(now).tally.counts.receivedInTime++
  }

  /** A message of so many octets has come. */
  came(octets: number, now: number): void {
    const { counts } = this.of(now).tally
    counts.receivedOctets += octets
    if (now < this.until) counts.receivedOctetsInTime += octets
  }

  /** Due in the warm-up, or in another phase than the present one: users go on with their steps before its last second is ended. */
  #apart(due: number): Counted {
    const at = this.#phases.findLastIndex(({ from }) => due >= from)
    const phase = this.#phases[at]
    if (phase === undefined) return this.#warmUp
    phase.apart ??= this.#another(at)
    return phase.apart
  }
}

function countedIn(tally: Tally): Counted {
  return {
    tally,
    times: { rtt: tally.times('rtt'), rttFromSend: tally.times('rttFromSend'), lateness: tally.times('lateness') },
  }
}
