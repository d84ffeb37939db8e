/** Shards that were put together: which they are, and whether they ran at the same time. */
import { UsageError } from '../errors.js'
import { period } from './figures.js'
import type { Interruption, LoadReport } from './report.js'
import type { Verdict } from './verdict.js'

/** Of shards that were put together. */
export interface ShardsReport {
  /** Into how many the load was divided. */
  readonly count: number
  /** Which of them are here, from 0, ascending. */
  readonly indexes: readonly number[]
  /** Milliseconds from when the first of them began until the last one did. */
  readonly apart: number
  /** Those of them that ended before their time, by what, and how many seconds each was measured; left out where none did. */
  readonly ended?:
    | readonly { readonly index: number; readonly by: Interruption; readonly seconds: number }[]
    | undefined
}

/** Milliseconds: seconds of shards are added one by one, so those that are further apart are none of one load. */
const mostApart = 1000

/**
 * Those that are there; undefined for a whole run, which is only shown again.
 *
 * @param reports - at least one.
 * @throws UsageError WS_INVALID_OPTION: one is no shard, one is there twice, or they were divided differently.
 */
export function shardsOf(reports: readonly LoadReport[]): ShardsReport | undefined {
  const parts = reports.map(one => one.shards ?? shardOf(one))
  const { count } = parts[0]!
  if (parts.length === 1 && count === 1) return undefined
  if (parts.some(part => part.count === 1)) {
    refuse('one of the reports is of a whole run, and no shard (--shard i/n): what was counted would be there twice')
  }
  if (parts.some(part => part.count !== count)) refuse('the shards are of loads that were divided differently')
  const indexes = parts.flatMap(part => part.indexes).sort((a, b) => a - b)
  const twice = indexes.find((index, i) => index === indexes[i - 1])
  if (twice !== undefined) refuse(`shard ${twice + 1} of ${count} is there twice`)
  const starts = reports.map(({ startedAt }) => Date.parse(startedAt))
  const last = Math.max(...starts.map((start, i) => start + parts[i]!.apart))
  const ended = parts.flatMap(part => part.ended ?? []).sort((a, b) => a.index - b.index)
  return { count, indexes, apart: last - Math.min(...starts), ...(ended.length > 0 && { ended }) }
}

/** One by itself. */
function shardOf({ settings: { shard }, interruptedBy: by, seconds }: LoadReport): ShardsReport {
  const { count, index } = shard
  return { count, indexes: [index], apart: 0, ...(by && { ended: [{ index, by, seconds }] }) }
}

/** Whether it is of a whole load, and not of some of its shards. */
export function hasAllShards({ shards, settings: { shard } }: LoadReport): boolean {
  return shards === undefined ? shard.count === 1 : shards.indexes.length === shards.count
}

/** What they add up to has to have been there: else that is the fault of those who sent it. */
export function judgedTogether(verdict: Verdict, shards: ShardsReport | undefined): Verdict {
  if (shards === undefined || shards.apart <= mostApart || !verdict.measured) return verdict
  const reason = `the shards began ${period(shards.apart)} apart: the load that they add up to never was`
  return { ...verdict, generatorBound: true, reasons: [...verdict.reasons, reason] }
}

function refuse(message: string): never {
  throw new UsageError('WS_INVALID_OPTION', '6.1', message)
}
