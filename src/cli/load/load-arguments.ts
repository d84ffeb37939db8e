/** What `framewright load` is asked for, as options of `load()`. */
import type { BadPeerShares } from '../../load/bad-peers.js'
import { most } from '../../load/load-amounts.js'
import type { LoadOptions } from '../../load/load-options.js'
import type { Backoff } from '../../load/reconnections.js'
import type { Share } from '../../load/schedule.js'
import type { Arguments, OptionTable } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { dialOptions, parseDial } from '../dial-arguments.js'
import { parseCount, parseWord } from '../quantity.js'
import { httpUrl } from './http-url.js'
import { parseMixedPart } from './mix-argument.js'
import { parseRate } from './rate-argument.js'
import { parseMessageSize } from './size-argument.js'
import { parseLoadTime } from './time-argument.js'

/** The options that say what the load is. */
export const loadOptions: OptionTable = {
  workload: {
    short: 'w',
    value: 'KIND',
    help: 'echo (default), request, broadcast, idle, connect, storm, upload, download,\nmixed: see below',
  },
  connections: { short: 'c', value: 'N', help: 'connections that are opened before it begins (default 10)' },
  'slow-readers': {
    value: 'SHARE',
    help: 'of the connections (5%) read a message each 100 ms, and ask for more: as much as 4 MiB or\n4096 messages ahead, beside the plan; counted apart',
  },
  'slow-writers': { value: 'SHARE', help: 'of the connections send 8 octets of a message each 100 ms; counted apart' },
  'half-open': { value: 'SHARE', help: 'of the connections are silently gone: they read nothing; counted apart' },
  resetting: { value: 'SHARE', help: 'of the connections reset TCP each second or so, and come back; counted apart' },
  rate: {
    short: 'r',
    value: 'RATE',
    help: 'messages a second over all connections (1000/s), or pieces of a plan with their times\n(0..5000/s:30s,5000/s:1min); default: the closed model, as fast as replies come',
  },
  'per-connection': {
    help: 'the rate is that of each connection (2/s), and with poisson each comes by itself',
  },
  arrival: { value: 'KIND', help: "of a rate: 'constant' (default), or 'poisson', independent of each other" },
  pipeline: { value: 'N', help: 'without a rate: messages of each connection that are under way (default 1)' },
  burst: { help: 'without a rate: send those together when all replies have come' },
  'reply-timeout': {
    value: 'TIME',
    help: 'without a rate: a reply that takes longer is lost, and the connection goes on\n(default 5s; of upload and download 1min)',
  },
  duration: { short: 'd', value: 'TIME', help: 'how long is measured (default 10s)' },
  'warm-up': { value: 'TIME', help: 'how long it runs before that (default 3s with a rate, else 1s)' },
  size: { value: 'SIZE', help: 'octets in each message (default 128; of upload 1MiB)' },
  random: {
    value: 'SHARE',
    help: 'of each payload (30%) is by chance, so that it cannot be compressed (default 0%)',
  },
  text: { help: 'text messages instead of binary ones' },
  message: { value: 'TEMPLATE', help: 'of request and download: what is sent: \'{"id":"{id}","cmd":"ping"}\'' },
  'reply-id': {
    value: 'REGEXP',
    help: 'of request: finds the id in a reply, as its first group (default: "id" in JSON)',
  },
  replies: { value: 'N', help: 'of request: replies to each (default 1)' },
  mix: {
    value: 'PART',
    multiple: true,
    help: "of mixed: a part of it: its share, workload, and size or message ('80 echo 128')",
  },
  others: { help: 'of broadcast: the server sends a message to all but its sender' },
  backoff: { value: 'TIME..TIME', help: 'of storm: bounds of the first and of the longest wait (default 100ms..10s)' },
  'wait-for-cut': { help: 'of storm: wait for the server to end the connections instead of cutting them' },
  threads: { short: 't', value: 'N', help: 'threads that share the connections, at most 256 (default 1)' },
  opening: { value: 'N', help: 'connections that each thread opens at a time (default 50)' },
  drain: { value: 'TIME', help: 'how long the last replies are waited for (default 5s)' },
  seed: { value: 'N', help: 'repeats the times of a Poisson plan (default 1)' },
  'source-addresses': {
    value: 'LIST',
    help: 'local addresses to connect from, in turns: 127.0.0.2-127.0.0.9, or one by one, with commas',
  },
  'server-pid': {
    value: 'PID',
    help: "the server's process here, with all that it has started: CPU and memory, second by second",
  },
  'server-cgroup': {
    value: 'FOLDER',
    help: 'the same of a control group instead (/sys/fs/cgroup/system.slice/my.service): a container',
  },
  'server-metrics': {
    value: 'URL',
    help: 'a page of metrics of the server (http://127.0.0.1:9000/metrics), read once a second: its\nevent loop, CPU and memory, as prom-client and OpenTelemetry name them',
  },
  'server-metric': {
    value: 'NAME',
    multiple: true,
    help: 'another metric of that page to report (http_requests_total{code="500"}, nodejs_gc_*);\nmay be repeated',
  },
  shard: { value: 'I/N', help: 'do share I of N of it, from 1 on; other processes do the others: see below' },
  'start-at': {
    value: 'TIME',
    help: 'begin then, in ISO 8601 (2026-01-31T12:00:00Z), once connections are open;\nwhere that is over it is said, and begun at once',
  },
  'fail-if': {
    value: 'CONDITION',
    multiple: true,
    help: "what must not be, such as 'rtt.p99 > 20ms': see below; may be repeated",
  },
  'abort-on-fail': {
    help: 'end the run as soon as it has come to that; what forbids too little (<) is judged\nat the end, of a whole run only',
  },
  ...dialOptions,
}

/**
 * Understands the options.
 *
 * @throws CommandError (as a rejection)
 */
export async function parseLoad(given: Arguments): Promise<LoadOptions> {
  const whole = (name: string, least?: number, most?: number) => {
    const text = given.get(name)
    return text === undefined ? undefined : parseCount(`--${name}`, text, [], least, most)
  }
  const time = (name: string, least?: number) => {
    const text = given.get(name)
    return text === undefined ? undefined : parseLoadTime(`--${name}`, text, least)
  }
  const rate = given.get('rate')
  const arrival = given.get('arrival')
  const size = given.get('size')
  const random = given.get('random')
  const shard = given.get('shard')
  const startAt = given.get('start-at')
  const addresses = given.get('source-addresses')
  return {
    ...workloadOf(given),
    connections: whole('connections', 1, most.connections),
    badPeers: badPeersOf(given),
    rate: rate === undefined ? undefined : parseRate(rate),
    perConnection: given.has('per-connection') ? true : undefined,
    arrival: arrival === undefined ? undefined : parseWord('--arrival', arrival, ['constant', 'poisson'] as const),
    pipeline: whole('pipeline', 1, most.pipeline),
    burst: given.has('burst') ? true : undefined,
    replyTimeout: time('reply-timeout'),
    duration: time('duration'),
    warmUp: time('warm-up', 0),
    size: size === undefined ? undefined : parseMessageSize('--size', size),
    randomness: random === undefined ? undefined : parseShare('--random', random, 100),
    text: given.has('text'),
    threads: whole('threads', 1, most.threads),
    opening: whole('opening'),
    drain: time('drain', 0),
    seed: whole('seed', 0),
    shard: shard === undefined ? undefined : shardOf(shard),
    startAt: startAt === undefined ? undefined : momentOf(startAt),
    sourceAddresses: addresses === undefined ? undefined : addressesOf(addresses),
    serverPid: whole('server-pid'),
    serverCgroup: given.get('server-cgroup'),
    serverMetrics: serverMetricsOf(given),
    failIf: given.all('fail-if'),
    abortOnFail: given.has('abort-on-fail'),
    connect: await parseDial(given),
  }
}

const workloads = ['echo', 'request', 'broadcast', 'idle', 'connect', 'storm', 'upload', 'download', 'mixed'] as const

function workloadOf(
  given: Arguments,
): Pick<LoadOptions, 'workload' | 'request' | 'mix' | 'toSender' | 'backoff' | 'cutAll'> {
  const workload = given.get('workload')
  const message = given.get('message')
  const replies = given.get('replies')
  const backoff = given.get('backoff')
  const mix = given.all('mix')
  if (message === undefined && (given.get('reply-id') ?? replies) !== undefined) {
    throw new CommandError('--reply-id and --replies need a --message')
  }
  return {
    workload: workload === undefined ? undefined : parseWord('--workload', workload, workloads),
    mix: mix.length === 0 ? undefined : mix.map(parseMixedPart),
    request:
      message === undefined
        ? undefined
        : {
            message,
            replyId: given.get('reply-id'),
            replies: replies === undefined ? undefined : parseCount<never>('--replies', replies, [], 1, most.replies),
          },
    toSender: given.has('others') ? false : undefined,
    backoff: backoff === undefined ? undefined : backoffOf(backoff),
    cutAll: given.has('wait-for-cut') ? false : undefined,
  }
}

function backoffOf(text: string): Backoff {
  const [first = '', longest = first, ...more] = text.split('..')
  if (more.length > 0) throw new CommandError(`--backoff ${JSON.stringify(text)} is not two times such as 100ms..10s`)
  return {
    first: parseLoadTime('--backoff', first, 0),
    longest: parseLoadTime('--backoff', longest, 0),
  }
}

/** Their options, by the names of the API. */
const badPeerOptions = {
  slowReaders: 'slow-readers',
  slowWriters: 'slow-writers',
  halfOpen: 'half-open',
  resetting: 'resetting',
} as const

function badPeersOf(given: Arguments): BadPeerShares | undefined {
  const shares = Object.entries(badPeerOptions).flatMap(([kind, name]) => {
    const text = given.get(name)
    return text === undefined ? [] : [[kind, parseShare(`--${name}`, text)]]
  })
  return shares.length === 0 ? undefined : Object.fromEntries(shares)
}

function parseShare(option: string, text: string, most = 99.999): number {
  const [, digits] = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text) ?? []
  if (Number(digits) <= most) return Number(digits) / 100
  const below = most === 100 ? 'up to' : 'below'
  throw new CommandError(`${option} ${JSON.stringify(text)} is not a share ${below} 100%, such as 5%`)
}

function serverMetricsOf(given: Arguments): LoadOptions['serverMetrics'] {
  const url = given.get('server-metrics')
  const metrics = given.all('server-metric')
  if (url !== undefined)
    return { url: httpUrl('--server-metrics', url, 'a URL such as http://127.0.0.1:9000/metrics'), metrics }
  if (metrics.length > 0)
    throw new CommandError('--server-metric needs --server-metrics: where the server has its metrics')
  return undefined
}

function shardOf(text: string): Share {
  const [, number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  const [index, count] = [Number(number) - 1, Number(of)]
  if (index >= 0 && index < count) return { index, count }
  throw new CommandError(`--shard ${JSON.stringify(text)} is not a share of several, such as 1/5 … 5/5`)
}

function momentOf(text: string): number {
  const moment = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  if (moment >= 0) return moment
  throw new CommandError(`--start-at ${JSON.stringify(text)} is not a time such as 2026-01-31T12:00:00Z`)
}

/** More than anybody has; a range that is mistyped should not fill the memory. */
const mostAddresses = 65_536

function addressesOf(text: string): string[] {
  return text.split(',').flatMap(part => {
    const [first = '', last] = part.trim().split('-')
    if (last === undefined) return [first]
    const [from, to] = [numberOf(first), numberOf(last)]
    if (!(from <= to && to - from < mostAddresses)) {
      throw new CommandError(`--source-addresses ${JSON.stringify(part)} is not a range such as 127.0.0.2-127.0.0.9`)
    }
    return Array.from({ length: to - from + 1 }, (_, i) => addressOf(from + i))
  })
}

/** NaN for what is no IPv4 address. */
function numberOf(address: string): number {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number) ?? []
  if (octets.length === 0 || octets.some(octet => octet > 255)) return Number.NaN
  return octets.reduce((sum, octet) => sum * 256 + octet)
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map(shift => (number >>> shift) & 255).join('.')
}
