/**
 * Where messages are counted, by when they were due: those of the warm-up apart; of a scenario, what becomes of those of earlier
 * phases apart from what is of the present one. All others, which are nearly all, take one comparison.
 */
import type { Histogram } from './histogram.js'
import type { LoadSettings } from './load-settings.js'
import { phaseOfSeconds } from './scenario/phase-report.js'
import type { Tally } from './tally.js'

/** Where messages are counted. */
export interface Counted {
  readonly tally: Tally
  /** Of the tally: asked for once, for to look them up costs as much as to count. */
  readonly times: Readonly<Record<'rtt' | 'rttFromSend' | 'lateness', Histogram>>
}

export class DueParts {
  /** What is due from then on is of the present part. */
  from = Number.POSITIVE_INFINITY
  /** Then the measured time is over, and the last replies are waited for. */
  until = Number.POSITIVE_INFINITY
  readonly #measured: Counted
  readonly #warmUp: Counted
  readonly #late: (phase: number) => Counted
  readonly #phaseOf: (second: number) => number
  /** Since when each phase that has begun is counted, and what comes of it later. */
  readonly #phases: { readonly from: number; late?: Counted }[] = []

  /** @param tally - of a thread, or of a class there. */
  constructor({ scenario, warmUp }: LoadSettings, tally: Tally) {
    this.#phaseOf = phaseOfSeconds(scenario?.phases ?? [], warmUp)
    this.#measured = countedIn(tally)
    this.#warmUp = countedIn(tally.warmUp)
    this.#late = phase => countedIn(tally.earlier(phase))
  }

  get measured(): Counted {
    return this.#measured
  }

  /** The warm-up is over at that time; of a load without phases all that is measured is one. */
  begin(from: number): void {
    this.#phases.push({ from })
    this.from = from
  }

  /** A second begins, of that number: perhaps a phase with it. */
  second(number: number, from: number): void {
    while (this.#phases.length <= this.#phaseOf(number)) this.begin(from)
  }

  /** Where that is counted which was due at a time. */
  of(due: number): Counted {
    return due >= this.from ? this.#measured : this.#before(due)
  }

  /** Something is due, or was, and is counted where it belongs. */
  plan(due: number): Counted {
    const counted = this.of(due)
    const { counts } = counted.tally
    counts.planned++
    if (due < this.until) counts.plannedInTime++
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

  #before(due: number): Counted {
    const at = this.#phases.findLastIndex(({ from }) => due >= from)
    const phase = this.#phases[at]
    if (phase === undefined) return this.#warmUp
    phase.late ??= this.#late(at)
    return phase.late
  }
}

function countedIn(tally: Tally): Counted {
  return {
    tally,
    times: { rtt: tally.times('rtt'), rttFromSend: tally.times('rttFromSend'), lateness: tally.times('lateness') },
  }
}
