/** The options of a load, and how each is checked by itself: for all that take some of them. */
import { checkedWhereUsed, isBoolean, isFunction, isObject, must, type OptionTable } from '../option-table.js'
import { areShares, badPeerKinds } from './bad-peers.js'
import { most, whole } from './load-amounts.js'
import type { LoadOptions } from './load-options.js'
import { longestTime, moment, period } from './load-times.js'
import { isMix } from './mix.js'
import type { Backoff } from './reconnections.js'
import type { RequestTemplate } from './request-messages.js'
import type { LoadSamples } from './sample-writer.js'
import type { Share } from './schedule.js'
import { serverOptionTable } from './server/server-options.js'

export const workloads = [
  'echo',
  'request',
  'broadcast',
  'idle',
  'connect',
  'storm',
  'upload',
  'download',
  'mixed',
] as const

const section = '6.1'

export const loadOptionTable: OptionTable<LoadOptions> = {
  workload: must(name => workloads.some(one => one === name), section, `one of ${workloads.join(', ')}`),
  request: must(
    isTemplate,
    section,
    `an object with a message, and a regular expression and a number of replies, at most ${most.replies}`,
  ),
  mix: must(isMix, section, 'a list of parts, each of a share, a workload and its own name (letters, digits, - and _)'),
  toSender: must(isBoolean, section, 'a boolean'),
  backoff: must(isBackoff, section, 'first and longest, times in milliseconds of 24 days at most'),
  cutAll: must(isBoolean, section, 'a boolean'),
  connections: whole(1, most.connections),
  badPeers: must(areShares, section, `an object of shares, from 0 on: ${badPeerKinds.join(', ')}`),
  rate: checkedWhereUsed,
  perConnection: must(isBoolean, section, 'a boolean'),
  arrival: must(arrival => arrival === 'constant' || arrival === 'poisson', section, "'constant' or 'poisson'"),
  pipeline: whole(1, most.pipeline),
  burst: must(isBoolean, section, 'a boolean'),
  replyTimeout: period(1),
  duration: period(1),
  warmUp: period(0),
  size: whole(0, most.size),
  randomness: must(isShareOfAll, section, 'a share from 0 to 1'),
  text: must(isBoolean, section, 'a boolean'),
  threads: whole(1, most.threads),
  seed: must(Number.isSafeInteger, section, 'a whole number'),
  drain: period(0),
  opening: whole(1),
  shard: must(isShare, section, 'an index and a count above it'),
  startAt: moment,
  sourceAddresses: must(isTexts, section, 'a list of IP addresses'),
  ...serverOptionTable,
  failIf: must(isTexts, section, 'a list of conditions'),
  abortOnFail: must(isBoolean, section, 'a boolean'),
  connect: must(isObject, section, 'an object'),
  signal: must(isSignal, section, 'an AbortSignal'),
  exporters: must(isExporters, section, 'a list of exporters'),
  samples: must(isSamples, section, "a writable stream, and 'csv' or 'ndjson'"),
  onSecond: must(isFunction, section, 'a function'),
}

function isTemplate(value: unknown): boolean {
  const { message, replyId = '', replies = 1 } = Object(value) as RequestTemplate
  const counts = Number.isSafeInteger(replies) && replies >= 1 && replies <= most.replies
  return typeof message === 'string' && typeof replyId === 'string' && counts
}

function isBackoff(value: unknown): boolean {
  const { first, longest } = Object(value) as Backoff
  return [first, longest].every(time => Number.isFinite(time) && time >= 0 && time <= longestTime)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(text => typeof text === 'string')
}

function isExporters(value: unknown): boolean {
  return Array.isArray(value) && value.every(one => hasMethods(one, 'begin', 'add', 'end'))
}

function isSamples(value: unknown): boolean {
  const { to, format = 'csv' } = Object(value) as LoadSamples
  return hasMethods(to, 'write', 'end', 'on') && (format === 'csv' || format === 'ndjson')
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return names.every(name => isFunction(Object(value)[name]))
}

function isShareOfAll(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1
}

function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = Object(value) as Partial<AbortSignal>
  return typeof aborted === 'boolean' && typeof addEventListener === 'function'
}

function isShare(value: unknown): boolean {
  const { index, count } = Object(value) as Share
  return [index, count].every(Number.isSafeInteger) && index >= 0 && index < count
}
