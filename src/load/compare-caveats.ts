/** What speaks against comparing loads: that they were not told the same, or that their figures are not those of a server. */
import { period } from './figures.js'
import { isOverTls } from './over-tls.js'
import type { RateSegment } from './rate-plan.js'
import type { LoadReport } from './report.js'
import { serverEnding } from './server/server-ending.js'

/** What is longer is not said, but only that it differs. */
const longest = 60

type Settings = LoadReport['settings']

/** What a load is; the rest is from where it is sent, for how long, and what is made of the figures. */
const asked: readonly (readonly [name: string, read: (settings: Settings) => unknown])[] = [
  ['workload', ({ workload }) => workload],
  ['scenario', ({ scenario }) => scenario],
  ['mix', ({ mix }) => mix],
  ['connections', ({ connections }) => connections],
  ['peers that do not behave', ({ badPeers }) => badPeers],
  ['rate', ratesOf],
  ['warm-up', ({ warmUp }) => period(warmUp)],
  ['arrival', ({ arrival }) => arrival],
  ['pipeline', ({ pipeline }) => pipeline],
  ['burst', ({ burst }) => burst],
  ['size', ({ size }) => size],
  ['random octets', ({ randomness }) => randomness],
  ['text', ({ text }) => text],
  ['request', ({ request }) => request],
  ['broadcasts to their sender', ({ toSender }) => toSender],
  ['backoff', ({ backoff }) => backoff],
  ['cut', ({ cutAll }) => cutAll],
  ['compression', ({ connect }) => connect.perMessageDeflate],
  ['number of subprotocols', ({ connect }) => connect.protocols],
  ['header fields', ({ connect }) => connect.headers],
  ['Origin', ({ connect }) => connect.origin],
  ['Host', ({ connect }) => connect.host],
  ['socket', ({ connect }) => connect.socketPath],
  ['family of addresses', ({ connect }) => connect.family],
  ['limits', ({ connect }) => connect.limits],
]

/** Who sends it, and what is known of the way besides. */
const madeBy: readonly (readonly [name: string, read: (report: LoadReport) => unknown])[] = [
  ['shards', shareOf],
  ['TLS', tlsOf],
  ['version of framewright', ({ madeBy }) => madeBy.framewright],
  ['version of Node', ({ madeBy }) => madeBy.node],
  ['system', ({ madeBy }) => madeBy.system],
  ['cores', ({ madeBy }) => madeBy.cores],
]

/**
 * What speaks against comparing reports: a sentence each, none where nothing does. `compareReports` compares them all the same.
 *
 * @param before - as for `compareReports`.
 * @param after - likewise.
 */
export function compareCaveats(before: readonly LoadReport[], after: readonly LoadReport[]): readonly string[] {
  const all = [...before, ...after]
  const differing = [
    ...asked.flatMap(([name, read]) => difference(name, all, ({ settings }) => read(settings))),
    ...madeBy.flatMap(([name, read]) => difference(name, all, read)),
  ]
  const sides = [['before', before] as const, ['after', after] as const]
  return [...differing, ...sides.flatMap(([side, reports]) => reports.flatMap(report => doubtsOf(report, side)))]
}

function difference(name: string, all: readonly LoadReport[], read: (report: LoadReport) => unknown): string[] {
  const told = [...new Set(all.map(report => textOf(read(report))))]
  if (told.length === 1) return []
  const short = told.every(text => text.length <= longest)
  return [`the loads differ: ${name}${short ? ` ${told.join(' and ')}` : ''}`]
}

/** Which part of a load it is. */
function shareOf({ shards, settings: { shard } }: LoadReport): string {
  const { count, indexes } = shards ?? { count: shard.count, indexes: [shard.index] }
  return indexes.length === count ? 'all' : indexes.map(index => `${index + 1}/${count}`).join(' ')
}

function tlsOf({ url, settings }: LoadReport): string {
  if (!isOverTls(url)) return 'off'
  const { minVersion, maxVersion, ciphers } = settings.connect.tls ?? {}
  return ['on', minVersion && `from ${minVersion}`, maxVersion && `to ${maxVersion}`, ciphers].filter(Boolean).join(' ')
}

function doubtsOf({ verdict, interrupted, shards, server }: LoadReport, side: string): string[] {
  const doubts: string[] = []
  if (verdict.generatorBound) doubts.push(`generator-bound (${side}): do not trust its figures; ${verdict.reasons[0]}`)
  if (shards !== undefined && shards.indexes.length < shards.count) {
    doubts.push(`a run ${side} has ${shards.indexes.length} of ${shards.count} shards: the others are missing`)
  }
  if (server?.perConnection && 'unknown' in server.perConnection) {
    doubts.push(`what each connection takes of the server (${side}) cannot be told: ${server.perConnection.unknown}`)
  }
  const ending = server && serverEnding(server)
  if (ending !== undefined) doubts.push(`the server (${side}) was not there all the time: ${ending}`)
  if (interrupted) doubts.push(`a run ${side} was ended before its time`)
  return doubts
}

/** Without the warm-up, which has the first piece. */
function ratesOf({ segments, warmUp }: Settings): string {
  if (segments === undefined) return 'as fast as it goes'
  const measured = segments.slice(warmUp === 0 ? 0 : 1)
  return measured.map(({ from, to }: RateSegment) => (from === to ? `${from}/s` : `${from}..${to}/s`)).join(', ')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none')
}
