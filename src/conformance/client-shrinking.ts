/**
 * Makes what a client fails on fewer octets. A server is dialled as often as there is something to try; a client comes when
 * it wants to, so the loop that it goes through has turns to spare behind its cases. Each is used for a try while there is
 * something to shrink; after that connections are opened and closed.
 */
import type { CaseRun } from './case.js'
import type { RawPeer } from './raw-peer.js'
import type { CaseResult } from './run-case.js'
import { shrink } from './shrink.js'

/** How many turns there are. */
export const spareTurns = 120

/** The most that one case takes of them. */
const turnsOfACase = 40

export interface ClientShrinkingAbout {
  readonly seed: number
  /** Runs a case on the connection of a turn; the connection is over then. */
  readonly run: (run: CaseRun, peer: RawPeer) => Promise<CaseResult>
  /** Opens the connection of a turn that nothing is to be tried on, and closes it. */
  readonly leave: (peer: RawPeer) => Promise<void>
  /** Called with each result of fewer octets. */
  readonly onFewer: (result: CaseResult) => void
}

/** Shrinks the cases that one client has failed, one after the other. */
export class ClientShrinking {
  readonly #about: ClientShrinkingAbout
  readonly #turns: RawPeer[] = []
  #wanted: ((peer: RawPeer) => void) | undefined
  #over = false

  /** @param results - those of the client; those that cannot be shrunk, or need not, are left alone. */
  constructor(results: readonly CaseResult[], about: ClientShrinkingAbout) {
    this.#about = about
    void this.#shrink(results)
  }

  /** The client has come once more. */
  take(peer: RawPeer): void {
    const wanted = this.#wanted
    this.#wanted = undefined
    if (this.#over) void this.#about.leave(peer)
    else if (wanted === undefined) this.#turns.push(peer)
    else wanted(peer)
  }

  async #shrink(results: readonly CaseResult[]): Promise<void> {
    for (const { run, verdict } of results) {
      const { shrinks } = run.case
      if (shrinks === undefined || verdict !== 'FAIL') continue
      const fails = async (octets: Buffer) => {
        const fewer = shrinks.of(octets)
        const peer = await this.#turn()
        const tried = await this.#about.run({ id: fewer.id, case: fewer, segmentation: 'whole' }, peer)
        if (tried.verdict === 'FAIL') this.#about.onFewer({ ...tried, run, shrunkTo: fewer.id })
        return tried.verdict === 'FAIL'
      }
      await shrink(shrinks.octets({ tested: 'client', seed: this.#about.seed }), fails, turnsOfACase)
    }
    this.#over = true
    for (const peer of this.#turns) void this.#about.leave(peer)
  }

  #turn(): Promise<RawPeer> {
    const peer = this.#turns.shift()
    if (peer !== undefined) return Promise.resolve(peer)
    return new Promise(resolve => {
      this.#wanted = resolve
    })
  }
}
