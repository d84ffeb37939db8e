/** What a load was told, with all defaults: as reports keep it. */
import type { BadPeerShares } from './bad-peers.js'
import type { LoadConnectOptions, Workload } from './load-options.js'
import type { MixedPart } from './mix.js'
import type { RateSegment } from './rate-plan.js'
import type { Backoff } from './reconnections.js'
import type { RequestTemplate } from './request-messages.js'
import type { ScenarioAbout } from './scenario/scenario.js'
import type { Arrival, Share } from './schedule.js'
import type { ServerSettings } from './server/server-options.js'

/** What a load was told, with all defaults. */
export interface LoadSettings extends ServerSettings {
  /** Where to. */
  readonly url: string
  /** {@inheritDoc LoadOptions.workload} */
  readonly workload: Workload
  /** {@inheritDoc LoadOptions.request} */
  readonly request: RequestTemplate
  /** {@inheritDoc LoadOptions.mix} */
  readonly mix: readonly MixedPart[] | undefined
  /** Of a scenario; else undefined. */
  readonly scenario: ScenarioAbout | undefined
  /** {@inheritDoc LoadOptions.toSender} */
  readonly toSender: boolean
  /** {@inheritDoc LoadOptions.backoff} */
  readonly backoff: Backoff
  /** {@inheritDoc LoadOptions.cutAll} */
  readonly cutAll: boolean
  /** Undefined: the closed model. Includes the warm-up. */
  readonly segments: readonly RateSegment[] | undefined
  /** {@inheritDoc LoadOptions.connections} */
  readonly connections: number
  /** {@inheritDoc LoadOptions.badPeers} */
  readonly badPeers: BadPeerShares
  /** {@inheritDoc LoadOptions.perConnection} */
  readonly perConnection: boolean
  /** {@inheritDoc LoadOptions.arrival} */
  readonly arrival: Arrival
  /** {@inheritDoc LoadOptions.pipeline} */
  readonly pipeline: number
  /** {@inheritDoc LoadOptions.burst} */
  readonly burst: boolean
  /** {@inheritDoc LoadOptions.replyTimeout} */
  readonly replyTimeout: number
  /** {@inheritDoc LoadOptions.duration} */
  readonly duration: number
  /** {@inheritDoc LoadOptions.warmUp} */
  readonly warmUp: number
  /** {@inheritDoc LoadOptions.size} */
  readonly size: number
  /** {@inheritDoc LoadOptions.randomness} */
  readonly randomness: number
  /** {@inheritDoc LoadOptions.text} */
  readonly text: boolean
  /** {@inheritDoc LoadOptions.threads} */
  readonly threads: number
  /** {@inheritDoc LoadOptions.seed} */
  readonly seed: number
  /** {@inheritDoc LoadOptions.drain} */
  readonly drain: number
  /** {@inheritDoc LoadOptions.opening} */
  readonly opening: number
  /** {@inheritDoc LoadOptions.shard} */
  readonly shard: Share
  /** {@inheritDoc LoadOptions.startAt} */
  readonly startAt: number
  /** {@inheritDoc LoadOptions.sourceAddresses} */
  readonly sourceAddresses: readonly string[]
  /** {@inheritDoc LoadOptions.failIf} */
  readonly failIf: readonly string[]
  /** {@inheritDoc LoadOptions.abortOnFail} */
  readonly abortOnFail: boolean
  /** {@inheritDoc LoadOptions.connect} */
  readonly connect: LoadConnectOptions
}
