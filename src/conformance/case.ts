/**
 * A case: one requirement, the steps that put an endpoint to it, and (in the steps) the answers that are legal.
 *
 * **How to write a case.** Cases live in `cases/`, one file per section of an RFC, each of which exports one list; add a
 * new list to `cases/all-cases.ts`. A case is data: write a table and map its rows to cases. For example
 *
 *     {
 *       id: '6455/5.5.2/ping-with-payload',
 *       title: 'a Ping with a payload',
 *       requirement: 'A Pong frame sent in response to a Ping frame must have identical "Application data" …',
 *       section: '5.5.3',
 *       level: 'MUST',
 *       autobahn: ['2.2'],
 *       steps: () => [sendFrames(ping('Hello')), awaitPong('Hello')],
 *     }
 *
 * - The endpoint under test echoes: what it gets as a message it sends back, text as text, binary as binary.
 * - `id` is RFC, section, and a name of lower-case words that stays for ever, for baselines name it.
 * - `requirement` quotes the RFC; only `…` and `[…]` may stand for words that were left out.
 * - `steps` is a function so that the list is cheap: octets are built when the case runs. A step (see step.ts) sends, or
 *   awaits; steps are made by the functions in `steps/`. An await that is not fulfilled ends the case; it weighs as much
 *   as the level of the requirement: FAIL for a MUST, WARN for a SHOULD, INFO for a MAY.
 * - Do not close in the steps unless closing is what the case is about: what is still open behind the last step is
 *   closed with 1000, and the closing judged apart from the behaviour. So is, in every case, whatever the endpoint sends:
 *   masking, lengths, RSV bits, opcodes, order of fragments, UTF-8, close codes (breaches.ts).
 * - A case whose point is that the peer must not accept something ends with `awaitFailure(1002)`.
 * - "Nothing comes" is `awaitNothing()`, which proves it by Ping and Pong. There is no step that waits for time to pass.
 * - For each case there must be a mutant that it catches: `test/conformance/mutants/` has the broken endpoints, and a test
 *   holds that every case fails at one of them at least, and that the correct endpoint passes all.
 */
import type { Role } from '../framing/frame-header.js'
import type { RawExtension } from './raw-extension.js'
import type { Segmentation } from './segmentation.js'
import type { Step } from './step.js'
import type { Level } from './verdict.js'

/**
 * When a case is run.
 *
 * - `core`: what every endpoint is held to; each case whole.
 * - `strict`: as well those that few endpoints think of; each case of both profiles in every segmentation.
 * - `limits`: large and many.
 * - `deflate`: RFC 7692.
 * - `robust`: what an endpoint may cost.
 */
export const profiles = ['core', 'strict', 'limits', 'deflate', 'robust'] as const

export type Profile = (typeof profiles)[number]

/** What can be tested: an endpoint, what is between two that are ours, or a client whose program takes orders. */
export type TestedRole = Role | 'proxy' | 'controlled client'

/** What a step may need to know about the run when it is made. */
export interface RunAbout {
  /** Which side the endpoint under test is. */
  readonly tested: Role
  /** The seed of the run: the same seed sends the same octets. */
  readonly seed: number
}

export interface Case {
  /** RFC, section, name: `6455/5.5.1/close-body-of-one-octet`. */
  readonly id: string
  /** What happens, in a line. */
  readonly title: string
  /** The sentence of the RFC. */
  readonly requirement: string
  /** The section the sentence stands in, where it is not the one in the id. */
  readonly section?: string
  readonly level: Level
  /** Default: `core`. */
  readonly profile?: Profile
  /** Which endpoints it can be put to. Default: servers and clients. */
  readonly roles?: readonly TestedRole[]
  /** The numbers that Autobahn|Testsuite has for it: also accepted on the command line. */
  readonly autobahn?: readonly string[]
  /** The ways its octets are cut. Default: by {@link Case.large}. */
  readonly segmentations?: readonly Segmentation[]
  /** More than 4 KiB on the wire in one direction: runs `whole` and in `pieces`, not octet by octet. */
  readonly large?: boolean
  /**
   * How the connection begins. Default: with an Opening Handshake that conforms. `raw`: the steps do it; a server under
   * test has an open TCP connection, a client under test has sent its request (`peer.request`).
   */
  readonly opening?: 'raw'
  /**
   * Of cases for a client that takes orders: the subprotocols that it is ordered to ask for; and whether it may refuse that
   * order, and has passed then.
   */
  readonly ordered?: { readonly protocols?: readonly string[]; readonly mayRefuse?: true }
  /** The extension that the case needs: offered, or accepted; SKIP where the endpoint does not want it. */
  readonly extension?: RawExtension
  readonly steps: (about: RunAbout) => readonly Step[]
  /** The case is one of many such: where it fails, fewer octets are looked for that fail as well. */
  readonly shrinks?: ShrinkingCase
}

/** How a case of octets is made of fewer. */
export interface ShrinkingCase {
  /** Its octets, in this run. */
  readonly octets: (about: RunAbout) => Buffer
  /** The case of other octets. */
  readonly of: (octets: Buffer) => Case
}

/** A case, and the way its octets are cut. */
export interface CaseRun {
  /** The id of the case; of other segmentations than `whole` with `@` and its name behind it. */
  readonly id: string
  readonly case: Case
  readonly segmentation: Segmentation
}

/** The section of the RFC that a case is about: `RFC 6455 §5.5.1`. */
export function sectionOf({ id, section }: Case): string {
  const [rfc, own] = id.split('/')
  return section?.startsWith('RFC') ? section : `RFC ${rfc} §${section ?? own}`
}
