/** Reports that somebody has edited, or that are damaged: each is a report, or it is said what is wrong with it, and where. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { UsageError } from '../../src/errors.js'
import { compareCaveats } from '../../src/load/compare-caveats.js'
import { compareReports } from '../../src/load/compare-reports.js'
import { hgrmReport } from '../../src/load/hgrm-report.js'
import { htmlReport } from '../../src/load/html-report.js'
import { junitReport } from '../../src/load/junit-report.js'
import { mergeReports } from '../../src/load/merge-reports.js'
import { parseReport } from '../../src/load/parse-report.js'
import { readReport } from '../../src/load/read-report.js'
import type { LoadReport } from '../../src/load/report.js'
import { textReport } from '../../src/load/text-report.js'
import { madeReport } from './made-report.js'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** All that a report may have, and more than one load has. */
function richReport(): Json {
  const server = {
    ...{ pid: 7, cgroup: '/a', seconds: 2, cores: 1, memoryBefore: 1, memoryMax: 2, threads: 3, restarts: 1 },
    eventLoopDelay: { mean: 1, p99: 2 },
    metrics: { requests: { min: 1, mean: 2, max: 3, counter: true } },
    scrapes: { answered: 2, failed: 1 },
    perConnection: { octets: 5000, error: 30, samples: 65 },
  }
  const badPeers = {
    halfOpen: {
      connections: 1,
      counts: { opened: 1, failed: 0, dropped: 1, sent: 2, received: 0 },
      closeCodes: { 1006: 1 },
    },
  }
  const mix = [
    { share: 1, workload: 'echo', name: 'a' },
    { share: 1, workload: 'echo', name: 'b' },
  ] as const
  const report = madeReport({
    ...{
      seconds: [
        [1, 2],
        [3, 4],
        [5, 6, 7],
      ],
      warmUp: 1,
      lost: 1,
      octets: 100,
      late: 2000,
    },
    ...{ errors: ['one'], server, badPeers, classes: ['a', 'b'], stages: { tcp: [1] } },
    options: {
      ...{
        workload: 'mixed',
        mix,
        rate: 10,
        failIf: ['rtt.p99 > 1s', 'server.cores > 9'],
        shard: { index: 1, count: 2 },
      },
      ...{ serverMetrics: { url: 'http://127.0.0.1:1/metrics', metrics: ['requests'] } },
      connect: { headers: { a: 'b' }, tls: { minVersion: 'TLSv1.3' }, origin: 'http://a' },
    },
  })
  const { counts, times, errors } = report
  const phases = [{ name: 'steady', duration: 1000, counts, times, errors }]
  const scenario = { phases: [{ name: 'steady', duration: 1000 }], classes: ['a', 'b'], digest: 'x' }
  const all = {
    ...{
      ...report,
      settings: { ...report.settings, scenario },
      phases,
      shards: { count: 3, indexes: [0, 1], apart: 9, ended: [{ index: 1, by: 'signal', seconds: 1 }] },
    },
    ...{
      backlog: { replies: 4, time: 100 },
      samples: { written: 3, dropped: 1 },
      interruptedBy: 'signal',
      interrupted: true,
    },
    verdict: { measured: true, generatorBound: true, reasons: ['of a reason'], caveat: 'but' },
    conditions: report.conditions.map(one => ({ ...one, endedRun: true })),
  }
  return JSON.parse(JSON.stringify(all))
}

/** The places of all values in it. */
function placesIn(value: Json, place: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [place]
  return [place, ...Object.entries(value).flatMap(([key, one]) => placesIn(one, [...place, key]))]
}

/** @param changed - what stands there instead; undefined: nothing. */
function replaced(value: Json, [key, ...rest]: readonly string[], changed: Json | undefined): Json | undefined {
  if (key === undefined) return changed
  const copy = (Array.isArray(value) ? [...value] : { ...Object(value) }) as { [name: string]: Json }
  const inner = replaced(copy[key]!, rest, changed)
  if (inner === undefined && Array.isArray(copy)) copy.splice(Number(key), 1)
  else if (inner === undefined) delete copy[key]
  else copy[key] = inner
  return copy
}

/** All that is done with reports. */
async function use(report: LoadReport, other: LoadReport): Promise<void> {
  for (const one of [report, merged(report) ?? report]) textReport(one)
  htmlReport(report, other)
  await junitReport(report)
  hgrmReport(report)
  compareReports([report], [other])
  compareCaveats([other], [report])
}

/** Undefined where it is refused. */
function merged(report: LoadReport): LoadReport | undefined {
  try {
    return mergeReports([report])
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error))
    return undefined
  }
}

t.test(
  'any one value of a report replaced by another: a report that can be used, or it is said what it is not',
  async t => {
    const rich = richReport()
    const places = placesIn(rich)
    const whole = readReport(JSON.stringify(rich))
    await use(whole, whole)
    const odd: readonly (Json | undefined)[] = [
      undefined,
      null,
      -5,
      0.5,
      1e9,
      1e12,
      1e300,
      '',
      'x',
      [],
      [null],
      {},
      true,
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...places),
        fc.oneof(fc.constantFrom(...odd), fc.jsonValue()),
        async (place, value) => {
          const text = JSON.stringify(replaced(rich, place, value as Json | undefined)) ?? ''
          const report = parseReport(text)
          if (report !== undefined) await use(report, whole)
          else assert.throws(() => readReport(text), /^(UsageError.* report\b|SyntaxError|RangeError|Error)/s)
        },
      ),
      // A time that nobody knows is left to whoever does.
      { numRuns: 100, examples: [[['perSecond', '1', 'times'], { '': null }]] },
    )
    t.pass()
  },
)

t.test('what is said of a value that cannot be, with its place', async t => {
  const rich = richReport()
  const rows: [string, Json | undefined, RegExp][] = [
    ['counts', undefined, /^report: there is no counts$/],
    ['counts.received', -5, /^report\.counts\.received: expected a whole number from 0 on, got -5$/],
    ['counts.received', 1e300, /^report\.counts\.received: expected a whole number/],
    ['url', undefined, /^report: there is no url$/],
    ['url', 'nowhere', /^report\.url: expected a URL, got "nowhere"$/],
    ['startedAt', 'soon', /^report\.startedAt: expected a time in ISO 8601, got "soon"$/],
    ['seconds', undefined, /^report: there is no seconds$/],
    ['seconds', 'two', /^report\.seconds: expected a number, got "two"$/],
    ['seconds', -1, /^report\.seconds: expected a number from 0 on, got -1$/],
    ['times.rtt.max', 1e12, /^the shortest and the longest time are none of the histogram$/],
    ['times.rtt.min', 0, /^the shortest and the longest time/],
    ['phases.0.times.rtt.histogram', 'AAAA', /^no histogram in V2 format$/],
    ['settings.segments', null, /^report\.settings\.segments: expected a list of items, got null$/],
    ['settings.shard', undefined, /^report\.settings: there is no shard$/],
    ['settings.shard.index', 2, /^report\.settings\.shard\.index: expected a whole number from 0 to 1, got 2$/],
    ['settings.connect', null, /^report\.settings\.connect: expected a mapping of /],
    ['settings.failIf.0', 'rtt', /^"rtt": /],
    ['settings.workload', 'dance', /^report\.settings\.workload: expected one of echo, .*, got "dance"$/],
    ['shards.indexes.0', 3, /^report\.shards\.indexes\[0\]: expected a whole number from 0 to 2, got 3$/],
    ['shards.ended.0.index', 3, /^report\.shards\.ended\[0\]\.index: expected a whole number from 0 to 2, got 3$/],
    ['madeBy', null, /^report\.madeBy: expected a mapping of framewright, node, system, cores, got null$/],
    ['badPeers', { cats: {} }, /^report\.badPeers\.cats: there is no such key/],
    [
      'server.perConnection',
      { unknown: 7, samples: 1 },
      /^report\.server\.perConnection\.unknown: expected text, got 7$/,
    ],
    ['version', 2, /^report\.version: expected a whole number from 1 to 1, got 2$/],
  ]
  for (const [place, value, message] of rows) {
    const text = JSON.stringify(replaced(rich, place.split('.'), value))
    t.throws(() => readReport(text), { message }, place)
  }
  const unknown = { unknown: 'for a reason', samples: 1 }
  t.ok(parseReport(JSON.stringify(replaced(rich, ['server', 'perConnection'], unknown))))
})
