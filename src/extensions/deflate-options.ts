/** What a program can say of permessage-deflate (RFC 7692 §7.1): checked where it is said. */
import { must, type OptionTable, readOptions } from '../option-table.js'

/** Compression as a user gives it; what is left out has its default. */
export interface PerMessageDeflateOptions {
  /**
   * The server compresses with what it has sent before ("context takeover"): much smaller messages where they resemble
   * each other, for some 270 KiB of memory at the server and 40 KiB at the client, for each connection. Default: client
   * true, server false; it takes both.
   */
  readonly serverContextTakeover?: boolean | undefined
  /** The same for what the client sends. Default: client true, server false. */
  readonly clientContextTakeover?: boolean | undefined
  /** The base-2 logarithm of the window that the server compresses with, 8 to 15. Default 15. */
  readonly serverMaxWindowBits?: number | undefined
  /**
   * The same for the client. A server that sets it asks clients that cannot limit theirs to keep no window. Default 15.
   */
  readonly clientMaxWindowBits?: number | undefined
  /**
   * Octets from which on a message is compressed, unless the send says. Default 1,024; where our window is kept 64.
   */
  readonly threshold?: number | undefined
  /** zlib's level: 1 is fast, 9 is small. Default 6. */
  readonly level?: number | undefined
  /**
   * zlib's memLevel, 1 to 9: memory beside a window that compresses, 2^(memLevel + 9) octets; below 8 no less than 64 KiB,
   * for Node's zlib has no smaller table to look repetitions up. Default 8.
   */
  readonly memLevel?: number | undefined
  /**
   * How many times as large as it came a message may become; heeded above 64 KiB. Past it: 1008. Default `unlimited`, for
   * `maxMessageSize` counts what it becomes.
   */
  readonly maxRatio?: number | 'unlimited' | undefined
  /**
   * Octets of memory for the windows that compress and are kept, of all connections together. When it is used up, a
   * connection takes over the window of one that has been quiet, which begins anew with its next message: larger messages,
   * but never more memory. Default 64 MiB: some 240 windows of 15 bits.
   */
  readonly windowMemory?: number | 'unlimited' | undefined
  /** Milliseconds without a message after which a window that is kept is given back as far as it can be. Default 10 s. */
  readonly releaseAfter?: number | 'off' | undefined
}

/** What an end does with its window. */
export interface WindowOptions {
  /** It may be kept from message to message. */
  readonly keeps: boolean
  /** The most bits it may have. */
  readonly bits: number
}

/** The options with their defaults. */
export interface DeflateOptions {
  readonly server: WindowOptions
  readonly client: WindowOptions
  readonly threshold: number | undefined
  readonly level: number
  readonly memLevel: number
  /** Infinity: unlimited. */
  readonly maxRatio: number
  /** Infinity: unlimited. */
  readonly windowMemory: number
  /** Infinity: off. */
  readonly releaseAfter: number
}

export const largestWindowBits = 15

const section = 'RFC 7692 §7.1'
const windowBits = within(8, largestWindowBits)

const table: OptionTable<PerMessageDeflateOptions> = {
  serverContextTakeover: must(value => typeof value === 'boolean', section, 'a boolean'),
  clientContextTakeover: must(value => typeof value === 'boolean', section, 'a boolean'),
  serverMaxWindowBits: windowBits,
  clientMaxWindowBits: windowBits,
  threshold: must(isCount, section, 'a number of octets'),
  level: within(1, 9),
  memLevel: within(1, 9),
  maxRatio: must(isAtLeastOneOr('unlimited'), section, "a number from 1 on, or 'unlimited'"),
  windowMemory: must(value => value === 'unlimited' || isCount(value), section, "a number of octets, or 'unlimited'"),
  releaseAfter: must(isAtLeastOneOr('off'), section, "a time in milliseconds, or 'off'"),
}

/** @throws UsageError WS_INVALID_OPTION */
export function readDeflateOptions(role: 'client' | 'server', given: unknown): DeflateOptions {
  const options = readOptions<PerMessageDeflateOptions>('perMessageDeflate', given, table, section)
  const { maxRatio = 'unlimited', windowMemory = 64 * 1024 * 1024, releaseAfter = 10_000 } = options
  const window = (keeps = role === 'client', bits = largestWindowBits) => ({ keeps, bits })
  return {
    server: window(options.serverContextTakeover, options.serverMaxWindowBits),
    client: window(options.clientContextTakeover, options.clientMaxWindowBits),
    threshold: options.threshold,
    level: options.level ?? 6,
    memLevel: options.memLevel ?? 8,
    maxRatio: maxRatio === 'unlimited' ? Number.POSITIVE_INFINITY : maxRatio,
    windowMemory: windowMemory === 'unlimited' ? Number.POSITIVE_INFINITY : windowMemory,
    releaseAfter: releaseAfter === 'off' ? Number.POSITIVE_INFINITY : releaseAfter,
  }
}

function within(least: number, most: number) {
  const holds = (value: unknown) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most
  return must(holds, section, `an integer from ${least} to ${most}`)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isAtLeastOneOr(word: string) {
  return (value: unknown) => value === word || (Number.isFinite(value) && (value as number) >= 1)
}
