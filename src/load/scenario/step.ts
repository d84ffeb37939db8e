/** What a user of a scenario does, step by step; plain data, for it is sent to threads. */
import type { Capture, Pattern } from './pattern.js'
import type { Template } from './template.js'
import type { ThinkTime } from './think-time.js'

export interface SendStep {
  readonly kind: 'send'
  readonly template: Template
  /** It is JSON, whose names stand within strings. */
  readonly json: boolean
  readonly binary: boolean
  /** Replies that are waited for. */
  readonly replies: number
}

export interface ReceiveStep {
  readonly kind: 'receive'
  /** Names it in errors. */
  readonly label: string
  /** Messages that are meant; undefined: any. */
  readonly match: Pattern | undefined
  /** What those must be like. */
  readonly check: Pattern | undefined
  readonly capture: readonly (readonly [name: string, capture: Capture])[]
  /** Milliseconds. */
  readonly within: number
  /** How many. */
  readonly count: number
  /** Which of the steps sent what they answer: one of them all, or each its own; none where nothing was sent yet. */
  readonly answers: readonly number[]
  /** From there; what nobody can tell since when it was to come is only counted. */
  readonly timed: boolean
}

export interface ThinkStep {
  readonly kind: 'think'
  readonly time: ThinkTime
}

export type Step = SendStep | ReceiveStep | ThinkStep

/** All that the users of one class do. */
export interface Script {
  /** Once on each connection, before the load begins. */
  readonly opening: readonly Step[]
  /** Again and again. */
  readonly steps: readonly Step[]
  /** Names that stand for one of several values, by chance, another one each time the steps begin. */
  readonly values: readonly (readonly [name: string, values: readonly string[]])[]
}
