/** What a report has to be, so that whatever is read of it is there: files are edited, cut and damaged. */
import { type BadPeerKind, badPeerKinds } from './bad-peers.js'
import { parseCondition } from './condition.js'
import { rated } from './report.js'
import { expected, fields, flag, type Located, list, mapping, text, whole, wrong } from './scenario/located.js'
import { shownUrl } from './shown-url.js'
import { countNames, timeNames } from './tally.js'

/** @throws UsageError that names the place, what was expected, and what stands there. */
type Check = (node: Located) => unknown

/**
 * Checks that it is a report.
 *
 * @param node - of a file; what it has besides is left to whoever knows it.
 * @throws UsageError WS_INVALID_OPTION: with the place.
 */
export function checkReport(node: Located): void {
  report(node)
}

/** A mapping that has these; others, too. */
function having(needed: Readonly<Record<string, Check>>, possible: Readonly<Record<string, Check>> = {}): Check {
  return node => {
    const found = mapping(node, Object.keys({ ...needed, ...possible }).join(', '))
    for (const name of Object.keys(needed)) if (!found.has(name)) throw wrong(`${node.place}: there is no ${name}`)
    for (const [name, check] of Object.entries({ ...needed, ...possible })) {
      const one = found.get(name)
      if (one !== undefined) check(one)
    }
  }
}

function all(names: readonly string[], check: Check): Readonly<Record<string, Check>> {
  return Object.fromEntries(names.map(name => [name, check]))
}

/** Of any names. */
function each(check: Check): Check {
  return node => {
    for (const one of mapping(node, 'names and what they have').values()) check(one)
  }
}

function listOf(check: Check): Check {
  return node => {
    for (const one of list(node, 'items', 0)) check(one)
  }
}

function oneOf(...words: readonly string[]): Check {
  return node => (words.some(word => word === node.value) ? undefined : expected(node, `one of ${words.join(', ')}`))
}

function number(node: Located): number {
  return typeof node.value === 'number' && Number.isFinite(node.value) ? node.value : expected(node, 'a number')
}

function amount(node: Located): void {
  if (!(number(node) >= 0 && number(node) <= Number.MAX_SAFE_INTEGER)) expected(node, 'a number from 0 on')
}

function count(node: Located): void {
  whole(node, 0)
}

function url(node: Located): void {
  try {
    shownUrl(text(node))
  } catch {
    expected(node, 'a URL')
  }
}

function date(node: Located): void {
  if (Number.isNaN(Date.parse(text(node)))) expected(node, 'a time in ISO 8601')
}

function anything(): void {}

const texts = listOf(text)
const named = having({ name: text, duration: amount })
const counts = having(all(countNames, count))
const percentiles = ['min', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max']
const times = having({}, all(timeNames, having({ count, histogram: text, ...all(percentiles, amount) })))
const errors = listOf(having({ kind: text, count, example: text }))
const counted = { counts, times }
const second = having(counted, { ofWarmUp: having(counted) })
const part = { ...counted, errors }

const delays = having({}, all(['now', 'mean', 'p50', 'p90', 'p99', 'max'], number))
const usage = { cores: amount, threads: count, eventLoopDelay: delays }

function perConnection(node: Located): void {
  const check = mapping(node, 'octets or unknown').has('unknown')
    ? { unknown: text }
    : { octets: amount, error: amount }
  having({ ...check, samples: count })(node)
}

const server = having(
  {},
  {
    ...usage,
    ...{ pid: count, cgroup: text, memoryBefore: amount, memoryMax: amount, perConnection, endedAfter: amount },
    ...{ seconds: count, restarts: count },
    metrics: each(having({ ...all(['min', 'mean', 'max'], number), counter: flag })),
    scrapes: having({ answered: count, failed: count }),
  },
)

function shard(node: Located): void {
  having({ count: one => whole(one, 1), index: count })(node)
  const { index, count: of } = Object.fromEntries(mapping(node, 'index, count'))
  whole(index!, 0, (of!.value as number) - 1)
}

const interruption = oneOf('signal', 'failIf', 'disconnected')

function shards(node: Located): void {
  // It is checked before what counts up to it.
  const index: Check = one => whole(one, 0, (mapping(node, 'count').get('count')!.value as number) - 1)
  const indexes: Check = those => {
    for (const one of list(those, 'shards')) index(one)
  }
  const ended = listOf(having({ index, by: interruption, seconds: amount }))
  having({ count: one => whole(one, 1), indexes, apart: amount }, { ended })(node)
}

const tls = having(
  { rejectUnauthorized: flag, certificate: flag },
  all(['minVersion', 'maxVersion', 'ciphers', 'servername'], text),
)
const connect = having(
  { perMessageDeflate: anything, protocols: count, headers: texts },
  { ...all(['origin', 'host', 'socketPath'], text), tls },
)

const settings = having(
  {
    workload: oneOf('echo', 'request', 'broadcast', 'idle', 'connect', 'storm', 'upload', 'download', 'mixed', 'steps'),
    arrival: oneOf('constant', 'poisson'),
    ...all(['connections', 'pipeline', 'size', 'threads'], count),
    ...all(['replyTimeout', 'duration', 'warmUp', 'randomness', 'drain', 'opening', 'startAt'], amount),
    ...all(['toSender', 'cutAll', 'perConnection', 'burst', 'text', 'abortOnFail'], flag),
    ...{ request: anything, backoff: anything, badPeers: anything, seed: number, sourceAddresses: texts },
    ...{ shard, connect, failIf: listOf(node => parseCondition(text(node))) },
  },
  {
    segments: listOf(having(all(['from', 'to', 'duration'], amount))),
    scenario: having({ phases: listOf(named), classes: texts, digest: text }),
    serverMetrics: having({ url, metrics: texts }),
  },
)

const thread = having(all(['seconds', 'busy', 'delayP50', 'delayP99', 'delayMax', 'buffered'], amount), {
  ...all(['cpu', 'waited'], amount),
})

const badPeer = having({
  connections: count,
  counts: having(all(['opened', 'failed', 'dropped', 'sent', 'received'], count)),
  closeCodes: each(count),
})

const report = having(
  {
    ...{ format: oneOf('framewright-load'), version: one => whole(one, 1, 1) },
    ...{ url, startedAt: date, seconds: amount, interrupted: flag, settings, ...part, closeCodes: each(count) },
    madeBy: having({ framewright: text, node: text, system: text, cores: count }),
    rate: having(all(Object.keys(rated), amount)),
    generator: having({ threads: listOf(thread), cpu: amount }),
    badPeers: node => {
      fields<BadPeerKind>(node, badPeerKinds)
      each(badPeer)(node)
    },
    verdict: having({ measured: flag, generatorBound: flag, reasons: texts }, { caveat: text }),
    conditions: listOf(
      having(
        { text, unit: oneOf('ms', '%', '/s', 'octets', ''), failed: flag },
        { value: number, endedRun: flag, serverEnded: flag, serverRestarted: flag, notJudged: flag },
      ),
    ),
    perSecond: listOf(
      having(
        { number: count, warmUp: flag, ...counted },
        {
          ofWarmUp: having(counted),
          classes: each(second),
          server: having({}, { ...usage, memory: amount, metrics: each(number) }),
        },
      ),
    ),
  },
  {
    ...{ interruptedBy: interruption, shards, reach: amount, server },
    backlog: having({ replies: number, time: number }),
    classes: each(having(part)),
    phases: listOf(having({ ...part, name: text, duration: amount })),
    samples: having({ written: count, dropped: count }, { error: text }),
  },
)
