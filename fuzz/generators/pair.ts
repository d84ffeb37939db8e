/** Two connections joined by a wire that is cut anywhere, and what both applications do meanwhile. */
import fc, { type Arbitrary } from 'fast-check'
import type { SessionOptions, Step } from '../session/step.js'
import { applicationSteps } from './session.js'

export type Side = 'client' | 'server'

export type PairStep =
  | readonly [Side, Step]
  /** So many octets at most arrive that this side has sent. */
  | readonly ['flow', Side, number]

export interface Pair {
  readonly client: SessionOptions
  readonly server: SessionOptions
  readonly steps: readonly PairStep[]
}

const side = fc.constantFrom<Side>('client', 'server')

/** Limits that make the same messages take other roads; none that refuses any. */
const options: Arbitrary<SessionOptions> = fc.record({
  maxFragments: fc.constant('unlimited' as const),
  maxOutgoingFrameSize: fc.constantFrom('unlimited' as const, 'unlimited' as const, 125, 126, 1000, 65_536, 70_000),
  sendHighWaterMark: fc.constantFrom(1000, 65_536, 100_000),
  textAsOctets: fc.boolean(),
})

const own = fc.oneof(
  { weight: 6, arbitrary: applicationSteps },
  { weight: 1, arbitrary: fc.constantFrom<Step>(['pause'], ['resume'], ['take']) },
)

const step: Arbitrary<PairStep> = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(side, own) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('flow' as const),
      side,
      fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(126, 1000, 65_536, 66_000, 1_000_000)),
    ),
  },
)

export const pairs: Arbitrary<Pair> = fc.record({
  client: options,
  server: options,
  steps: fc.array(step, { maxLength: 16 }),
})
