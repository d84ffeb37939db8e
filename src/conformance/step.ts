/** A step of a case: something sent, or something awaited. The functions in `steps/` make them. */
import type { RawPeer } from './raw-peer.js'
import type { Finding } from './verdict.js'

export interface Step {
  readonly kind: 'send' | 'await'
  /** In a line, for reports: `text "Hello"`, `a Pong "Hello"`. */
  readonly text: string
  /**
   * Does it.
   *
   * @param peer - our end of the connection.
   * @returns nothing when all is well; what was awaited and did not come as `missed`, which the level of the case weighs.
   */
  run(peer: RawPeer): Promise<StepOutcome>
}

/** What came of a step. */
export interface StepOutcome {
  /** What was awaited did not come, or something else came: in a sentence. The case ends here. */
  readonly missed?: string
  /**
   * The case is over, and well: the steps behind are for endpoints that did otherwise. `left`: the connection is let go as it
   * is, and nothing more said of it.
   */
  readonly over?: true | 'left'
  /** What weighs by itself. */
  readonly findings?: readonly Finding[]
  /** The same, of how it closed: judged apart from how it behaved. */
  readonly closing?: readonly Finding[]
}

/** All is well. */
export const well: StepOutcome = {}
