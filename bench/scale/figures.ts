/** Everything that a run has found, as it is kept in JSON. */
import type { Results } from '../servers/results.js'
import type { Bound } from './bound.js'
import type { Crowd } from './crowd.js'
import type { GrowthStep, Item } from './growth.js'

export interface ScaleFigures extends Pick<Results, 'machine' | 'node'> {
  readonly peer: string
  readonly growth: Readonly<Record<Item, readonly GrowthStep[]>>
  readonly crowd: Crowd
  readonly bounds: readonly Bound[]
}
