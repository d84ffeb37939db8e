/**
 * What an endpoint allows itself and its peer: RFC 6455 §10.4 (Implementation-Specific Limits), and the deadlines of one
 * connection. Every bound has a default that holds for a hostile peer; none is taken away but by its name.
 */
import { UsageError } from '../errors.js'
import type { Role } from '../framing/frame-header.js'
import { checkedWhereUsed, type OptionTable, readOptions } from '../option-table.js'

/** A size in octets or a count, or the word that takes the bound away. */
export type Bound = number | 'unlimited'

/** A time in milliseconds, or the word that switches it off. */
export type Period = number | 'off'

/** Limits as a user gives them; what is left out has its default. */
export interface LimitOptions {
  /** Octets in a message, all fragments together (after decompression). Default: server 1 MiB, client 16 MiB. Past it: 1009. */
  maxMessageSize?: Bound | undefined
  /** Octets in the payload of one data frame. Default: no more than `maxMessageSize`. Past it: 1009. */
  maxFrameSize?: Bound | undefined
  /**
   * Fragments that a message may have before its octets count; one more for each 64 octets received. Default 1,024.
   * Past it: 1008.
   */
  maxFragments?: Bound | undefined
  /** Messages that wait while nobody takes them; then reading pauses. Default 16. */
  receiveQueueMessages?: number | undefined
  /** Octets that wait while nobody takes them; then reading pauses. Default: `maxMessageSize`. */
  receiveQueueSize?: Bound | undefined
  /** Octets of output above which `send` answers `queued`. Default 64 KiB. */
  sendHighWaterMark?: number | undefined
  /**
   * Octets of output above which a further message, or fragment of one, falls to `sendOverflow`, and Pings and Pongs of
   * the application are not sent. Judged before what is added. Default 16 MiB.
   */
  maxSendBuffer?: Bound | undefined
  /**
   * What befalls a message when `maxSendBuffer` is passed: `close` drops it and the messages queued before it, and closes
   * with 1008 (a peer that does not read is cut after `closeTimeout`); `drop` drops the message, whole (one of which
   * fragments have been sent cannot be: that closes, as `close` does); `error` throws a TransportError at the call, and it
   * may be tried again. Default `close`.
   */
  sendOverflow?: 'close' | 'drop' | 'error' | undefined
  /** Octets of payload in each frame of what is sent: longer messages leave as fragments. Default: unlimited. */
  maxOutgoingFrameSize?: Bound | undefined
}

/** Deadlines as a user gives them, in milliseconds. */
export interface DeadlineOptions {
  /** Silence of the peer after which it is sent a Ping. Default 20 s. */
  pingInterval?: Period | undefined
  /** How long the peer may stay silent after that Ping has left. Default 20 s. */
  pongTimeout?: Period | undefined
  /**
   * How long the Closing Handshake, and then the end of TCP, may take, from when our Close frame has left. What was sent
   * before it may take longer if it leaves with 1 KiB/s or more. Default 10 s.
   */
  closeTimeout?: number | undefined
  /** How long a message may stay incomplete; 1 KiB/s of progress extends it. Default 120 s. Past it: 1008. */
  incompleteMessageTimeout?: Period | undefined
  /** How long no message may go either way; then 1001. Default off. */
  idleTimeout?: Period | undefined
}

/** Limits and deadlines, checked and complete: shared by all connections of a server. Infinity where there is none. */
export interface Limits {
  /** {@inheritDoc LimitOptions.maxMessageSize} */
  readonly maxMessageSize: number
  /** {@inheritDoc LimitOptions.maxFrameSize} */
  readonly maxFrameSize: number
  /** {@inheritDoc LimitOptions.maxFragments} */
  readonly maxFragments: number
  /** {@inheritDoc LimitOptions.receiveQueueMessages} */
  readonly receiveQueueMessages: number
  /** {@inheritDoc LimitOptions.receiveQueueSize} */
  readonly receiveQueueSize: number
  /** {@inheritDoc LimitOptions.sendHighWaterMark} */
  readonly sendHighWaterMark: number
  /** {@inheritDoc LimitOptions.maxSendBuffer} */
  readonly maxSendBuffer: number
  /** {@inheritDoc LimitOptions.sendOverflow} */
  readonly sendOverflow: 'close' | 'drop' | 'error'
  /** {@inheritDoc LimitOptions.maxOutgoingFrameSize} */
  readonly maxOutgoingFrameSize: number
  /** {@inheritDoc DeadlineOptions.pingInterval} */
  readonly pingInterval: number
  /** {@inheritDoc DeadlineOptions.pongTimeout} */
  readonly pongTimeout: number
  /** {@inheritDoc DeadlineOptions.closeTimeout} */
  readonly closeTimeout: number
  /** {@inheritDoc DeadlineOptions.incompleteMessageTimeout} */
  readonly incompleteMessageTimeout: number
  /** {@inheritDoc DeadlineOptions.idleTimeout} */
  readonly idleTimeout: number
}

const MiB = 1024 * 1024

// Node's timers hold 2^31 - 1 ms: nothing longer can be kept.
const longestPeriod = 2 ** 31 - 1

const limitTable: OptionTable<LimitOptions> = {
  maxMessageSize: checkedWhereUsed,
  maxFrameSize: checkedWhereUsed,
  maxFragments: checkedWhereUsed,
  receiveQueueMessages: checkedWhereUsed,
  receiveQueueSize: checkedWhereUsed,
  sendHighWaterMark: checkedWhereUsed,
  maxSendBuffer: checkedWhereUsed,
  sendOverflow: checkedWhereUsed,
  maxOutgoingFrameSize: checkedWhereUsed,
}

const deadlineTable: OptionTable<DeadlineOptions> = {
  pingInterval: checkedWhereUsed,
  pongTimeout: checkedWhereUsed,
  closeTimeout: checkedWhereUsed,
  incompleteMessageTimeout: checkedWhereUsed,
  idleTimeout: checkedWhereUsed,
}

/**
 * Checks limits and deadlines that are given apart.
 *
 * @throws UsageError as {@link resolveLimits}, also for a name that belongs to the other.
 */
export function readLimits(role: Role, limits: unknown = {}, deadlines: unknown = {}): Limits {
  return resolveLimits(role, {
    ...readOptions('limits', limits, limitTable, '10.4'),
    ...readOptions('deadlines', deadlines, deadlineTable, '10.4'),
  })
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws UsageError for a name that is none of them, and anything but a positive integer or the word that stands for
 * "none".
 */
export function resolveLimits(role: Role, options: LimitOptions & DeadlineOptions = {}): Limits {
  const given = readOptions<LimitOptions & DeadlineOptions>(
    'limits',
    options,
    { ...limitTable, ...deadlineTable },
    '10.4',
  )
  const maxMessageSize = resolveBound('maxMessageSize', given.maxMessageSize, role === 'server' ? MiB : 16 * MiB)
  return Object.freeze({
    maxMessageSize,
    maxFrameSize: Math.min(resolveBound('maxFrameSize', given.maxFrameSize, Number.POSITIVE_INFINITY), maxMessageSize),
    maxFragments: resolveBound('maxFragments', given.maxFragments, 1024),
    receiveQueueMessages: count('receiveQueueMessages', given.receiveQueueMessages, 16),
    receiveQueueSize: resolveBound('receiveQueueSize', given.receiveQueueSize, maxMessageSize),
    sendHighWaterMark: count('sendHighWaterMark', given.sendHighWaterMark, 64 * 1024),
    maxSendBuffer: resolveBound('maxSendBuffer', given.maxSendBuffer, 16 * MiB),
    sendOverflow: overflow(given.sendOverflow),
    maxOutgoingFrameSize: resolveBound('maxOutgoingFrameSize', given.maxOutgoingFrameSize, Number.POSITIVE_INFINITY),
    pingInterval: period('pingInterval', given.pingInterval, 20_000),
    pongTimeout: period('pongTimeout', given.pongTimeout, 20_000),
    closeTimeout: time('closeTimeout', given.closeTimeout, 10_000),
    incompleteMessageTimeout: period('incompleteMessageTimeout', given.incompleteMessageTimeout, 120_000),
    idleTimeout: period('idleTimeout', given.idleTimeout, Number.POSITIVE_INFINITY),
  })
}

/**
 * Checks a size or a count; `unlimited` is Infinity.
 *
 * @throws UsageError for anything but a positive integer or `unlimited`.
 */
export function resolveBound(name: string, given: unknown, byDefault: number): number {
  return given === 'unlimited' ? Number.POSITIVE_INFINITY : count(name, given, byDefault, " or 'unlimited'")
}

function count(name: string, given: unknown, byDefault: number, or = ''): number {
  if (given === undefined) return byDefault
  if (typeof given === 'number' && Number.isSafeInteger(given) && given > 0) return given
  throw new UsageError('WS_INVALID_LIMIT', '10.4', `${name} is a positive integer${or}`)
}

/**
 * Checks a time in milliseconds; `off` is Infinity.
 *
 * @throws UsageError for anything but a number from 1 to 2^31 - 1 or `off`.
 */
export function period(name: string, given: unknown, byDefault: number): number {
  return given === 'off' ? Number.POSITIVE_INFINITY : time(name, given, byDefault, ", or 'off'")
}

function time(name: string, given: unknown, byDefault: number, or = ''): number {
  if (given === undefined) return byDefault
  if (typeof given === 'number' && given >= 1 && given <= longestPeriod) return given
  throw new UsageError('WS_INVALID_PERIOD', '10.4', `${name} is a time in milliseconds, 1 to ${longestPeriod}${or}`)
}

function overflow(given: unknown): 'close' | 'drop' | 'error' {
  if (given === undefined) return 'close'
  if (given === 'close' || given === 'drop' || given === 'error') return given
  throw new UsageError('WS_INVALID_LIMIT', '10.4', "sendOverflow is 'close', 'drop' or 'error'")
}
