/**
 * What a load has counted and timed. One adds to another without loss: those of seconds to that of a run, those of threads
 * and machines to that of all.
 */
import { errorExample } from './error-example.js'
import { Histogram, type HistogramState } from './histogram.js'

/** All that is timed. */
export const timeNames = [
  'dns',
  'tcp',
  'tls',
  'upgrade',
  'firstMessage',
  'rtt',
  'rttFromSend',
  'lateness',
  'ping',
  'close',
  'firstReply',
  'lastReceiver',
  'connect',
  'reconnect',
  'firstOctet',
  'iteration',
] as const

/**
 * What is timed, in milliseconds: the stages of a dial, each by itself (`dns`, `tcp`, `tls`, `upgrade`); `rtt`, a message
 * and its reply from when it was due; `rttFromSend`, the same from when it left, which is too good where the load was held
 * up; `lateness`, how long after it was due a message left; `firstMessage`, the first round trip of each connection, also in
 * the warm-up;
 * `ping`, from a Ping to its Pong; `close`, the Closing Handshake and the end of TCP. Of some workloads only: `firstReply`,
 * where a request has several replies (then `rtt` is to the last one); `lastReceiver`, until a message has reached all;
 * `connect`, from when a connection was due until it was open; `reconnect`, from its end until it was open again;
 * `firstOctet`, until the first octets of a reply came (then `rtt` is to the last ones);
 * `iteration`, all steps of a user of a scenario, from when that was to begin.
 */
export type TimeName = (typeof timeNames)[number]

/** All that is counted. */
export const countNames = [
  'opened',
  'failed',
  'dropped',
  'unopened',
  'planned',
  'sent',
  'missed',
  'expected',
  'received',
  'lost',
  'unanswered',
  'wrong',
  'other',
  'sentOctets',
  'receivedOctets',
  'sentWireOctets',
  'receivedWireOctets',
  'plannedInTime',
  'sentInTime',
  'sentOctetsInTime',
  'sentWireOctetsInTime',
  'receivedInTime',
  'receivedOctetsInTime',
  'receivedWireOctetsInTime',
] as const

/**
 * What is counted. Of connections: `opened`, `failed` (never open), `dropped` (ended before the end of the run) and `unopened`
 * (neither open nor failed: the run was over before). Of the messages that were due after the warm-up: `planned`; `sent`;
 * `missed`, which could not be sent when they were due; `expected`, replies to those sent (of a broadcast one for each
 * receiver). Each of these is one of: `received`; `lost`, for it never came though later ones did (of an echo: for a second or
 * longer), or because the connection ended, or in the closed model because it took too long; `wrong`, for something else came
 * in its place; `unanswered`, for it had not come at the end. Of what comes behind the warm-up: `other`, which nobody asked
 * for: greetings, what a server pushes, second and late replies. And the payload of messages: `sentOctets`, of those sent;
 * `receivedOctets`, of all that came behind the warm-up. And what TCP carried from then until the connections were closed:
 * `sentWireOctets` and `receivedWireOctets`, of frames, compressed or not, of Pings, of TLS, and of the handshakes of those
 * connections that were opened meanwhile. Rates are of what belongs to the measured time. Of what is sent that is what was due
 * before it was over, for users who are in the middle of their steps still send: `plannedInTime`, `sentInTime`,
 * `sentOctetsInTime`, and `sentWireOctetsInTime`, which TCP had carried by then. Of what is received it is what came before
 * that, whatever it answers (replies to the warm-up, too), for what a server still sends while the last replies are waited for
 * is more than it has kept up with: `receivedInTime`, `receivedOctetsInTime` and `receivedWireOctetsInTime`.
 */
export type CountName = (typeof countNames)[number]

/** What went wrong, and how often. */
export interface ErrorCount {
  readonly count: number
  /** What the first one said. */
  readonly example: string
}

/** All that a tally holds, as it goes from thread to thread. */
export interface TallyState {
  readonly counts: Readonly<Record<CountName, number>>
  readonly times: Readonly<Partial<Record<TimeName, HistogramState>>>
  readonly errors: ReadonlyMap<string, ErrorCount>
  readonly closeCodes: ReadonlyMap<number, number>
  /** What each class of a scenario has of it. */
  readonly classes: ReadonlyMap<string, TallyState>
  /** What was due in the warm-up, and is part of nothing else here; left out where there is nothing. */
  readonly warmUp?: TallyState
  /** What was due in other phases, by their numbers, and is part of nothing else here; left out where there is nothing. */
  readonly ofPhases?: ReadonlyMap<number, TallyState>
}

export class Tally {
  readonly counts: Record<CountName, number> = noCounts()
  readonly #histogram: (name: TimeName) => Histogram
  readonly #times = new Map<TimeName, Histogram>()
  readonly #errors = new Map<string, ErrorCount>()
  readonly #closeCodes = new Map<number, number>()
  readonly #classes = new Map<string, Tally>()
  readonly #ofPhases = new Map<number, Tally>()
  #warmUp: Tally | undefined

  /** @param histogram - makes those of its times. */
  constructor(histogram = (_: TimeName) => new Histogram()) {
    this.#histogram = histogram
  }

  /** The histogram of a time; always the same one. */
  times(name: TimeName): Histogram {
    let histogram = this.#times.get(name)
    if (histogram === undefined) {
      histogram = this.#histogram(name)
      this.#times.set(name, histogram)
    }
    return histogram
  }

  get errors(): ReadonlyMap<string, ErrorCount> {
    return this.#errors
  }

  get closeCodes(): ReadonlyMap<number, number> {
    return this.#closeCodes
  }

  get classes(): ReadonlyMap<string, Tally> {
    return this.#classes
  }

  /** What a class of a scenario has of it; always the same one. */
  classOf(name: string): Tally {
    const known = this.#classes.get(name)
    if (known !== undefined) return known
    const tally = new Tally()
    this.#classes.set(name, tally)
    return tally
  }

  /** What was due in the warm-up, counted by itself: it is seen, and part of no figure. Always the same one. */
  get warmUp(): Tally {
    this.#warmUp ??= new Tally()
    return this.#warmUp
  }

  /** What happens now, and belongs to another phase, for it was due in that. Always the same one. */
  ofPhase(phase: number): Tally {
    const known = this.#ofPhases.get(phase)
    if (known !== undefined) return known
    const tally = new Tally(this.#histogram)
    this.#ofPhases.set(phase, tally)
    return tally
  }

  /** Nothing was counted, timed or told. */
  get isEmpty(): boolean {
    const timed = [...this.#times.values()].some(({ count }) => count > 0)
    const told = this.#errors.size > 0 || this.#closeCodes.size > 0
    return !timed && !told && countNames.every(name => this.counts[name] === 0)
  }

  /** @param kind - what is the same for all errors that count together. */
  error(kind: string, example: string, count = 1): void {
    const known = this.#errors.get(kind)
    this.#errors.set(kind, { count: (known?.count ?? 0) + count, example: known?.example ?? errorExample(example) })
  }

  closeCode(code: number, count = 1): void {
    this.#closeCodes.set(code, (this.#closeCodes.get(code) ?? 0) + count)
  }

  /** All it holds; then it is empty. */
  take(): TallyState {
    const times: Partial<Record<TimeName, HistogramState>> = {}
    for (const [name, histogram] of this.#times) {
      if (histogram.count > 0) times[name] = histogram.state
      histogram.reset()
    }
    const ofPhases = [...this.#ofPhases].filter(([, tally]) => !tally.isEmpty)
    const state = {
      counts: { ...this.counts },
      times,
      errors: new Map(this.#errors),
      closeCodes: new Map(this.#closeCodes),
      classes: new Map([...this.#classes].map(([name, tally]) => [name, tally.take()])),
      ...(!this.warmUp.isEmpty && { warmUp: this.warmUp.take() }),
      ...(ofPhases.length > 0 && { ofPhases: new Map(ofPhases.map(([phase, tally]) => [phase, tally.take()])) }),
    }
    Object.assign(this.counts, noCounts())
    this.#errors.clear()
    this.#closeCodes.clear()
    this.#classes.clear()
    return state
  }

  /** Adds what another has held; whenever it was due. */
  settle({ ofPhases, classes, ...own }: TallyState): void {
    this.add({ ...own, classes: new Map() })
    for (const state of ofPhases?.values() ?? []) this.add(state)
    for (const [name, state] of classes) this.classOf(name).settle(state)
  }

  /** Adds what another has held; what was due in other phases stays apart. */
  add({ counts, times, errors, closeCodes, classes, warmUp, ofPhases }: TallyState): void {
    for (const name of countNames) this.counts[name] += counts[name]
    for (const name of timeNames) {
      const state = times[name]
      if (state !== undefined) this.times(name).add(Histogram.of(state))
    }
    for (const [kind, { count, example }] of errors) this.error(kind, example, count)
    for (const [code, count] of closeCodes) this.closeCode(code, count)
    for (const [name, state] of classes) this.classOf(name).add(state)
    if (warmUp !== undefined) this.warmUp.add(warmUp)
    for (const [phase, state] of ofPhases ?? []) this.ofPhase(phase).add(state)
  }
}

function noCounts(): Record<CountName, number> {
  return Object.fromEntries(countNames.map(name => [name, 0])) as Record<CountName, number>
}
