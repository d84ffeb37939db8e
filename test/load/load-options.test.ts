/** What a load refuses to be told, before anything is sent. */
import t from 'tap'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'

const url = 'ws://127.0.0.1:1'

const day = 86_400_000

const refused: [string, unknown, RegExp][] = [
  ['no object', 7, /options is an object/],
  ['a name that is misspelt', { conections: 1 }, /no option 'conections'/],
  ['no connections', { connections: 0 }, /connections is a whole number from 1 to 10000000/],
  ['half a thread', { threads: 1.5 }, /threads is a whole number/],
  ['threads that no machine has', { connections: 1000, threads: 257 }, /threads is a whole number from 1 to 256/],
  ['a rate of nothing', { rate: 0 }, /`rate` is a positive number/],
  ['a rate that is no number', { rate: Number.NaN }, /`rate` is/],
  ['a rate that nobody can send', { rate: 10_000_001 }, /at most 10000000 in all/],
  ['a rate of each connection that nobody can send', { rate: 5000, perConnection: true, connections: 2001 }, /in all/],
  ['a plan of nothing', { rate: [] }, /`rate` is/],
  ['a segment without a duration', { rate: [{ from: 1, to: 2 }] }, /`rate` is/],
  ['a segment that takes no time', { rate: [{ from: 1, to: 2, duration: 0 }] }, /`rate` is/],
  ['a segment of something else', { rate: [undefined] }, /`rate` is/],
  ['two durations', { rate: [{ from: 1, to: 2, duration: 10 }], duration: 10 }, /`duration` is given by the `rate`/],
  ['an arrival without a rate', { arrival: 'poisson' }, /`arrival` is for loads with a `rate`/],
  ['an arrival that is not known', { rate: 1, arrival: 'normal' }, /'constant' or 'poisson'/],
  ['a pipeline with a rate', { rate: 1, pipeline: 2 }, /without a `rate`/],
  ['waiting for replies with a rate', { rate: 1, replyTimeout: 2 }, /`replyTimeout` are for loads without a `rate`/],
  ['bursts with a rate', { rate: 1, burst: true }, /without a `rate`/],
  ['an endless run', { duration: Number.POSITIVE_INFINITY }, /duration is a time in milliseconds, 1 or more/],
  ['a warm-up before time', { warmUp: -1 }, /warmUp is a time in milliseconds, 0 or more/],
  ['a size that is text', { size: '1' }, /size is a whole number/],
  [
    'a size that comes back as long, and is not taken',
    { size: 2 ** 24 + 1 },
    /^messages of 16,777,217 octets come back as long, and none over 16,777,216 is taken: give a higher `maxMessageSize`$/,
  ],
  [
    'such a size of a broadcast',
    { workload: 'broadcast', size: 4096, connect: { limits: { maxMessageSize: 2048 } } },
    /4,096 octets come back as long, and none over 2,048 /,
  ],
  [
    'such a size of a part',
    {
      workload: 'mixed',
      mix: [
        { share: 1, workload: 'upload', size: 2 ** 25 },
        { share: 1, workload: 'echo', size: 2 ** 26 },
      ],
    },
    /messages of 67,108,864 octets/,
  ],
  ['a seed between numbers', { seed: 0.5 }, /seed is a whole number/],
  ['a connect that is none', { connect: [] }, /connect is an object/],
  ['an option of connect that is not known', { connect: { oneAtTime: true } }, /no option 'oneAtTime'/],
  ['a signal that is none', { signal: {} }, /signal is an AbortSignal/],
  ['a share behind the last', { shard: { index: 2, count: 2 } }, /shard is an index and a count above it/],
  ['more shares than connections', { connections: 1, shard: { index: 0, count: 2 } }, /2 shards need as many/],
  ['a share that is none', { shard: 1 }, /shard is an index/],
  ['a start that is none', { startAt: 'now' }, /startAt is a time/],
  ['a drain of a month', { drain: 30 * day }, /^drain is 30.0 days, and the most is 24 days$/],
  ['a duration of a month', { duration: 30 * day }, /^duration is 30.0 days/],
  ['a warm-up of a month', { warmUp: 30 * day }, /^warmUp is 30.0 days/],
  ['patience of a month', { replyTimeout: 30 * day }, /^replyTimeout is 30.0 days/],
  [
    'a backoff of a month',
    { workload: 'storm', backoff: { first: 1, longest: 30 * day } },
    /^backoff .* 24 days at most/,
  ],
  [
    'a start in years',
    { startAt: Date.now() + 3000 * day },
    /^`startAt` is too far away: the load would end in 3000.0 days, and the most is 24 days; call it nearer /,
  ],
  [
    'a start, a warm-up and a duration',
    { startAt: Date.now() + 9 * day, warmUp: 9 * day, duration: 9 * day },
    /^`startAt` is too far away: the load would end in 27.0 days/,
  ],
  [
    'a warm-up and a duration, whenever they begin',
    { startAt: Date.now() + 9 * day, warmUp: 15 * day, duration: 15 * day },
    /^the load would last 30.0 days, and the most is 24 days: take a shorter `duration`/,
  ],
  [
    'a rate that lasts',
    { rate: Array(3).fill({ from: 1, to: 1, duration: 9 * day }) },
    /^the load would last 27.0 days/,
  ],
  ['an address that is none', { sourceAddresses: ['localhost'] }, /`sourceAddresses`: "localhost" is no IP address/],
  ['addresses that are no list', { sourceAddresses: '127.0.0.1' }, /sourceAddresses is a list/],
  [
    'addresses beside a unix socket',
    { sourceAddresses: ['127.0.0.2'], connect: { socketPath: '/s' } },
    /^`sourceAddresses` with `socketPath`: a unix socket has no addresses$/,
  ],
  [
    'an address beside one',
    { connect: { localAddress: '127.0.0.2', socketPath: '/s' } },
    /^`localAddress` with `socketPath`: a unix socket has no addresses$/,
  ],
  ['conditions that are no list', { failIf: 'lost > 0' }, /failIf is a list/],
  ['a condition that is none', { failIf: ['lost'] }, /`failIf` "lost": it is no condition/],
  [
    'an end by a condition, and none',
    { abortOnFail: true, failIf: [] },
    /^`abortOnFail` needs a condition that may end the run: `failIf`$/,
  ],
  ['a call that is none', { onSecond: 1 }, /onSecond is a function/],
  ['an exporter that is none', { exporters: [1] }, /exporters is a list of exporters/],
  ['an exporter that never begins', { exporters: [{ add() {}, end() {} }] }, /exporters is a list of exporters/],
  ['an exporter that never ends', { exporters: [{ begin() {}, add() {} }] }, /exporters is a list of exporters/],
]
for (const [name, options, message] of refused) {
  t.test(name, async t => {
    await t.rejects(load(url, options as LoadOptions), { code: 'WS_INVALID_OPTION', message })
  })
}

t.test('what a thread cannot be given', async t => {
  const connect = { tls: { checkServerIdentity: () => undefined } }
  await t.rejects(load(url, { connect }), {
    code: 'WS_INVALID_OPTION',
    message: /connect has what no thread can be given/,
  })
})

t.test('a load may take as long as timers hold', t => {
  const startAt = Date.now() + 8 * day
  t.match(loadSettings(url, { startAt, warmUp: 8 * day, duration: 8 * day }), { startAt })
  t.match(loadSettings(url, { startAt: 1, warmUp: 0, duration: 24 * day, drain: 24 * day }), { startAt: 1 })
  t.end()
})

t.test('sizes that are taken, or of which nobody knows what comes back', t => {
  const limited = { connect: { limits: { maxMessageSize: 64 } } }
  const request = { message: '{id}' }
  const rows: LoadOptions[] = [
    { size: 2 ** 24 },
    { size: 2 ** 25, connect: { limits: { maxMessageSize: 'unlimited' } } },
    { workload: 'upload', size: 2 ** 25 },
    { workload: 'request', request, size: 2 ** 25 },
    // Whole or not, what is asked of no part is sent by nobody.
    { workload: 'mixed', size: 2 ** 25, mix: [{ share: 1, workload: 'request', request }] },
    limited,
  ]
  for (const options of rows) t.match(loadSettings(url, options), { size: options.size ?? 128 })
  t.end()
})

t.test('a URL that is none', async t => {
  await t.rejects(load('http://127.0.0.1'), { name: 'UsageError' })
})

t.test('what is left out has its default; the warm-up goes before a rate, at its first figure', async t => {
  const closed = loadSettings(url, {})
  t.match(closed, { connections: 10, pipeline: 1, burst: false, duration: 10_000, warmUp: 1000, size: 128, threads: 1 })
  t.equal(closed.segments, undefined)
  t.equal(closed.replyTimeout, 5000)
  t.equal(loadSettings(url, { workload: 'upload' }).replyTimeout, 60_000)
  t.same(loadSettings(url, { rate: 7 }).segments, [
    { from: 7, to: 7, duration: 3000 },
    { from: 7, to: 7, duration: 10_000 },
  ])
  const ramp = [
    { from: 0, to: 9, duration: 300 },
    { from: 9, to: 9, duration: 200 },
  ]
  const open = loadSettings(url, { rate: ramp, warmUp: 0, connections: 2, threads: 8 })
  t.same(open.segments, ramp)
  t.equal(open.duration, 500)
  t.equal(open.threads, 2, 'no more threads than connections')
  t.equal(loadSettings('http://127.0.0.1', { connect: { http: true } }).url, 'http://127.0.0.1')
})
