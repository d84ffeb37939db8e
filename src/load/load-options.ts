/** What a load can be told, checked at the call; and what comes of it for the threads. */
import type { ConnectOptions } from '../api/connect-options.js'
import { Connector } from '../api/connector.js'
import { UsageError } from '../errors.js'
import { readOptions } from '../option-table.js'
import { type BadPeerShares, mostThreads } from './bad-peers.js'
import { checkAbort } from './check-abort.js'
import { checkAddresses } from './check-addresses.js'
import { checkConditions } from './check-conditions.js'
import { checkSize } from './check-size.js'
import type { LoadExporter } from './export/load-exporter.js'
import { loadOptionTable, type workloads } from './load-option-table.js'
import { checkEnd } from './load-times.js'
import { type MixedPart, mixed } from './mix.js'
import { fastest, type RateSegment } from './rate-plan.js'
import type { Backoff } from './reconnections.js'
import type { LoadSecond } from './report.js'
import type { RequestTemplate } from './request-messages.js'
import type { LoadSamples } from './sample-writer.js'
import type { Arrival, Share } from './schedule.js'
import { type ServerOptions, serverSettings } from './server/server-options.js'
import type { ThreadSettings } from './thread-settings.js'
import { usualWarmUp } from './usual-warm-up.js'

/** What a load is made of: see {@link LoadOptions.workload}; `steps`: what the users of a scenario do. */
export type Workload = (typeof workloads)[number] | 'steps'

/** Options of `load`; all have defaults. Times are in milliseconds, 24 days at most. */
export interface LoadOptions extends ServerOptions {
  /**
   * What goes to and fro. `echo` (default): every message comes back. `request`: messages from a template, and replies that
   * bear their id. `broadcast`: the server sends each message on to all connections. `idle`: connections that are only
   * held. `connect`: connections themselves, each closed as soon as it is open; `rate` counts them, or `connections` is how
   * many are under way at a time. `storm`: all connections are cut at once and come back, each with a backoff of its own.
   * `upload`: large messages (1 MiB unless `size` is given), each over when a Ping behind it has been answered, for then the
   * server has read it; `download`: a request from the template, and one large reply, timed to its first and its last octets.
   * `mixed`: several of these, each on its share of the connections.
   */
  readonly workload?: Workload | undefined
  /** Of the workloads `request` and `download`: the template, and how replies are known. */
  readonly request?: RequestTemplate | undefined
  /** Of `mixed`: the parts. */
  readonly mix?: readonly MixedPart[] | undefined
  /** Of `broadcast`: the server sends each message to its sender, too. Default true. */
  readonly toSender?: boolean | undefined
  /** Of `storm`: how long clients wait before they try again. Default 100 ms for the first time, and 10 s at most. */
  readonly backoff?: Backoff | undefined
  /**
   * Of `storm`: the generator cuts all connections at the end of the warm-up. Default true; false: it waits for the server
   * to do so, as when that is started again.
   */
  readonly cutAll?: boolean | undefined
  /** Connections that are opened before the load begins, at most 10 million. Default 10. */
  readonly connections?: number | undefined
  /**
   * Shares of the connections that do not behave, such as `{ slowReaders: 0.05 }`. They have no part in the plan, and are
   * counted apart. Not of `connect` and `storm`. Default: none.
   */
  readonly badPeers?: BadPeerShares | undefined
  /**
   * Messages a second, over all connections together: the open model. They are sent when they are due, whether replies
   * have come or not, and timed from then. A list is a rate that changes; ten millions at most. Default: the closed model, where each
   * connection sends its next message when a reply has come: as fast as it goes, and no latency that users would see.
   */
  readonly rate?: number | readonly RateSegment[] | undefined
  /**
   * Of the open model: `rate` is that of each connection, and all together have so many times that. With `poisson` arrivals
   * connections are then independent of each other, where else they take turns. Default false.
   */
  readonly perConnection?: boolean | undefined
  /** Of the open model: evenly spaced (default), or independent of each other. */
  readonly arrival?: Arrival | undefined
  /** Of the closed model: messages of each connection that are under way at a time, at most 100,000. Default 1. */
  readonly pipeline?: number | undefined
  /** Of the closed model: sends the next `pipeline` messages together when all replies have come. Default false. */
  readonly burst?: boolean | undefined
  /**
   * Of the closed model: how long a reply is waited for before it is lost, looked at once a second; then its connection goes on.
   * Default 5 s, and 1 min of `upload` and `download`.
   */
  readonly replyTimeout?: number | undefined
  /** How long is measured. Default 10 s, or what `rate` gives. */
  readonly duration?: number | undefined
  /** How long the load runs before that, at the rate it begins with. Default 3 s with a `rate`, else 1 s. */
  readonly warmUp?: number | undefined
  /** Octets of payload in each message, at most 1 GiB. Default 128, and 1 MiB where they are uploads. */
  readonly size?: number | undefined
  /**
   * The share of each payload that is by chance, from 0 to 1: what compression cannot make fewer. Of `echo` and `upload`, as
   * parts of `mixed` too. Default 0: all messages are the same text, which says little about compression.
   */
  readonly randomness?: number | undefined
  /** Text messages instead of binary ones. Default false. */
  readonly text?: boolean | undefined
  /** Threads that share the connections, at most 256. Default 1, which is enough for most servers of one thread. */
  readonly threads?: number | undefined
  /** Makes the times of a run repeat (`poisson`). A whole number; default 1. */
  readonly seed?: number | undefined
  /** How long replies are waited for after the last message, and then the ends of the connections. Default 5 s. */
  readonly drain?: number | undefined
  /** Connections that each thread opens at a time. Default 50. */
  readonly opening?: number | undefined
  /**
   * The share of the load that this process has, where several do it together: each is told the same but for this. Of
   * the connections and of the messages of the plan it has every n-th. Default: all of it.
   */
  readonly shard?: Share | undefined
  /**
   * When the load begins, in milliseconds since 1970, for shards to begin together; at once where that is over. The load has
   * to end within 24 days.
   */
  readonly startAt?: number | undefined
  /** Local addresses that the connections take turns with: each has ports of its own. Default: the system's choice. */
  readonly sourceAddresses?: readonly string[] | undefined
  /**
   * What the run must not come to: `rtt.p99 > 20ms`, `lost > 0`, `failed > 1%`, `rate.received < 9500/s`, `errors > 0`. A
   * time is named as in the report, and its figure as `p50`, `p99.9` or any other percentile, `mean`, `min`, `max` or
   * `count`; a number in per cent is a share of the attempts to connect, or of the messages that were planned. The report says
   * what each came to. Default: none.
   */
  readonly failIf?: readonly string[] | undefined
  /**
   * Ends the run in the second in which it has come to that; what is under way is waited for. What was not measured yet, and
   * what forbids too little (`<`), is judged at the end only, and not where the run was ended before. Default false.
   */
  readonly abortOnFail?: boolean | undefined
  /** How to connect: what can be sent to a thread of the options of `connect`, so no functions. */
  readonly connect?: LoadConnectOptions | undefined
  /** Ends the run when it aborts; what was measured until then is reported. Behind the run: neither exporters nor `samples` are waited for. */
  readonly signal?: AbortSignal | undefined
  /** Those whom the load tells what it measures while it runs: Prometheus, a collector of OpenTelemetry, StatsD. */
  readonly exporters?: readonly LoadExporter[] | undefined
  /** Where each single time is written to. Default: nowhere, which costs nothing. */
  readonly samples?: LoadSamples | undefined
  /** Called once each second of the run, the warm-up included, with what that second has come to. */
  readonly onSecond?: ((second: LoadSecond) => void) | undefined
}

/** Those options of `connect` that a load takes. */
export type LoadConnectOptions = Pick<
  ConnectOptions,
  | 'origin'
  | 'headers'
  | 'protocols'
  | 'host'
  | 'tls'
  | 'connectTimeout'
  | 'family'
  | 'localAddress'
  | 'socketPath'
  | 'http'
  | 'limits'
  | 'perMessageDeflate'
>

const section = '6.1'

/**
 * Checks what a load was told.
 *
 * @throws UsageError WS_INVALID_OPTION, or what `connect` throws for the URL.
 */
export function loadSettings(url: string | URL, given: unknown): ThreadSettings {
  const options = checked(given)
  const { workload, mix } = options
  refuse(workload === 'mixed' && mix === undefined, "the workload mixed needs a `mix`: '80 echo', '20 upload'")
  refuse(workload !== 'mixed' && mix !== undefined, '`mix` is for the workload mixed')
  const settings =
    workload === 'mixed' ? mixed(options, part => settingsOf(url, checked(part))) : settingsOf(url, options)
  checkEnd(settings)
  checkSize(settings)
  checkFailIf(settings)
  checkAbort(settings)
  return settings
}

function checked(given: unknown): LoadOptions {
  return readOptions<LoadOptions>('options', given, loadOptionTable, section)
}

function settingsOf(url: string | URL, options: LoadOptions): ThreadSettings {
  const { rate, duration, connections = 10, connect = {} } = options
  // No connection is made with it: everything that is wrong is told now.
  new Connector(url, connect)
  const open = rate !== undefined
  const { warmUp = usualWarmUp(open) } = options
  refuse(
    open && (options.pipeline ?? options.burst ?? options.replyTimeout) !== undefined,
    '`pipeline`, `burst` and `replyTimeout` are for loads without a `rate`',
  )
  refuse(!open && options.arrival !== undefined, '`arrival` is for loads with a `rate`')
  refuse(Array.isArray(rate) && duration !== undefined, '`duration` is given by the `rate`')
  const { perConnection = false } = options
  refuse(!open && perConnection, '`perConnection` is for loads with a `rate`')
  refuse(options.workload === 'connect' && perConnection, 'the `rate` of the workload connect is of connections')
  const measured = open ? segmentsOf(rate, duration ?? 10_000, perConnection ? connections : 1) : undefined
  const first = measured?.[0]?.from ?? 0
  const { arrival = 'constant', pipeline = 1, burst = false, text = false } = options
  const size = options.size ?? (options.workload === 'upload' ? 2 ** 20 : 128)
  const { threads = 1, seed = 1, drain = 5000, opening = 50 } = options
  const { failIf = [], abortOnFail = false, startAt = 0, sourceAddresses = [] } = options
  const shard = options.shard ?? { index: 0, count: 1 }
  refuse(connections < shard.count, `${shard.count} shards need as many \`connections\``)
  checkAddresses(url, connect, sourceAddresses)
  const workload = workloadOf(options)
  const isLarge = workload.workload === 'upload' || workload.workload === 'download'
  const badPeers = options.badPeers ?? {}
  return {
    url: String(url),
    ...workload,
    script: { opening: [], steps: [], values: [] },
    mix: undefined,
    scenario: undefined,
    classes: [],
    connections,
    segments: measured && [...(warmUp === 0 ? [] : [{ from: first, to: first, duration: warmUp }]), ...measured],
    arrival,
    perConnection,
    pipeline,
    burst,
    replyTimeout: options.replyTimeout ?? (isLarge ? 60_000 : 5000),
    duration: measured?.reduce((sum, segment) => sum + segment.duration, 0) ?? duration ?? 10_000,
    warmUp,
    size,
    randomness: options.randomness ?? 0,
    text: text || workload.workload === 'request' || workload.workload === 'download',
    threads: Math.min(threads, mostThreads(connections, badPeers, shard.count)),
    badPeers,
    seed,
    drain,
    opening,
    shard,
    startAt,
    sourceAddresses,
    ...serverSettings(options),
    failIf,
    abortOnFail,
    connect,
  }
}

/** The option, and what is wrong with it. */
export function checkFailIf(settings: ThreadSettings, name = 'failIf'): void {
  try {
    checkConditions(settings.failIf, settings)
  } catch (error) {
    refuse(true, `\`${name}\` ${(error as UsageError).message}`)
  }
}

/** What is asked of one workload only, and goes with no other. */
function workloadOf(options: LoadOptions) {
  const { workload = 'echo', rate, threads = 1, shard, size = 128 } = options
  const pipeline = options.pipeline ?? options.replyTimeout
  const { request, toSender, backoff, cutAll } = options
  const asks = workload === 'request' || workload === 'download'
  refuse(asks && request === undefined, `the workload ${workload} needs a \`request\`, such as {"id":"{id}"}`)
  checkRegExp(request?.replyId ?? '')
  refuse(!asks && request !== undefined, '`request` is for the workloads request and download')
  refuse(workload !== 'broadcast' && toSender !== undefined, '`toSender` is for the workload broadcast')
  refuse(workload !== 'storm' && (backoff ?? cutAll) !== undefined, '`backoff` and `cutAll` are for the workload storm')
  const still = workload === 'idle' || workload === 'storm'
  refuse(
    still && (rate ?? pipeline) !== undefined,
    `the workload ${workload} has no messages: no \`rate\`, no \`pipeline\` and no \`replyTimeout\``,
  )
  const coming = workload === 'connect' || workload === 'storm'
  refuse(coming && options.badPeers !== undefined, `\`badPeers\` do not go with the workload ${workload}`)
  refuse(workload === 'connect' && pipeline !== undefined, '`pipeline` and `replyTimeout` are for messages')
  const filled = workload === 'echo' || workload === 'upload'
  refuse(!filled && (options.randomness ?? 0) > 0, '`randomness` is for the workloads echo, upload and mixed')
  const alone = threads === 1 && (shard === undefined || shard.count === 1)
  refuse(
    workload === 'broadcast' && !alone,
    'broadcast is for one thread and one shard: only they see the last receiver',
  )
  refuse(workload === 'broadcast' && size < 4, 'messages of a broadcast have four octets at least')
  return {
    workload,
    request: request ?? { message: '' },
    toSender: toSender ?? true,
    backoff: backoff ?? { first: 100, longest: 10_000 },
    cutAll: cutAll ?? true,
  }
}

function checkRegExp(source: string): void {
  try {
    new RegExp(source)
  } catch (error) {
    refuse(true, `\`replyId\`: ${(error as Error).message}`)
  }
}

/** @param times - so many have that rate. */
function segmentsOf(rate: number | readonly RateSegment[], duration: number, times: number): readonly RateSegment[] {
  const segments = (Array.isArray(rate) ? rate : [{ from: rate, to: rate, duration }]) as readonly RateSegment[]
  const valid = segments.every(one => isSegment(one, fastest / times)) && segments.some(({ from, to }) => from + to > 0)
  refuse(!valid, `\`rate\` is a positive number, or segments of positive ones, and at most ${fastest} in all`)
  return segments.map(({ from, to, duration }) => ({ from: from * times, to: to * times, duration }))
}

function isSegment(segment: unknown, most: number): boolean {
  const { from, to, duration } = Object(segment) as RateSegment
  const holds = [from, to].every(rate => Number.isFinite(rate) && rate >= 0 && rate <= most)
  return holds && Number.isFinite(duration) && duration > 0
}

function refuse(wrong: boolean, message: string): void {
  if (wrong) throw new UsageError('WS_INVALID_OPTION', section, message)
}
